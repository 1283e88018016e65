"""A conversation while it goes on: when things happen, how it ends, who listens, how much is kept."""

import asyncio
import logging
from contextlib import suppress
from itertools import pairwise

import pytest

from asgiscope.contract.judge import KEPT as VIOLATIONS
from asgiscope.conversation import Conversation, Cut, Opaque
from asgiscope.recorder import KEPT, Recorder
from asgiscope.writing import DROPPED, EVENTS, EVENTS_IN_FULL, FIRST, KEPT_THEN
from tests.asgiscope.recording import BODY, PART, REQUEST, START, hello, line, recorded, take
from tests.conversation import call, http, until, websocket

# When it was said


async def test_events_follow_one_another_in_time_and_all_took_some():
    conversation = await recorded(hello)
    assert all(one.at <= other.at for one, other in pairwise(conversation.events))
    assert conversation.events[0].at >= 0
    assert conversation.events[-1].at <= conversation.outcome.at
    assert all(event.held >= 0 for event in conversation.events)


async def test_event_is_recorded_before_the_server_has_taken_it():
    async def send(event):
        await gate.wait()

    gate, held = asyncio.Event(), []
    holding = asyncio.create_task(recorded(hello, send=send, into=held))
    await until(lambda: held and len(held[0].events) == 2)
    sent = held[0].events[1]
    assert sent.fields == START
    assert sent.held is None
    gate.set()
    conversation = await holding
    assert conversation.events[1].at == sent.at
    assert conversation.events[1].held >= 0


async def test_event_from_the_server_is_recorded_when_it_is_given():
    held = []
    async with call(Recorder(hello, held.append), http()) as server:
        await until(lambda: held)
        assert held[0].events == []
        await server.says("http.request")
        await server.returns()
    assert held[0].events[0].type == "http.request"


# How it ends


async def returns(scope, receive, send):
    pass


async def raises(scope, receive, send):
    raise LookupError("no such thing")  # here


async def waits(scope, receive, send):
    await receive()


async def test_outcome_of_a_call_that_goes_on_is_open():
    held = []
    async with call(Recorder(waits, held.append), http()):
        await until(lambda: held)
        assert vars(held[0].outcome) == {
            "how": "open",
            "at": None,
            "error": None,
            "traceback": None,
            "line": None,
        }


async def test_outcome_of_a_call_that_returns():
    outcome = (await recorded(returns)).outcome
    assert (outcome.how, outcome.error, outcome.traceback, outcome.line) == ("return", None, None, None)


async def test_outcome_of_a_call_that_raises_tells_what_and_where():
    held = []
    with pytest.raises(LookupError, match="no such thing"):
        await recorded(raises, into=held)
    outcome = held[0].outcome
    assert (outcome.how, outcome.error) == ("raise", "LookupError: no such thing")
    assert outcome.traceback.startswith("Traceback (most recent call last):\n")
    assert 'raise LookupError("no such thing")' in outcome.traceback
    assert outcome.line == line(raises, "# here")


async def test_outcome_of_a_call_that_the_server_cancels():
    held = []
    async with call(Recorder(waits, held.append), http()):
        await until(lambda: held)
    [event] = held[0].events
    assert (event.type, event.direction, event.error) == (None, "receive", "CancelledError: ")
    assert event.line == line(waits, "await receive()")
    assert (held[0].outcome.how, held[0].outcome.error) == ("cancel", None)


async def test_receive_that_is_given_up_is_recorded_with_its_error_each_time():
    async def app(scope, receive, send):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(receive(), 0)
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait({waiting})

    held = []
    async with call(Recorder(app, held.append), http()) as server:
        await server.returns()
    assert {(event.direction, event.error) for event in held[0].events} == {("receive", "CancelledError: ")}


async def test_send_that_the_server_refuses_is_recorded_with_its_error():
    async def send(event):
        raise refusal

    refusal, held = OSError("gone"), []
    with pytest.raises(OSError, match="gone") as raised:
        await recorded(hello, send=send, into=held)
    assert raised.value is refusal
    assert [event.error for event in held[0].events] == [None, "OSError: gone"]
    assert held[0].events[1].held >= 0
    assert held[0].violations == []


# Who reads


async def test_sink_is_given_the_conversation_before_the_application_is_called():
    async def app(scope, receive, send):
        assert [conversation.outcome.how for conversation in held] == ["open"]

    held = []
    await recorded(app, into=held)
    assert len(held) == 1


async def test_conversation_that_goes_on_is_json_of_what_has_happened_so_far():
    held = []
    async with call(Recorder(hello, held.append), http()) as server:
        await until(lambda: held)
        for spoken in (None, "http.request"):
            if spoken:
                await server.says(spoken)
                await server.returns()
            copy = Conversation.from_json(held[0].to_json())
            assert copy == held[0]
            assert len(copy.events) == (3 if spoken else 0)


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
async def test_object_in_the_state_is_named_where_the_conversation_is_read(record):
    conversation = await recorded(hello, http(state={"pool": print}), record=record)
    assert conversation.scope["state"] == {"pool": Opaque("builtin_function_or_method", repr(print))}
    assert Conversation.from_json(conversation.to_json()) == conversation


async def test_conversations_have_numbers_of_their_own():
    one, other = await recorded(hello), await recorded(hello)
    assert one.id < other.id
    assert one.started <= other.started


async def test_listener_hears_every_event_and_the_end():
    async def app(scope, receive, send):
        await receive()
        await send(START)
        await asyncio.create_task(send(BODY))

    def sink(conversation):
        conversation.listeners.append(lambda conversation, event: heard.append((conversation, event)))

    heard = []
    server = asyncio.Queue()
    server.put_nowait(REQUEST)

    async def send(event):
        taken.append(len(heard))

    taken = []
    await Recorder(app, sink)(http(), server.get, send)
    conversation = heard[0][0]
    assert [said for _, said in heard[:-1]] == [
        type(event)(**{**vars(event), "held": None} if event.direction == "send" else vars(event))
        for event in conversation.events
    ]
    assert heard[-1] == (conversation, None)
    assert taken == [2, 3], "a listener hears an event before the server does"


async def test_listener_hears_what_is_no_event():
    async def app(scope, receive, send):
        with suppress(LookupError):
            await receive()
        with suppress(TypeError):
            await send(BODY, more=1)

    def sink(conversation):
        conversation.listeners.append(lambda _, event: heard.append(event and event.fields))

    async def receive():
        raise LookupError

    heard = []
    await Recorder(app, sink)(http(), receive, take)
    assert heard == [{}, {None: [BODY, {"more": 1}]}, None]


@pytest.mark.parametrize("where", ["sink", "listener"])
async def test_sink_or_listener_that_raises_is_logged_and_stops_nothing(where, caplog):
    def sink(conversation):
        held.append(conversation)
        if where == "sink":
            raise LookupError("in the sink")
        conversation.listeners += [failing, lambda conversation, event: heard.append(event)]

    def failing(conversation, event):
        raise LookupError("in the listener")

    held, heard = [], []

    async def receive():
        return REQUEST

    async def send(event):
        taken.append(event)

    taken = []
    await Recorder(hello, sink)(http(), receive, send)
    assert taken == [START, BODY]
    assert len(held[0].events) == 3
    assert len(heard) == (4 if where == "listener" else 0)
    failures = [record for record in caplog.records if record.name == "asgiscope"]
    assert len(failures) == (4 if where == "listener" else 1)
    assert all(record.levelno == logging.ERROR and record.exc_info for record in failures)


# How much is kept


@pytest.mark.parametrize("keep", [10, 1000])
async def test_long_bodies_are_cut_and_their_length_is_kept(keep):
    async def app(scope, receive, send):
        await receive()
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "ü" * (keep + 1)})
        await send({"type": "websocket.send", "bytes": b"b" * keep})
        await send({"type": "websocket.close"})

    long = {"type": "websocket.receive", "bytes": b"x" * 5000}
    conversation = await recorded(app, websocket(), {"type": "websocket.connect"}, long, keep=keep)
    assert [event.fields.get("bytes", event.fields.get("text")) for event in conversation.events] == [
        None,
        Cut(b"x" * keep, 5000),
        None,
        Cut("ü" * keep, keep + 1),
        b"b" * keep,
        None,
    ]


async def test_no_more_is_kept_of_one_body_than_64_kibibytes():
    conversation = await recorded(hello, None, {**REQUEST, "body": bytes(5_000_000)})
    assert conversation.events[0].fields["body"] == Cut(bytes(KEPT), 5_000_000)


@pytest.mark.parametrize(
    "event",
    [{**PART, "body": b"x" * 1000}, {**PART, "body": b"x" * 1000, "x": [1]}, {**PART, "body": "x" * 1000}],
    ids=["a plain one", "one with more in it", "one that is wrong"],
)
async def test_when_much_was_said_little_is_kept_of_each_event_that_follows(event):
    async def app(scope, receive, send):
        await send(START)
        for _ in range(EVENTS_IN_FULL + 1):
            await send(event)
        await send({**BODY, "body": b"short"})

    conversation = await recorded(app, keep=1000)
    first, *_, last, shortest = [one.fields["body"] for one in conversation.events[1:]]
    assert first == event["body"]
    assert last == Cut(event["body"][:KEPT_THEN], 1000)
    assert shortest == b"short"


async def test_of_very_many_events_the_first_and_the_last_are_kept():
    async def app(scope, receive, send):
        await send(START)
        await send({**PART, "body": "no bytes"})
        for _ in range(EVENTS):
            await send(PART)
        await send({**BODY, "body": None})  # here

    conversation = await recorded(app)
    lane = conversation.outermost
    assert lane.dropped == DROPPED
    assert [event.index for event in lane.events] == [
        *range(FIRST),
        *range(FIRST + DROPPED, EVENTS + 3),
    ]
    early, late = [violation for violation in lane.violations if violation.party == "application"]
    assert lane.event(early.event).fields["body"] == "no bytes"
    assert lane.event(late.event).fields["body"] is None
    assert lane.line_of(late) == line(app, "# here")
    assert Conversation.from_json(conversation.to_json()) == conversation


async def test_of_very_many_attempts_to_receive_the_first_and_the_last_are_kept():
    async def app(scope, receive, send):
        for _ in range(EVENTS + 1):
            with suppress(OSError):
                await receive()

    async def receive():
        raise OSError

    held = []
    await Recorder(app, held.append)(http(), receive, None)
    assert held[0].outermost.dropped == DROPPED
    assert len(held[0].events) == EVENTS + 1 - DROPPED


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
@pytest.mark.parametrize("call", [(BODY,), (BODY, BODY)], ids=["a wrong event", "a wrong call"])
async def test_of_very_many_violations_the_first_are_kept(call, record):
    async def app(scope, receive, send):
        for _ in range(VIOLATIONS + 1):
            await send(*call)

    async def send(*events):
        pass

    conversation = await recorded(app, send=send, record=record)
    assert len(conversation.violations) == VIOLATIONS
    assert None not in conversation.outermost.lines or not record
