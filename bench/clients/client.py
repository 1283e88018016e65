"""What a probe asks of a client: the few things that a test does to an application.

A client that has nothing for one of them says so with Lacking. One that can, but only if the test spells the
events itself, does so, and says `by_hand`.
"""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from math import inf
from typing import Any, NamedTuple

import anyio

from router import Application


class Lacking(Exception):
    """The client has nothing for what it is asked; the text says what it does instead."""


class Gate:
    """What somebody opens and others pass, in whatever thread and event loop each of them is."""

    def __init__(self) -> None:
        self._opened = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    def open(self) -> None:
        self._opened.set()

    async def passed(self, timeout: float = inf) -> None:
        """Wait until it is open. Raises TimeoutError if it is not in so many seconds."""
        with anyio.fail_after(timeout):
            while not self.is_open:  # noqa: ASYNC110 - an event of one loop is none of another's
                await anyio.sleep(0.005)

    def wait(self) -> None:
        """The same where nothing can be awaited."""
        self._opened.wait()


class Pieces(NamedTuple):
    """The body of a request: the second piece is held back until the gate is open."""

    first: bytes
    second: bytes
    gate: Gate

    def at_once(self) -> Iterator[bytes]:
        yield self.first
        self.gate.wait()
        yield self.second

    async def awaited(self) -> AsyncIterator[bytes]:
        yield self.first
        await self.gate.passed()
        yield self.second


class Answer(NamedTuple):
    """What a test reads of a response."""

    status: int
    body: bytes


class Client:
    """A client of one application."""

    by_hand = False
    blocks = False  # whether it keeps the event loop of the test waiting, and the application has another one
    strict: Mapping[str, Any] = {}
    """What `get` is given so that the application is judged."""

    def __init__(self, app: Application, backend: str = "asyncio") -> None:
        self.app: Any = app
        self.backend: Any = backend

    def opened(self) -> AbstractAsyncContextManager[Callable[[], Awaitable[Any]]]:
        """What asks for "/", again and again, over a client that is made once."""
        raise NotImplementedError

    async def get(self, *, raises: bool = True, scope: Mapping[str, Any] | None = None) -> Answer:
        """Ask for "/". What the application raises is raised here, or is a 500; what `scope` has is in its
        scope.
        """
        raise NotImplementedError

    def stream(self, body: Pieces | None = None) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The chunks of a response, as they come; behind the block the client has left."""
        raise NotImplementedError

    async def abandon(self, begun: Gate) -> None:
        """Ask for "/", and leave without an answer when the gate is open."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.get)
            await begun.passed()
            group.cancel_scope.cancel()

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """The time between start-up and shutdown, for whatever else is asked of this client."""
        raise Lacking("it has no lifespan")

    def websocket(self, subprotocols: Sequence[str] = ()) -> AbstractAsyncContextManager[Any]:
        """An open WebSocket: it has what Socket has."""
        raise Lacking("it has no WebSocket")

    async def refused(self) -> Answer:
        """The response that refuses a handshake."""
        try:
            async with self.websocket():
                return Answer(101, b"")
        except Exception as error:
            response: Any = getattr(error, "response", error)
            if hasattr(response, "status_code"):
                return Answer(response.status_code, response.content)
            raise


class Socket:
    """An open WebSocket: `session` is the client's own, and does what its own names say."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    async def patient(self, timeout: float) -> None:
        """Wait for a text, no longer than so many seconds. Raises TimeoutError if it does not come."""
        with anyio.fail_after(timeout):
            await self.receive_text()

    async def closed(self) -> tuple[int, str]:
        """The code and the reason that the application has closed with."""
        try:
            message = await self.receive_text()
        except Exception as error:
            if hasattr(error, "code"):
                return error.code, getattr(error, "reason", "")
            raise
        raise ValueError(f"it reads {message!r}")

    async def vanish(self) -> None:
        """Be gone without a close frame, which is 1006 to the application (RFC 6455 7.1.5)."""
        await self.close(1006, "")


Build = Callable[[Application], Any]
"""Make a client of an application."""

Probe = Callable[[Build], Awaitable[str | None]]
"""Hold a conversation; return None if all is right, or else what was seen, in a few words."""
