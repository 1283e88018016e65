"""The client of a WebSocket over HTTP/2: what becomes of the stream is what becomes of the connection."""

import pytest

from lab.evidence import Answer, Evidence
from lab.wire.websocket import Stream


@pytest.mark.parametrize(
    ("ended", "closed"), [("whole", "closed"), ("reset", "reset"), ("open", "open"), ("cut", "open")]
)
async def test_end_of_the_stream_is_that_of_the_websocket(ended, closed):
    evidence = Evidence("", answers=[Answer(200, body=b"frames", ended=ended)])
    stream = Stream(None, evidence)
    assert await stream.hears() == b"frames"
    assert (evidence.closed, evidence.answer.body) == ("open", b"")
    stream.notes_end()
    assert evidence.closed == closed
