"""Starlette's TestClient. It blocks: the application has another thread, with an event loop of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.testclient import TestClient

from bench.clients.client import Answer, Client, Lacking, Pieces, Socket


class OfStarlette(Client):
    blocks = True
    started: TestClient | None = None

    def client(self, **options: Any) -> TestClient:
        """A client; the one whose lifespan has begun, if there is one."""
        return self.started or TestClient(self.app, backend=self.backend, **options)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
        with self.client() as client:

            async def get() -> Any:
                return client.get("/")

            yield get

    async def get(self, *, raises: bool = True, scope: Mapping[str, Any] | None = None) -> Answer:
        if scope is not None:
            raise Lacking("it makes the scope itself")
        response = self.client(raise_server_exceptions=raises).get("/")
        return Answer(response.status_code, response.content)

    @asynccontextmanager
    async def stream(self, body: Pieces | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        content = None if body is None else body.at_once()
        with self.client().stream("POST", "/", content=content) as response:
            yield awaited(response.iter_raw())

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        with self.client() as self.started:
            yield

    @asynccontextmanager
    async def websocket(self, subprotocols: Sequence[str] = ()) -> AsyncIterator["StarletteSocket"]:
        with self.client().websocket_connect("/", subprotocols=subprotocols or None) as session:
            yield StarletteSocket(session)


async def awaited(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class StarletteSocket(Socket):
    @property
    def subprotocol(self) -> str | None:
        return self.session.accepted_subprotocol  # type: ignore[no-any-return]

    async def send_text(self, text: str) -> None:
        self.session.send_text(text)

    async def send_bytes(self, data: bytes) -> None:
        self.session.send_bytes(data)

    async def send_json(self, value: Any) -> None:
        self.session.send_json(value)

    async def receive_text(self) -> str:
        return self.session.receive_text()  # type: ignore[no-any-return]

    async def receive_bytes(self) -> bytes:
        return self.session.receive_bytes()  # type: ignore[no-any-return]

    async def receive_json(self) -> Any:
        return self.session.receive_json()

    async def close(self, code: int, reason: str) -> None:
        self.session.close(code, reason)
