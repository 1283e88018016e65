"""The short cuts of the judges: each decides as the long way does, whatever was judged before."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgiscope.contract import Judge, judge_of, plain, values
from asgiscope.contract.http import HTTPJudge
from asgiscope.contract.lifespan import LifespanJudge
from asgiscope.contract.notation import http, websocket
from asgiscope.contract.websocket import WebSocketJudge
from tests.asgiscope.contract.conversations import LEGAL, Conversation, Move, judged
from tests.asgiscope.contract.disturbances import Shy, disturbed, huge


class Long:
    """A judge that takes no short cuts."""

    open, end = Judge.open, Judge.end
    quick_receive, quick_send = Judge.quick_receive, Judge.quick_send


class LongHTTP(Long, HTTPJudge):
    pass


class LongWebSocket(Long, WebSocketJudge):
    pass


class LongLifespan(Long, LifespanJudge):
    pass


def long_judge_of(scope):
    judge = judge_of(scope)
    ways = {HTTPJudge: LongHTTP, WebSocketJudge: LongWebSocket, LifespanJudge: LongLifespan}
    return ways[type(judge)](scope) if type(judge) in ways else judge


def forget():
    """Let the judges look at everything as if for the first time."""
    for known in (values._good_names, values._good_pairs, plain._good_kinds):
        known.clear()


@settings(deadline=None, max_examples=200)
@given(LEGAL.flatmap(lambda legal: st.tuples(st.just(legal), disturbed(legal))))
def test_short_cut_decides_as_the_long_way_does(conversations):
    short, long = short_and_long(*conversations)
    assert short == long


def short_and_long(*conversations):
    """How the last conversation is judged after all of them were, and how as if it were the first ever."""
    forget()
    for conversation in conversations:
        judged(conversation)
    short = judged(conversations[-1])
    forget()
    return short, judged(conversations[-1], long_judge_of)


START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
BODY = {"type": "http.response.body"}
REQUEST = [
    Move("receive", {"type": "http.request", "body": b"x", "more_body": True}),
    Move("receive", {"type": "http.request"}),
    Move("receive", {"type": "http.request", "more_body": 1}),
    Move("receive", {"type": "http.disconnect"}, "reader"),
]
RESPONSE = [
    Move("send", START),
    Move("send", {**START, "trailers": True}),
    Move("send", {**START, "headers": [], "status": 204}),
    Move("send", {**BODY, "body": b"x", "more_body": True}),
    Move("send", {**BODY, "body": b"x", "more_body": 1}),
    Move("send", {**BODY, "body": bytearray(b"x")}),
    Move("send", {**BODY, "body": b"x"}),
    Move("send", {**BODY, "body": b"x", "more": (1,)}),
    Move("send", BODY),
]
OPENING = [Move("receive", {"type": "websocket.connect"}), Move("send", {"type": "websocket.accept"})]
ENDING = [
    Move("receive", {"type": "websocket.disconnect", "code": 1000}, "reader"),
    Move("send", {"type": "websocket.close"}),
]
MESSAGES = [
    Move(verb, {"type": kind, **message})
    for verb, kind in (("receive", "websocket.receive"), ("send", "websocket.send"))
    for message in (
        {"text": "a"},
        {"bytes": b"a", "text": None},
        {"text": "a", "bytes": b"a"},
        {"bytes": bytearray(b"a")},
        {"text": "a", "more": (1,)},
        {"text": None},
    )
]
STOPPED = [Move("failed"), Move("end", "return")]


@pytest.mark.parametrize(
    ("scope", "before", "moves"),
    [
        pytest.param(http(), [], REQUEST + RESPONSE + STOPPED, id="http"),
        pytest.param(http("HEAD"), [], REQUEST + RESPONSE + STOPPED, id="http, HEAD"),
        pytest.param(websocket(), OPENING, MESSAGES + ENDING + STOPPED, id="websocket"),
        pytest.param(websocket(), [], OPENING + MESSAGES + ENDING + STOPPED, id="websocket, not open"),
    ],
)
def test_short_cut_decides_as_the_long_way_does_whatever_three_moves_come(scope, before, moves):
    for told in product(moves, repeat=3):
        conversation = Conversation(scope, [*before, *told])
        assert judged(conversation) == judged(conversation, long_judge_of)


HEADERS = [[b"x-a", b"a"], (b"X-A", b"a"), (b"x-a", "a"), (b":a", b"a"), (b"x a", b"a"), b"ab", (b"x-a",)]
VALUES = [
    *[None, True, 1, 1.5, huge(), Shy(), (), [], {}, {1: 2}, {"a": None}, {"tls": {}}, {b"a": b"b"}],
    *["", "1", "2", "2.0", "/", "/a/", "/%41", "/a?b", "http", "get", "HEAD", "x" * 2000, "\ud800"],
    *[b"", b"/", b"?a", b"/%41", b"/a?b", b"\xff", bytearray(b"/"), memoryview(b"/")],
    *[("::1", 1), ["::1", True], ("/a.sock", None), ("a", 1, 2), (b"a", 1)],
    *[[header] for header in HEADERS],
    *[{"version": "2.0"}, *[{"version": "3.0", "spec_version": value} for value in (None, "", [], "9")]],
]


@pytest.mark.parametrize("scope", [http(), websocket()], ids=["http", "websocket"])
def test_short_cut_decides_as_the_long_way_does_whatever_a_key_of_a_scope_is(scope):
    for key in (*scope, "state", "more"):
        for value in VALUES:
            short, long = short_and_long(Conversation(scope, []), Conversation({**scope, key: value}, []))
            assert short == long, (key, value)
        without = {name: value for name, value in scope.items() if name != key}
        short, long = short_and_long(Conversation(scope, []), Conversation(without, []))
        assert short == long, key


# The same keys, but another protocol: what a WebSocket can do without, a request cannot.
SPARSE = websocket(method="GET")
del SPARSE["scheme"], SPARSE["method"]
KNOWN = [Move("send", {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"a")]})]


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        pytest.param(
            Conversation(SPARSE, []),
            Conversation({**SPARSE, "type": "http"}, []),
            ["http.scope.method.type"],
            id="a scope of another protocol",
        ),
        pytest.param(
            Conversation(http(), []),
            Conversation(http(asgi={"version": "3.0", "spec_version": None}), []),
            ["http.scope.asgi.spec-version.type"],
            id="a version of another type",
        ),
        pytest.param(
            Conversation(http(headers=[(b"x a", b"")]), []),
            Conversation(http(), [Move("send", {**KNOWN[0].what, "headers": [(b"x a", b"")]})]),
            ["http.semantics.header.name"],
            id="a name that a request may have",
        ),
        pytest.param(
            Conversation(http(), KNOWN),
            Conversation(http(), [Move("send", {**KNOWN[0].what, "headers": [(memoryview(b"x-a"), b"a")]})]),
            ["http.response.start.headers.bytes"],
            id="a name that is equal to bytes",
        ),
        pytest.param(
            Conversation(http(), KNOWN),
            Conversation(http(), [Move("send", {**KNOWN[0].what, "headers": [(b"x-a", memoryview(b"a"))]})]),
            ["http.response.start.headers.bytes"],
            id="a value that is equal to bytes",
        ),
    ],
)
def test_short_cut_is_not_taken_by_what_resembles_the_known(before, after, broken):
    short, long = short_and_long(before, after)
    assert [violation.clause for violation in short[1]] == broken
    assert short == long


def test_what_is_known_is_little_and_no_secret():
    forget()
    for number in range(3000):
        headers = [(b"x-%d" % number, b"%d" % number), (b"set-cookie", b"a=%d" % number)]
        move = Move("send", {"type": "http.response.start", "status": 200, "headers": headers})
        scope = http(**{f"x-{number}": None}, headers=[(b"cookie", b"a=%d" % number)])
        assert judged(Conversation(scope, [move]))[1] == []
    assert max(len(values._good_names), len(values._good_pairs), len(plain._good_kinds)) <= 1024
    assert {key for key, _ in values._good_pairs}.isdisjoint({b"cookie", b"set-cookie"})
    forget()
