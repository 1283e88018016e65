"""What is different between conversations, told in lines."""

from dataclasses import replace

import pytest

from asgiscope.conversation import Conversation, Cut, Event, Hop, Lane, Line, Opaque, Outcome, Stall
from asgiscope.recorder import Recorder
from asgiscope.replay import diff, lanes_diff, script
from tests.conversation import call, http, websocket

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})


def response(*events, headers=((b"content-type", b"text/plain"),), **start):
    """A conversation with this response."""
    start = {"type": "http.response.start", "status": 200, "headers": list(headers), **start}
    return script(http(), [REQUEST, ("send", start), *(("send", event) for event in events)])


def body(*pieces):
    """The events of a body."""
    events = [{"type": "http.response.body", "body": piece, "more_body": True} for piece in pieces]
    return [*events[:-1], {"type": "http.response.body", "body": pieces[-1]}]


def said(*messages):
    """A conversation in which these messages were sent."""
    events = [{"type": "websocket.accept"}, *({"type": "websocket.send", "text": text} for text in messages)]
    return script(websocket(), [("send", event) for event in events])


HINT = {"type": "http.response.early_hint", "links": []}


@pytest.mark.parametrize(
    ("one", "other", "lines"),
    [
        pytest.param(response(*body(b"a")), response(*body(b"a")), [], id="nothing"),
        pytest.param(
            script(http(path="/a"), []),
            script(http(path="/b", http_version="2"), []),
            ["~ scope: 'http_version' '1.1' -> '2'", "~ scope: 'path' '/a' -> '/b'"],
            id="the scope",
        ),
        pytest.param(
            script(http(extensions={"tls": {"tls_version": 1}}), []),
            script(http(extensions={"tls": {"tls_version": 2}}, state={}), []),
            ["~ scope, 'extensions', 'tls': 'tls_version' 1 -> 2", "+ scope: 'state': {}"],
            id="within the scope",
        ),
        pytest.param(
            script(http(client=["::1", 5]), []),
            script(http(client=("::1", 5)), []),
            [],
            id="a list or a tuple",
        ),
        pytest.param(
            script(http(a=True), []), script(http(a=1), []), ["~ scope: 'a' True -> 1"], id="a bool or an int"
        ),
        pytest.param(
            script(http(a=Opaque("A", "<A at 0x7f01>")), []),
            script(http(a=Opaque("A", "<A at 0x7f02>")), []),
            [],
            id="the address of an object",
        ),
        pytest.param(
            response(status=200),
            response(status=404),
            ["~ event 1, send http.response.start: 'status' 200 -> 404"],
            id="a field",
        ),
        pytest.param(
            response(headers=[(b"a", b"1"), (b"b", b"2"), (b"c", b"3"), (b"c", b"4")]),
            response(headers=[(b"a", b"0"), (b"c", b"3"), (b"d", b"5")]),
            [
                "~ event 1, send http.response.start: header b'a' b'1' -> b'0'",
                "- event 1, send http.response.start: header b'b': b'2'",
                "- event 1, send http.response.start: header b'c': b'4'",
                "+ event 1, send http.response.start: header b'd': b'5'",
            ],
            id="headers",
        ),
        pytest.param(
            response(headers=[(b"a", b"1"), (b"b", b"2")]),
            response(headers=[(b"b", b"2"), (b"a", b"1")]),
            ["~ event 1, send http.response.start: order of the headers [b'a', b'b'] -> [b'b', b'a']"],
            id="the order of headers",
        ),
        pytest.param(
            response(headers=[b"ab"]),
            response(headers=[b"ac"]),
            ["~ event 1, send http.response.start: 'headers' [b'ab'] -> [b'ac']"],
            id="headers that are none",
        ),
        pytest.param(
            response(*body(b"abc", b"def")),
            response(*body(b"abcdef")),
            ["~ event 2, send http.response.body: 'body' came in other pieces, (3, 3) -> (6,)"],
            id="the pieces of a body",
        ),
        pytest.param(
            response(*body(b"abc", b"def")),
            response(*body(b"abcdeg")),
            ["~ event 2, send http.response.body: 'body' b'abcdef' -> b'abcdeg'"],
            id="a body, in whatever pieces",
        ),
        pytest.param(
            response(*body(b"a" * 200)),
            response(*body(b"a" * 150 + b"b" * 60)),
            [
                "~ event 2, send http.response.body: 'body' differs from 150 on: "
                f"{b'a' * 70!r} -> {b'a' * 20 + b'b' * 60!r}, of 200 -> 210 in all"
            ],
            id="a long body",
        ),
        pytest.param(
            response(*body(b"aa", Cut(b"bbbb", 9), b"cc")),
            response(*body(b"aabb", Cut(b"bbb", 9))),
            ["~ event 2, send http.response.body: 'body' came in other pieces, (2, 9, 2) -> (4, 9)"],
            id="a body that was cut",
        ),
        pytest.param(
            said(Cut("b", 9)),
            said(Cut("b", 8)),
            ["~ event 1, send websocket.send: 'text' Cut(prefix='b', length=9) -> Cut(prefix='b', length=8)"],
            id="what was cut off",
        ),
        pytest.param(
            response({"type": "http.response.body", "body": "text", "more_body": False}),
            response({"type": "http.response.body", "body": b"text", "more_body": False}),
            ["~ event 2, send http.response.body: 'body' 'text' -> b'text'"],
            id="a body that is none",
        ),
        pytest.param(
            script(http(), [("send", HINT), ("send", START)]),
            script(http(), [("send", START)]),
            ["- event 0, send http.response.early_hint: {'type': 'http.response.early_hint', 'links': []}"],
            id="an event that is gone",
        ),
        pytest.param(
            said("a", "b", "c", "d"),
            said("a", "x", "b", "c", "d"),
            ["+ event 2, send websocket.send: {'type': 'websocket.send', 'text': 'x'}"],
            id="an event between others of its type",
        ),
        pytest.param(
            said(*"abcd"),
            said(*"abxd"),
            ["~ event 3, send websocket.send: 'text' 'c' -> 'x'"],
            id="a message among others",
        ),
        pytest.param(
            said(*"a" * 300),
            said(*"a" * 300, "b"),
            ["+ event 301, send websocket.send: {'type': 'websocket.send', 'text': 'b'}"],
            id="one more of many that are the same",
        ),
        pytest.param(
            script(http(), [("send", START, "OSError: gone")]),
            script(http(), [("send", START)]),
            ["- event 0, send http.response.start: '(raised)': 'OSError: gone'"],
            id="what `send` raised",
        ),
        pytest.param(
            script(http(), [("receive", {}, "CancelledError: "), REQUEST]),
            script(http(), [REQUEST]),
            [],
            id="an event that nobody waited for in the end",
        ),
        pytest.param(
            script(http(), [("send", b"start")]),
            script(http(), [("send", None)]),
            ["~ event 0, send None: None b'start' -> None"],
            id="what is no event",
        ),
        pytest.param(
            script(http(), [], "return"),
            script(http(), [], "raise", "shop.errors.NoItem: <Item at 0x7f01>"),
            ["~ end 'return' -> 'raise NoItem: <Item>'"],
            id="the end",
        ),
        pytest.param(
            script(http(), [], "raise", "uvicorn.protocols.utils.ClientDisconnected"),
            script(http(), [], "raise", "asgiscope.replay.ClientDisconnected"),
            [],
            id="where an exception comes from",
        ),
        pytest.param(
            script(http(), [], broken=["http.response.start.once", "http.scope.headers.lowercase"]),
            script(http(), [], broken=["http.response.start.once"] * 2),
            [
                "- violation by the server: 'http.scope.headers.lowercase'",
                "+ violation by the application: 'http.response.start.once'",
            ],
            id="violations",
        ),
    ],
)
def test_difference_is_told_in_a_line(one, other, lines):
    assert str(diff(one, other)).splitlines() == lines


def test_times_tasks_lines_and_numbers_are_no_difference():
    one, other = (
        Conversation(
            n,
            n,
            [Lane("app", {}, [Event(n, n, n, "send", START, None, None, str(n))], Outcome("return", n), [])],
        )
        for n in (1, 2)
    )
    assert diff(one, other) == []


def test_hops_and_stalls_are_not_compared():
    one, other = script(http(), [REQUEST]), script(http(), [REQUEST])
    line = Line("shop.py", 3, "view")
    hop = Hop(1, "thread", "view", True, "worker", 1, 2, 3, "return", None, line, line)
    other.taps = [replace(other.outermost, hops=[hop], stalls=[Stall(1, 2, line, (line,), 1)])]
    assert diff(one, other) == []


async def test_lanes_tell_what_middleware_changed():
    async def inner(scope, receive, send):
        await receive()
        await send(START)
        await send({"type": "http.response.body", "body": b"hello"})

    async def outer(scope, receive, send):
        async def louder(event):
            if event["type"] == "http.response.start":
                event = {**event, "headers": [*event["headers"], (b"x-loud", b"1")]}
            elif event["type"] == "http.response.body":
                event = {**event, "body": event["body"].upper()}
            await send(event)

        await Recorder(inner)({**scope, "user": "ann"}, receive, louder)

    held = []
    async with call(Recorder(outer, held.append, name="outer"), http()) as server:
        await server.says("http.request")
        await server.returns()
    name = inner.__qualname__
    assert str(lanes_diff(held[0])).splitlines() == [
        f"+ outer -> {name}, scope: 'user': 'ann'",
        f"+ {name} -> outer, event 1, send http.response.start: header b'x-loud': b'1'",
        f"~ {name} -> outer, event 2, send http.response.body: 'body' b'hello' -> b'HELLO'",
    ]


def test_lanes_of_one_recorder_have_no_difference():
    assert lanes_diff(script(http(), [REQUEST])) == []
