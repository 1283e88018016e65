"""How a path finds its application, and how one lifespan becomes one for each of them.

    application = Router({"/django": get_asgi_application(), "/raw/hello": hello.app})

An ASGI server knows one application. A router is an application that stands in front of several and
gives each connection to the one whose path prefix fits best. To the server it behaves as an
application does, to the applications behind it as a server does. This file needs nothing but the
standard library: copy it into a project as it is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

Scope = dict[str, Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
# Frameworks give these three arguments different types. With Any, all of them can be mounted.
Application = Callable[[Any, Any, Any], Awaitable[None]]

logger = logging.getLogger("router")


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Say that there is nothing here: 404 to `http`, a refused handshake to `websocket`.

    Raises ValueError for any other scope type, as asgi.rst asks under Applications.
    """
    body = b"Not found\n"
    start = {
        "status": 404,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"10")],
    }
    if scope["type"] == "http":
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
    elif scope["type"] == "websocket":
        await receive()
        # A WebSocket begins as an HTTP request, and a server that offers this extension lets the
        # application answer it as one. Without it, closing before accepting makes the server say 403.
        if "websocket.http.response" in (scope.get("extensions") or {}):
            await send({"type": "websocket.http.response.start", **start})
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close"})
    else:
        raise ValueError(f"nothing here speaks {scope['type']!r}")


class Router:
    """An ASGI application that gives each connection to another one, chosen by path prefix.

    `mounts` maps prefixes to applications. The longest prefix wins, whatever the order, and only
    whole segments count: "/raw" takes "/raw" and "/raw/x", never "/rawer". A slash at the end of a
    prefix means nothing, so "/" takes whatever no longer prefix takes; without it, `default` does.
    Routers nest.

    A mounted application is given a copy of the scope in which `root_path` has grown by the prefix
    and `path` is still whole (www.rst, HTTP Connection Scope).

    Every application has a lifespan of its own, started in the order of `mounts`, `default` last,
    stopped in reverse; each has `timeout` seconds to start and as many to stop. One that raises
    before it asks for an event has no use for it, and that is that. One that raises later, while it
    starts, is logged, and the others go on; with `lifespan="on"` the server is told to give up.

    Raises ValueError for a prefix without a slash in front, for one that is there twice, and for
    another `lifespan` or `timeout`; TypeError for a mount that cannot be called.
    """

    def __init__(
        self,
        mounts: Mapping[str, Application],
        default: Application = not_found,
        *,
        lifespan: Literal["auto", "on"] = "auto",
        timeout: float = 60.0,
    ) -> None:
        if lifespan not in ("auto", "on"):
            raise ValueError(f"lifespan is 'auto' or 'on', not {lifespan!r}")
        if not timeout > 0:
            raise ValueError(f"timeout is a number of seconds, more than 0, not {timeout!r}")
        self._mounts: dict[str | None, Application] = {}
        for given, app in [*mounts.items(), (None, default)]:
            prefix = given and given.rstrip("/")
            if not callable(app):
                where = "the default" if given is None else f"the mount {given!r}"
                raise TypeError(f"{where} is not an ASGI application: {app!r}")
            if prefix and not prefix.startswith("/"):
                raise ValueError(f"the mount {given!r} has to begin with a slash")
            if prefix in self._mounts:
                raise ValueError(f"the mount {given!r} is there twice: a final slash changes nothing")
            self._mounts[prefix] = app
        self._root = "" if "" in self._mounts else None
        if self._root is not None:
            del self._mounts[None]
        prefixes = list(filter(None, self._mounts))
        # The prefixes, mounted or not, below which something is.
        self._stems = {p[:i] for p in prefixes for i, char in enumerate(p) if char == "/"}
        self._reach = max(map(len, prefixes), default=0) + 1
        self._strict = lifespan == "on"
        self._timeout = timeout
        # The states of the applications travel inside the server's, under a name nobody else uses.
        self._key = f"router.{id(self)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one conversation: with one application, or for `lifespan` with all of them.

        Raises ValueError for a scope type it does not know, and whatever the application raises.
        """
        kind = scope["type"]
        if kind != "http" and kind != "websocket":
            if kind != "lifespan":
                raise ValueError(f"this router speaks http, websocket and lifespan, not {kind!r}")
            await self._lifespan(scope, receive, send)
            return

        path = scope["path"]
        root = scope.get("root_path", "")
        start = 0
        if root:
            # The path includes the root_path. But where a proxy takes a prefix away and the server is
            # only told of it, some servers leave it out too; then it is put back, or an application
            # that cuts root_path off the path to find its own part, as Django does, would cut nothing.
            root = root.rstrip("/")
            start = len(root)
            if not path.startswith(root) or path[start : start + 1] not in ("", "/"):
                path = root + path
            if path != scope["path"] or root != scope["root_path"]:
                scope = {**scope, "path": path, "root_path": root}

        # One look-up for each segment, while there are mounts further down, and none past the end of
        # the longest: neither the number of mounts nor the length of the path can be felt.
        mounts, mount = self._mounts, self._root
        end = start + self._reach
        slash = path.find("/", start + 1, end)
        while slash > 0:
            prefix = path[start:slash]
            if prefix in mounts:
                mount = prefix
            if prefix not in self._stems:
                break
            slash = path.find("/", slash + 1, end)
        else:
            prefix = path[start:end]
            if prefix in mounts:
                mount = prefix

        state = scope.get("state")
        states = state.get(self._key) if state else None
        if mount is not None or states:
            scope = scope.copy()
            scope["root_path"] = root + (mount or "")
            if states:
                scope["state"] = {**scope["state"], **states[mount]}
                del scope["state"][self._key]
        await mounts[mount](scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the server's lifespan conversation by holding one with each application."""
        # An application that is mounted twice is still one application: one lifespan, one state.
        lives: list[_Lifespan] = []
        states: dict[str | None, dict[str, Any]] = {}
        for mount, app in self._mounts.items():
            life = next((life for life in lives if life.app == app), None)
            if life is None:
                name = "default" if mount is None else mount or "/"
                life = _Lifespan(app, scope, name, self._strict, self._timeout)
                lives.append(life)
            states[mount] = life.state
        if "state" in scope:
            scope["state"][self._key] = states

        await receive()  # lifespan.startup
        started: list[_Lifespan] = []
        try:
            for life in lives:
                started.append(life)
                failure = await life.start()
                if failure is not None:
                    failures = [failure, *await self._stop(started)]
                    await send({"type": "lifespan.startup.failed", "message": "; ".join(failures)})
                    return
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown
            failures = await self._stop(started)
            if failures:
                await send({"type": "lifespan.shutdown.failed", "message": "; ".join(failures)})
            else:
                await send({"type": "lifespan.shutdown.complete"})
        finally:
            # However it ended, and if the server has cancelled this very task: nothing runs on.
            # All are told before the first wait, which a server that is in a hurry may cut short.
            running = [life.task for life in reversed(started) if life.task.cancel()]
            if running:
                _, pending = await asyncio.wait(running, timeout=self._timeout)
                for task in pending:
                    logger.error("The %s does not let itself be cancelled", task.get_name())

    async def _stop(self, started: list["_Lifespan"]) -> list[str]:
        """Shut down in reverse, one after the other, and return what went wrong."""
        failures = [await life.stop() for life in reversed(started)]
        return [failure for failure in failures if failure is not None]


class _Lifespan:
    """The lifespan of one application, which holds its side of the conversation in its own task."""

    task: asyncio.Task[None]
    _answer: asyncio.Future[str | None]

    def __init__(self, app: Application, scope: Scope, name: str, strict: bool, timeout: float) -> None:
        self.state: dict[str, Any] = {}
        self.app = app
        self._scope = {**scope, "state": self.state} if "state" in scope else scope.copy()
        self._name = name
        self._strict = strict
        self._timeout = timeout
        self._events: asyncio.Queue[Event] = asyncio.Queue(maxsize=2)  # startup and shutdown
        self._asked = False

    async def start(self) -> str | None:
        """Start the application; return why the server must not start, or None if it may."""
        return await self._tell("startup")

    async def stop(self) -> str | None:
        """Shut the application down if it is there to hear it; return what went wrong, or None."""
        return None if self.task.done() or self._is_over() else await self._tell("shutdown")

    async def _tell(self, phase: str) -> str | None:
        """Give the application an event and wait for its answer: None, or what went wrong."""
        self._phase = phase
        self._answer = asyncio.get_running_loop().create_future()
        self._events.put_nowait({"type": f"lifespan.{phase}"})
        if phase == "startup":
            self.task = asyncio.create_task(self._speak(), name=f"lifespan of {self._name}")
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.wait({self._answer})
                if self._is_over():
                    # It has said its last word, and may have something to put away.
                    await asyncio.wait({self.task})
        except TimeoutError:
            self._settle(f"no answer to lifespan.{phase} within {self._timeout:g} seconds")
            # An answer may have come in the very moment in which the time was up: then it counts.
            if self._is_over():
                self.task.cancel()
                await asyncio.wait({self.task}, timeout=self._timeout)
        return self._answer.result()

    def _is_over(self) -> bool:
        answered = self._answer.done()
        return answered and (self._phase == "shutdown" or self._answer.result() is not None)

    def _settle(self, failure: str | None) -> None:
        if not self._answer.done():
            self._answer.set_result(failure and f"{self._name}: {failure}")

    async def _speak(self) -> None:
        ending = "was cancelled"
        try:
            await self.app(self._scope, self._receive, self._send)
            ending = "returned"
        except Exception as error:
            ending = f"raised {error!r}"
            # Before it has asked for anything, this says that it has no use for lifespan. After it
            # has told of a failure, as frameworks do, it says nothing new.
            if self._asked and not (self._answer.done() and self._answer.result()):
                logger.exception("The application at %s raised in its lifespan", self._name)
        finally:
            # Raising is no answer, and a server goes on without one (lifespan.rst, Scope).
            serious = self._phase == "shutdown" or (self._asked and self._strict)
            unsaid = not serious and self._asked and not self._answer.done() and not self.task.cancelling()
            if unsaid and not ending.startswith("raised"):
                logger.error("The application at %s %s before it answered", self._name, ending)
            self._settle(f"{ending} before answering lifespan.{self._phase}" if serious else None)

    async def _receive(self) -> Event:
        self._asked = True
        if self._is_over():
            # Nothing comes after the last word, and a loop that waits for more ends here.
            self.task.cancel()
        return await self._events.get()

    async def _send(self, event: Event) -> None:
        if self.task.cancelling():
            return  # Nobody listens any more, and some frameworks answer a cancellation too.
        complete, failed = f"lifespan.{self._phase}.complete", f"lifespan.{self._phase}.failed"
        if event["type"] not in (complete, failed) or self._answer.done():
            raise RuntimeError(
                f"the application at {self._name} sent {event['type']!r}, where one {complete!r} or "
                f"{failed!r} is due (lifespan.rst)"
            )
        if event["type"] == complete:
            self._settle(None)
        else:
            self._settle(event.get("message") or "failed, and did not say why")
