"""www.rst, WebSocket: messages in both directions, and frames that are wrong (RFC 6455, 5)."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Accepted,
    CloseCodeIn,
    Closed,
    Disconnects,
    Hears,
    Messages,
    NoClose,
    Ponged,
    Receives,
    a_message,
)
from ..wire.frames import HEAR, HEAR_ALL, close, frame, hear, pause, raw, say
from ..wire.websocket import Socket
from .scripts import ACCEPTS, accepts

ANSWERS = accepts("""
receive
send websocket.send bytes=b'ok'
""")
LONG = "é" * 100_000
BLOB = bytes(range(256)) * 1024


def sends(event: str, suffix: str, says: str, clause: str, *messages: str | bytes) -> Case:
    """A message from the application."""
    return Case(
        f"{clause}/{suffix}",
        says,
        over=(1, 2),
        client=Socket((HEAR, close(1000))),
        app=accepts(event),
        outcomes=(keeps(Hears(*messages)),),
    )


def wrong(suffix: str, says: str, data: bytes, *codes: int, over: tuple[int, ...] = (1,)) -> Case:
    """Frames that no client may send: the server fails the connection, with one of these codes."""
    return Case(
        f"websocket.receive.order/{suffix}",
        says,
        over=over,
        client=Socket((raw(data), HEAR, HEAR_ALL)),
        app=ACCEPTS,
        outcomes=(
            keeps(Accepted(), Messages(), Disconnects(), CloseCodeIn(*codes)),
            keeps(Accepted(), Messages(), Disconnects(), NoClose(), Closed()),
            breaks("It is a message to the application.", a_message),
            differs("It fails the connection with another code.", Accepted(), Disconnects(), Closed()),
            differs("It fails the connection, and the application is told late.", Accepted(), Closed()),
            differs("The application is told, and the client waits.", Accepted(), Disconnects()),
            differs("It lets it pass, as far as the client can see.", Accepted()),
        ),
    )  # fmt: skip


RIGHT = (
    Case(
        "websocket.receive.mode/text",
        "A text message arrives as `text`, and an answer goes back.",
        over=(1, 2),
        client=Socket((say("héllo"), HEAR, close(1000))),
        app=accepts("""
        receive
        send websocket.send text='wörld'
        """),
        outcomes=(keeps(Messages("héllo"), Hears("wörld")),),
    ),
    Case(
        "websocket.receive.mode/bytes",
        "A binary message arrives as `bytes`.",
        over=(1, 2),
        client=Socket((say(b"\x00\xff\xfe"), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages(b"\x00\xff\xfe"), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.mode/empty-text",
        "An empty text message is a message.",
        over=(1, 2),
        client=Socket((say(""), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages(""), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.mode/empty-bytes",
        "An empty binary message is a message.",
        over=(1, 2),
        client=Socket((say(b""), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages(b""), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.exactly-one/both-kinds",
        "Of `text` and `bytes`, one is there, in messages of both kinds.",
        over=(1, 2),
        client=Socket((say("a"), say(b"b"), HEAR, close(1000))),
        app=accepts("receive\nreceive\nsend websocket.send bytes=b'ok'"),
        outcomes=(keeps(Messages("a", b"b"), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.order/hundred",
        "A hundred messages arrive in their order, and none is lost.",
        over=(1, 2),
        client=Socket((raw(b"".join(frame(1, b"%d" % n) for n in range(100))), HEAR, close(1000))),
        app=accepts("times 100 receive\nsend websocket.send bytes=b'ok'"),
        outcomes=(keeps(Messages(*map(str, range(100))), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.order/long-text",
        "A text of 200 000 bytes arrives whole.",
        over=(1, 2),
        client=Socket((say(LONG), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages(LONG), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.order/quarter-of-a-mebibyte",
        "A binary message of 256 KiB arrives whole.",
        over=(1, 2),
        client=Socket((say(BLOB), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages(BLOB), Hears(b"ok")),),
    ),
    Case(
        "websocket.receive.order/behind-the-close",
        "A message behind the client's close frame is none.",
        client=Socket((raw(frame(8, b"\x03\xe8") + frame(1, b"late")), HEAR_ALL)),
        app=ACCEPTS,
        outcomes=(keeps(Messages(), Disconnects()),),
    ),
    Case(
        "websocket.server.defragments/three-frames",
        "A message in three frames is one event.",
        over=(1, 2),
        client=Socket(
            (raw(frame(1, b"a", fin=False) + frame(0, b"b", fin=False) + frame(0, b"c")), HEAR, close(1000))
        ),
        app=ANSWERS,
        outcomes=(keeps(Messages("abc"), Hears(b"ok")),),
    ),
    Case(
        "websocket.server.defragments/inside-a-character",
        "A frame may end in the middle of a character.",
        over=(1, 2),
        client=Socket((raw(frame(1, b"\xc3", fin=False) + frame(0, b"\xa9")), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages("é"), Hears(b"ok")),),
    ),
    Case(
        "websocket.server.defragments/empty-frames",
        "Frames of a message may be empty.",
        over=(1, 2),
        client=Socket(
            (raw(frame(2, b"", fin=False) + frame(0, b"x", fin=False) + frame(0, b"")), HEAR, close(1000))
        ),
        app=ANSWERS,
        outcomes=(keeps(Messages(b"x"), Hears(b"ok")),),
    ),
    Case(
        "websocket.server.defragments/ping-in-between",
        "A ping between the frames of a message is answered, and does not disturb it.",
        over=(1, 2),
        client=Socket(
            (raw(frame(1, b"a", fin=False) + frame(9, b"hi") + frame(0, b"b")), HEAR, close(1000))
        ),
        app=ANSWERS,
        outcomes=(keeps(Messages("ab"), Hears(b"ok"), Ponged(b"hi")),),
    ),
    Case(
        "websocket.server.defragments/byte-by-byte",
        "A frame that comes byte by byte is a frame.",
        over=(1, 2),
        client=Socket(
            (
                *(step for byte in frame(1, b"slow") for step in (raw(bytes([byte])), pause(0.01))),
                HEAR,
                close(1000),
            )
        ),
        app=ANSWERS,
        outcomes=(keeps(Messages("slow"), Hears(b"ok")),),
    ),
    Case(
        "websocket.server.ping-pong/payload",
        "A ping is answered with what is in it, and is no event.",
        over=(1, 2),
        client=Socket((raw(frame(9, b"are you there?")), HEAR_ALL, close(1000))),
        app=ACCEPTS,
        outcomes=(keeps(Ponged(b"are you there?"), Receives("websocket.connect", "websocket.disconnect")),),
    ),
    Case(
        "websocket.server.ping-pong/empty",
        "A ping with nothing in it is answered with nothing.",
        over=(1, 2),
        client=Socket((raw(frame(9, b"")), HEAR_ALL, close(1000))),
        app=ACCEPTS,
        outcomes=(keeps(Ponged(b""), Receives("websocket.connect", "websocket.disconnect")),),
    ),
    Case(
        "websocket.server.ping-pong/pong-unasked",
        "A pong that nobody has asked for is no event.",
        over=(1, 2),
        client=Socket((raw(frame(10, b"x")), say("a"), HEAR, close(1000))),
        app=ANSWERS,
        outcomes=(keeps(Messages("a"), Hears(b"ok")),),
    ),
    sends("send websocket.send text='wörld'", "text", "`text` goes out as a text message.",
          "websocket.send.mode", "wörld"),
    sends("send websocket.send bytes=b'\\x00\\xff'", "bytes", "`bytes` goes out as a binary message.",
          "websocket.send.mode", b"\x00\xff"),
    sends("send websocket.send text=''", "text", "An empty text goes out.",
          "websocket.send.empty-message", ""),
    sends("send websocket.send bytes=b''", "bytes", "An empty binary message goes out.",
          "websocket.send.empty-message", b""),
    sends("send websocket.send text='a' bytes=None", "bytes-none", "`bytes` that are None are not there.",
          "websocket.send.missing-is-none", "a"),
    sends("send websocket.send text=None bytes=b'a'", "text-none", "A `text` that is None is not there.",
          "websocket.send.missing-is-none", b"a"),
    Case(
        "websocket.send.mode/hundred",
        "A hundred messages go out in their order.",
        over=(1, 2),
        client=Socket((hear(100), close(1000))),
        app=accepts("\n".join(f"send websocket.send text='{n}'" for n in range(100))),
        outcomes=(keeps(Hears(*map(str, range(100)))),),
    ),
    Case(
        "websocket.send.mode/quarter-of-a-mebibyte",
        "A message of 256 KiB goes out whole.",
        over=(1, 2),
        client=Socket((HEAR, close(1000))),
        app=accepts("send websocket.send text='%s'" % ("x" * 262144)),
        outcomes=(keeps(Hears("x" * 262144)),),
    ),
)  # fmt: skip

WRONG = (
    wrong("unmasked", "A frame of a client that is not masked fails the connection (RFC 6455, 5.1).",
          frame(1, b"x", masked=False), 1002, over=(1, 2)),
    wrong("reserved-bit", "A reserved bit without an extension fails the connection (RFC 6455, 5.2).",
          frame(1, b"x", rsv=2), 1002),
    wrong("unknown-opcode", "An opcode that there is not fails the connection.", frame(3, b"x"), 1002),
    wrong("unknown-control", "A control opcode that there is not fails the connection.",
          frame(11, b"x"), 1002),
    wrong("ping-too-long", "A control frame of 126 bytes fails the connection (RFC 6455, 5.5).",
          frame(9, b"x" * 126), 1002),
    wrong("ping-in-pieces", "A control frame in pieces fails the connection.",
          frame(9, b"x", fin=False), 1002),
    wrong("continuation-of-nothing", "A continuation of nothing fails the connection (RFC 6455, 5.4).",
          frame(0, b"x"), 1002),
    wrong("message-in-a-message", "A message that begins within another one fails the connection.",
          frame(1, b"x", fin=False) + frame(1, b"y"), 1002),
    wrong("bad-utf-8", "A text that is not UTF-8 fails the connection (RFC 6455, 8.1).",
          frame(1, b"\xff\xfe"), 1007, over=(1, 2)),
    wrong("utf-8-surrogate", "A text with a surrogate in it is not UTF-8.", frame(1, b"\xed\xa0\x80"), 1007),
    wrong("utf-8-cut", "A text that ends within a character is not UTF-8.", frame(1, b"a\xc3"), 1007),
    wrong("close-of-one-byte", "A close frame with one byte fails the connection (RFC 6455, 5.5.1).",
          frame(8, b"\x03"), 1002),
    wrong("close-1005", "A close frame with the code 1005 fails the connection (RFC 6455, 7.4.1).",
          frame(8, b"\x03\xed"), 1002),
    wrong("close-999", "A close frame with the code 999 fails the connection.", frame(8, b"\x03\xe7"), 1002),
    wrong("close-bad-utf-8", "A close frame whose reason is not UTF-8 fails the connection.",
          frame(8, b"\x03\xe8\xff"), 1007),
    wrong("length-of-2-to-the-63", "A length whose first bit is set fails the connection (RFC 6455, 5.2).",
          b"\x82\xff" + b"\xff" * 8 + b"\x01\x02\x03\x04", 1002, 1009),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
