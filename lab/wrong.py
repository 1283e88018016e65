"""Wrong applications: the counter-example of every clause that binds an application, to be played behind a
server.

Each stands in the contract as a short conversation. What comes before the wrong event is played as it stands
there; what comes after it is what an application would do that knows of no mistake, so that what is seen is
due to that one. `lab.wronged` plays them.
"""

import atexit
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asgiscope.contract import CLAUSES, Clause, Party
from asgiscope.contract.clause import Seen
from asgiscope.contract.extensions import extension_of, offered
from asgiscope.contract.notation import FILES, Told, read

from .script import Step, steps
from .wire import Action
from .wire.ask import Ask
from .wire.frames import HEAR_ALL, close
from .wire.http1 import Bytes
from .wire.life import Life
from .wire.websocket import Socket

FILM = Path(__file__)  # a file that is there, in place of the film of the counter-examples
FILM_OPEN = FILM.open("rb")
atexit.register(FILM_OPEN.close)

ANSWERS = steps("""
try send http.response.start status=200
    content-length: 2
try send http.response.body body=b'ok'
""")
LATER = 0.1  # seconds until what comes next, so that what comes of it is no matter of who is faster
STARTS = ("http.response.start", "websocket.http.response.start")

UNPLAYED: Mapping[str, str] = {
    "general.app.rejects-unknown-protocol": "No server makes a scope of a protocol that nobody knows.",
    "http.scope.root_path.prefix-of-path": "What is wrong there is the scope, and that is the server's.",
    "websocket.scope.asgi.spec-version.default": "It takes a server of version 2.0 of the specification.",
    "websocket.accept.headers.version-gate": "It takes a server of version 2.0 of the specification.",
    "websocket.close.reason.version-gate": "It takes a server of version 2.2 of the specification.",
    "lifespan.scope.asgi.spec-version.default": "It takes a server of version 1.0 of the specification.",
}
"""Counter-examples that cannot be played over the wire, and why."""

WHY_NO_EXAMPLE = {
    Seen.CALL: "It is broken in what the application is or leaves behind, and not in an event.",
    Seen.VARIATION: "It takes two conversations to see that it is broken.",
    Seen.WIRE: "It binds what happens on the wire.",
}


@dataclass(frozen=True)
class Wrong:
    """A wrong application: the clause that it breaks, what it does, and the client that lets it.

    It is about a server that offers the extensions in `needs`, and none of those in `without`.
    """

    clause: Clause
    client: Any
    app: Sequence[Step]
    over: tuple[int, ...]
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """What the probe knows it by."""
        return f"wrong/{self.clause.id}"


def wrong_of(clause: Clause) -> Wrong:
    """The counter-example of a clause as an application."""
    text = clause.broken.replace("/srv/film.mp4", str(FILM)).replace("1024", str(FILM.stat().st_size))
    told = read(text)
    kind = told.scope["type"]
    needs = frozenset(offered(told.scope)) - {"tls"}
    sent = [event for direction, event in told.moves if direction == "send"]
    extensions = {
        extension_of(event["type"]) for event in sent if isinstance(event, dict) and "type" in event
    }
    if any(isinstance(event, dict) and event.get("trailers") for event in sent):
        extensions.add("http.response.trailers")
    client: Action | Life = Life() if kind == "lifespan" else client_of(told)
    over = (1,) if kind != "http" or isinstance(client, Bytes) else (1, 2)
    app = (*steps_of(told), *rest_of(told))
    return Wrong(clause, client, app, over, needs, frozenset(filter(None, extensions)) - needs)


def client_of(told: Told) -> Action:
    """The client that the conversation is held with."""
    received = [event["type"] for direction, event in told.moves if direction == "receive"]
    scope = told.scope
    if scope["type"] == "websocket":
        offers = ", ".join(scope["subprotocols"])
        asked = (("sec-websocket-protocol", offers),) if offers else ()
        leaves = (close(1001),) if "websocket.disconnect" in received else (HEAR_ALL, close(1000))
        return Socket(leaves, headers=asked)
    if "http.disconnect" in received:
        return Bytes((b"GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n", 0.3, "hang up"))
    headers = tuple((name.decode(), value.decode()) for name, value in scope["headers"] if name != b"host")
    body = (b"ab", b"cd") if scope["method"] == "POST" else None
    return Ask(scope["method"], headers, body, pause=LATER)


def steps_of(told: Told) -> Iterator[Step]:
    """What the application does up to the mistake."""
    for direction, event in told.moves:
        if direction == "receive":
            # A piece of a body is one event; of all else there may be some before it.
            more = event.get("more_body") or event["type"] == "http.request"
            yield Step("receive", None if more else event["type"])
        else:
            yield Step("send", with_files(event))
            if isinstance(event, dict) and event.get("type") == "websocket.close":
                yield Step("sleep", LATER)


def with_files(event: Any) -> Any:
    """The event with a file where the notation has something that stands for one."""
    if not isinstance(event, dict):
        return event
    found = {key: FILM_OPEN if value is FILES["FILE"] else value for key, value in event.items()}
    # No headers and an empty list of them are the same; one server takes only the second, and then shows
    # nothing of what it does with the mistake.
    return {**found, "headers": found.get("headers", [])} if found.get("type") in STARTS else found


def rest_of(told: Told) -> tuple[Step, ...]:
    """What the application does after the mistake, which it does not know of."""
    if told.end or any(event["type"] == "http.disconnect" for way, event in told.moves if way == "receive"):
        return ()
    sent = [event for way, event in told.moves if way == "send" and isinstance(event, dict)]
    types = [event.get("type") for event in sent]
    match told.scope["type"]:
        case "lifespan":
            return lifespan_rest(types)
        case "websocket":
            return websocket_rest(types)
    start = next((event for event in sent if event.get("type") == "http.response.start"), None)
    if start is None:
        return ANSWERS
    bodies = [
        event for event in sent if event.get("type") in ("http.response.body", "http.response.pathsend")
    ]
    if bodies and not bodies[-1].get("more_body"):
        return ()
    headers = start.get("headers", ())
    values = [value for name, value in headers if name == b"content-length"] if type(headers) is list else []
    size = int(values[0].split()[0]) if values else 2
    return (Step("send", {"type": "http.response.body", "body": b"x" * size}, tries=True),)


def websocket_rest(types: list[Any]) -> tuple[Step, ...]:
    """The rest of a WebSocket: until the client closes it, or else a refusal."""
    if "websocket.close" in types:
        return ()
    if "websocket.accept" in types:
        return steps("try receive websocket.disconnect")
    if types[-1:] == ["websocket.http.response.start"]:
        return steps("try send websocket.http.response.body body=b''\ntry send websocket.close")
    return steps("try send websocket.close")


def lifespan_rest(types: list[Any]) -> tuple[Step, ...]:
    """The rest of a lifespan."""
    if any(kind in types for kind in ("lifespan.startup.failed", "lifespan.shutdown.failed")):
        return ()
    begins = () if "lifespan.startup.complete" in types else steps("try send lifespan.startup.complete")
    return (*begins, *steps("try receive lifespan.shutdown\ntry send lifespan.shutdown.complete"))


def binds_application(clause: Clause) -> bool:
    """Whether an application can break it."""
    return clause.party in (Party.APPLICATION, Party.BOTH)


WRONG: Mapping[str, Wrong] = {
    wrong.id: wrong
    for clause in CLAUSES.values()
    if binds_application(clause) and clause.broken and clause.id not in UNPLAYED
    for wrong in [wrong_of(clause)]
}
"""Every wrong application, by its id."""


def why_not(clause: Clause) -> str | None:
    """Why a clause that binds applications has no wrong application here; None if it has one."""
    if f"wrong/{clause.id}" in WRONG:
        return None
    return UNPLAYED.get(clause.id) or clause.unseen or WHY_NO_EXAMPLE[clause.seen]
