"""Two questions that a load balancer asks: are you alive, and can you do your work?

They stand beside Django and not in it. Whoever asks them knows this machine by its address, not by a name in
ALLOWED_HOSTS, and wants no redirect to https; and the first has to be answered when the database is not.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.db import connection
from redis.asyncio import Redis

logger = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for each part to answer


@sync_to_async
def database() -> None:
    """Ask the database for one row. Raises what the driver raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        # Nobody uses this thread again, and a connection belongs to its thread.
        connection.close()


async def redis() -> None:
    """Ask Redis for a sign of life. Raises what the client raises."""
    async with Redis.from_url(settings.REDIS_URL) as client:
        await client.ping()


async def tried(name: str, part: Callable[[], Awaitable[None]]) -> str:
    """What becomes of asking a part: the reason goes to the log, and not to whoever asks."""
    try:
        async with asyncio.timeout(PATIENCE), ThreadSensitiveContext():
            await part()
    except Exception as error:  # Whatever is wrong, the answer is that it is not ready.
        logger.warning("not ready: the %s does not answer: %s: %s", name, type(error).__name__, error)
        return "does not answer"
    return "ok"


async def answer(scope: Any, send: Any, status: int, parts: dict[str, str]) -> None:
    """Send the parts as JSON; to a method that is not GET or HEAD, send 405."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    body = (json.dumps(parts) + "\n").encode()
    if scope["method"] not in ("GET", "HEAD"):
        status, headers, body = 405, [(b"allow", b"GET, HEAD")], b""
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def healthz(scope: Any, receive: Any, send: Any) -> None:
    """Say that the event loop of this process turns."""
    if scope["type"] != "http":
        raise ValueError(f"healthz speaks http, not {scope['type']}")
    await answer(scope, send, 200, {"status": "ok"})


async def readyz(scope: Any, receive: Any, send: Any) -> None:
    """Say whether the database answers, and Redis where it is used: 200 if all do, 503 if one does not."""
    if scope["type"] != "http":
        raise ValueError(f"readyz speaks http, not {scope['type']}")
    asked = {"database": database, **({"redis": redis} if settings.REDIS_URL else {})}
    found = await asyncio.gather(*(tried(name, part) for name, part in asked.items()))
    parts = dict(zip(asked, found, strict=True))
    await answer(scope, send, 200 if set(found) == {"ok"} else 503, parts)
