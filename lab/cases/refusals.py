"""What a server may do with a request that is wrong.

The clause of such a case is one that the application relies on. Where HTTP says that a server is to refuse
something and the server takes it, that is a difference worth knowing; it breaks the clause only where the
application is told something that was not so.
"""

from ..case import Outcome, Verdict, differs, keeps
from ..checks import Called, Closed, Disconnects, NotCalled, Status

REFUSES = (
    keeps(NotCalled(), Status(400, 404, 405, 408, 413, 414, 421, 422, 426, 431, 500, 501, 505)),
    keeps(NotCalled(), Status(0), Closed()),
)
# Where the application has been called already, it is told that its client has left, or of nothing.
REFUSES_THE_BODY = (
    *REFUSES,
    keeps(Status(400, 413)),
    keeps(Status(0), Closed()),
    keeps(Disconnects()),
)


def takes(what: str) -> Outcome:
    """It is let through, and the client gets an ordinary response."""
    return differs(what, Called(), Status(200))


def or_refused(*outcomes: Outcome, refused: tuple[Outcome, ...] = REFUSES) -> tuple[Outcome, ...]:
    """These, or that it refuses. Where it may also be taken, what is wrong is said of how it is taken."""
    kept = tuple(outcome for outcome in outcomes if outcome.verdict is Verdict.KEEPS)
    return (*kept, *refused, *(outcome for outcome in outcomes if outcome not in kept))
