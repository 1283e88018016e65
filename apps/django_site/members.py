"""Who is at the other end of a WebSocket: Django's session says so, to applications of whatever kind."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator
from django.db import DatabaseError

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]


def members_only(app: Application) -> Application:
    """An application whose WebSockets are only for those who have logged in.

    In the scope it finds `user`, as Channels puts it there, and `member`, the name alone. Others are answered
    403, and all of them 503 while the database does not say who they are: with a reason where the server
    offers that (the extension `websocket.http.response`), by a close where it does not. What is no WebSocket
    goes through untouched: the middleware of Channels would raise for a lifespan.
    """

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return
        found: dict[str, Any] = {}

        async def note(scope: Any, receive: Any, send: Any) -> None:
            found.update(scope)

        # Over HTTP/2 each cookie may come in a header of its own, and Channels looks at the first.
        cookies = b"; ".join(value for name, value in scope["headers"] if name.lower() == b"cookie")
        asked = {**scope, "headers": [(b"cookie", cookies)]}
        try:
            await AuthMiddlewareStack(note)(asked, receive, send)
        except DatabaseError:
            logger.exception("a WebSocket is refused, because its session cannot be read")
            await refuse(scope, receive, send, 503, b"The database does not answer: try again later.\n")
            return
        user = found["user"]
        if not user.is_authenticated:
            await refuse(scope, receive, send, 403, b"Only members are let in: log in first.\n")
            return
        await app({**scope, "user": user, "member": user.get_username()}, receive, send)

    return guarded


def own_pages_only(app: Application) -> Application:
    """An application whose WebSockets are only for pages of ALLOWED_HOSTS, as Channels finds out.

    An Origin that is no URL is answered 403, too: Channels would raise, and the server say 500.
    """
    validator = AllowedHostsOriginValidator(app)

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        try:
            for name, value in scope["headers"]:
                if name == b"origin":
                    urlsplit(value.decode("latin-1"))
        except ValueError:
            await refuse(scope, receive, send, 403, b"The Origin is no URL.\n")
        else:
            await validator(scope, receive, send)

    return guarded


async def refuse(scope: Any, receive: Any, send: Any, status: int, why: bytes) -> None:
    """Answer a handshake with a status and a reason, or by a close where the server knows no other way."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(why))]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": why})
