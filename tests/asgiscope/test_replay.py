"""Conversations that are held again."""

import asyncio
from contextlib import suppress

import httpx
import pytest
import websockets

from asgiscope.conversation import Conversation, Cut, Lane, Opaque, Outcome
from asgiscope.recorder import Recorder
from asgiscope.replay import diff, in_order, replay, script
from tests.asgiscope.recording import START, echo
from tests.asgiscope.serving import ended, serving
from tests.conversation import call, http, lifespan, until

REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})


def directions(conversation):
    """What was said, without what it says, and what was raised."""
    return [(event.direction, event.type, event.error) for event in in_order(conversation.outermost)]


# Applications of all kinds, each with a client that makes the most of it.


async def endless(scope, receive, send):
    """Sends as fast as it can, until the client has left: one task speaks, another one listens."""

    async def stream():
        while True:
            await send({"type": "http.response.body", "body": b"tick\n" * 10_000, "more_body": True})

    await receive()
    await send(START)
    speaking = asyncio.create_task(stream())
    while (await receive())["type"] != "http.disconnect":
        pass
    speaking.cancel()
    await asyncio.wait({speaking})


async def failing(scope, receive, send):
    await send(START)
    raise LookupError("no such thing")


async def greeting(scope, receive, send):
    """Greets, then answers each message with its length."""
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"x-one", b"1")]})
    await send({"type": "websocket.send", "text": "hello"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": str(len(event.get("text") or event["bytes"]))})


async def denying(scope, receive, send):
    await receive()
    await send({"type": "websocket.close", "code": 4000})


async def upload(port):
    async def body():
        yield b"one "
        yield b"two"

    async with httpx.AsyncClient() as client:
        await client.post(f"http://127.0.0.1:{port}/a?b=c", content=body())


async def look(port):
    async with httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/")


async def look_and_leave(port):
    async with httpx.AsyncClient() as client, client.stream("GET", f"http://127.0.0.1:{port}/") as response:
        await anext(response.aiter_bytes())


async def talk(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/") as client:
        assert await client.recv() == "hello"
        for message in ("one", b"\xff\x00", "three"):
            await client.send(message)
            assert await client.recv() == str(len(message))


async def knock(port):
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(f"ws://127.0.0.1:{port}/"):
            pass


@pytest.mark.parametrize(
    ("app", "client"),
    [(echo, upload), (endless, look_and_leave), (failing, look), (greeting, talk), (denying, knock)],
    ids=lambda function: function.__name__,
)
async def test_application_says_again_what_it_said_to_a_client(app, client):
    async with serving(app) as (port, conversations):
        try:
            await client(port)
        except httpx.HTTPError:
            assert app is failing
        recorded = await ended(conversations)
    again = await replay(app, recorded)
    assert str(diff(recorded, again)) == ""
    assert again.outcome.how == recorded.outcome.how


async def startup(scope, receive, send):
    for phase in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{phase}"
        scope["state"][phase] = True
        await send({"type": f"lifespan.{phase}.complete"})


async def test_lifespan_is_held_again_with_the_state_that_it_began_with():
    held = []
    async with call(Recorder(startup, held.append), lifespan()) as server:
        await server.says("lifespan.startup")
        await server.hears()
        await server.says("lifespan.shutdown")
        await server.returns()
    again = await replay(startup, held[0])
    assert not diff(held[0], again)
    assert again.scope["state"] == {}


async def test_event_is_given_when_as_much_was_sent_as_before_it():
    async def both(scope, receive, send):
        """Listens from the first moment on, and sends meanwhile."""

        async def listen():
            for _ in range(2):
                heard.append((await receive())["type"])

        heard = []
        async with asyncio.TaskGroup() as group:
            group.create_task(listen())
            for event in (START, {"type": "http.response.body", "body": b"a", "more_body": True}):
                await send(event)
            await send({"type": "http.response.body"})

    recorded = script(
        http(),
        [
            ("send", START, ...),
            REQUEST,
            ("send", {"type": "http.response.body", "body": b"a", "more_body": True}),
            ("send", {"type": "http.response.body"}),
            ("receive", {"type": "http.disconnect"}),
        ],
    )
    assert directions(await replay(both, recorded)) == directions(recorded)


async def test_event_that_came_after_a_send_comes_when_the_send_has_returned():
    async def app(scope, receive, send):
        """Drops everything when the client leaves, as Django does."""

        async def answer():
            await send(START)
            await send({"type": "http.response.body"})

        await receive()
        answering, leaving = asyncio.create_task(answer()), asyncio.create_task(receive())
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        answering.cancel()
        await asyncio.wait({answering, leaving})

    events = [REQUEST, ("send", START), ("send", {"type": "http.response.body"})]
    recorded = script(http(), [*events, ("receive", {"type": "http.disconnect"})])
    assert directions(await replay(app, recorded)) == directions(recorded)


async def test_application_that_changes_an_event_changes_its_own():
    async def careless(scope, receive, send):
        (await receive()).clear()
        scope["headers"].clear()

    recorded = script(http(), [REQUEST])
    for _ in range(2):
        assert (await replay(careless, recorded)).events[0].fields == REQUEST[1]


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        ("OSError: gone", OSError, "gone"),
        ("ConnectionResetError: [Errno 104] gone", ConnectionResetError, "[Errno 104] gone"),
        ("ClientDisconnected: ", OSError, ""),
        ("RuntimeError: Unexpected message", RuntimeError, "Unexpected message"),
    ],
)
async def test_send_that_raised_raises_again(error, kind, text):
    async def app(scope, receive, send):
        try:
            await send(START)
        except Exception as raised:
            caught.append(raised)

    caught = []
    again = await replay(app, script(http(), [("send", START, error)]))
    assert again.events[0].error == error
    assert isinstance(caught[0], kind)
    assert str(caught[0]) == text


async def test_receive_that_raised_raises_again():
    async def app(scope, receive, send):
        await receive()

    again = await replay(app, script(http(), [("receive", {}, "OSError: gone")], "raise", "OSError: gone"))
    assert again.outcome.how == "raise"
    assert again.outcome.error == "OSError: gone"


# Where a call was cancelled.


async def waits_for_an_event(scope, receive, send):
    await receive()
    await send(START)
    await receive()


async def waits_for_anything_else(scope, receive, send):
    await receive()
    await send(START)
    await asyncio.Event().wait()


async def sends_for_ever(scope, receive, send):
    await receive()
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await asyncio.sleep(0)


async def tidies_up(scope, receive, send):
    await receive()
    await send(START)
    try:
        await receive()
    finally:
        await send({"type": "http.response.body", "body": b"cut short"})


async def waits_for_its_tasks(scope, receive, send):
    async with asyncio.TaskGroup() as group:
        group.create_task(receive())
        group.create_task(receive())
        await send(START)


async def waits_from_the_beginning(scope, receive, send):
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("app", "sends"),
    [
        (waits_for_an_event, 1),
        (waits_for_anything_else, 1),
        (sends_for_ever, 5),
        (tidies_up, 1),
        (waits_for_its_tasks, 1),
        (waits_from_the_beginning, 0),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_call_that_was_cancelled_is_cancelled_at_the_same_place(app, sends):
    held = []
    async with call(Recorder(app, held.append), http()) as server:
        await server.says("http.request")
        for _ in range(sends):
            await server.hears()
        for _ in range(5):
            await asyncio.sleep(0)
    recorded = held[0]
    assert recorded.outcome.how == "cancel"
    again = await replay(app, recorded)
    assert again.outcome.how == "cancel"
    assert directions(again) == directions(recorded)


async def test_call_that_was_cancelled_while_it_sent_is_cancelled_while_it_sends():
    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body"})

    async def send(event):
        if event["type"] == "http.response.body":
            await asyncio.Event().wait()

    held = []
    task = asyncio.create_task(Recorder(app, held.append)(http(), None, send))
    await until(lambda: held and len(held[0].events) == 2)
    task.cancel()
    await asyncio.wait({task})
    again = await replay(app, held[0])
    assert [event.error for event in again.events] == [None, "CancelledError: "]
    assert not diff(held[0], again)


async def test_conversation_that_went_on_is_cancelled_when_all_has_happened():
    recorded = script(http(), [REQUEST, ("send", START)], "open")
    again = await replay(waits_for_an_event, recorded)
    assert str(diff(recorded, again)) == "~ end 'open' -> 'cancel'"


# What never ends, and what cannot be played.


@pytest.mark.parametrize(
    ("app", "events", "message"),
    [
        pytest.param(
            waits_for_an_event,
            [REQUEST, ("send", START)],
            "it has received 1 of 1 events and sent 1, and awaits one more, which the recorded one has not, "
            r"at .*test_replay.py:\d+ in waits_for_an_event\.",
            id="for an event that there is not",
        ),
        pytest.param(
            waits_for_an_event,
            [REQUEST, ("send", START), ("send", START), ("receive", {"type": "http.disconnect"})],
            "it has received 1 of 2 events and sent 1, and awaits 'http.disconnect', "
            "which was given when 2 had been sent",
            id="for an event that is not due",
        ),
        pytest.param(
            waits_for_anything_else,
            [REQUEST],
            "it has received 1 of 1 events and sent 1 of 0, and awaits none",
            id="for something else",
        ),
        pytest.param(sends_for_ever, [REQUEST], "it has received 1 of 1 events and sent ", id="for nothing"),
    ],
)
async def test_application_that_waits_is_cancelled_and_told_of(app, events, message):
    with pytest.raises(TimeoutError, match=message):
        await replay(app, script(http(), events), timeout=0.05)


async def test_application_that_does_not_heed_a_cancellation_is_left_behind():
    async def app(scope, receive, send):
        while not free:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    free = []
    with pytest.raises(TimeoutError, match="and does not end although it was cancelled"):
        await replay(app, script(http(), []), timeout=0.05)
    free.append(True)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_cancelled_replay_cancels_the_application():
    async def app(scope, receive, send):
        try:
            running.set()
            await receive()
        finally:
            left.append(True)

    running, left = asyncio.Event(), []
    task = asyncio.create_task(replay(app, script(http(), [])))
    await running.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert left


POOL = Opaque("Pool", "<Pool of 5>")


@pytest.mark.parametrize(
    ("scope", "event", "message"),
    [
        pytest.param(
            {},
            {"type": "http.request", "body": Cut(b"abc", 10)},
            r"'body' of event 0 \(http.request\) was cut: .* keep=10",
            id="a body that was cut",
        ),
        pytest.param(
            {"state": {"pool": POOL}},
            {"type": "http.request"},
            r"scope\['state'\]\['pool'\] was an object, <Pool of 5> \(Pool\).*scope={'state': ...}",
            id="an object in the scope",
        ),
        pytest.param(
            {},
            {"type": "http.request", "x": [(POOL,)]},
            r"'x' of event 0 \(http.request\) was an object",
            id="an object in an event",
        ),
        pytest.param(
            {"path": Cut("/abc", 10)},
            {"type": "http.request"},
            r"scope\['path'\] was cut",
            id="a path that was cut",
        ),
    ],
)
async def test_what_no_recording_holds_is_not_replayed(scope, event, message):
    with pytest.raises(ValueError, match=message):
        await replay(echo, script(http(**scope), [("receive", event)]))


async def test_what_is_no_dict_is_given_as_it_was():
    async def app(scope, receive, send):
        seen.extend([scope, await receive()])

    seen = []
    await replay(app, script({None: ["scope"]}, [("receive", "event")]))
    assert seen == [["scope"], "event"]


async def test_part_of_the_scope_can_be_given():
    async def app(scope, receive, send):
        seen.append(scope["state"]["pool"])

    seen = []
    await replay(app, script(http(state={"pool": POOL}), []), scope={"state": {"pool": 5}})
    assert seen == [5]


async def test_conversation_with_dropped_events_is_not_replayed():
    lane = Lane("app", http(), [], Outcome("return"), [], dropped=5000)
    with pytest.raises(ValueError, match="5000 events of this conversation were dropped"):
        await replay(echo, Conversation(1, 0.0, [lane]))


async def test_body_is_compared_as_far_as_it_was_kept_then():
    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body", "body": b"a" * 100_000 + last})

    held, last = [], b"1"
    async with call(Recorder(app, held.append, keep=200_000), http()) as server:
        await server.returns()
    last = b"2"
    assert "differs from 100000 on" in str(diff(held[0], await replay(app, held[0])))
