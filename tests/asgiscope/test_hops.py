"""Hops between threads: each crossing of asgiref's bridge, in the conversation that it is made in."""

import asyncio
import contextvars
import functools
import threading

import asgiref.sync
import pytest
import uvloop
from asgiref.sync import async_to_sync, sync_to_async

from asgiscope.conversation import Conversation
from asgiscope.hops import HOPS, watch_hops
from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, START, line, recorded
from tests.conversation import http, until

LIMIT = 30  # seconds
NAME = contextvars.ContextVar("name", default="")


def here():
    return threading.current_thread().name


# Decorated when this is imported, and nobody watches.
anywhere = sync_to_async(here, thread_sensitive=False)
in_turn = sync_to_async(here)


class Shop:
    @sync_to_async
    def name(self, number=1):
        return self, number


@pytest.fixture
def watched():
    with watch_hops():
        yield


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request, watched):
    """Run a coroutine in an event loop, and watch it."""

    def run(coroutine):
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(coroutine)

    return run


def names(conversation):
    return [(hop.to, hop.what) for hop in conversation.hops]


# What is known of a crossing


@pytest.mark.parametrize("function", [anywhere, in_turn], ids=["in any thread", "in one thread"])
def test_call_in_a_thread_is_noted_with_its_caller_and_its_thread(run, function):
    async def app(scope, receive, send):
        threads.append(await function())  # here

    threads = []
    [hop] = run(recorded(app)).hops
    assert (hop.to, hop.what, hop.how, hop.error) == ("thread", "here", "return", None)
    assert [hop.thread] == threads
    assert hop.sensitive is (function is in_turn)
    assert hop.line == hop.outside == line(app, "# here")
    assert hop.at >= 0
    assert hop.waited + hop.ran <= hop.held


def test_call_back_to_the_loop_is_noted_within_the_call_that_went_to_the_thread(run):
    async def app(scope, receive, send):
        await sync_to_async(answers)(send)

    def answers(send):
        async_to_sync(send)(START)  # here
        threads.append(async_to_sync(whereabouts)())

    async def whereabouts():
        return here()

    threads = []
    there, back, again = run(recorded(app)).hops
    assert [there.to, back.to, again.to] == ["thread", "loop", "loop"]
    assert back.line == back.outside == line(answers, "# here")
    assert back.thread == again.thread == threads[0] == here() != there.thread
    assert there.at <= back.at <= again.at
    assert back.held + again.held <= there.ran


def test_crossings_may_be_nested_as_deep_as_one_likes(run):
    async def app(scope, receive, send):
        await sync_to_async(outer)()

    def outer():
        async_to_sync(middle)()

    async def middle():
        threads.append(await in_turn())

    threads = []
    there, back, inner = run(recorded(app)).hops
    assert [hop.to for hop in (there, back, inner)] == ["thread", "loop", "thread"]
    assert inner.thread == there.thread == threads[0]
    assert inner.held <= back.ran <= there.ran


def test_line_is_where_it_is_called_although_another_task_awaits_it(run):
    async def app(scope, receive, send):
        await asyncio.gather(
            anywhere(),  # first
            asyncio.create_task(anywhere()),  # second
        )

    hops = run(recorded(app)).hops
    assert {hop.line for hop in hops} == {line(app, "# first"), line(app, "# second")}


def test_line_outside_a_package_is_the_nearest_one(run):
    async def app(scope, receive, send):
        call = functools.partial(asgiref.sync.sync_to_async(answers))
        await call()

    def answers():
        pass

    assert [hop.outside.function for hop in run(recorded(app)).hops] == [app.__qualname__]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        pytest.param(here, "here", id="a function"),
        pytest.param(functools.partial(functools.partial(print, end=""), ""), "print", id="a part of one"),
        pytest.param(functools.wraps(here)(lambda: None), "here", id="a wrapper"),
        pytest.param("".join, "str.join", id="a method"),
        pytest.param(asgiref.sync.ThreadSensitiveContext, "ThreadSensitiveContext", id="a class"),
    ],
)
async def test_what_is_called_has_a_name(watched, function, name):
    async def app(scope, receive, send):
        await sync_to_async(function)(*([()] if name == "str.join" else []))

    assert names(await recorded(app)) == [("thread", name)]


async def test_decorated_method_is_noted(watched):
    async def app(scope, receive, send):
        assert await shop.name(number=2) == (shop, 2)

    shop = Shop()
    assert names(await recorded(app)) == [("thread", "Shop.name")]


# How it ends


def test_exception_passes_through_and_is_noted(run):
    async def app(scope, receive, send):
        with pytest.raises(KeyError) as raised:
            await sync_to_async(fails)()
        assert raised.value is error

    def fails():
        async_to_sync(fails_as_well)()

    async def fails_as_well():
        raise error

    error = KeyError("item")
    hops = run(recorded(app)).hops
    assert [(hop.how, hop.error) for hop in hops] == [("raise", "KeyError: 'item'")] * 2


async def test_exception_that_cannot_be_printed_passes_through(watched):
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError

    async def app(scope, receive, send):
        with pytest.raises(Unprintable):
            await sync_to_async(fails)()

    def fails():
        raise Unprintable

    assert [hop.error for hop in (await recorded(app)).hops] == ["Unprintable"]


async def test_crossing_that_asgiref_refuses_is_noted_as_one_that_never_ran(watched):
    async def app(scope, receive, send):
        with pytest.raises(RuntimeError, match="same thread as an async event loop"):
            async_to_sync(asyncio.sleep)(0)

    [hop] = (await recorded(app)).hops
    assert (hop.to, hop.how, hop.thread, hop.waited, hop.ran) == ("loop", "raise", None, None, None)


def test_crossing_that_is_cancelled_while_it_waits_never_runs(run):
    async def app(scope, receive, send):
        first = asyncio.create_task(sync_to_async(occupies)())
        await until(started.is_set)
        second = asyncio.create_task(in_turn())
        await until(lambda: len(conversations[0].hops) == 2)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        leave.set()
        await first

    def occupies():
        started.set()
        assert leave.wait(LIMIT)

    conversations, started, leave = [], threading.Event(), threading.Event()
    run(recorded(app, into=conversations))
    first, second = conversations[0].hops
    assert first.how == "return"
    assert (second.how, second.thread, second.waited, second.ran) == ("cancel", None, None, None)
    assert second.held is not None


def test_crossing_that_is_cancelled_while_it_runs_is_noted_when_it_is_back(run):
    async def app(scope, receive, send):
        task = asyncio.create_task(sync_to_async(occupies)())
        await until(started.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        hops.extend(conversations[0].hops)
        leave.set()
        await in_turn()

    def occupies():
        started.set()
        assert leave.wait(LIMIT)

    conversations, hops, started, leave = [], [], threading.Event(), threading.Event()
    run(recorded(app, into=conversations))
    assert [(hop.how, hop.ran) for hop in hops] == [("cancel", None)]
    cancelled, _ = conversations[0].hops
    assert (cancelled.how, cancelled.error) == ("cancel", None)
    assert cancelled.ran is not None


def test_crossing_that_goes_on_can_be_read(run):
    async def app(scope, receive, send):
        task = asyncio.create_task(sync_to_async(occupies)())
        await until(started.is_set)
        hops.extend(conversations[0].hops)
        leave.set()
        await task

    def occupies():
        started.set()
        assert leave.wait(LIMIT)

    conversations, hops, started, leave = [], [], threading.Event(), threading.Event()
    run(recorded(app, into=conversations))
    [hop] = hops
    assert (hop.how, hop.ran, hop.held) == ("open", None, None)
    assert hop.waited is not None


# Whose it is


def test_crossings_of_two_conversations_at_once_are_told_apart(run):
    async def app(scope, receive, send):
        await sync_to_async(answers if scope["path"] == "/1" else asks)()

    def answers():
        both.wait(LIMIT)
        async_to_sync(asyncio.sleep)(0)

    def asks():
        both.wait(LIMIT)

    async def two():
        async def one(path):
            async with asgiref.sync.ThreadSensitiveContext():
                return await recorded(app, http(path=path))

        return await asyncio.gather(one("/1"), one("/2"))

    both = threading.Barrier(2)
    one, other = run(two())
    assert [hop.to for hop in one.hops] == ["thread", "loop"]
    assert [hop.what.rpartition(".")[2] for hop in other.hops] == ["asks"]
    assert one.hops[0].thread != other.hops[0].thread


async def test_crossing_belongs_to_the_recorder_that_is_nearest(watched):
    async def app(scope, receive, send):
        await in_turn()

    async def middleware(scope, receive, send):
        await anywhere()
        await Recorder(app)(scope, receive, send)

    outer, inner = (await recorded(middleware)).lanes
    assert [hop.sensitive for hop in outer.hops] == [False]
    assert [hop.sensitive for hop in inner.hops] == [True]


async def test_crossing_outside_of_a_conversation_is_nobodys(watched):
    async def app(scope, receive, send):
        tasks.append(asyncio.create_task(later()))

    async def later():
        await over.wait()
        assert await in_turn()

    tasks, over = [], asyncio.Event()
    assert await in_turn()
    conversation = await recorded(app)
    over.set()
    await tasks[0]
    assert conversation.hops == []


async def test_crossing_that_nobody_awaits_is_not_noted(watched):
    async def app(scope, receive, send):
        anywhere().close()

    assert (await recorded(app)).hops == []


@pytest.mark.parametrize("options", [{"record": False}, {}], ids=["only judged", "not watched"])
async def test_nothing_is_noted_that_nobody_has_asked_for(options):
    async def app(scope, receive, send):
        await in_turn()

    watching = watch_hops()
    if not options:
        watching.close()
    with watching:
        assert (await recorded(app, **options)).hops == []


async def test_of_very_many_crossings_the_first_and_the_last_are_kept(watched):
    async def app(scope, receive, send):
        for _ in range(HOPS + 1):
            await anywhere()
        await in_turn()

    lane = (await recorded(app)).outermost
    assert lane.dropped_hops == HOPS // 2
    assert len(lane.hops) == HOPS + 2 - lane.dropped_hops
    assert [hop.sensitive for hop in lane.hops[-2:]] == [False, True]


async def test_hops_come_back_from_json_as_they_were(watched):
    async def app(scope, receive, send):
        await sync_to_async(async_to_sync(send))(START)
        await send(BODY)

    conversation = await recorded(app)
    assert len(conversation.hops) == 2
    assert Conversation.from_json(conversation.to_json()) == conversation
