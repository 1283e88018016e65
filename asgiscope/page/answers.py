"""How the page answers: whole, or as a stream of server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

from .guard import HEADERS

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


async def answer(
    scope: Mapping[str, Any],
    send: Send,
    body: str | bytes,
    kind: str = HTML,
    status: int = 200,
    more: Mapping[str, str] | None = None,
) -> None:
    """Send a whole answer; to HEAD, without its body.

    204 and 304 have none, and no length of it, either (RFC 9110, 8.6).
    """
    data = body.encode() if isinstance(body, str) else body
    length = [] if status in (204, 304) else [(b"content-length", str(len(data)).encode())]
    headers = [
        (b"content-type", kind.encode()),
        *length,
        *(
            (name.encode(), value.encode())
            for name, value in {"cache-control": "no-store", **(more or {})}.items()
        ),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})


async def answer_json(scope: Mapping[str, Any], send: Send, value: object, status: int = 200) -> None:
    """Send a value as JSON."""
    await answer(scope, send, json.dumps(value), JSON, status)


async def stream(receive: Receive, send: Send, messages: AsyncIterator[tuple[str, object]]) -> None:
    """Send events to an EventSource (HTML, 9.2) until there are no more, or until the client leaves.

    Each is a name and a value, which is sent as JSON.
    """
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def sending() -> None:
        async with aclosing(messages):  # type: ignore[type-var]  # the iterators here are generators
            async for name, value in messages:
                data = f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()
                await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body"})

    async def leaving() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = {asyncio.ensure_future(sending()), asyncio.ensure_future(leaving())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        with suppress(OSError):  # `send` may know before `receive` that the client has left
            task.result()
