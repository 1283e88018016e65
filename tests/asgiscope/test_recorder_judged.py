"""What comes of a clause that is broken: it is kept, raised, or logged. And what if a judge fails."""

import asyncio
import logging

import pytest

from asgiscope.contract.http import HTTPJudge
from asgiscope.recorder import ContractError, Recorder
from tests.asgiscope.recording import BODY, PART, REQUEST, START, clauses, hello, line, recorded, said
from tests.conversation import http, websocket

EARLY = "http.response.start.before-body"
BOTH_WAYS = pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])


async def body_first(scope, receive, send):
    await send(BODY)  # here


# Written down


@BOTH_WAYS
async def test_violation_says_who_broke_what_and_where(record):
    conversation = await recorded(body_first, record=record)
    [violation] = conversation.violations
    assert (violation.clause, violation.party, violation.level, violation.event) == (
        EARLY, "application", "must", 0,
    )  # fmt: skip
    assert conversation.outermost.line_of(violation) == (line(body_first, "# here") if record else None)
    assert conversation.outcome.how == "return"


async def only_starts(scope, receive, send):
    await receive()
    await send(START)  # here


async def says_nothing(scope, receive, send):
    pass


class Silent:
    async def __call__(self, scope, receive, send):
        await receive()


@pytest.mark.parametrize(
    ("app", "where"),
    [
        (only_starts, line(only_starts, "# here")),
        (says_nothing, line(says_nothing, "async def")),
        (Silent(), line(Silent.__call__, "async def")),
    ],
    ids=["where it last spoke", "the function", "what its class does when it is called"],
)
async def test_what_was_left_unsaid_is_at_the_last_word_or_at_the_application(app, where):
    conversation = await recorded(app)
    [violation] = conversation.violations
    assert violation.event is None
    assert conversation.outermost.line_of(violation) == where


async def test_what_the_server_got_wrong_in_the_scope_has_no_line():
    conversation = await recorded(hello, http(path=b"/"))
    [violation] = conversation.violations
    assert (violation.party, violation.event) == ("server", None)
    assert conversation.outermost.line_of(violation) is None


# Raised


@BOTH_WAYS
async def test_strict_recorder_raises_out_of_send_and_the_server_hears_nothing(record):
    async def app(scope, receive, send):
        with pytest.raises(ContractError, match="when the response had not been started") as raised:
            await send(BODY)
        errors.append(raised.value)
        await send(START)
        await send(BODY)

    async def send(event):
        taken.append(event)

    errors, taken = [], []
    conversation = await recorded(app, send=send, strict=True, record=record)
    assert taken == [START, BODY]
    assert errors[0].violation == conversation.violations[0]
    assert errors[0].violation.clause == EARLY
    assert str(errors[0]) == str(errors[0].violation)
    if record:
        assert conversation.events[0].error.startswith("ContractError: ")
        assert conversation.events[0].held >= 0


@BOTH_WAYS
async def test_strict_recorder_raises_out_of_a_send_that_is_called_wrongly(record):
    async def app(scope, receive, send):
        with pytest.raises(ContractError, match="with 2 positional arguments"):
            await send(START, BODY)
        await hello(scope, receive, send)

    conversation = await recorded(app, strict=True, record=record)
    assert clauses(conversation) == ["general.send.app-passes-one-positional"]


@BOTH_WAYS
async def test_strict_recorder_raises_out_of_receive(record):
    async def app(scope, receive, send):
        with pytest.raises(ContractError, match="not a dict"):
            await receive()
        await hello(scope, receive, send)

    conversation = await recorded(app, None, "nonsense", REQUEST, strict=True, record=record)
    assert clauses(conversation) == ["general.event.is-dict"]


@BOTH_WAYS
@pytest.mark.parametrize(
    "scope",
    [None, {}, http(path=b"/"), websocket(headers="none")],
    ids=["none", "empty", "a path", "headers"],
)
async def test_strict_recorder_does_not_call_the_application_with_a_wrong_scope(scope, record):
    async def app(scope, receive, send):
        raise AssertionError("the application was called")

    with pytest.raises(ContractError) as raised:
        await Recorder(app, strict=True, record=record)(scope, None, None)
    assert raised.value.violation.party == "server"


async def test_strict_recorder_does_not_call_the_application_with_the_state_of_another_connection():
    async def app(scope, receive, send):
        await receive()

    state, never = {}, asyncio.Event()
    recorder = Recorder(app, strict=True)
    first = asyncio.create_task(recorder(http(state=state), never.wait, None))
    await asyncio.sleep(0)
    with pytest.raises(ContractError, match="the same dict") as raised:
        await recorder(http(state=state), None, None)
    assert raised.value.violation.clause == "http.scope.state.copy"
    first.cancel()
    await asyncio.wait({first})


async def changes_the_scope(scope, receive, send):
    await hello(scope, receive, send)
    scope["mine"] = 1


@pytest.mark.parametrize(
    ("app", "record", "clause"),
    [
        (only_starts, True, "http.response.start.needs-body"),
        (only_starts, False, "http.response.start.needs-body"),
        (changes_the_scope, True, "general.middleware.copies-scope"),
    ],
)
async def test_strict_recorder_raises_when_the_application_has_returned(app, record, clause):
    held = []
    with pytest.raises(ContractError) as raised:
        await recorded(app, into=held, strict=True, record=record)
    assert raised.value.violation.clause == clause
    assert held[0].outcome.how == "return"


async def too_much(scope, receive, send):
    await hello(scope, receive, send)
    return "done"


@BOTH_WAYS
async def test_strict_recorder_raises_musts_only(record):
    conversation = await recorded(too_much, strict=True, record=record)
    assert [violation.level for violation in conversation.violations] == ["should"]


@BOTH_WAYS
async def test_strict_recorder_lets_an_exception_be(record):
    async def app(scope, receive, send):
        await send(START)
        raise LookupError

    with pytest.raises(LookupError):
        await recorded(app, strict=True, record=record)


# Only judged


@pytest.mark.parametrize("app", [hello, body_first, only_starts, too_much], ids=lambda app: app.__name__)
async def test_recorder_that_does_not_record_finds_the_same_and_keeps_no_events(app):
    whole, judged = await recorded(app), await recorded(app, record=False)
    assert judged.violations == whole.violations
    assert judged.events == []
    assert judged.outcome.how == whole.outcome.how
    assert judged.scope == whole.scope


# Logged


async def test_recorder_without_a_sink_logs_what_was_broken_and_where(caplog):
    async def receive():
        return REQUEST

    async def send(event):
        pass

    await Recorder(body_first)(http(), receive, send)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("asgiscope", logging.WARNING)
    message = record.getMessage()
    assert EARLY in message
    assert message.endswith(f"\n  At {line(body_first, '# here')}")


async def test_recorder_without_a_sink_logs_what_the_server_has_broken(caplog):
    with pytest.raises(TypeError):
        await Recorder(hello)(http(), None, None)
    [record] = caplog.records
    assert "general.receive.awaitable-callable" in record.getMessage()


async def test_recorder_without_a_sink_logs_nothing_where_nothing_was_broken(caplog):
    async def receive():
        return REQUEST

    async def send(event):
        pass

    await Recorder(hello)(http(), receive, send)
    assert caplog.records == []


async def test_recorders_without_a_sink_log_what_was_broken_once_for_each_of_them(caplog):
    async def receive():
        return REQUEST

    async def send(event):
        pass

    await Recorder(Recorder(body_first))(http(), receive, send)
    assert len(caplog.records) == 2


# A judge that fails


@BOTH_WAYS
@pytest.mark.parametrize("method", ["open", "receive", "send", "end"])
async def test_judge_that_fails_is_logged_and_stops_nothing(method, record, monkeypatch, caplog):
    def fail(self, *arguments):
        raise LookupError("in the judge")

    async def app(scope, receive, send):
        assert await receive() is first
        assert await receive() is REQUEST
        await send({**START, "status": 299})
        await send(PART)
        await send({**PART, "x": 1})
        return "done"

    async def send(event):
        taken.append(event["type"])

    taken, first = [], {"type": "http.request", "more_body": True}
    monkeypatch.setattr(HTTPJudge, method, fail)
    conversation = await recorded(app, None, first, REQUEST, send=send, record=record)
    assert taken == ["http.response.start", "http.response.body", "http.response.body"]
    assert len(said(conversation)) == (5 if record else 0)
    assert [event.index for event in conversation.events] == list(range(5 if record else 0))
    assert clauses(conversation) == ["general.app.returns-none"]
    [failure] = caplog.records
    assert (failure.name, failure.levelno) == ("asgiscope", logging.ERROR)
    assert failure.exc_info[0] is LookupError


@BOTH_WAYS
@pytest.mark.parametrize(
    "event", [None, {}, {"type": []}, {**BODY, "body": 5}, {**START, "headers": 5}], ids=repr
)
async def test_event_that_no_judge_has_looked_at_is_handed_on_and_so_is_the_answer(
    event, record, monkeypatch, caplog
):
    def fail(self, *arguments):
        raise LookupError("in the judge")

    async def send(event):
        raise KeyError("what the server says to it")

    async def app(scope, receive, send):
        with pytest.raises(KeyError, match="what the server says to it"):
            await send(event)

    monkeypatch.setattr(HTTPJudge, "send", fail)
    conversation = await recorded(app, send=send, record=record)
    assert clauses(conversation) == []
    assert len(caplog.records) == 1
