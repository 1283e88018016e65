"""The chat by Channels: what a WebSocket is to Django, whose views know none."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from weakref import WeakValueDictionary

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LONGEST = 2000  # characters of a message
PAUSE = 0.05  # seconds from one message of a member to the next

# For each member, whose turn it is among the connections in this process.
paces: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def text_of(message: str) -> str | None:
    """The text that a member says, or None if the message holds no such thing."""
    try:
        text = json.loads(message)["text"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return text if isinstance(text, str) and len(text) <= LONGEST else None


class Chat(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One connection of a member: a method for each thing that can come, from the client or the group."""

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Hold the conversation; where the channel layer fails, end it, and say so."""
        self.is_open = False
        self.group = f"chat.{scope['url_route']['kwargs']['room']}"
        pace = paces.setdefault(scope["member"], asyncio.Lock())

        async def receive_in_turn() -> Any:
            # A consumer does one thing after the other: one that waited in its method `receive` could not be
            # told anything meanwhile. So it is not given the next message before its time.
            event = await receive()
            if event["type"] == "websocket.receive":
                async with pace:
                    await asyncio.sleep(PAUSE)
            return event

        try:
            await super().__call__(scope, receive_in_turn, send)
        except RedisError as error:
            logger.warning("the chat lets %s go, the channel layer has failed: %s", scope["member"], error)
            if not self.is_open:
                await self.accept()
            await self.close(1013, "Redis cannot be reached: come back later")
        finally:
            # In `disconnect` this would be left out when the server cancels, or `send` finds that the client
            # has gone, and the group would keep the channel for a day.
            with suppress(RedisError):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def connect(self) -> None:
        """Put the channel of this connection into the group of the room, and let the member in."""
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        self.is_open = True

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Give what the client says to the group, this connection among it."""
        if text_data is None:
            await self.close(1003, "a message is text, not bytes")
        elif (text := text_of(text_data)) is None:
            await self.close(1007, 'a message is JSON: {"text": "..."}, 2000 characters at most')
        else:
            said = json.dumps({"from": self.scope["member"], "text": text})
            await self.channel_layer.group_send(self.group, {"type": "chat.message", "said": said})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Give the client what somebody in the group has said: its type is the name of this method."""
        await self.send(text_data=event["said"])


@asynccontextmanager
async def layer(state: dict[str, Any]) -> AsyncIterator[None]:
    """Close the connections to Redis with the site. Those of Channels are opened when they are first used."""
    yield
    if hasattr(opened := get_channel_layer(), "close_pools"):
        await opened.close_pools()
