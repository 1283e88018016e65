"""The frames of a WebSocket, as they are written and read (RFC 6455, 5)."""

import asyncio

import pytest

from asgiscope.page.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    Frame,
    FrameError,
    masked,
    read_frame,
)


async def read(data, most=1 << 20):
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_frame(reader, most)


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, 2), (125, 2), (126, 4), (0xFFFF, 4), (0x10000, 10)],
    ids=lambda value: str(value),
)
def test_length_takes_as_many_bytes_as_it_needs_and_the_payload_is_masked(size, head):
    payload = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    wire = Frame(BINARY, payload).written()
    assert len(wire) == head + 4 + size
    assert wire[0] == 0x82
    assert wire[1] & 0x80
    assert masked(wire[head + 4 :], wire[head : head + 4]) == payload


def test_each_frame_has_a_key_of_its_own():
    assert len({Frame(TEXT, b"the same").written() for _ in range(10)}) == 10


def test_first_of_several_frames_is_not_the_last():
    assert Frame(TEXT, b"", is_last=False).written()[0] == 0x01


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        pytest.param(b"\x81\x02hi", Frame(TEXT, b"hi"), id="a text"),
        pytest.param(b"\x00\x01a", Frame(CONTINUATION, b"a", is_last=False), id="a part of one"),
        pytest.param(b"\x82\x7e\x00\x80" + b"x" * 128, Frame(BINARY, b"x" * 128), id="a longer one"),
        pytest.param(b"\x82\x7f" + bytes(7) + b"\x01x", Frame(BINARY, b"x"), id="eight bytes of length"),
        pytest.param(b"\x88\x02\x03\xe8", Frame(CLOSE, b"\x03\xe8"), id="a close"),
        pytest.param(b"\x89\x00", Frame(PING, b""), id="a ping"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"\x81", None, id="half a head"),
        pytest.param(b"\x81\x05hell", None, id="half a payload"),
    ],
)
async def test_frame_of_the_server_is_read(wire, frame):
    assert await read(wire) == frame


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(b"\xc1\x00", "reserved bit", id="a compressed one"),
        pytest.param(b"\x83\x00", "opcode 3", id="another opcode"),
        pytest.param(b"\x81\x80abcd", "is masked", id="a client's"),
        pytest.param(b"\x82\x7f" + b"\x7f" * 8, "more than it takes", id="one that is too long"),
    ],
)
async def test_what_no_server_may_send_is_refused_with_the_reason(wire, reason):
    with pytest.raises(FrameError, match=reason):
        await read(wire)
