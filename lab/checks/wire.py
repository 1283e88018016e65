"""What the client got in response to a request."""

from dataclasses import dataclass

from ..evidence import Evidence
from .words import shown


class Status:
    """The (first) response has one of these statuses; 0 stands for no response."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = statuses

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.answer.status
        if found not in self.statuses:
            wanted = " or ".join(str(one) if one else "none at all" for one in self.statuses)
            return f"The client got {f'the status {found}' if found else 'no response'}, not {wanted}."
        return None


@dataclass(frozen=True)
class Header:
    """The (first) response has a header with exactly these values, in this order."""

    name: str
    values: tuple[str, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        found = tuple(evidence.answer.header(self.name))
        if found != self.values:
            return f"The response header {self.name} is {shown(found)}, not {shown(self.values)}."
        return None


@dataclass(frozen=True)
class Body:
    """The (first) response has this body, and is whole."""

    body: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        answer = evidence.answer
        if answer.body != self.body:
            return f"The client got the body {shown(answer.body)}, not {shown(self.body)}."
        return None if answer.ended == "whole" else f"The response is {answer.ended}, not whole."


class Bodies:
    """The responses on the connection have these bodies, in order, and are whole."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = list(bodies)

    def __call__(self, evidence: Evidence) -> str | None:
        found = [answer.body for answer in evidence.answers]
        if found != self.bodies:
            return f"The client got the bodies {shown(found)}, not {shown(self.bodies)}."
        left = [answer.ended for answer in evidence.answers if answer.ended != "whole"]
        return f"One of the responses is {left[0]}, not whole." if left else None


@dataclass(frozen=True)
class Ended:
    """The (first) response was over in one of these ways."""

    how: tuple[str, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.answer.ended
        return None if found in self.how else f"The response is {found}, not {' or '.join(self.how)}."


@dataclass(frozen=True)
class Closed:
    """The server has closed the connection, or reset it, or left it open, as one of these says."""

    how: tuple[str, ...] = ("closed", "reset")

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.closed
        return None if found in self.how else f"The connection is {found}, not {' or '.join(self.how)}."


class HeaderOrder:
    """Of the headers of the (first) response, those with these names come as these pairs, in this order."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = list(pairs)

    def __call__(self, evidence: Evidence) -> str | None:
        names = {name for name, _ in self.pairs}
        found = [(name.lower(), value) for name, value in evidence.answer.headers if name.lower() in names]
        return (
            None if found == self.pairs else f"The headers came as {shown(found)}, not {shown(self.pairs)}."
        )


@dataclass(frozen=True)
class Trailers:
    """The (first) response ends with these trailers, and no others."""

    pairs: tuple[tuple[str, str], ...] = ()

    def __call__(self, evidence: Evidence) -> str | None:
        found = tuple((name.lower(), value) for name, value in evidence.answer.trailers)
        return None if found == self.pairs else f"The trailers are {shown(found)}, not {shown(self.pairs)}."


class Informational:
    """Before the (first) response came informational ones with these statuses."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    def __call__(self, evidence: Evidence) -> str | None:
        found = [status for status, _ in evidence.answer.informational]
        if found == self.statuses:
            return None
        return f"Before the response came {shown(found) if found else 'nothing'}, not {shown(self.statuses)}."


@dataclass(frozen=True)
class Links:
    """The 103s that came before the (first) response have these values of Link, in order."""

    values: tuple[str, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        hints = [headers for status, headers in evidence.answer.informational if status == 103]
        found = tuple(value for headers in hints for name, value in headers if name.lower() == "link")
        return None if found == self.values else f"The links are {shown(found)}, not {shown(self.values)}."


@dataclass(frozen=True)
class Pushed:
    """These paths were promised, as they end."""

    ends: tuple[str, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        found = [dict(fields).get(":path", "") for fields in evidence.answer.pushed]
        if len(found) == len(self.ends) and all(
            path.endswith(end) for path, end in zip(found, self.ends, strict=True)
        ):
            return None
        return f"The server promised {shown(found) if found else 'nothing'}, not {shown(self.ends)}."


def pushed_from_here(evidence: Evidence) -> str | None:
    """Every promised request has the authority of the server."""
    found = [dict(fields).get(":authority") for fields in evidence.answer.pushed]
    if found and set(found) == {evidence.authority}:
        return None
    return f"The authorities of what was promised are {shown(found)}, not {evidence.authority!r}."


@dataclass(frozen=True)
class Apart:
    """The client got the first of these bytes at least so many seconds before the second."""

    first: bytes
    second: bytes
    seconds: float

    def __call__(self, evidence: Evidence) -> str | None:
        times = []
        for data in (self.first, self.second):
            at = [said.at for said in evidence.said if said.by == "server" and data in said.data]
            if not at:
                return f"The client never got {data!r}."
            times.append(at[0])
        apart = times[1] - times[0]
        return None if apart >= self.seconds else f"{self.second!r} came {apart:.2f} s behind {self.first!r}."


@dataclass(frozen=True)
class SilentFor:
    """The server said nothing for the first so many seconds."""

    seconds: float

    def __call__(self, evidence: Evidence) -> str | None:
        at = [said.at for said in evidence.said if said.by == "server"]
        if at and at[0] >= self.seconds:
            return None
        return f"The server spoke after {at[0]:.2f} s." if at else "The server said nothing."


@dataclass(frozen=True)
class NeverSays:
    """The server never said these bytes."""

    data: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        everything = b"".join(said.data for said in evidence.said if said.by == "server")
        return f"The server said {self.data!r}." if self.data.lower() in everything.lower() else None


class Answers:
    """The responses on the connection have these statuses, in order; the first of all that a connection
    ends with are those that count."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    def __call__(self, evidence: Evidence) -> str | None:
        found = [answer.status for answer in evidence.answers]
        return None if found == self.statuses else f"The responses are {found}, not {self.statuses}."


@dataclass(frozen=True)
class Refused:
    """The server refuses what came over HTTP/2: it resets the stream, or sends GOAWAY, or closes."""

    def __call__(self, evidence: Evidence) -> str | None:
        answer = evidence.answer
        if evidence.goaway or answer.ended in ("reset", "cut") or evidence.closed != "open":
            return None
        return f"The server goes on: the response has the status {answer.status}, and is {answer.ended}."


@dataclass(frozen=True)
class HeaderAmong:
    """The (first) response has this header several times, and once with this value."""

    name: str
    value: str

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.answer.header(self.name)
        if len(found) > 1 and self.value in found:
            return None
        return f"The response header {self.name} is {shown(found)}."


@dataclass(frozen=True)
class OnceAtMost:
    """The (first) response has this header once, or not at all."""

    name: str

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.answer.header(self.name)
        return f"The response header {self.name} is {shown(found)}." if len(found) > 1 else None


@dataclass(frozen=True)
class SaysTimes:
    """The server said these bytes so often."""

    data: bytes
    times: int

    def __call__(self, evidence: Evidence) -> str | None:
        everything = b"".join(said.data for said in evidence.said if said.by == "server")
        found = everything.count(self.data)
        return None if found == self.times else f"The server said {self.data!r} {found} times."


@dataclass(frozen=True)
class SilentFrom:
    """The server said nothing more from so many seconds on."""

    seconds: float

    def __call__(self, evidence: Evidence) -> str | None:
        at = [said.at for said in evidence.said if said.by == "server"]
        return f"The server spoke after {at[-1]:.2f} s." if at and at[-1] >= self.seconds else None
