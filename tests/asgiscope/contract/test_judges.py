"""The judges: they judge whatever they are told, change nothing, and blame nobody who keeps to the rules."""

import pytest
from hypothesis import given, settings

from asgiscope.contract import Level, judge_of
from asgiscope.contract.judge import LONG
from asgiscope.contract.notation import http, read, websocket
from tests.asgiscope.contract.conversations import LEGAL, Once, judged
from tests.asgiscope.contract.disturbances import CONVERSATIONS, huge


def picture(value, inside=()):
    """A value as it is now: containers taken apart, and what is in them by its identity."""
    if id(value) in inside:
        return id(value)
    inside = (*inside, id(value))
    match value:
        case dict():
            return id(value), [(picture(key, inside), picture(item, inside)) for key, item in value.items()]
        case list() | tuple():
            return id(value), [picture(item, inside) for item in value]
        case Once():
            return id(value), value.taken
    return id(value)


# Whatever they are told


@settings(deadline=None, max_examples=200)
@given(CONVERSATIONS)
def test_judge_answers_with_each_violation_as_it_happens(conversation):
    answers, violations = judged(conversation)
    assert [violation for answer in answers for violation in answer] == violations


@settings(deadline=None, max_examples=200)
@given(CONVERSATIONS)
def test_judge_changes_nothing(conversation):
    before = picture(conversation)
    judged(conversation)
    assert picture(conversation) == before


@settings(deadline=None, max_examples=200)
@given(CONVERSATIONS)
def test_violation_says_what_happened_which_clause_and_what_to_do(conversation):
    _, violations = judged(conversation)
    for violation in violations:
        happened, clause, instead = str(violation).split("\n")
        assert happened == violation.message
        assert violation.clause in clause
        assert instead == f"  Instead: {violation.remedy}"


# Who keeps to the rules


@settings(deadline=None, max_examples=200)
@given(LEGAL)
def test_nobody_is_blamed_in_a_legal_conversation(conversation):
    _, violations = judged(conversation)
    assert [one for one in violations if one.level in (Level.MUST, Level.SHOULD)] == []


# Who has left, and who knows it

STREAM = """
receive http.request
send http.response.start status=200
send http.response.body body=b'a' more_body=True
"""
SOCKET = """
scope websocket /
receive websocket.connect
send websocket.accept
"""
START = {"type": "http.response.start", "status": 200}
PIECE = {"type": "http.response.body", "body": b"b", "more_body": True}
MESSAGE = {"type": "websocket.send", "text": "a"}
LEAVING = pytest.mark.parametrize(
    ("text", "leaves", "sent", "knew", "long"),
    [
        pytest.param(
            STREAM,
            {"type": "http.disconnect"},
            PIECE,
            "http.disconnect.expect-send-error",
            "http.send.closed-not-guaranteed",
            id="http",
        ),
        pytest.param(
            SOCKET,
            {"type": "websocket.disconnect", "code": 1001},
            MESSAGE,
            "websocket.disconnect.expect-send-error",
            "websocket.send.closed-not-guaranteed",
            id="websocket",
        ),
    ],
)


def judge_of_text(text):
    """The judge of a conversation that is not over."""
    told = read(text)
    judge = judge_of(told.scope)
    judge.open()
    for direction, event in told.moves:
        (judge.receive if direction == "receive" else judge.send)(event, by="app")
    assert judge.violations == []
    return judge


def ids(violations):
    return [(violation.clause, violation.level) for violation in violations]


@LEAVING
def test_one_who_sends_while_another_hears_of_the_disconnect_is_not_blamed(text, leaves, sent, knew, long):
    judge = judge_of_text(text)
    judge.receive(leaves, by="reader")
    judge.send(sent, by="app")
    judge.end("return")
    assert judge.violations == []


@LEAVING
def test_one_who_heard_of_the_disconnect_and_sends_is_blamed_once(text, leaves, sent, knew, long):
    judge = judge_of_text(text)
    judge.receive(leaves, by="app")
    assert ids(judge.send(sent, by="app")) == [(knew, Level.MUST)]
    assert ids(judge.send(sent, by="app")) == []
    assert ids(judge.end("return")) == []


@LEAVING
def test_one_who_sends_for_long_after_the_disconnect_is_blamed_once(text, leaves, sent, knew, long):
    judge = judge_of_text(text)
    judge.receive(leaves, by="reader")
    found = [ids(judge.send(sent, by="app")) for _ in range(2 * LONG)]
    assert found.index([(long, Level.SHOULD)]) == LONG - 1
    assert found.count([]) == 2 * LONG - 1


@LEAVING
def test_one_who_asks_for_long_after_the_disconnect_is_blamed_once(text, leaves, sent, knew, long):
    judge = judge_of_text(text)
    found = [ids(judge.receive(leaves, by="app")) for _ in range(2 * LONG)]
    assert found.index([("general.app.lives-as-long-as-connection", Level.SHOULD)]) == LONG - 1
    assert found.count([]) == 2 * LONG - 1


@LEAVING
def test_one_whose_send_has_raised_owes_nothing(text, leaves, sent, knew, long):
    judge = judge_of_text(text)
    judge.failed()
    judge.send(sent, by="app")
    judge.end("return")
    assert judge.violations == []


def test_close_after_the_disconnect_is_one_close_too_many():
    judge = judge_of_text(SOCKET)
    judge.receive({"type": "websocket.disconnect", "code": 1001}, by="app")
    assert ids(judge.send({"type": "websocket.close"}, by="app")) == [("websocket.close.once", Level.MUST)]


# When it was asked for


@pytest.mark.parametrize(
    ("asked", "broken"),
    [
        pytest.param(1, [], id="before the response was complete"),
        pytest.param(3, [("http.disconnect.after-response", Level.MUST)], id="after it"),
        pytest.param(None, [("http.disconnect.after-response", Level.MUST)], id="nobody knows, so now"),
    ],
)
def test_request_may_go_on_after_the_response_for_one_who_asked_before(asked, broken):
    judge = judge_of_text(
        """
receive http.request body=b'a' more_body=True
send http.response.start status=200
send http.response.body
"""
    )
    assert ids(judge.receive({"type": "http.request", "body": b"b"}, by="reader", asked=asked)) == broken


# What can be read once


def offering(*names):
    return http(extensions={name: {} for name in names})


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(lambda once: (http() | {"headers": once}, {}), id="headers of a request"),
        pytest.param(lambda once: (websocket(subprotocols=once), {}), id="subprotocols"),
        pytest.param(
            lambda once: (http(scheme="https", extensions={"tls": {"client_cert_chain": once}}), {}),
            id="certificates",
        ),
        pytest.param(
            lambda once: (http(), {"type": "http.response.start", "status": 200, "headers": once}),
            id="headers of a response",
        ),
        pytest.param(
            lambda once: (
                offering("http.response.early_hint"),
                {"type": "http.response.early_hint", "links": once},
            ),
            id="links",
        ),
        pytest.param(
            lambda once: (
                offering("http.response.push"),
                {"type": "http.response.push", "path": "/", "headers": once},
            ),
            id="headers of a pushed request",
        ),
        pytest.param(
            lambda once: (
                offering("http.response.trailers"),
                {"type": "http.response.trailers", "headers": once},
            ),
            id="trailers",
        ),
        pytest.param(
            lambda once: (websocket(), {"type": "websocket.accept", "headers": once}),
            id="headers of an accepted handshake",
        ),
        pytest.param(
            lambda once: (
                websocket(extensions={"websocket.http.response": {}}),
                {"type": "websocket.http.response.start", "status": 403, "headers": once},
            ),
            id="headers of a denied handshake",
        ),
    ],
)
def test_what_can_be_read_once_is_left_to_whom_it_is_for(told):
    once = Once([(b"X-A", b"b")])
    scope, event = told(once)
    judge = judge_of(scope)
    judge.open()
    judge.send(event)
    assert once.taken == 0


@pytest.mark.parametrize(
    ("extension", "sent"),
    [
        ("http.response.pathsend", {"type": "http.response.pathsend", "path": "/srv/file"}),
        ("http.response.trailers", {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]}),
    ],
)
def test_headers_that_nobody_may_read_are_blamed_for_nothing(extension, sent):
    judge = judge_of(offering(extension))
    trailers = extension == "http.response.trailers"
    judge.send({"type": "http.response.start", "status": 200, "headers": Once([]), "trailers": trailers})
    if trailers:
        judge.send({"type": "http.response.body"})
    judge.send(sent)
    assert judge.violations == []


# Scopes that are none


@pytest.mark.parametrize(
    ("scope", "clause"),
    [
        (None, "general.scope.is-dict"),
        ([("type", "http")], "general.scope.is-dict"),
        ({"asgi": {"version": "3.0"}}, "general.scope.type.present"),
        ({"type": b"http", "asgi": {"version": "3.0"}}, "general.scope.type.unicode"),
        ({"type": ["http"], "asgi": {"version": "3.0", "spec_version": "2.0"}}, "general.scope.type.unicode"),
    ],
)
def test_conversation_of_no_protocol_is_judged(scope, clause):
    judge = judge_of(scope)
    assert [violation.clause for violation in judge.open()] == [clause]
    assert ids(judge.receive({"type": "http.request"})) == []
    assert ids(judge.send({"type": "http.response.start", "status": "200"})) == []
    assert ids(judge.send("http.response.body")) == [("general.event.is-dict", Level.MUST)]
    assert ids(judge.end("return")) == []


# Numbers that cannot be shown

LONG_LENGTH = [(b"content-length", b"9" * 5000)]


@pytest.mark.parametrize(
    ("before", "event", "clause"),
    [
        ("receive http.request", {**START, "status": huge()}, "http.semantics.status.range"),
        ("receive http.request", {**START, "headers": LONG_LENGTH}, "http.semantics.content-length.digits"),
        ("receive http.request", {**START, "more": huge()}, "general.event.value.int64"),
        (SOCKET, {"type": "websocket.close", "code": huge()}, "websocket.close.code.value"),
    ],
)
def test_number_that_cannot_be_shown_is_judged(before, event, clause):
    judge = judge_of_text(before)
    assert [violation.clause for violation in judge.send(event)] == [clause]


# The end, and the order of things


@pytest.mark.parametrize("how", ["raise", "cancel"])
def test_application_that_is_stopped_owes_nothing(how):
    assert judge_of_text(STREAM).end(how) == ()


def test_what_follows_from_a_wrong_order_is_no_second_breach():
    judge = judge_of(http())
    assert ids(judge.send({"type": "http.response.body"})) == [
        ("http.response.start.before-body", Level.MUST)
    ]
    assert ids(judge.end("return")) == []


@pytest.mark.parametrize(
    ("answer", "clause", "more"),
    [
        pytest.param(
            {"type": "websocket.accept"},
            ("websocket.connect.app-receives-first", Level.SHOULD),
            {"type": "websocket.send", "text": "a"},
            id="accept",
        ),
        pytest.param(
            {"type": "websocket.http.response.start", "status": 403},
            ("ext.websocket.http.response.after-connect", Level.MUST),
            {"type": "websocket.http.response.body"},
            id="denial",
        ),
    ],
)
def test_server_may_still_ask_one_who_has_answered_before(answer, clause, more):
    judge = judge_of(websocket(extensions={"websocket.http.response": {}}))
    assert ids(judge.send(answer)) == [clause]
    assert ids(judge.receive({"type": "websocket.connect"})) == []
    assert ids(judge.send(more)) == []
    assert ids(judge.receive({"type": "websocket.connect"})) == [("websocket.connect.first", Level.MUST)]


def test_length_is_looked_for_in_every_case():
    judge = judge_of(http())
    lengths = [(b"Content-Length", b"1"), (b"content-length", b"2")]
    found = ids(judge.send({"type": "http.response.start", "status": 200, "headers": lengths}))
    assert found == [
        ("http.response.start.headers.lowercase", Level.MUST),
        ("http.semantics.content-length.one", Level.SHOULD),
    ]


def test_length_of_a_body_of_the_wrong_type_is_not_guessed():
    judge = judge_of(http())
    judge.send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    wrong = {"type": "http.response.body", "body": memoryview(b"a")}
    assert ids(judge.send(wrong)) == [("http.response.body.body.type", Level.MUST)]


def test_violation_counts_the_events_of_both_directions():
    judge = judge_of(http(method="get"))
    [of_scope] = judge.open()
    judge.receive({"type": "http.request"})
    [of_event] = judge.send({"type": "http.response.body"})
    assert (of_scope.event, of_event.event) == (None, 1)


def test_violation_is_three_lines():
    [violation] = judge_of(http()).send({"type": "http.response.body"})
    happened, clause, instead = str(violation).split("\n")
    assert happened == "The application sent 'http.response.body' when the response had not been started."
    assert clause.startswith("  Implied by ")
    assert clause.endswith("(http.response.start.before-body, www.rst: Response Start - send event)")
    assert instead.startswith("  Instead: send 'http.response.start'")
