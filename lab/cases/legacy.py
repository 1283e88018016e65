"""asgi.rst, Legacy Applications: a server is given an application of two callables, which is called as
`app(scope)(receive, send)`."""

from ..case import Case, differs, keeps, unsupported
from ..checks import Body, Status
from ..checks.life import Serves, second_call_at_once, uncalled
from ..wire.http1 import Bytes
from ..wire.life import Life
from .lifespan import STARTS_AND_STOPS
from .scripts import READS

POST = b"POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 5\r\n\r\n"

# The body of its request comes a second behind the head: a server that waits for it between the two calls
# shows by that second that it does.
OF_TWO_CALLABLES = Life(
    asks=(Bytes((POST, 1.0, b"hello", "answer"), methods=("POST",)),), serves=READS, legacy=True
)

CASES = (
    Case(
        "general.server.supports-legacy/ordinary",
        "A server takes an application of two callables, and serves it like one of one.",
        client=OF_TWO_CALLABLES,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            keeps(Serves(), Status(200), Body(b"hello")),
            differs("It does not take one, which the specification allows in time.", Serves(False), uncalled),
        ),
    ),
    Case(
        "general.legacy.second-call-immediate/body-to-come",
        "The second callable is called behind the first, while the body of the request is still to come.",
        client=OF_TWO_CALLABLES,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            unsupported("It does not take an application of two callables.", Serves(False), uncalled),
            keeps(second_call_at_once),
        ),
    ),
)
