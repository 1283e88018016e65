"""Who speaks: tasks of asyncio and of trio, threads, and code that no event loop runs."""

import asyncio
import contextvars
import threading
import types

import asgiref.sync
import pytest

from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, PART, START, clauses, hello, line, recorded, said
from tests.conversation import http


async def test_tasks_that_speak_are_named():
    async def app(scope, receive, send):
        await asyncio.create_task(receive(), name="the listener")
        await send(START)
        await asyncio.create_task(send(BODY), name="the speaker")

    asyncio.current_task().set_name("the server's")
    conversation = await recorded(app)
    assert [event.task for event in conversation.events] == ["the listener", "the server's", "the speaker"]


def test_application_needs_no_event_loop():
    async def app(scope, receive, send):
        await send(START)

    with pytest.raises(StopIteration) as returned:
        recorded(app).send(None)
    assert said(returned.value.value) == [("send", START)]
    assert returned.value.value.events[0].task == "no task"


@types.coroutine
def pauses(event):
    """A `send` that takes until its caller is resumed."""
    yield


def test_call_that_nobody_resumes_is_cancelled():
    held = []
    call = recorded(hello, send=pauses, into=held)
    call.send(None)
    call.close()
    assert held[0].outcome.how == "cancel"
    assert held[0].events[-1].error == "GeneratorExit: "


def test_call_may_end_in_another_context_than_it_began_in():
    call = recorded(hello, send=pauses)
    for _ in (START, BODY):
        contextvars.Context().run(call.send, None)
    with pytest.raises(StopIteration) as returned:
        contextvars.Context().run(call.send, None)
    assert said(returned.value.value)[1:] == [("send", START), ("send", BODY)]


async def test_synchronous_code_may_speak_through_the_event_loop():
    async def app(scope, receive, send):
        await receive()
        await asgiref.sync.sync_to_async(answers)(asgiref.sync.async_to_sync(send))

    def answers(send):
        send(START)
        send(BODY)

    conversation = await recorded(app)
    assert clauses(conversation) == []
    assert [event.type for event in conversation.events][1:] == [START["type"], BODY["type"]]


async def test_other_thread_that_speaks_itself_is_noted_once():
    async def app(scope, receive, send):
        async def speaks():
            await receive()
            await send(START)
            await send(PART)

        thread = threading.Thread(target=asyncio.run, args=[speaks()])
        thread.start()
        await asyncio.to_thread(thread.join)
        await send(BODY)

    conversation = await recorded(app)
    [violation] = conversation.violations
    assert (violation.clause, violation.level, violation.event) == ("general.app.threads-allowed", "note", 0)
    assert [event.index for event in conversation.events] == [0, 1, 2, 3]


async def test_thread_that_runs_no_event_loop_is_named():
    async def app(scope, receive, send):
        await asyncio.to_thread(drive, send(START))
        await send(BODY)

    def drive(coroutine):
        with pytest.raises(StopIteration):
            coroutine.send(None)

    start, body = (await recorded(app)).events
    assert start.task.startswith("thread ")
    assert body.task == asyncio.current_task().get_name()


# trio


@pytest.fixture
def trio():
    return pytest.importorskip("trio")


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
def test_application_may_run_in_trio(trio, record):
    async def app(scope, receive, send):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send, START, name="the speaker")
        await trio.lowlevel.checkpoint()
        await send(BODY)  # here

    conversation = trio.run(lambda: recorded(app, record=record))
    assert clauses(conversation) == []
    assert conversation.outcome.how == "return"
    if record:
        start, body = conversation.events
        assert (start.task, start.fields) == ("the speaker", START)
        assert body.outside == body.line == line(app, "# here")
        assert body.task not in (None, "the speaker", "no task")


def test_call_that_trio_cancels_is_cancelled(trio):
    async def server():
        with trio.CancelScope() as cancelling:
            cancelling.cancel()
            await Recorder(app, held.append)(http(), trio.sleep_forever, None)

    async def app(scope, receive, send):
        await receive()

    held = []
    trio.run(server)
    assert (held[0].outcome.how, held[0].outcome.error) == ("cancel", None)
    assert held[0].events[0].error.startswith("Cancelled: ")


def test_send_that_a_nursery_begins_is_at_the_line_that_told_it_to(trio):
    async def app(scope, receive, send):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send, START)  # here
        await send(BODY)

    start, _ = trio.run(recorded, app).events
    assert start.line.file.startswith(trio.__path__[0])
    assert start.outside == line(app, "# here")


def test_in_a_thread_of_trio_synchronous_code_may_speak(trio):
    async def app(scope, receive, send):
        await trio.to_thread.run_sync(lambda: trio.from_thread.run(send, START))
        await send(BODY)

    conversation = trio.run(recorded, app)
    assert clauses(conversation) == []
    assert said(conversation) == [("send", START), ("send", BODY)]
