"""Tests that speak ASGI: an application in process, and the test at the other end of the conversation.

async with lifespan(app) as state:
    transport = ASGITransport(app, state=state)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        response = await client.get("/")
    async with websocket(app, "/chat", state=state) as socket:
        await socket.send("hello")

The pytest plugin is `asgiscope.testing.plugin`, and pytest finds it by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..conversation import ClientLeft
    from .call import StillRunning
    from .lifespans import LifespanFailed, lifespan
    from .sockets import WebSocket, WebSocketClosed, WebSocketDenied, websocket
    from .transport import ASGITransport

__all__ = [
    "ASGITransport",
    "ClientLeft",
    "LifespanFailed",
    "StillRunning",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketDenied",
    "lifespan",
    "websocket",
]

# Each is imported when it is first asked for: every pytest has the plugin, and most have no use for it.
ROOMS = {
    "ASGITransport": "transport",
    "ClientLeft": "call",
    "LifespanFailed": "lifespans",
    "StillRunning": "call",
    "WebSocket": "sockets",
    "WebSocketClosed": "sockets",
    "WebSocketDenied": "sockets",
    "lifespan": "lifespans",
    "websocket": "sockets",
}


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{ROOMS[name]}", __name__), name)
