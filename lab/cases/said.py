"""What the clients of many cases say over HTTP/1.1: `{target}` and `{host}` are filled in when it is said."""

from ..wire import http2
from ..wire.http1 import Bytes

HOST = b"host: {host}\r\n"
GET = b"GET {target} HTTP/1.1\r\n" + HOST + b"\r\n"
# A head as far as this: what follows is up to the case.
POST = b"POST {target} HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"

# The same once more on one connection, which says whether the first response has ended where it had to.
AGAIN = Bytes((GET, "answer", GET, "answer"), methods=("GET", "GET"))

# Over HTTP/2, two requests at the same time, whose bodies come piece by piece in turns.
TWO_STREAMS = http2.Streams(
    (
        http2.request(("x-stream", "a"), method="POST", end=False),
        http2.request(("x-stream", "B"), method="POST", end=False, stream=1),
        http2.data(b"a", stream=0),
        http2.data(b"B", stream=1),
        http2.data(b"a", stream=0, end=True),
        http2.data(b"B", stream=1, end=True),
        http2.answer(0),
        http2.answer(1),
    )
)


def chunked(*pieces: bytes | float) -> Bytes:
    """A request whose chunks are said like this."""
    return Bytes((CHUNKED, *pieces), methods=("POST",))
