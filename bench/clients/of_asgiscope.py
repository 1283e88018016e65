"""asgiscope.testing."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from asgiscope.testing import ASGITransport, lifespan, websocket
from bench.clients.client import Answer, Socket
from bench.clients.of_httpx import OfHTTPX


class OfAsgiscope(OfHTTPX):
    state: dict[str, Any] | None = None
    strict: Mapping[str, Any] = {"strict": True}

    def client(self, **options: Any) -> httpx.AsyncClient:
        transport = ASGITransport(self.app, state=self.state, **options)
        return httpx.AsyncClient(transport=transport, base_url="http://testserver")

    async def get(
        self, *, raises: bool = True, scope: Mapping[str, Any] | None = None, strict: bool = False
    ) -> Answer:
        options: dict[str, Any] = {"raise_app_exceptions": raises, "strict": strict}
        if scope is not None:
            options |= {key: scope[key] for key in ("http_version", "extensions")}
            options["spec_version"] = scope["asgi"]["spec_version"]
        async with self.client(**options) as client:
            response = await client.get("/")
        return Answer(response.status_code, response.content)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with lifespan(self.app) as self.state:
            yield

    @asynccontextmanager
    async def websocket(self, subprotocols: Sequence[str] = ()) -> AsyncIterator["OurSocket"]:
        async with websocket(self.app, "/", subprotocols=subprotocols) as session:
            yield OurSocket(session)


class OurSocket(Socket):
    async def send_text(self, text: str) -> None:
        await self.session.send(text)

    async def send_bytes(self, data: bytes) -> None:
        await self.session.send(data)

    async def patient(self, timeout: float) -> None:
        await self.session.receive(timeout=timeout)

    async def vanish(self) -> None:
        self.session.vanish()
