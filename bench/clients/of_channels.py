"""Channels' communicators. What they have no method for is done by hand, event by event."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
from channels.testing import (
    ApplicationCommunicator,
    HttpCommunicator,
    WebsocketCommunicator,
)

from bench.clients.client import Answer, Client, Gate, Lacking, Pieces, Socket


class OfChannels(Client):
    state: dict[str, Any] | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
        yield lambda: HttpCommunicator(self.app, "GET", "/").get_response()

    async def get(self, *, raises: bool = True, scope: Mapping[str, Any] | None = None) -> Answer:
        if not raises:
            raise Lacking("it always raises")
        communicator = HttpCommunicator(self.app, "GET", "/")
        if scope is not None:
            communicator.scope.update(scope)
        if self.state is not None:
            communicator.scope["state"] = self.state.copy()
        response = await communicator.get_response()
        return Answer(response["status"], response["body"])

    @asynccontextmanager
    async def stream(self, body: Pieces | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        self.by_hand = True
        communicator = HttpCommunicator(self.app, "POST", "/")

        async def say() -> None:
            if body is not None:
                async for piece in body.awaited():
                    await communicator.send_input({"type": "http.request", "body": piece, "more_body": True})
            await communicator.send_input({"type": "http.request"})

        async def hear() -> AsyncIterator[bytes]:
            more = True
            while more:
                event = await communicator.receive_output()
                more = event.get("more_body", False)
                yield event.get("body", b"")

        async with anyio.create_task_group() as group:
            group.start_soon(say)
            await communicator.receive_output()
            yield hear()
        await communicator.send_input({"type": "http.disconnect"})

    async def abandon(self, begun: Gate) -> None:
        self.by_hand = True
        communicator = HttpCommunicator(self.app, "GET", "/")
        await communicator.send_input({"type": "http.request"})
        await begun.passed()
        await communicator.send_input({"type": "http.disconnect"})
        await communicator.wait()

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        self.by_hand = True
        self.state = {}
        communicator = ApplicationCommunicator(self.app, {"type": "lifespan", "state": self.state})
        await communicator.send_input({"type": "lifespan.startup"})
        event = await communicator.receive_output()
        if event["type"] == "lifespan.startup.failed":
            raise RuntimeError(event["message"])
        yield
        await communicator.send_input({"type": "lifespan.shutdown"})
        await communicator.receive_output()
        await communicator.wait()

    @asynccontextmanager
    async def websocket(self, subprotocols: Sequence[str] = ()) -> AsyncIterator["ChannelsSocket"]:
        communicator = WebsocketCommunicator(self.app, "/", subprotocols=subprotocols)
        accepted, subprotocol = await communicator.connect()
        if not accepted:
            raise ConnectionError(f"connect() returned {accepted, subprotocol}")
        yield ChannelsSocket(self, communicator, subprotocol)
        if not communicator.future.done():
            await communicator.disconnect()

    async def refused(self) -> Answer:
        communicator = WebsocketCommunicator(self.app, "/")
        communicator.scope["extensions"] = {"websocket.http.response": {}}
        try:
            raise ConnectionError(f"connect() returned {await communicator.connect()}")
        except AssertionError:
            self.by_hand = True
        communicator = WebsocketCommunicator(self.app, "/")
        communicator.scope["extensions"] = {"websocket.http.response": {}}
        await communicator.send_input({"type": "websocket.connect"})
        start, body = await communicator.receive_output(), b""
        more = True
        while more:
            event = await communicator.receive_output()
            body += event["body"]
            more = event.get("more_body", False)
        return Answer(start["status"], body)


class ChannelsSocket(Socket):
    def __init__(self, client: OfChannels, session: Any, subprotocol: str | None) -> None:
        super().__init__(session)
        self.client = client
        self.subprotocol = subprotocol

    async def send_text(self, text: str) -> None:
        await self.session.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self.session.send_to(bytes_data=data)

    async def send_json(self, value: Any) -> None:
        await self.session.send_json_to(value)

    async def receive_text(self) -> Any:
        return await self.session.receive_from()

    async def receive_bytes(self) -> Any:
        return await self.session.receive_from()

    async def receive_json(self) -> Any:
        return await self.session.receive_json_from()

    async def patient(self, timeout: float) -> None:
        await self.session.receive_from(timeout=timeout)

    async def closed(self) -> tuple[int, str]:
        self.client.by_hand = True
        event = await self.session.receive_output()
        return event["code"], event["reason"]

    async def close(self, code: int, reason: str) -> None:
        await self.session.disconnect(code)

    async def vanish(self) -> None:
        self.client.by_hand = True
        await self.session.send_input({"type": "websocket.disconnect", "code": 1006})
