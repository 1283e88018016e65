"""asgi-lifespan with httpx-ws: the two that httpx.ASGITransport is put together with for what it lacks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from asgi_lifespan import LifespanManager
from httpx_ws import aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport

from bench.clients.client import Socket
from bench.clients.of_httpx import OfHTTPX


class OfHTTPXWS(OfHTTPX):
    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
        """Whatever leaves the block of its client is in a group, of which it is taken out here."""
        transport = ASGIWebSocketTransport(self.app, **options)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                yield client
        except ExceptionGroup as group:
            raise sole(group) from None

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with LifespanManager(self.app, startup_timeout=1, shutdown_timeout=1) as manager:
            self.app = manager.app
            yield

    @asynccontextmanager
    async def websocket(self, subprotocols: Sequence[str] = ()) -> AsyncIterator["HTTPXSocket"]:
        offered = list(subprotocols) or None
        async with self.client() as client:
            session: Any
            async with aconnect_ws("http://testserver/", client, subprotocols=offered) as session:
                yield HTTPXSocket(session)


class HTTPXSocket(Socket):
    async def patient(self, timeout: float) -> None:
        await self.session.receive_text(timeout=timeout)


def sole(error: Exception) -> Exception:
    """The first exception in a group that is none itself."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
