"""What each router gets right: every answer is a conversation that is held at that moment.

A probe builds a router, holds a conversation or two with it and returns None if all is right, or else
what it saw, in a few words. Its docstring is what the table says it checks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any

from bench.routers import Build
from router import Application, Event, Receive, Scope, Send

Probe = Callable[[Build], Awaitable[str | None]]

PATIENCE = 5.0  # seconds until a conversation that does not end is given up


def http(path: str, **more: Any) -> Scope:
    """The scope of a request, as a server makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost:8000"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
        **more,
    }


def websocket(path: str) -> Scope:
    """The scope of a WebSocket handshake, of a server that takes a denial response."""
    scope = http(path, type="websocket", scheme="ws", subprotocols=[])
    del scope["method"]
    return {**scope, "extensions": {"websocket.http.response": {}}}


async def held(app: Application, scope: Scope, *said: Event) -> list[Event]:
    """Hold a conversation: the server says what is given, then nothing more. Return what it hears."""
    left, heard = list(said), []

    async def receive() -> Event:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(event: Event) -> None:
        heard.append(event)

    async with asyncio.timeout(PATIENCE):
        await app(scope, receive, send)
    return heard


def leaf(name: str) -> Application:
    """An application that says who it is and which scope it was given."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "reached", "name": name, "scope": scope})

    return app


async def reached(build: Build, prefixes: list[str], path: str, **more: Any) -> tuple[str, Scope]:
    """The mount that a path reaches, and the scope it is given; what was answered instead, if none is."""
    router = build({prefix: leaf(prefix) for prefix in prefixes}, leaf("the default"))
    first, *_ = await held(router, http(path, **more), {"type": "http.request"})
    if first["type"] == "reached":
        return first["name"], first["scope"]
    return f"{first['type']} {first.get('status', '')}", {}


async def root_path_set(build: Build) -> str | None:
    """`root_path` is where the application is mounted: "/a" for "/a/x"."""
    _, scope = await reached(build, ["/a"], "/a/x")
    return None if scope["root_path"] == "/a" else f"it was {scope['root_path']!r}"


async def root_path_added(build: Build) -> str | None:
    """It is added to the server's: "/site/a" for "/site/a/x" under a root_path of "/site"."""
    name, scope = await reached(build, ["/a"], "/site/a/x", root_path="/site")
    if name != "/a":
        return f"{name} was reached"
    return None if scope["root_path"] == "/site/a" else f"it was {scope['root_path']!r}"


async def root_path_restored(build: Build) -> str | None:
    """Where the server leaves it out of `path`, as hypercorn does, both begin with it again."""
    name, scope = await reached(build, ["/a"], "/a/x", root_path="/site")
    seen = (name, scope["root_path"], scope["path"])
    return None if seen == ("/a", "/site/a", "/site/a/x") else "root_path {1!r}, path {2!r}".format(*seen)


async def path_whole(build: Build) -> str | None:
    """`path` and `raw_path` stay as they are."""
    _, scope = await reached(build, ["/a"], "/a/x")
    return None if (scope["path"], scope["raw_path"]) == ("/a/x", b"/a/x") else f"it was {scope['path']!r}"


async def segments(build: Build) -> str | None:
    """Only whole segments match: "/a" takes "/a" and "/a/x", never "/ab"."""
    for path, right in (("/a", "/a"), ("/a/x", "/a"), ("/ab", "the default")):
        name, _ = await reached(build, ["/a"], path)
        if name != right:
            return f"{path} reached {name}"
    return None


async def longest(build: Build) -> str | None:
    """The longest prefix wins, whatever the order of the mounts."""
    for order in (["/a/b", "/a"], ["/a", "/a/b"]):
        name, _ = await reached(build, order, "/a/b/x")
        if name != "/a/b":
            return f"{name} took /a/b/x, mounted before /a/b"
    return None


async def scope_untouched(build: Build) -> str | None:
    """The caller's scope is as it was."""
    scope = http("/a/x")
    before = deepcopy(scope)
    await held(build({"/a": leaf("/a")}, None), scope)
    changed = [key for key in scope if key not in before or scope[key] != before[key]]
    return f"written to it: {', '.join(changed)}" if changed else None


async def http_refused(build: Build) -> str | None:
    """A request that no mount fits is answered 404."""
    start, *_ = await held(build({"/a": leaf("/a")}, None), http("/b"), {"type": "http.request"})
    return None if start.get("status") == 404 else f"it was {start}"


async def websocket_refused(build: Build) -> str | None:
    """A WebSocket that no mount fits is closed before it is accepted, or denied with a 404."""
    first, *_ = await held(build({"/a": leaf("/a")}, None), websocket("/b"), {"type": "websocket.connect"})
    answer = (first["type"], first.get("status"))
    if answer in (("websocket.close", None), ("websocket.http.response.start", 404)):
        return None
    return f"it was {first['type']}"


async def lifespan(build: Build, *more: tuple[str, Application]) -> str | None:
    """Every application starts and stops with the server."""
    log = []

    def living(name: str) -> Application:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            for _ in ("startup", "shutdown"):
                event = await receive()
                log.append(f"{name} {event['type']}")
                await send({"type": f"{event['type']}.complete"})

        return app

    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    router = build({"/a": living("a"), **dict(more), "/b": living("b")}, None)
    heard = await held(router, scope, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    told = [event["type"] for event in heard]
    if sorted(log) != [f"{name} lifespan.{phase}" for name in "ab" for phase in ("shutdown", "startup")]:
        return f"the applications heard {', '.join(log) or 'nothing'}"
    if told != ["lifespan.startup.complete", "lifespan.shutdown.complete"]:
        return f"the server heard {', '.join(told) or 'nothing'}"
    return None


async def lifespan_of_the_others(build: Build) -> str | None:
    """They do, too, beside an application that has no use for lifespan and raises, as Django does."""

    async def raises(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no lifespan here")

    return await lifespan(build, ("/django", raises))


PROBES: dict[str, Probe] = {
    "root_path is set": root_path_set,
    "root_path is added": root_path_added,
    "root_path is put back": root_path_restored,
    "path is whole": path_whole,
    "whole segments": segments,
    "longest prefix": longest,
    "scope untouched": scope_untouched,
    "http refused": http_refused,
    "WebSocket refused": websocket_refused,
    "lifespan for all": lifespan,
    "lifespan beside Django": lifespan_of_the_others,
}


async def answer(probe: Probe, build: Build) -> str | None:
    """What a probe says of a router; an exception is something that it saw, too."""
    try:
        return await probe(build)
    except TimeoutError:
        return f"no end after {PATIENCE:g} seconds"
    except Exception as error:
        return f"raised {error!r}"
