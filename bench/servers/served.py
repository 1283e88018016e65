"""What every server serves: exhibits by their paths, and Django by all others."""

from collections.abc import Awaitable, Callable
from typing import Any

from apps.raw_asgi import echo, hello, stream, websocket_echo
from bench.django_served import made as django

EXHIBITS: dict[str, Any] = {
    "/hello": hello.app,
    "/echo": echo.app,
    "/stream": stream.app,
    "/websocket": websocket_echo.app,
}


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Hand the connection on; a lifespan has nothing to do."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    await EXHIBITS.get(scope["path"], django)(scope, receive, send)
