"""httpx.ASGITransport, and that of its successor httpx2."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx

from bench.clients.client import Answer, Client, Lacking, Pieces


class OfHTTPX(Client):
    library: Any = httpx

    def client(self, **options: Any) -> Any:
        """A client of httpx; the options are the transport's."""
        transport = self.library.ASGITransport(self.app, **options)
        return self.library.AsyncClient(transport=transport, base_url="http://testserver")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
        async with self.client() as client:
            yield partial(client.get, "/")

    async def get(self, *, raises: bool = True, scope: Mapping[str, Any] | None = None) -> Answer:
        if scope is not None:
            raise Lacking("it makes the scope itself")
        async with self.client(raise_app_exceptions=raises) as client:
            response = await client.get("/")
        return Answer(response.status_code, response.content)

    @asynccontextmanager
    async def stream(self, body: Pieces | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        content = None if body is None else body.awaited()
        async with self.client() as client, client.stream("POST", "/", content=content) as response:
            yield response.aiter_raw()
