"""Clients that leave: that close a response, or cancel their request, or are told to."""

import anyio
import pytest

from asgiscope.testing import ClientLeft, StillRunning
from tests.asgiscope.testing.applications import OK, echo, hello
from tests.asgiscope.testing.loops import on_both_loops

PART = {"type": "http.response.body", "body": b"data: tick\n\n", "more_body": True}


class Events:
    """A stream of events without an end. It notes how it has ended all the same."""

    def __init__(self):
        self.ended = []

    async def __call__(self, scope, receive, send):
        await receive()
        await send(OK)
        try:
            while True:
                await send(PART)
        except OSError as error:
            self.ended.append(error)


class LongPoll:
    """An answer that waits for news, of which there are none, until the client leaves."""

    def __init__(self):
        self.waits = anyio.Event()
        self.events = []

    async def __call__(self, scope, receive, send):
        await receive()
        self.waits.set()
        self.events.append(await receive())


# Inside httpx are generators that nobody can close, and trio warns of each.
@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")
@on_both_loops
async def test_endless_event_stream_is_ended_by_the_client(client_of):
    app = Events()
    async with client_of(app) as client:
        async with client.stream("GET", "/") as response:
            async for line in response.aiter_lines():
                assert line == "data: tick"
                break
        await response.extensions["asgi"].finished()
        assert [type(error) for error in app.ended] == [ClientLeft]


@on_both_loops
async def test_long_poll_is_ended_by_disconnect(client_of):
    app = LongPoll()
    async with client_of(app) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.get, "/")
        await app.waits.wait()
        tasks.cancel_scope.cancel()
    assert app.events == [{"type": "http.disconnect"}]


@on_both_loops
async def test_client_that_is_closed_has_left(client_of):
    app = Events()
    async with client_of(app) as client:
        response = await client.send(client.build_request("GET", "/"), stream=True)
    assert len(app.ended) == 1
    await response.aclose()


@on_both_loops
async def test_client_leaves_when_the_test_says_so(client_of):
    app = Events()
    async with client_of(app) as client, client.stream("GET", "/") as response:
        chunks = response.aiter_raw()
        await anext(chunks)
        response.extensions["asgi"].leave()
        await response.extensions["asgi"].finished()
        assert len(app.ended) == 1
        async for _ in chunks:  # What was on its way is there, and then no more.
            pass


@pytest.mark.parametrize(("spec_version", "raised"), [("2.3", 0), ("2.4", 1), ("2.10", 1), (None, 0)])
@on_both_loops
async def test_send_raises_for_a_client_that_has_left_since_version_2_4(client_of, spec_version, raised):
    errors = []
    may_send = anyio.Event()

    async def app(scope, receive, send):
        await receive()
        await send(OK)
        await may_send.wait()
        try:
            await send(PART)
        except OSError as error:
            errors.append(error)
        assert await receive() == {"type": "http.disconnect"}

    async with client_of(app, spec_version=spec_version) as client:
        async with client.stream("GET", "/"):
            pass
        may_send.set()
    assert len(errors) == raised


@on_both_loops
async def test_application_is_given_the_time_to_end(client_of):
    done = []

    async def slow(scope, receive, send):
        await receive()
        await send(OK)
        assert await receive() == {"type": "http.disconnect"}
        await anyio.sleep(4)
        done.append(True)

    async with client_of(slow) as client, client.stream("GET", "/"):
        pass
    assert done == [True]


@on_both_loops
async def test_application_that_speaks_to_nobody_for_ever_is_stopped(client_of):
    async def deaf(scope, receive, send):
        await send(OK)
        while True:
            await send(PART)

    client = client_of(deaf, spec_version="2.3", timeout=0)
    with pytest.raises(StillRunning, match=r"GET / is still running after 0 seconds, at .*:\d+ in .*deaf"):
        async with client, client.stream("GET", "/"):
            pass


@on_both_loops
async def test_application_that_hears_nothing_for_ever_is_stopped(client_of):
    async def deaf(scope, receive, send):
        await send(OK)
        while True:
            await receive()

    client = client_of(deaf, timeout=0)
    with pytest.raises(StillRunning, match="GET / is still running"):
        async with client, client.stream("GET", "/"):
            pass


@on_both_loops
async def test_error_of_the_test_comes_before_what_is_still_running(client_of):
    async def deaf(scope, receive, send):
        await send(OK)
        await anyio.sleep_forever()

    client = client_of(deaf, timeout=3)
    with pytest.raises(ZeroDivisionError) as caught:
        async with client, client.stream("GET", "/"):
            1 / 0  # noqa: B018
    [note] = caught.value.__notes__
    assert "GET / is still running after 3 seconds" in note


@on_both_loops
async def test_all_that_are_still_running_are_named(client_of):
    async def deaf(scope, receive, send):
        await send(OK)
        await anyio.sleep_forever()

    client = client_of(deaf)
    for path in ("/a", "/b"):
        await client.send(client.build_request("GET", path), stream=True)
    message = r"GET /a is still running after 5 seconds, at .*; GET /b is still running after 5 seconds"
    with pytest.raises(StillRunning, match=message):
        await client.aclose()


@on_both_loops
async def test_client_can_leave_in_the_middle_of_its_upload(client_of):
    events = []
    never = anyio.Event()
    has_begun = anyio.Event()

    async def upload():
        yield b"half"
        has_begun.set()
        await never.wait()

    async def reading(scope, receive, send):
        while (event := await receive())["type"] != "http.disconnect":
            events.append(event)

    async with client_of(reading) as client, anyio.create_task_group() as tasks:
        request = client.build_request("POST", "/", content=upload())
        tasks.start_soon(client.send, request)
        await has_begun.wait()
        tasks.cancel_scope.cancel()
    assert [event["body"] for event in events] == [b"half"]


@on_both_loops
async def test_wait_that_is_over_leaves_the_application_running(client_of):
    may_end = anyio.Event()

    async def patient(scope, receive, send):
        await send(OK)
        await send(PART)
        await may_end.wait()
        await send({"type": "http.response.body"})

    async with client_of(patient) as client, client.stream("GET", "/") as response:
        asgi = response.extensions["asgi"]
        with pytest.raises(TimeoutError, match=r"GET / is still running after 0 seconds, at .*patient"):
            await asgi.finished(timeout=0)
        may_end.set()
        assert await response.aread() == PART["body"]


@on_both_loops
async def test_response_that_is_closed_at_its_end_is_no_client_that_left(client_of):
    async with client_of(hello) as client:
        response = await client.get("/")
    assert not response.extensions["asgi"].left


@on_both_loops
async def test_exception_that_nobody_awaited_is_not_lost_in_the_conversation(client_of):
    async def failing(scope, receive, send):
        await send(OK)
        await receive()
        await receive()
        raise ValueError("broken")

    async with client_of(failing) as client, client.stream("GET", "/") as response:
        pass
    outcome = response.extensions["asgi"].conversation.outcome
    assert (outcome.how, outcome.error) == ("raise", "ValueError: broken")


@on_both_loops
async def test_client_goes_on_when_a_request_was_cancelled(client_of):
    app = LongPoll()

    async def either(scope, receive, send):
        await (app if scope["path"] == "/poll" else echo)(scope, receive, send)

    async with client_of(either) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/poll")
            await app.waits.wait()
            tasks.cancel_scope.cancel()
        assert (await client.post("/", content=b"still here")).content == b"still here"
