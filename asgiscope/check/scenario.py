"""What is put to an application: scenarios, as data.

A scenario is a scope and a script: what the server says, and after what. All of it is what real clients cause
and what a server may lawfully do, so that whatever is broken, the application has broken it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

Event = dict[str, Any]
Scope = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Something that the server says: an event, once the application has sent so many others.

    `after` is the beginning of a type: the step is taken when an event of such a type has been sent. None is
    at once.
    """

    event: Event
    after: str | None = None


@dataclass(frozen=True)
class Scenario:
    """A conversation to be held with the application.

    `name` is what `--only` takes, `title` says what happens. When the script is through and the application
    waits for more than `patience` seconds, the client leaves. It leaves as well when it has been sent
    `chunks` pieces. From then on `send` raises what the specification asks for from 2.4 on, if `closed` is
    "raises". `slow` makes every `receive` and `send` take a while, `fails` is the number of the `send` at
    which the client is found to have left, and `cancelled` ends the call as a server does that stops.
    """

    name: str
    title: str
    scope: Scope
    script: tuple[Step, ...] = ()
    closed: Literal["raises", "silent"] = "raises"
    slow: bool = False
    fails: int | None = None
    cancelled: bool = False
    chunks: int = 30
    patience: float = 1.0

    def changed(self, **scope: Any) -> "Scenario":
        """The same with some keys of the scope set, or taken away where they are `...`."""
        merged = {**self.scope, **scope}
        return replace(self, scope={key: value for key, value in merged.items() if value is not ...})


@dataclass(frozen=True)
class Request:
    """What is asked for: one of one's own comes from `--request`, `--header` and `--body`."""

    method: str = "GET"
    target: str = "/"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    @classmethod
    def parse(cls, line: str, headers: Sequence[str] = (), body: str = "") -> "Request":
        """From 'POST /items', headers as 'name: value', and a body. Raises ValueError for anything else."""
        method, _, target = line.strip().partition(" ")
        if not target.startswith("/") or not method.isalpha():
            raise ValueError(f"{line!r} is no request: write a method and a path, as in 'POST /items'")
        pairs = []
        for header in headers:
            name, colon, value = header.partition(":")
            if not colon or not name.strip():
                raise ValueError(f"{header!r} is no header: write 'name: value'")
            pairs.append((name.strip().lower().encode("latin-1"), value.strip().encode("latin-1")))
        return cls(method.upper(), target, tuple(pairs), body.encode())


# What servers offer. An extension is a promise of the server, and each of these keeps its promises.
EXTENSIONS = {
    "http": (
        "http.response.debug", "http.response.early_hint", "http.response.pathsend", "http.response.push",
        "http.response.trailers", "http.response.zerocopysend",
    ),
    "websocket": ("websocket.http.response",),
}  # fmt: skip

PROFILES: Mapping[str, tuple[str, Scope]] = {
    "": ("", {}),
    "@plain": ("a server without extensions", {"extensions": {}}),
    "@2.0": (
        "a server that announces version 2.0",
        {"asgi": {"version": "3.0", "spec_version": "2.0"}, "extensions": None},
    ),
    "@old": (
        "a server of 2019: no spec_version, no extensions, no state, and no key that may be left out",
        {
            "asgi": {"version": "3.0"}, "extensions": ..., "state": ..., "raw_path": ..., "root_path": ...,
            "scheme": ..., "client": ..., "server": ...,
        },
    ),
}  # fmt: skip


def connection(kind: Literal["http", "websocket"], request: Request, tls: bool = False) -> Scope:
    """The scope of a request or a WebSocket, from a server that gives all that there is to give."""
    path, _, query = request.target.partition("?")
    given = {name for name, _ in request.headers}
    defaults = [
        (b"host", b"localhost:8000"),
        (b"user-agent", b"asgiscope"),
        (b"accept", b"*/*"),
        (b"cookie", b"first=1; second=2"),
    ]
    if kind == "websocket":
        defaults += [(b"origin", b"http://localhost:8000"), (b"sec-websocket-version", b"13")]
    elif request.body:
        defaults += [(b"content-type", b"text/plain; charset=utf-8")]
        defaults += [(b"content-length", str(len(request.body)).encode())]
    scope: Scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [*(pair for pair in defaults if pair[0] not in given), *request.headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "extensions": {name: {} for name in EXTENSIONS[kind]},
        "state": {},
    }
    if kind == "websocket":
        del scope["method"]
        scope["subprotocols"] = []
    return scope


def body(*pieces: bytes) -> tuple[Step, ...]:
    """A request body in pieces."""
    last = len(pieces) - 1
    return tuple(
        Step({"type": "http.request", "body": piece, "more_body": number < last})
        for number, piece in enumerate(pieces)
    )


GONE = Step({"type": "http.disconnect"})


def http_scripts(request: Request) -> Iterator[tuple[str, str, Request, dict[str, Any]]]:
    """What can happen to a request: a name, what happens, what is asked for, and the rest of the scenario."""
    get = request.body == b"" and request.method == "GET"
    line = f"{request.method} {request.target}"
    name = "get" if get else f"{request.method.lower()}"
    pieces = (request.body[:1], request.body[1:-1], b"", request.body[-1:]) if request.body else (b"",)
    whole = body(request.body)
    yield name, line, request, {"script": whole}
    yield f"{name}-slow", f"{line}, at a server that takes its time", request, {"script": whole, "slow": True}
    if request.body:
        yield f"{name}-pieces", f"{line}, the body in pieces", request, {"script": body(*pieces)}
        cut = (*body(request.body, b"")[:1], GONE)
        yield f"{name}-leave-body", f"{line}, by a client that leaves in mid-body", request, {"script": cut}
    yield f"{name}-leave-first", f"{line}, by a client that leaves at once", request, {"script": (GONE,)}
    leaving = (*whole, Step(GONE.event, after="http.response.start"))
    yield (
        f"{name}-leave-started",
        f"{line}, by a client that leaves in mid-response",
        request,
        {"script": leaving},
    )
    silent = {"script": leaving, "closed": "silent"}
    yield f"{name}-leave-silent", f"{line}, by one whose leaving the server does not tell", request, silent
    for number in (1, 2):
        failing = {"script": whole, "fails": number}
        yield (
            f"{name}-fails-{number}",
            f"{line}, where `send` number {number} raises OSError",
            request,
            failing,
        )
    yield (
        f"{name}-cancelled",
        f"{line}, by a server that stops",
        request,
        {"script": whole, "cancelled": True},
    )


def websocket_scripts(request: Request) -> Iterator[tuple[str, str, Request, dict[str, Any]]]:
    """What can happen to a WebSocket."""
    at = f"a WebSocket at {request.target}"
    connect = Step({"type": "websocket.connect"})
    text = Step({"type": "websocket.receive", "text": "hello"}, after="websocket.accept")
    data = Step({"type": "websocket.receive", "bytes": b"hello"}, after="websocket.accept")
    empty = Step({"type": "websocket.receive", "text": ""}, after="websocket.accept")

    def left(code: int, after: str | None = None) -> Step:
        return Step({"type": "websocket.disconnect", "code": code, "reason": ""}, after)

    yield "websocket", f"{at}: text, then the client closes", request, {"script": (connect, text, left(1000))}
    yield "websocket-bytes", f"{at}: bytes", request, {"script": (connect, data, left(1000))}
    yield "websocket-empty", f"{at}: an empty message", request, {"script": (connect, empty, left(1005))}
    both = Step({"type": "websocket.receive", "text": "hello", "bytes": None}, after="websocket.accept")
    yield (
        "websocket-both",
        f"{at}: text beside bytes that are None",
        request,
        {"script": (connect, both, left(1000))},
    )
    both = Step({"type": "websocket.receive", "text": None, "bytes": b"hello"}, after="websocket.accept")
    yield (
        "websocket-bytes-both",
        f"{at}: bytes beside text that is None",
        request,
        {"script": (connect, both, left(1000))},
    )
    yield "websocket-slow", f"{at}, at a server that takes its time", request, {
        "script": (connect, text, text, left(1000)), "slow": True}  # fmt: skip
    vanish = (connect, text, left(1006))
    yield "websocket-vanish", f"{at}: the client vanishes", request, {"script": vanish}
    yield "websocket-vanish-silent", f"{at}: the client vanishes, and the server does not tell", request, {
        "script": vanish, "closed": "silent"}  # fmt: skip
    yield "websocket-leave-first", f"{at}: the client leaves before it is accepted", request, {
        "script": (connect, left(1006))}  # fmt: skip
    yield "websocket-leave-accepted", f"{at}: the client leaves when it is accepted", request, {
        "script": (connect, left(1001, "websocket.accept"))}  # fmt: skip
    yield "websocket-fails", f"{at}: the second `send` raises OSError", request, {
        "script": (connect, text, text), "fails": 2}  # fmt: skip
    yield "websocket-cancelled", f"{at}, at a server that stops", request, {
        "script": (connect, text), "cancelled": True}  # fmt: skip


def truthful(scenario: Scenario) -> Scenario:
    """The scenario with a server that does not announce 2.4, from which on `send` has to raise."""
    if scenario.closed == "raises" or "spec_version" not in scenario.scope["asgi"]:
        return scenario
    return scenario.changed(asgi={"version": "3.0", "spec_version": "2.3"})


UNKNOWN_PATH = Request("GET", "/asgiscope-asks-for-what-is-not-there?a=%20b&c")
POST = Request("POST", "/", body="é, a body in pieces, é".encode())  # It can be cut in mid-character.


def connections(requests: Sequence[Request]) -> Iterator[Scenario]:
    """Every scenario of a connection, under every kind of server; `requests` are one's own."""
    asked: list[tuple[str, str, Request, dict[str, Any]]] = [
        *http_scripts(Request()),
        ("head", "HEAD /", Request("HEAD"), {"script": body(b"")}),
        ("options", "OPTIONS /", Request("OPTIONS"), {"script": body(b"")}),
        *http_scripts(POST),
        ("unknown-path", "GET of a path that nobody knows", UNKNOWN_PATH, {"script": body(b"")}),
    ]
    for number, request in enumerate(requests, 1):
        asked += [(f"request-{number}-{name}", *rest) for name, *rest in http_scripts(request)]  # type: ignore[misc]
    for profile, (server, change) in PROFILES.items():
        at = f", at {server}" if server else ""
        for name, title, request, rest in asked:
            scenario = Scenario(f"{name}{profile}", title + at, connection("http", request), **rest)
            yield truthful(scenario.changed(**change))
        targets = [Request(), *(request for request in requests if request.method == "GET")]
        for number, request in enumerate(targets):
            for name, title, _, rest in websocket_scripts(request):
                name = name if not number else f"request-{number}-{name}"
                scenario = Scenario(f"{name}{profile}", title + at, connection("websocket", request), **rest)
                yield truthful(scenario.changed(**change))
    yield Scenario(
        "unknown-type", "a conversation of a type that nobody knows",
        {"type": "x-unknown", "asgi": {"version": "3.0"}},
    )  # fmt: skip


STARTUP = Step({"type": "lifespan.startup"})
SHUTDOWN = Step({"type": "lifespan.shutdown"}, after="lifespan.startup.complete")


def lifespans() -> Iterator[Scenario]:
    """Every scenario of a lifespan; they are held one after another."""
    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    script = (STARTUP, SHUTDOWN)
    whole = Scenario("lifespan", "a lifespan: started and stopped", scope, script)
    yield whole
    old = replace(
        whole, name="lifespan@old", title="a lifespan, at a server of 2019: no spec_version, no state"
    )
    yield old.changed(asgi={"version": "3.0"}, state=...)
    first = replace(
        whole, name="lifespan@1.0", title="a lifespan, at a server of version 1.0 of the protocol"
    )
    yield first.changed(asgi={"version": "3.0", "spec_version": "1.0"})
    yield replace(whole, name="lifespan-slow", title="a lifespan, at a server that takes its time", slow=True)
