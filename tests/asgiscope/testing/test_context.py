"""An application runs as it does on a server: in a task and a context of its own, and in no other thread."""

import asyncio
import sys
import threading
from contextvars import ContextVar

import anyio
import pytest

from tests.asgiscope.testing.applications import OK, answering, echo
from tests.asgiscope.testing.loops import on_both_loops

variable = ContextVar("variable", default="nobody's")


@on_both_loops
async def test_application_has_a_copy_of_the_context(client_of):
    seen = []

    async def app(scope, receive, send):
        seen.append(variable.get())
        variable.set("the application's")
        await answering()(scope, receive, send)

    variable.set("the test's")
    async with client_of(app) as client:
        await client.get("/")
        await client.get("/")
    assert variable.get() == "the test's"
    assert seen == ["the test's", "the test's"]


@on_both_loops
async def test_what_the_test_sets_later_is_not_seen(client_of):
    seen = []
    may_look = anyio.Event()

    async def app(scope, receive, send):
        await send(OK)
        await may_look.wait()
        seen.append(variable.get())
        await send({"type": "http.response.body"})

    variable.set("before")
    async with client_of(app) as client, client.stream("GET", "/") as response:
        variable.set("after")
        may_look.set()
        await response.aread()
    assert seen == ["before"]


@on_both_loops
async def test_upload_has_the_context_of_the_test(client_of):
    seen = []

    async def upload():
        for _ in range(2):
            seen.append(variable.get())
            yield b"piece"

    async def app(scope, receive, send):
        variable.set("the application's")
        await echo(scope, receive, send)

    variable.set("the test's")
    async with client_of(app) as client:
        await client.post("/", content=upload())
    assert seen == ["the test's", "the test's"]


@on_both_loops
async def test_lifespan_and_websocket_have_contexts_of_their_own(lifespan_of, websocket_to):
    async def starting(scope, receive, send):
        variable.set("the lifespan's")
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def talking(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": variable.get()})
        await receive()

    variable.set("the test's")
    async with lifespan_of(starting), websocket_to(talking) as socket:
        assert await socket.receive() == "the test's"


@on_both_loops
async def test_application_runs_in_the_thread_of_the_test(client_of):
    threads = []

    async def app(scope, receive, send):
        threads.append(threading.current_thread())
        await answering()(scope, receive, send)

    before = threading.active_count()
    async with client_of(app) as client:
        await client.get("/")
    assert (threads, threading.active_count()) == ([threading.current_thread()], before)


async def test_application_runs_in_a_task_of_its_own(client_of):
    tasks = []

    async def app(scope, receive, send):
        tasks.append(asyncio.current_task())
        await answering()(scope, receive, send)

    async with client_of(app) as client:
        await client.get("/a")
        await client.get("/b")
    assert asyncio.current_task() not in tasks
    assert [task.get_name() for task in tasks] == ["GET /a", "GET /b"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_cancelling_the_request_does_not_cancel_the_application(client_of):
    ended = []
    waits = asyncio.Event()

    async def app(scope, receive, send):
        await receive()
        waits.set()
        ended.append(await receive())

    async with client_of(app) as client:
        request = asyncio.create_task(client.get("/"))
        await waits.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
    assert ended == [{"type": "http.disconnect"}]


async def test_application_that_waits_for_nothing_is_answered_in_the_same_turn(client_of):
    turns = []
    async with client_of(answering(b"body")) as client:
        asyncio.get_running_loop().call_soon(turns.append, 1)
        assert (await client.get("/")).content == b"body"
        assert turns == [1] * (sys.version_info < (3, 12))  # Before, no task begins at once.
