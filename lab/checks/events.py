"""What the application received, what became of what it sent, and how its call ended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from asgiscope.contract import Party

from ..evidence import Evidence
from .words import ABSENT, shown


@dataclass(frozen=True)
class RequestBody:
    """The body of the request came to the application as this, in pieces or not."""

    body: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.request_body()
        if found != self.body:
            return f"The application got the body {shown(found)}, not {shown(self.body)}."
        return None


@dataclass(frozen=True)
class RequestBodies:
    """The application was called for each of these values of `x-stream`, and got its body."""

    bodies: Mapping[bytes, bytes]

    def __call__(self, evidence: Evidence) -> str | None:
        calls = [replace(evidence, conversations=[one]) for one in evidence.conversations]
        found = {dict(one.scope["headers"]).get(b"x-stream"): one.request_body() for one in calls}
        if found != self.bodies:
            return f"The application got the bodies {shown(found)}, not {shown(self.bodies)}."
        return None


class Receives:
    """The events that the application received had these types; pieces of a body that follow are one."""

    def __init__(self, *types: str) -> None:
        self.types = types

    def __call__(self, evidence: Evidence) -> str | None:
        found: list[str | None] = []
        for event in evidence.received():
            if not (event.type == "http.request" and found[-1:] == ["http.request"]):
                found.append(event.type)
        if tuple(found) != self.types:
            what = ", ".join(map(str, found)) or "nothing"
            return f"The application received {what}, not {', '.join(self.types)}."
        return None


@dataclass(frozen=True)
class ReceivesFields:
    """The last event that the application received had these fields."""

    fields: Mapping[str, Any]

    def __call__(self, evidence: Evidence) -> str | None:
        events = evidence.received()
        if not events:
            return "The application received nothing."
        for key, wanted in self.fields.items():
            found = events[-1].fields.get(key, ABSENT)
            if found != wanted:
                there = "is not there" if found is ABSENT else f"is {shown(found)}"
                return f"In the last event, {events[-1].type}, {key!r} {there}, not {shown(wanted)}."
        return None


def faultless(evidence: Evidence) -> str | None:
    """The judges of the contract find no must that the server has broken, in anything the application saw."""
    for conversation in evidence.conversations:
        for violation in conversation.violations:
            if violation.party is Party.SERVER and violation.level == "must":
                return violation.message
    return None


class Messages:
    """These are the WebSocket messages that the application received: str and bytes, in order."""

    def __init__(self, *messages: str | bytes) -> None:
        self.messages = list(messages)

    def __call__(self, evidence: Evidence) -> str | None:
        found: list[str | bytes | None] = []
        for event in evidence.received():
            if event.type == "websocket.receive":
                text = event.fields.get("text")
                found.append(text if text is not None else event.fields.get("bytes"))
        if found != self.messages:
            return f"The application received {shown(found)}, not {shown(self.messages)}."
        return None


@dataclass(frozen=True)
class Disconnects:
    """The last event that the application received is the one that says that it is over."""

    def __call__(self, evidence: Evidence) -> str | None:
        events = evidence.received()
        if events and str(events[-1].type).endswith(".disconnect"):
            return None
        return f"The last that the application received is {events[-1].type if events else 'nothing'}."


def a_message(evidence: Evidence) -> str | None:
    """The application received a message of a WebSocket, whatever is in it."""
    types = [event.type for event in evidence.received()]
    return None if "websocket.receive" in types else "The application received no message."


@dataclass(frozen=True)
class Waits:
    """One of the `send`s has taken at least so many seconds, or still does."""

    seconds: float

    def __call__(self, evidence: Evidence) -> str | None:
        sent = evidence.sent()
        longest = max((event.held or 0 for event in sent), default=0) / 1e9
        if longest >= self.seconds or any(event.held is None for event in sent):
            return None
        return f"No send took longer than {longest:.2f} s, of {len(sent)}."


class CallEnds:
    """The (first) call of the application is over in one of these ways: return, raise, cancel, open."""

    def __init__(self, *how: str) -> None:
        self.how = how

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = evidence.lane.outcome.how
        return None if found in self.how else f"The application {WAYS[found]}."


WAYS = {"return": "has returned", "raise": "has raised", "cancel": "was cancelled", "open": "goes on"}


@dataclass(frozen=True)
class SendRaises:
    """One of the `send`s raised, the last one; it is an OSError if `an_os_error` says so.

    A server's own class is an OSError if it is among OS_ERRORS.
    """

    an_os_error: bool = False

    def __call__(self, evidence: Evidence) -> str | None:
        sent = evidence.sent()
        found = (sent[-1].error or "").partition(":")[0] if sent else ""
        if not found:
            return "No send has raised."
        if self.an_os_error and class_of(found) not in OS_ERRORS:
            return f"The send raised {found}, which is no OSError."
        return None


CANCELS = ("Cancelled", "CancelledError")  # of trio and of asyncio: a call is ended, and nothing is raised


def class_of(error: str | None) -> str:
    """The class of an exception, without its module, from its name and text."""
    return (error or "").partition(":")[0].rpartition(".")[2]


# `ClientDisconnected` is that of uvicorn (uvicorn/protocols/utils.py) and that of gunicorn
# (gunicorn/asgi/protocol.py), and `WebSocketDisconnected` is made from the latter
# (gunicorn/asgi/websocket.py): all of them are subclasses of OSError.
OS_ERRORS = {
    "OSError",
    "ConnectionError",
    "ConnectionResetError",
    "ConnectionAbortedError",
    "BrokenPipeError",
    "ClientDisconnected",
    "ClientLeft",
    "WebSocketDisconnected",
}


@dataclass(frozen=True)
class SendsInPeace:
    """No `send` of the (first) call raised."""

    def __call__(self, evidence: Evidence) -> str | None:
        errors = [event.error for event in evidence.sent() if event.error]
        return f"A send raised {errors[0]}." if errors else None


@dataclass(frozen=True)
class EndOfBody:
    """The application was told that the body of the request is whole."""

    def __call__(self, evidence: Evidence) -> str | None:
        for event in evidence.received():
            if event.type == "http.request" and not event.fields.get("more_body", False):
                return None
        return "The application was never told that the body is whole."
