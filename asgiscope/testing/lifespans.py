"""The lifespan of an application, for the time of a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from ..contract.lifespan import SEND_FIELDS
from ..recorder import Application
from .call import CANCELLING, Call, Calls, all_over
from .scopes import versions

PATIENCE = 60.0  # seconds that an application has to start, or to stop
RETURNING = 1.0  # seconds that it has to return when it has said that it has stopped


class LifespanFailed(RuntimeError):
    """The application has failed to start, or to stop; the text is what it has said of that."""


class LifespanCall(Call):
    """A lifespan. There is no client that could leave: it is over when the application returns."""

    KINDS = SEND_FIELDS

    async def receive(self) -> dict[str, Any]:
        await self.until(lambda: self.said)
        return self.said.popleft()

    async def ask(self, phase: str, timeout: float) -> bool:
        """Ask the application to start, or to stop; return whether it has, and not ended instead."""
        self.say({"type": f"lifespan.{phase}"})
        try:
            event = await self.hear_within(timeout, f"not answered 'lifespan.{phase}'")
        except BaseException:
            await self.cancelled()
            raise
        if event is not None and event["type"] == f"lifespan.{phase}.failed":
            await self.returned()
            message = event.get("message") or f"the application has failed at {phase}, and has not said why"
            raise LifespanFailed(message)
        return event is not None

    async def returned(self) -> None:
        """Let the application return, as it does at once if it is well; a server cancels it otherwise."""
        with anyio.move_on_after(RETURNING, shield=True):
            await all_over([self])
        await self.cancelled()

    async def cancelled(self) -> None:
        """Cancel the application, unless it has ended."""
        if not self.ended:
            self.stop()
            with anyio.move_on_after(CANCELLING, shield=True):
                await all_over([self])


@asynccontextmanager
async def lifespan(
    app: Application,
    *,
    state: bool = True,
    spec_version: str | None = "2.0",
    required: bool = False,
    startup_timeout: float = PATIENCE,
    shutdown_timeout: float = PATIENCE,
    strict: bool = False,
    calls: Calls | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Start an application as a server does, give its state to the block, and stop it (lifespan.rst).

    The state is empty where the application has put nothing into it, and with `state=False`, which is a
    server that has none. `spec_version` is what the server announces; None announces nothing. An application
    that raises before it has asked for an event, or returns without an answer, has no use for a lifespan,
    and the block runs without one; with `required`, its exception is raised, or LifespanFailed.

    Raises LifespanFailed with the application's message if it fails to start or to stop, and its own
    exception if it raises after it has asked for an event. Raises TimeoutError if it takes longer than so
    many seconds to start or to stop, and cancels it.
    """
    scope: dict[str, Any] = {"type": "lifespan", "asgi": versions(spec_version)}
    if state:
        scope["state"] = {}
    call = LifespanCall(Calls(app, strict=strict) if calls is None else calls, scope)
    call.begin()
    has_started = await call.ask("startup", startup_timeout)
    if not has_started and call.error is not None and (required or not call.said):
        raise call.error
    if not has_started and required:
        raise LifespanFailed("the application has returned, and not answered 'lifespan.startup'")
    try:
        yield scope.get("state", {})
    finally:
        if has_started:
            with anyio.CancelScope(shield=True):
                if not call.ended and await call.ask("shutdown", shutdown_timeout):
                    await call.returned()
            if call.error is not None:
                raise call.error
