"""A WebSocket that is planned on the page, as its handshake and its frames."""

import pytest

from asgiscope.page.frames import BINARY, CLOSE, CONTINUATION, TEXT, Frame
from asgiscope.page.plan import BODY, CHUNKS, PAUSE
from asgiscope.page.websocket_plan import FRAGMENTS, WebSocketPlan


def planned(**data):
    return WebSocketPlan.parse(data, "localhost:8000")


def frames(**data):
    plan = planned(**data)
    return [frame for message in plan.messages for frame in plan.frames(message)]


def test_handshake_is_that_of_the_specification():
    assert planned(target="/room").head("the key").decode().split("\r\n") == [
        "GET /room HTTP/1.1",
        "Host: localhost:8000",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: the key",
        "Sec-WebSocket-Version: 13",
        "",
        "",
    ]


def test_subprotocols_are_offered_in_their_order():
    assert b"\r\nSec-WebSocket-Protocol: chat, echo\r\n" in planned(subprotocols=["chat", "echo"]).head("")


def test_header_that_somebody_has_written_stays_so():
    own = [["Cookie", "a=b"], ["sec-websocket-version", "8"], ["SEC-WEBSOCKET-KEY", "own"], ["host", "x"]]
    plan = planned(headers=own)
    lines = plan.head("other").lower().split(b"\r\n")[1:-2]
    assert lines == [
        b"cookie: a=b", b"sec-websocket-version: 8", b"sec-websocket-key: own", b"host: x",
        b"upgrade: websocket", b"connection: upgrade",
    ]  # fmt: skip
    assert plan.key("other") == "own"
    assert planned().key("other") == "other"


def test_message_is_text_or_bytes():
    assert frames(chunks=[{"text": "é"}, {"base64": "AP8="}]) == [
        Frame(TEXT, b"\xc3\xa9"),
        Frame(BINARY, b"\x00\xff"),
    ]


@pytest.mark.parametrize(
    ("text", "fragments", "payloads"),
    [("abcdef", 3, [b"ab", b"cd", b"ef"]), ("abcde", 2, [b"abc", b"de"]), ("a", 5, [b"a"]), ("", 2, [b""])],
)
def test_message_comes_in_fragments(text, fragments, payloads):
    found = frames(chunks=[{"text": text}], fragments=fragments)
    assert [frame.payload for frame in found] == payloads
    assert [frame.opcode for frame in found] == [TEXT, *[CONTINUATION] * (len(payloads) - 1)]
    assert [frame.is_last for frame in found] == [*[False] * (len(payloads) - 1), True]


@pytest.mark.parametrize(
    ("data", "payload"),
    [({}, b""), ({"code": 1005}, b"\x03\xed"), ({"code": 4000, "reason": "é"}, b"\x0f\xa0\xc3\xa9")],
    ids=["no code", "a code that nobody may send", "a reason"],
)
def test_close_frame_has_any_code(data, payload):
    assert planned(**data).close() == Frame(CLOSE, payload)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param({"target": "http://evil.example/"}, "begins with a slash", id="another server"),
        pytest.param({"target": "/ HTTP/1.1\r\nx: y"}, "A target is", id="a header in the target"),
        pytest.param({"headers": [["x", "a\r\ny: b"]]}, "A header is a name", id="a second header"),
        pytest.param({"subprotocols": "chat"}, "subprotocols is a list", id="subprotocols that are no list"),
        pytest.param({"subprotocols": ["a\r\nb: c"]}, "A subprotocol is one word", id="a header in one"),
        pytest.param({"subprotocols": [1]}, "A subprotocol is one word", id="a number"),
        pytest.param({"chunks": [{"text": "x"}] * (CHUNKS + 1)}, "at most", id="too many messages"),
        pytest.param({"chunks": [{"text": "x" * (BODY + 1)}]}, "The messages have at most", id="too long"),
        pytest.param({"chunks": [{"text": "x", "pause": PAUSE + 1}]}, "A pause is", id="too long a pause"),
        pytest.param({"chunks": [{}]}, "has a text", id="a message of nothing"),
        pytest.param({"fragments": FRAGMENTS + 1}, "at most", id="too many fragments"),
        pytest.param({"fragments": "2"}, "fragments is a number", id="fragments that are no number"),
        pytest.param({"leaves": "slowly"}, "A client leaves by", id="another way to leave"),
        pytest.param({"code": 65536}, "A code is", id="a code that is too long"),
        pytest.param({"code": -1}, "A code is", id="a code below any"),
        pytest.param({"code": "1000"}, "A code is", id="a code that is text"),
        pytest.param({"code": True}, "A code is", id="a code that is no number"),
        pytest.param({"code": 1000, "reason": "é" * 62}, "A reason has at most", id="too long a reason"),
        pytest.param({"reason": "why"}, "comes with a code", id="a reason without a code"),
        pytest.param({"leave_messages": 0}, "leave_messages is a number", id="before any message"),
        pytest.param({"leave_seconds": "1"}, "leave_seconds is a number", id="a time that is no number"),
    ],
)
def test_what_cannot_be_held_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        planned(**data)
