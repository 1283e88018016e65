"""What an application leaves behind, and what it does beside its conversation."""

import asyncio
import gc

import pytest

from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, START, clauses, hello, line, recorded
from tests.conversation import call, http, lifespan, until, websocket

LATE = "general.app.lives-as-long-as-connection"
CHANGED = "general.middleware.copies-scope"
UNAWAITED = "general.send.awaited"


def levels(conversation):
    return [(violation.clause, violation.level) for violation in conversation.violations]


# Tasks


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
async def test_send_after_the_return_is_too_late(record):
    async def app(scope, receive, send):
        async def later():
            await gate.wait()
            await send(BODY)  # here

        tasks.append(asyncio.create_task(later()))
        await hello(scope, receive, send)

    async def send(event):
        taken.append(event)

    tasks, gate, taken = [], asyncio.Event(), []
    conversation = await recorded(app, send=send, record=record)
    gate.set()
    await tasks[0]
    assert taken == [START, BODY, BODY], "it is handed on all the same"
    *_, violation = conversation.violations
    assert (violation.clause, violation.level) == (LATE, "should")
    assert violation.message == "The application sent 'http.response.body' after it had returned."
    if record:
        assert conversation.outermost.line_of(violation).line == line(app, "# here").line
        assert conversation.events[-1].at > conversation.outcome.at


async def test_task_that_runs_on_is_noted_with_its_name():
    async def app(scope, receive, send):
        task = asyncio.create_task(asyncio.Event().wait(), name="the cleaner")
        tasks.append(task)
        await hello(scope, receive, send)

    tasks = []
    conversation = await recorded(app)
    [violation] = conversation.violations
    assert (violation.clause, violation.level, violation.event) == (LATE, "note", None)
    assert "'the cleaner'" in violation.message
    tasks[0].cancel()


async def test_task_that_runs_on_in_a_call_that_the_server_cancels_is_not_noted():
    async def app(scope, receive, send):
        tasks.append(asyncio.create_task(asyncio.Event().wait()))
        await receive()

    tasks, held = [], []
    async with call(Recorder(app, held.append), http()):
        await until(lambda: tasks)
    assert (held[0].outcome.how, held[0].violations) == ("cancel", [])
    tasks[0].cancel()


async def test_task_that_has_ended_or_that_another_call_began_is_not_noted():
    async def app(scope, receive, send):
        other.add_done_callback(print)
        await asyncio.create_task(asyncio.sleep(0))
        async with asyncio.timeout(100):
            await hello(scope, receive, send)

    other = asyncio.create_task(asyncio.Event().wait())
    assert clauses(await recorded(app)) == []
    other.remove_done_callback(print)
    other.cancel()


@pytest.mark.filterwarnings("ignore:coroutine 'WritingTap.sending' was never awaited:RuntimeWarning")
async def test_send_that_is_not_awaited_sends_nothing():
    async def app(scope, receive, send):
        async with asyncio.timeout(100):
            await receive()
        send(START)  # here

    async def send(event):
        taken.append(event)

    taken = []
    conversation = await recorded(app, send=send)
    gc.collect()
    assert taken == []
    assert [event.type for event in conversation.events] == ["http.request"]
    [violation] = conversation.violations
    assert (violation.clause, violation.level) == (UNAWAITED, "must")
    assert conversation.outermost.line_of(violation) == line(app, "# here")


async def test_python_warns_of_a_send_that_is_not_awaited_as_it_does_without_a_recorder():
    async def app(scope, receive, send):
        send(START)

    with pytest.warns(RuntimeWarning, match="was never awaited"):
        await recorded(app)


async def test_send_in_a_task_that_has_not_begun_is_no_send_that_is_not_awaited():
    async def app(scope, receive, send):
        await receive()
        await send(START)
        tasks.append(asyncio.create_task(send(BODY)))

    tasks = []
    conversation = await recorded(app)
    await tasks[0]
    assert UNAWAITED not in clauses(conversation)
    assert conversation.events[-1].fields == BODY


async def test_send_in_a_task_that_the_server_cancelled_first_is_no_send_that_is_not_awaited():
    async def app(scope, receive, send):
        await started.wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(send(START))
            asyncio.current_task().cancel()

    started, held = asyncio.Event(), []
    async with call(Recorder(app, held.append), http()) as server:
        started.set()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
    assert held[0].outcome.how == "cancel"
    assert held[0].violations == []


# The scope


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda scope: scope.update(mine=1), "'mine' was added"),
        (lambda scope: scope.update(path="/b"), "'path' was changed"),
        (lambda scope: scope.pop("client"), "'client' was taken away"),
        (lambda scope: scope["headers"].append((b"a", b"1")), "'headers' was changed"),
        (lambda scope: scope["extensions"].update(a={}), "'extensions' was changed"),
        (lambda scope: scope["asgi"].update(version="2.0"), "'asgi' was changed"),
    ],
    ids=[
        "a key more",
        "another value",
        "a key less",
        "a header more",
        "an extension more",
        "another version",
    ],
)
async def test_scope_that_is_changed_in_place_is_found_out(change, told):
    async def app(scope, receive, send):
        await hello(scope, receive, send)
        change(scope)

    conversation = await recorded(app, http(state={}))
    [violation] = conversation.violations
    assert (violation.clause, violation.level) == (CHANGED, "must")
    assert told in violation.message
    assert conversation.outermost.line_of(violation) == line(app, "async def app")
    expected = http(state={})
    assert conversation.scope == expected
    change(expected)
    assert conversation.outermost.scope_after == expected


async def test_scope_that_is_left_as_it_was_has_no_other_one():
    assert (await recorded(hello, http(state={"a": object()}))).outermost.scope_after is None


async def test_state_may_be_added_to():
    async def app(scope, receive, send):
        scope["state"]["pool"] = 5
        await hello(scope, receive, send)

    conversation = await recorded(app, http(state={}))
    assert clauses(conversation) == []
    assert conversation.scope["state"] == {}
    assert conversation.outermost.scope_after["state"] == {"pool": 5}


async def test_scope_is_compared_by_what_can_be_compared():
    class Odd:
        def __eq__(self, other):
            raise LookupError

    async def app(scope, receive, send):
        scope["other"] = Odd()
        await hello(scope, receive, send)

    [violation] = (await recorded(app, http(odd=Odd(), other=Odd()))).violations
    assert violation.message == "The scope was changed in place: 'other' was changed."
    assert clauses(await recorded(hello, http(odd=Odd()))) == []


@pytest.mark.parametrize(
    ("scope", "change", "found"),
    [
        (lifespan(), lambda scope: scope["state"].update({5: 1}), ["lifespan.scope.state.keys"]),
        (lifespan(), lambda scope: scope.pop("state"), [CHANGED]),
        (http(state={}), lambda scope: scope["state"].update({5: 1}), []),
    ],
    ids=["a lifespan", "a lifespan without state", "a request"],
)
async def test_state_that_a_lifespan_leaves_has_text_for_keys(scope, change, found):
    async def app(scope, receive, send):
        change(scope)
        raise LookupError

    held = []
    with pytest.raises(LookupError):
        await recorded(app, scope, into=held)
    assert clauses(held[0]) == found


@pytest.mark.parametrize(("scope", "protocol"), [(http(), "http"), (websocket(), "websocket")])
async def test_state_that_two_connections_have_in_common_is_found_out(scope, protocol):
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    held, state = [], {}
    recorder = Recorder(app, held.append)
    one, same, other = {**scope, "state": state}, {**scope, "state": state}, {**scope, "state": {}}
    async with call(recorder, one), call(recorder, same), call(recorder, other):
        await until(lambda: len(held) == 3)
    assert [clauses(conversation) for conversation in held] == [[], [f"{protocol}.scope.state.copy"], []]
    assert recorder.states == {}


# The request, the result, the files


async def only_answers(scope, receive, send):
    await send(START)
    await send(BODY)


@pytest.mark.parametrize(
    ("headers", "found"),
    [([(b"content-length", b"5")], [("http.request.more_body.wait", "note")]), ([], [])],
    ids=["one with a body", "one without"],
)
async def test_request_that_is_not_read_to_its_end_is_noted(headers, found):
    assert levels(await recorded(only_answers, http("POST", headers=headers))) == found


@pytest.mark.parametrize("result", ["done", 0, [], False], ids=repr)
async def test_application_returns_nothing(result):
    async def app(scope, receive, send):
        await hello(scope, receive, send)
        return result

    assert levels(await recorded(app)) == [("general.app.returns-none", "should")]


@pytest.mark.parametrize("result", [None, 5, print], ids=repr)
@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
async def test_application_that_returns_nothing_to_await_is_none(result, record):
    def app(scope, receive, send):
        return result

    held = []
    with pytest.raises(TypeError, match="await"):
        await recorded(app, into=held, record=record)
    assert levels(held[0]) == [("general.app.asyncio-coroutine", "must")]
    assert held[0].outcome.how == "raise"


async def raises_when_it_is_awaited(scope, receive, send):
    raise TypeError


def raises_when_it_is_called(scope, receive, send):
    raise TypeError


@pytest.mark.parametrize("app", [raises_when_it_is_awaited, raises_when_it_is_called])
async def test_application_that_raises_a_type_error_returned_nothing_wrong(app):
    held = []
    with pytest.raises(TypeError):
        await recorded(app, into=held)
    assert clauses(held[0]) == []


async def test_file_that_was_handed_over_and_left_open_is_found_out(tmp_path):
    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.zerocopysend", "file": closed, "count": 1, "more_body": True})
        for _ in range(2):
            await send({"type": "http.response.zerocopysend", "file": left, "more_body": True})  # here
        await send(BODY)
        closed.close()

    (tmp_path / "a").write_bytes(b"one")
    scope = http(extensions={"http.response.zerocopysend": {}})
    with (tmp_path / "a").open("rb") as left, (tmp_path / "a").open("rb") as closed:
        conversation = await recorded(app, scope)
    [violation] = conversation.violations
    assert violation.clause == "ext.http.response.zerocopysend.app-closes"
    assert conversation.outermost.line_of(violation) == line(app, "# here")


# Calls of `send` that are wrong


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), {}), ((START, BODY), {}), ((), {"event": START}), ((START,), {"more": True})],
    ids=["nothing", "two events", "one by name", "more by name"],
)
async def test_send_that_is_called_wrongly_is_handed_on_as_it_was_called(arguments, named, record):
    async def send(*arguments, **named):
        calls.append((arguments, named))
        raise TypeError("send() takes one positional argument")

    async def app(scope, receive, send):
        with pytest.raises(TypeError, match="takes one positional"):
            await send(*arguments, **named)  # here
        raise LookupError

    calls, held = [], []
    with pytest.raises(LookupError):
        await recorded(app, send=send, into=held, record=record)
    [conversation] = held
    assert calls == [(arguments, named)]
    assert levels(conversation) == [("general.send.app-passes-one-positional", "must")]
    if record:
        [event] = conversation.events
        assert event.fields == {None: [*arguments, named]}
        assert event.held >= 0
        assert event.error == "TypeError: send() takes one positional argument"
        assert conversation.outermost.line_of(conversation.violations[0]) == line(app, "# here")
