"""Copies that stay as they are, whatever becomes of the scope or of the event that was copied."""

from typing import Any

from .contract.values import is_listing
from .values import Cut

SETTLED = (tuple, type(None))
TEXTS = (bytes, str)
PLAIN = frozenset({type(None), bool, int, float, str, bytes})


def snapshot(scope: Any) -> Any:
    """A copy of a scope and of what it holds, as deep as the specification goes."""
    if type(scope) is not dict:
        return scope
    copy = scope.copy()
    headers, state = scope.get("headers"), scope.get("state")
    extensions, asgi = scope.get("extensions"), scope.get("asgi")
    if type(headers) is list:
        copy["headers"] = headers.copy()
    if type(state) is dict:
        copy["state"] = state.copy()
    if type(extensions) is dict:
        copy["extensions"] = extensions.copy()
    if type(asgi) is dict:
        copy["asgi"] = asgi.copy()
    return copy


def is_settled(scope: Any) -> bool:
    """Whether a snapshot stays as it is, whatever becomes of the scope: they share no list and no dict.

    It may say no where that is so. What the specification wants to be a string is taken to be none of them.
    """
    if type(scope) is not dict or scope.get("extensions") or "subprotocols" in scope:
        return False
    headers, client, server = scope.get("headers"), scope.get("client"), scope.get("server")
    if type(headers) is not list or type(scope.get("asgi")) is not dict:
        return False
    for pair in headers:
        if type(pair) is not tuple:
            return False
    return type(client) in SETTLED and type(server) in SETTLED


def is_simple(event: Any) -> bool:
    """Whether it is a dict of numbers, strings and headers, so that a copy of it stays as it is."""
    return type(event) is dict and all(
        is_listing(value) if key == "headers" else type(value) in PLAIN for key, value in event.items()
    )


def copied(event: dict[str, Any]) -> dict[str, Any]:
    """A copy of an event and of its headers."""
    copy = event.copy()
    if "headers" in copy:
        copy["headers"] = list(copy["headers"])
    return copy


def shortened(event: dict[str, Any], limit: int) -> dict[str, Any]:
    """A copy of an event that holds nothing but numbers and strings: of long ones, what they begin with."""
    return {
        key: Cut(value[:limit], len(value)) if type(value) in TEXTS and len(value) > limit else value
        for key, value in event.items()
    }
