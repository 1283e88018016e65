"""Whoever watches hops changes nothing: what holds for asgiref alone holds where it is watched."""

import asyncio
import contextvars
import inspect
import sys
import threading

import pytest
from asgiref.sync import AsyncToSync, SyncToAsync, async_to_sync, iscoroutinefunction, sync_to_async

from asgiscope.hops import watch_hops
from tests.asgiscope.recording import recorded

NAME = contextvars.ContextVar("name", default="")


def here():
    return threading.current_thread().name


in_turn = sync_to_async(here)


class Shop:
    @sync_to_async
    def name(self, number=1):
        return self, number


def names(conversation):
    return [(hop.to, hop.what) for hop in conversation.hops]


@pytest.fixture(params=[True, False], ids=["watched", "not watched"])
def maybe_watched(request):
    with watch_hops() as watching:
        if not request.param:
            watching.close()
        yield


async def test_context_goes_there_and_comes_back(maybe_watched):
    async def app(scope, receive, send):
        NAME.set("loop")
        assert await sync_to_async(there)() == "loop"
        assert NAME.get() == "back"

    def there():
        before = NAME.get()
        NAME.set("thread")
        async_to_sync(back)()
        assert NAME.get() == "back"
        return before

    async def back():
        assert NAME.get() == "thread"
        NAME.set("back")

    await recorded(app)


async def test_exception_that_is_handled_is_known_there(maybe_watched):
    async def app(scope, receive, send):
        try:
            raise KeyError
        except KeyError:
            assert await sync_to_async(there)() is KeyError

    def there():
        return async_to_sync(handled)()

    async def handled():
        return sys.exc_info()[0]

    await recorded(app)


async def test_subclass_keeps_what_it_does_in_the_thread(maybe_watched):
    class Counted(SyncToAsync):
        def thread_handler(self, *args, **kwargs):
            counted.append(self)
            return super().thread_handler(*args, **kwargs)

    async def app(scope, receive, send):
        assert await function() != here()

    counted, function = [], Counted(here)
    await recorded(app)
    assert counted == [function]


async def test_context_that_is_given_is_the_one_it_runs_in(maybe_watched):
    async def app(scope, receive, send):
        assert await sync_to_async(NAME.get, context=context)() == "given"

    context = contextvars.Context()
    context.run(NAME.set, "given")
    await recorded(app)


async def test_coroutine_functions_are_known_as_such(maybe_watched):
    for function in (in_turn, Shop().name, SyncToAsync.__call__, in_turn.__call__):
        assert iscoroutinefunction(function)
    for function in (Shop().name, SyncToAsync.__call__, in_turn.__call__):
        assert inspect.iscoroutinefunction(function)
    assert not iscoroutinefunction(async_to_sync(asyncio.sleep))
    assert [*inspect.signature(AsyncToSync.__call__).parameters] == ["self", "args", "kwargs"]


async def test_arguments_may_have_any_name(maybe_watched):
    async def app(scope, receive, send):
        assert await sync_to_async(dict)(bridge=1, args=2, original=3) == {
            "bridge": 1,
            "args": 2,
            "original": 3,
        }

    await recorded(app)


async def test_coroutine_has_the_name_that_it_had(maybe_watched):
    async def app(scope, receive, send):
        coroutine = in_turn()
        assert coroutine.__qualname__ == "SyncToAsync.__call__"
        await coroutine
        assert await sync_to_async(there)() == "AsyncToSync.main_wrap"

    def there():
        return async_to_sync(task_name)()

    async def task_name():
        return asyncio.current_task().get_coro().__qualname__

    await recorded(app)


def test_asgiref_is_as_it_was_when_the_last_one_has_ended():
    before = vars(SyncToAsync)["__call__"], vars(AsyncToSync)["__call__"]
    with watch_hops():
        with watch_hops():
            pass
        assert vars(SyncToAsync)["__call__"] is not before[0]
        assert vars(AsyncToSync)["__call__"] is not before[1]
    assert (vars(SyncToAsync)["__call__"], vars(AsyncToSync)["__call__"]) == before


async def test_what_others_have_put_there_since_then_stays_and_works(monkeypatch):
    async def app(scope, receive, send):
        await in_turn()

    with watch_hops():
        ours = SyncToAsync.__call__

        async def theirs(self, *args, **kwargs):
            return await ours(self, *args, **kwargs)

        monkeypatch.setattr(SyncToAsync, "__call__", theirs)
        assert names(await recorded(app)) == [("thread", "here")]
    assert vars(SyncToAsync)["__call__"] is theirs
    assert names(await recorded(app)) == []
    with watch_hops():
        assert names(await recorded(app)) == [("thread", "here")]
        monkeypatch.undo()


def test_method_that_was_bound_while_watched_works_afterwards():
    async def app(scope, receive, send):
        assert await bound() == (shop, 1)

    shop = Shop()
    with watch_hops():
        bound = shop.name
    assert asyncio.run(recorded(app)).hops == []
