"""Applications that many cases have."""

from ..script import Step, steps

# It answers without a look at the request, so that a server which keeps back the body can be asked of all
# else.
HELLO = steps("""
send http.response.start status=200
    content-type: text/plain
    content-length: 5
send http.response.body body=b'hello'
""")

# It reads the whole request first, as most applications do.
READS = steps("""
receive all
send http.response.start status=200
    content-type: text/plain
    content-length: 5
send http.response.body body=b'hello'
""")

SLOW = steps("""
receive all
send http.response.start status=200
    content-type: text/plain
send http.response.body body=b'one' more_body=True
sleep 0.3
send http.response.body body=b'two'
""")

# It takes a WebSocket, and waits until it is over.
ACCEPTS = steps("""
receive
send websocket.accept
receive websocket.disconnect
""")


def accepts(events: str) -> tuple[Step, ...]:
    """Take a WebSocket, do what the lines say, and wait until it is over."""
    return (
        *steps("receive\nsend websocket.accept"),
        *steps(events),
        *steps("receive websocket.disconnect"),
    )
