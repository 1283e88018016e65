"""A log line for every conversation: JSON, with an id that all other lines about it can have too.

Middleware by hand. It looks at the events that pass and changes none; when the conversation has ended,
however it ended, the line says what came of it:

    {"request_id": "0b7d4f...", "client": "127.0.0.1", "method": "GET", "path": "/raw/hello",
     "status": 200, "bytes": 14, "ended": "complete", "seconds": 0.001}

`ended` is "complete", "left" where the client was gone first, "cut" where the application returned before
its answer was whole, or the name of the exception that ended it. A WebSocket has counts of the messages
`received` and `sent`, and the `code` it was closed with. The query is left out: people put secrets there.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

Event = dict[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]

logger = logging.getLogger("access")

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the conversation that is going on here, in its task and in the threads it asks for help."""


class RequestId(logging.Filter):
    """Gives each record of a handler a `request_id`, which its formatter can name."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class AccessLog:
    """An ASGI application that stands around another one and logs its conversations, at level INFO."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Event]],
        send: Callable[[Event], Awaitable[None]],
    ) -> None:
        """Hold one conversation. Raises what the application raises."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        seen = Seen(scope)

        async def receiving() -> Event:
            event = await receive()
            seen.received(event)
            return event

        async def sending(event: Event) -> None:
            await send(event)
            seen.sent(event)

        began = time.perf_counter()
        before = request_id.set(seen.line["request_id"])
        try:
            await self.app(scope, receiving, sending)
        except BaseException as error:
            seen.line["ended"] = type(error).__name__
            raise
        finally:
            request_id.reset(before)
            seen.line["seconds"] = round(time.perf_counter() - began, 6)
            logger.info("%s", json.dumps(seen.line))


class Seen:
    """What has been seen of a conversation: the line that is logged in the end."""

    def __init__(self, scope: dict[str, Any]) -> None:
        given = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == b"x-request-id"]
        # An id from outside is welcome if it is harmless.
        is_welcome = len(given) == 1 and re.fullmatch(r"[\w-]{1,64}", given[0], re.ASCII)
        self.has_trailers = False
        self.line: dict[str, Any] = {
            "request_id": given[0] if is_welcome else uuid.uuid4().hex,
            "client": (scope.get("client") or [None])[0],
            "method": scope.get("method", "WEBSOCKET"),
            "path": scope["path"],
            "status": None,
            **({"bytes": 0} if scope["type"] == "http" else {"code": None, "received": 0, "sent": 0}),
            "ended": "cut",
        }

    def received(self, event: Event) -> None:
        """Note an event from the server."""
        match event["type"]:
            case "websocket.receive":
                self.line["received"] += 1
            case "http.disconnect" | "websocket.disconnect" if self.line["ended"] == "cut":
                self.line["ended"] = "left"
                if "code" in self.line:
                    self.line["code"] = event.get("code", 1005)

    def sent(self, event: Event) -> None:
        """Note an event that the server has taken."""
        match event["type"].removeprefix("websocket."):
            case "http.response.start":
                self.line["status"] = event["status"]
                self.has_trailers = event.get("trailers", False)
            case "http.response.body":
                if self.line.get("bytes") is not None:
                    self.line["bytes"] += len(event.get("body", b""))
                if not event.get("more_body") and not self.has_trailers:
                    self.line["ended"] = "complete"
            case "http.response.zerocopysend" | "http.response.pathsend":
                # The server reads the file, and it alone knows how much of it there was.
                self.line["bytes"] = None
                if not event.get("more_body") and not self.has_trailers:
                    self.line["ended"] = "complete"
            case "http.response.trailers" if not event.get("more_trailers"):
                self.line["ended"] = "complete"
            case "accept":
                self.line["status"] = 101
            case "send":
                self.line["sent"] += 1
            case "close":
                self.line["code"] = event.get("code", 1000)
                self.line["ended"] = "complete"
