"""async-asgi-testclient."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from async_asgi_testclient import TestClient  # type: ignore[import-untyped]

from bench.clients.client import Answer, Client, Lacking, Pieces, Socket


class OfAsyncASGITestClient(Client):
    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
        yield partial(TestClient(self.app).get, "/")

    async def get(self, *, raises: bool = True, scope: Mapping[str, Any] | None = None) -> Answer:
        if not raises:
            raise Lacking("it always raises")
        response = await TestClient(self.app, scope=scope).get("/")
        return Answer(response.status_code, response.content)

    @asynccontextmanager
    async def stream(self, body: Pieces | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        data = None if body is None else body.awaited()
        response = await TestClient(self.app).post("/", data=data, stream=True)
        yield response.iter_content(65536)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with TestClient(self.app):
            yield

    @asynccontextmanager
    async def websocket(self, subprotocols: Sequence[str] = ()) -> AsyncIterator[Socket]:
        headers = {"sec-websocket-protocol": ", ".join(subprotocols)} if subprotocols else None
        async with TestClient(self.app).websocket_connect("/", headers=headers) as session:
            yield AsyncSocket(session)


class AsyncSocket(Socket):
    @property
    def subprotocol(self) -> str | None:
        raise Lacking("it does not say which was chosen")

    async def closed(self) -> tuple[int, str]:
        try:
            return await super().closed()
        except Exception as error:
            event = error.args[0]
            return event["code"], event["reason"]

    async def close(self, code: int, reason: str) -> None:
        await self.session.close(code)
