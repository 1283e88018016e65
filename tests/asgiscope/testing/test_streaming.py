"""Streams in both directions: each piece is there when it is sent, and no more is kept than is on its way."""

import tracemalloc

import anyio
import pytest

from asgiscope.testing.call import MARK
from tests.asgiscope.testing.applications import OK, echo
from tests.asgiscope.testing.loops import on_both_loops

MEGABYTE = 1024 * 1024
MUCH = 1024  # pieces: a gigabyte
LITTLE = 16 * MEGABYTE  # bytes of memory


@on_both_loops
async def test_response_is_there_when_it_has_begun(client_of):
    may_go_on = anyio.Event()

    async def slow(scope, receive, send):
        await send(OK)
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await may_go_on.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async with client_of(slow) as client, client.stream("GET", "/") as response:
        assert response.status_code == 200
        chunks = response.aiter_bytes()
        assert await anext(chunks) == b"first"
        may_go_on.set()
        assert [chunk async for chunk in chunks] == [b"second"]


@on_both_loops
async def test_start_is_there_before_the_body(client_of):
    may_go_on = anyio.Event()

    async def slow(scope, receive, send):
        await send(OK)
        await may_go_on.wait()
        await send({"type": "http.response.body", "body": b"body"})

    async with client_of(slow) as client, client.stream("GET", "/") as response:
        may_go_on.set()
        assert await response.aread() == b"body"


@on_both_loops
async def test_upload_and_download_take_turns(client_of):
    heard = []

    async with client_of(echo) as client:
        answered = anyio.Event()
        answered.set()

        async def upload():
            nonlocal answered
            for number in range(5):
                await answered.wait()
                answered = anyio.Event()
                assert len(heard) == number
                yield str(number).encode()

        async with client.stream("POST", "/", content=upload()) as response:
            async for chunk in response.aiter_bytes():
                heard.append(chunk)
                answered.set()
    assert heard == [b"0", b"1", b"2", b"3", b"4"]


@on_both_loops
async def test_body_is_read_no_further_than_the_application_asks(client_of):
    given = []

    async def upload():
        for number in range(5):
            given.append(number)
            yield b"piece"

    async def refusing(scope, receive, send):
        assert given == []
        await receive()
        assert given == [0]
        await receive()
        await send({"type": "http.response.start", "status": 413})
        await send({"type": "http.response.body"})

    async with client_of(refusing) as client:
        assert (await client.post("/", content=upload())).status_code == 413
    assert given == [0, 1]


@on_both_loops
async def test_gigabyte_goes_down_in_little_memory(client_of):
    async def large(scope, receive, send):
        await send(OK)
        for _ in range(MUCH):
            await send({"type": "http.response.body", "body": bytes(MEGABYTE), "more_body": True})
        await send({"type": "http.response.body"})

    async with client_of(large) as client, client.stream("GET", "/") as response:
        size = 0
        tracemalloc.start()
        async for chunk in response.aiter_raw():
            size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size == MUCH * MEGABYTE
    assert peak < LITTLE


@on_both_loops
async def test_gigabyte_goes_up_in_little_memory(client_of):
    async def upload():
        for _ in range(MUCH):
            yield bytes(MEGABYTE)

    async def counting(scope, receive, send):
        size, more_body = 0, True
        while more_body:
            event = await receive()
            size += len(event["body"])
            more_body = event["more_body"]
        await send(OK)
        await send({"type": "http.response.body", "body": str(size).encode()})

    async with client_of(counting) as client:
        tracemalloc.start()
        response = await client.post("/", content=upload())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert int(response.text) == MUCH * MEGABYTE
    assert peak < LITTLE


@pytest.mark.parametrize("size", [0, 1000, MEGABYTE])
@on_both_loops
async def test_application_waits_for_a_client_that_does_not_read(client_of, size):
    sent = 0

    async def eager(scope, receive, send):
        nonlocal sent
        await send(OK)
        while True:
            await send({"type": "http.response.body", "body": b"x" * size, "more_body": True})
            sent += 1

    async with client_of(eager) as client, client.stream("GET", "/"):
        await anyio.wait_all_tasks_blocked()
        assert sent * (size + 64) <= MARK


@on_both_loops
async def test_requests_are_answered_side_by_side(client_of):
    both = []
    together = anyio.Event()

    async def meeting(scope, receive, send):
        both.append(scope["path"])
        if len(both) == 2:
            together.set()
        await together.wait()
        await send(OK)
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    answers = []

    async def ask(path):
        answers.append((await client.get(path)).text)

    async with client_of(meeting) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "/a")
        tasks.start_soon(ask, "/b")
    assert sorted(answers) == ["/a", "/b"]


@on_both_loops
async def test_receive_that_is_cancelled_loses_nothing_of_the_body(client_of):
    may_come = anyio.Event()

    async def upload():
        await may_come.wait()
        yield b"body"

    async def impatient(scope, receive, send):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        may_come.set()
        event = await receive()
        await send(OK)
        await send({"type": "http.response.body", "body": event["body"]})

    async with client_of(impatient) as client:
        assert (await client.post("/", content=upload())).content == b"body"


@on_both_loops
async def test_what_an_upload_raises_is_raised_in_the_test(client_of):
    events = []

    async def upload():
        yield b"piece"
        raise ValueError("of the test")

    async def reading(scope, receive, send):
        while (event := await receive())["type"] != "http.disconnect":
            events.append(event)

    async with client_of(reading) as client:
        with pytest.raises(ValueError, match="of the test"):
            await client.post("/", content=upload())
    assert [event["body"] for event in events] == [b"piece"]


@on_both_loops
async def test_what_an_upload_raises_is_raised_where_the_response_is_read(client_of):
    async def upload():
        yield b"piece"
        raise ValueError("of the test")

    async def echoing(scope, receive, send):
        await send(OK)
        while (event := await receive())["type"] != "http.disconnect":
            await send({"type": "http.response.body", "body": event["body"], "more_body": True})

    async with client_of(echoing) as client, client.stream("POST", "/", content=upload()) as response:
        chunks = response.aiter_bytes()
        assert await anext(chunks) == b"piece"
        with pytest.raises(ValueError, match="of the test"):
            await anext(chunks)


@on_both_loops
async def test_upload_that_nobody_reads_to_its_end_is_closed(client_of):
    closed = []

    class Upload:
        """A stream that can be closed, as those of the client's library can."""

        def __aiter__(self):
            return self

        async def __anext__(self):
            return b"piece"

        async def aclose(self):
            closed.append(True)

    async def refusing(scope, receive, send):
        await receive()
        await send(OK)
        await send({"type": "http.response.body"})

    async with client_of(refusing) as client:
        request = client.build_request("POST", "/", content=Upload())
        request.stream = type("Stream", (Upload, type(request.stream)), {"__init__": lambda self: None})()
        await client.send(request)
    assert closed == [True]
