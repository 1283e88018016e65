"""The line that spoke: file, line and function of each `send` and `receive`, in whosever code it is."""

import asyncio
import os
from pathlib import Path

import pytest
import starlette
import uvloop
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

import asgiscope
from asgiscope import sources
from asgiscope.conversation import Line
from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, PART, START, line, recorded
from tests.conversation import answer, http, websocket


def lines(conversation):
    return [event.line for event in conversation.events]


# In a file of the user's


async def awaits(scope, receive, send):
    await receive()  # 1
    await send(START)  # 2
    await send(  # 3
        BODY
    )


async def begins_tasks(scope, receive, send):
    await asyncio.wait({asyncio.create_task(receive())})  # 1
    await asyncio.create_task(send(START))  # 2
    later = asyncio.create_task(send(BODY))  # 3
    await asyncio.sleep(0)
    await later


async def sends_two_at_once(scope, receive, send):
    await receive()  # 1
    await asyncio.gather(
        send(START),  # 2
        send(BODY),  # 3
    )


async def speaks_in_one_line(scope, receive, send):
    await receive(), await send(START), await send(BODY)  # 1 2 3


@pytest.mark.parametrize(
    "app", [awaits, begins_tasks, sends_two_at_once, speaks_in_one_line], ids=lambda app: app.__name__
)
async def test_line_is_where_receive_or_send_is_called(app):
    conversation = await recorded(app)
    assert lines(conversation) == [line(app, text) for text in ("1", "2", "3")]
    assert [event.outside for event in conversation.events] == lines(conversation)


async def say(send, event):
    await send(event)  # in the helper


def saying(send, event):
    return send(event)  # in the function


async def calls_helpers(scope, receive, send):
    await say(send, START)
    await saying(send, PART)
    await asyncio.create_task(say(send, BODY))


async def test_line_in_a_helper_is_the_helper_s():
    start, part, body = lines(await recorded(calls_helpers))
    assert start == body == line(say, "# in the helper")
    assert part == line(saying, "# in the function")


class App:
    async def __call__(self, scope, receive, send):
        async def inner():
            await send(START)

        await inner()
        for event in (PART, BODY):
            await self.say(send, event)

    async def say(self, send, event):
        await send(event)


async def test_function_is_named_with_all_that_it_is_in():
    functions = [event.line.function for event in (await recorded(App())).events]
    assert functions == ["App.__call__.<locals>.inner", "App.say", "App.say"]


async def test_line_is_the_same_however_often_it_speaks():
    async def app(scope, receive, send):
        await send(START)
        for _ in range(3):
            await send(PART)  # here
        await send(BODY)

    _, *parts, _ = lines(await recorded(app))
    assert parts == [line(app, "# here")] * 3


async def test_line_is_written_as_editors_open_it():
    start, _ = (await recorded(speaks_in_one_line)).events[1:]
    number = line(speaks_in_one_line, "1 2 3").line
    assert str(start.line) == f"{__file__}:{number} in speaks_in_one_line"


# In a framework


async def endpoint(request):
    return PlainTextResponse(await request.body())  # here


async def chat(websocket):
    await websocket.accept()  # accepts
    await asyncio.create_task(websocket.send_text("Hello!"))
    await websocket.close()  # closes


async def stream(request):
    async def pieces():
        yield "one"

    return StreamingResponse(pieces())


STARLETTE = Starlette(routes=[Route("/", endpoint), WebSocketRoute("/", chat), Route("/stream", stream)])


def in_starlette(where):
    return Path(where.file).is_relative_to(Path(starlette.__file__).parent)


async def test_line_of_a_framework_is_its_own_and_outside_it_is_the_endpoint_that_called():
    received, start, body = (await recorded(STARLETTE)).events
    assert all(in_starlette(event.line) for event in (received, start, body))
    assert received.line.function == "Request.stream"
    assert received.outside == line(endpoint, "# here")
    assert start.outside is body.outside is None, "the endpoint had returned"


async def test_endpoint_that_has_another_task_speak_is_not_above_it():
    events = (await recorded(STARLETTE, websocket(), {"type": "websocket.connect"})).events
    assert all(in_starlette(event.line) for event in events)
    assert [event.outside for event in events] == [
        line(chat, "# accepts"),
        line(chat, "# accepts"),
        None,
        line(chat, "# closes"),
    ]


async def test_framework_that_streams_in_a_task_has_nothing_above_it():
    held, before_oserror = [], {"version": "3.0", "spec_version": "2.3"}
    await answer(Recorder(STARLETTE, held.append), http(target="/stream", asgi=before_oserror))
    sent = [event for event in held[0].events if event.direction == "send"]
    assert len({event.task for event in held[0].events}) == 2
    assert all(in_starlette(event.line) for event in sent)
    assert {event.outside for event in sent} == {None}


async def test_middleware_of_the_user_is_above_the_framework():
    async def middleware(scope, receive, send):
        await STARLETTE(scope, receive, send)  # here

    events = (await recorded(middleware)).events
    assert [event.outside for event in events] == [
        line(endpoint, "# here"),
        *[line(middleware, "# here")] * 2,
    ]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_who_runs_the_event_loop_is_not_above_a_task(loop):
    """The frames of a task stand on those of the event loop, and these on the one that has started it."""

    async def app(scope, receive, send):
        await asyncio.create_task(PlainTextResponse("Hello!")(scope, receive, send))

    with asyncio.Runner(loop_factory=loop) as runner:
        conversation = runner.run(recorded(app))
    assert [event.outside for event in conversation.events] == [None, None]


async def test_violation_of_a_framework_is_at_the_line_outside_it():
    async def app(scope, receive, send):
        await PlainTextResponse("Hello!", headers={"X": "a\nb"})(scope, receive, send)  # here

    lane = (await recorded(app)).outermost
    assert lane.violations
    assert {lane.line_of(violation) for violation in lane.violations} == {line(app, "# here")}


async def test_violation_of_a_framework_with_nothing_above_it_is_at_its_own_line():
    lane = (await recorded(PlainTextResponse("Hello!", headers={"X": "a\nb"}))).outermost
    assert lane.violations
    assert all(in_starlette(lane.line_of(violation)) for violation in lane.violations)


async def test_exception_of_a_framework_is_at_the_line_outside_it():
    async def app(scope, receive, send):
        await StreamingResponse(5)(scope, receive, send)  # here

    held = []
    with pytest.raises(TypeError):
        await recorded(app, into=held)
    assert held[0].outcome.line == line(app, "# here")


async def test_exception_that_is_all_a_framework_s_is_at_the_last_line():
    held = []
    with pytest.raises(TypeError):
        await recorded(StreamingResponse(5), into=held)
    assert in_starlette(held[0].outcome.line)


# What a file is in


@pytest.mark.parametrize(
    ("file", "is_outside"),
    [
        pytest.param(__file__, True, id="a file of one's own"),
        pytest.param(os.__file__, False, id="the standard library"),
        pytest.param(pytest.__file__, False, id="an installed package"),
        pytest.param("/usr/lib/python3/dist-packages/a.py", False, id="one that the system has installed"),
        pytest.param(sources.__file__, False, id="this package"),
        pytest.param(f"{Path(asgiscope.__file__).parent}_app/main.py", True, id="a name that begins alike"),
        pytest.param(f"{Path(os.__file__).parent}-site/main.py", True, id="beside the standard library"),
        pytest.param("/srv/my-site-packages/main.py", True, id="a folder that is called much the same"),
        pytest.param("<frozen runpy>", False, id="a file that is none"),
    ],
)
def test_file_is_outside_of_what_is_installed(file, is_outside):
    assert sources.is_outside(file) is is_outside
    assert sources.is_outside(file) is is_outside, "and is so the second time"


def test_place_that_there_is_not_has_no_line():
    assert sources.line_at(None) is None


def test_place_is_the_line_that_was_reached():
    code = line.__code__
    *_, (reached, _, number) = code.co_lines()
    assert sources.line_at((code, reached)) == Line(code.co_filename, number, "line")
