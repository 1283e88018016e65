"""Threads that are lent to Django: what is on which, when they go back, and that all else is as without."""

import asyncio
import contextvars
import gc
import threading
from collections import defaultdict

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.deprecation import MiddlewareMixin

from apps.django_site.threads import Threads, while_connected, whole_request
from tests.apps.lent import client_of, lowered
from tests.conversation import PATIENCE, answer, call, http, until

DATABASE = pytest.mark.django_db(transaction=True)
KEEPS = pytest.mark.parametrize("keep", [whole_request, while_connected], ids=lambda keep: keep.__name__)


def django(*middleware):
    """Django by itself, with this middleware."""
    with override_settings(MIDDLEWARE=middleware):
        return lowered(get_asgi_application())


@pytest.fixture(autouse=True)
def views():
    """The views below are those of the site."""
    with override_settings(ROOT_URLCONF=__name__):
        yield


# What is not async, and notes for each request, by its query string, in which thread it was.
seen = defaultdict(list)


def note(request):
    seen[request.META["QUERY_STRING"]].append(threading.current_thread())


def query():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class Hooks(MiddlewareMixin):
    def process_request(self, request):
        note(request)
        if "query" in request.GET:
            query()

    def process_view(self, request, *_):
        note(request)

    def process_response(self, request, response):
        note(request)
        return response


HOOKS = f"{__name__}.Hooks"


def sync(request):
    note(request)
    query()
    return HttpResponse("sync")


async def coroutine(request):
    await sync_to_async(note)(request)
    # Somebody else has his turn.
    await asyncio.sleep(0)
    await sync_to_async(query)()
    await sync_to_async(note)(request)
    return HttpResponse("async")


@DATABASE
@pytest.mark.parametrize("view", ["sync", "async"])
@pytest.mark.parametrize(
    ("keep", "more"), [(whole_request, ""), (while_connected, "&query")], ids=["always", "with a connection"]
)
async def test_all_that_is_not_async_in_a_request_is_on_one_thread(pool_of, view, keep, more):
    seen.clear()
    async with client_of(Threads(django(HOOKS), pool_of(4, keep))) as client:
        await asyncio.gather(*(client.get(f"/{view}?n={n}{more}") for n in range(20)))
    assert len(seen) == 20
    for noted in seen.values():
        # Those of the hooks and the view; what comes before the first query has nothing to find.
        assert len(noted) >= 4
        assert len(set(noted[1:] if more else noted)) == 1


@DATABASE
async def test_transaction_of_a_request_is_its_own(pool_of):
    seen.clear()
    async with client_of(Threads(django(HOOKS), pool_of(4, while_connected))) as client:
        answers = await asyncio.gather(*(client.get("/transaction") for _ in range(10)))
    assert {a.text for a in answers} == {"True False"}


async def in_a_transaction(request):
    atomic = transaction.atomic()
    await sync_to_async(atomic.__enter__)()
    await asyncio.sleep(0.01)
    inside = await sync_to_async(lambda: connection.in_atomic_block)()
    await sync_to_async(atomic.__exit__)(None, None, None)
    return HttpResponse(f"{inside} {await sync_to_async(lambda: connection.in_atomic_block)()}")


def at_the_gate(request):
    note(request)
    request.scope["gate"]()
    return HttpResponse("nobody hears this")


@KEEPS
async def test_thread_of_a_client_that_has_left_is_lent_again_when_its_view_has_ended(pool_of, keep, gate):
    seen.clear()
    pool = pool_of(2, keep)
    app = Threads(django(), pool)
    async with call(app, {**http(target="/gate?left"), "gate": gate}) as client:
        await client.says("http.request")
        await until(gate.come.is_set)
        await client.says("http.disconnect")
        # Others are not held up, and are not on that thread.
        for _ in range(3):
            assert (await answer(app, http(target="/note?others")))[0]["status"] == 200
        assert not set(seen["left"]) & set(seen["others"])
        await until(lambda: len(pool.idle) == len(pool.threads) - 1)
        gate.may_go.set()
        assert await client.returns() == []
    await until(lambda: len(pool.idle) == len(pool.threads) == 2)


async def test_request_that_waits_in_a_thread_for_async_code_calls_back_into_the_same_thread(pool_of):
    async with client_of(Threads(django(f"{__name__}.only_sync"), pool_of(1))) as client:
        response = await client.get("/thread")
    assert response.text == response.headers["x-thread"]


def only_sync(get_response):
    """A middleware that holds its thread until the view has answered."""

    def middleware(request):
        response = get_response(request)
        response["x-thread"] = threading.current_thread().name
        return response

    return middleware


async def name_of_thread(request):
    return HttpResponse(await sync_to_async(lambda: threading.current_thread().name)())


@DATABASE
@pytest.mark.parametrize(
    ("lent", "max_age", "opened"),
    [
        pytest.param(True, 0, 5, id="lent, closed with each request"),
        pytest.param(True, 60, 1, id="lent, kept for a minute"),
        pytest.param(False, 0, 5, id="made, closed with each request"),
        pytest.param(False, 60, 5, id="made, kept for a thread that is gone",
                     marks=pytest.mark.filterwarnings("ignore::ResourceWarning")),
    ],
)  # fmt: skip
@KEEPS
async def test_connections_are_kept_as_long_as_their_age_says(
    pool_of, keep, lent, max_age, opened, monkeypatch
):
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", max_age)
    count = []

    def created(**_):
        count.append(threading.current_thread())

    pool = pool_of(2, keep)
    app = Threads(django(), pool) if lent else django()
    connection_created.connect(created)
    try:
        for _ in range(5):
            assert (await answer(app, http(target="/sync")))[0]["status"] == 200
            await until(lambda: len(pool.idle) == len(pool.threads))
    finally:
        connection_created.disconnect(created)
    assert len(count) == opened
    # What went with its thread is garbage, and shall be found here.
    gc.collect()


@DATABASE
@KEEPS
async def test_thread_with_a_transaction_that_nobody_has_ended_is_not_lent_again(pool_of, keep):
    pool = pool_of(2, keep)
    app = Threads(django(), pool)
    [start, _] = await answer(app, http(target="/unended"))
    assert start["status"] == 500
    await until(lambda: not pool.threads)
    assert (await answer(app, http(target="/transaction")))[1]["body"] == b"True False"


async def unended(request):
    await sync_to_async(transaction.atomic().__enter__)()
    raise RuntimeError("the transaction is still open")


which = contextvars.ContextVar("which", default="none")


async def contexts(request):
    which.set("async")
    before = await sync_to_async(which.get)()
    await sync_to_async(which.set)("sync")
    return HttpResponse(f"{before} {which.get()}")


def failing():
    raise LookupError("not there")


async def failed(request):
    try:
        await sync_to_async(failing)()
    except LookupError as error:
        return HttpResponse(f"{error}")


def raises(request):
    raise LookupError("not there")


late = []


async def outlived(request):
    """A view that starts a task, which calls something when the response has long been sent."""
    may_go_on = asyncio.Event()

    async def task():
        await may_go_on.wait()
        thread = await sync_to_async(threading.current_thread)()
        return await sync_to_async(threading.current_thread)() is thread

    late[:] = [may_go_on, asyncio.create_task(task())]
    return HttpResponse("soon")


APPS = pytest.mark.parametrize(
    "keep", [None, whole_request, while_connected], ids=["made", "always", "freed"]
)


@APPS
@pytest.mark.parametrize(
    ("target", "said"),
    [("contexts", b"async sync"), ("failed", b"not there"), ("outlived", b"soon"), ("raises", None)],
    ids=["context variables go there and back", "errors arrive", "tasks may outlive", "errors are answered"],
)
async def test_views_are_as_they_are_without(pool_of, keep, target, said):
    app = django() if keep is None else Threads(django(), pool_of(2, keep))
    start, body = await answer(app, http(target=f"/{target}"))
    assert (start["status"], body["body"]) == (200, said) if said else start["status"] == 500
    if target == "outlived":
        may_go_on, task = late
        may_go_on.set()
        assert await task
        # What the task has left is let go with it.
        late.clear()


async def waiting(request):
    if "query" in request.GET:
        await sync_to_async(query)()
    if "close" in request.GET:
        await sync_to_async(connections.close_all)()
    await request.scope["barrier"].wait()
    await request.scope["barrier"].wait()
    return HttpResponse("here")


async def more_threads(app, count, target, bound=float("inf")):
    """How many threads there are more while so many views wait, once they are no more than the bound."""

    def more():
        return len(set(threading.enumerate()) - before)

    barrier, before = asyncio.Barrier(count + 1), set(threading.enumerate())
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(answer(app, {**http(target=target), "barrier": barrier}))
        await barrier.wait()
        await until(lambda: more() <= bound)
        found = more()
        await barrier.wait()
    return found


async def test_two_hundred_async_views_have_two_hundred_threads_unless_they_are_freed(pool_of):
    by_django = await more_threads(django(), 200, "/waiting")
    for_each = await more_threads(Threads(django(), pool_of(8)), 200, "/waiting")
    freed = await more_threads(Threads(django(), pool_of(8, while_connected)), 200, "/waiting")
    assert (by_django, for_each) == (200, 200)
    assert freed <= 8


@DATABASE
async def test_async_view_keeps_its_thread_with_its_connection_and_lets_both_go(pool_of):
    app = Threads(django(), pool_of(8, while_connected))
    assert await more_threads(app, 20, "/waiting?query") == 20
    # Who waits for his turn to let them go, has them. In the end, no more threads stay than may run.
    app = Threads(django(), pool_of(8, while_connected))
    assert await more_threads(app, 20, "/waiting?query&close", bound=8) <= 8


async def test_no_more_threads_are_kept_than_may_run(pool_of):
    pool = pool_of(3)
    await more_threads(Threads(django(), pool), 20, "/waiting")
    await until(lambda: len(pool.threads) == len(pool.idle) == 3)


urlpatterns = [
    path("sync", sync),
    path("async", coroutine),
    path("transaction", in_a_transaction),
    path("gate", at_the_gate),
    path("note", lambda request: note(request) or HttpResponse("noted")),
    path("thread", name_of_thread),
    path("unended", unended),
    path("contexts", contexts),
    path("failed", failed),
    path("outlived", outlived),
    path("raises", raises),
    path("waiting", waiting),
]
