"""The contestants, each built as its own users build it.

All take a mapping of prefixes to applications, and a default for what none of them fits; without a
default they do what they do by themselves.
"""

import re
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from channels.routing import URLRouter
from django.urls import re_path
from hypercorn.middleware import DispatcherMiddleware
from starlette.routing import Mount
from starlette.routing import Router as StarletteRouter

from router import Application, Receive, Router, Scope, Send

Build = Callable[[Mapping[str, Application], Application | None], Application]


def ours(mounts: Mapping[str, Application], default: Application | None = None) -> Application:
    """The router of this project."""
    return Router(mounts) if default is None else Router(mounts, default)


def by_hand(mounts: Mapping[str, Application], default: Application | None = None) -> Application:
    """What one writes for oneself: one look-up for each depth that has mounts, and one copy of the scope.

    It is as fast as it can be made without giving up that the longest prefix wins, and knows nothing of
    lifespan nor of servers that leave root_path out of the path.
    """
    deepest = max(prefix.count("/") for prefix in mounts)
    missing = not_here if default is None else default

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path, end, mount = scope["path"], 0, None
        for _ in range(deepest):
            end = path.find("/", end + 1)
            prefix = path if end < 0 else path[:end]
            if prefix in mounts:
                mount = prefix
            if end < 0:
                break
        if mount is None:
            await missing(scope, receive, send)
        else:
            child = scope.copy()
            child["root_path"] = scope.get("root_path", "") + mount
            await mounts[mount](child, receive, send)

    return dispatch


async def not_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
    else:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body"})


def starlette(mounts: Mapping[str, Any], default: Application | None = None) -> Any:
    """`starlette.routing.Router` with a `Mount` for each prefix, everything else left as it comes."""
    return StarletteRouter([Mount(prefix, app) for prefix, app in mounts.items()], default=default)


def channels(mounts: Mapping[str, Any], default: Any = None) -> Any:
    """`channels.routing.URLRouter` with a `re_path` for each prefix, and one at the end for the rest.

    A prefix ends at a slash or at the end of the path, which the usual `re_path("^raw/", app)` does not
    say.
    """
    routes = [re_path(f"^{re.escape(prefix[1:])}(?:/|$)", app) for prefix, app in mounts.items()]
    return URLRouter(routes if default is None else [*routes, re_path("", default)])


def hypercorn(mounts: Mapping[str, Any], default: Any = None) -> Any:
    """`hypercorn.middleware.DispatcherMiddleware`; a default is a mount at "/", the last one."""
    return DispatcherMiddleware(dict(mounts) if default is None else {**mounts, "/": default})


CONTESTANTS: dict[str, Build] = {
    "Router": ours,
    "by hand": by_hand,
    "Starlette": starlette,
    "Channels": channels,
    "Hypercorn": hypercorn,
}


def versions() -> str:
    """The peers and their versions, in a line."""
    return ", ".join(f"{name} {version(name)}" for name in ("Starlette", "Channels", "Django", "Hypercorn"))
