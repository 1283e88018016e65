"""What a server refuses: an event that is none of the protocol, or not offered, or not whole."""

from collections.abc import Mapping
from typing import Any

from ..contract.extensions import extension_of, offered
from ..contract.http import BODY, START
from ..contract.values import Field, known_length, shown

Kinds = Mapping[str, tuple[Field, ...]]

# Those of no extension, by far the most; all others are worth a look.
PLAIN = frozenset({"http.response.start", "http.response.body", "websocket.accept", "websocket.send"})


def is_plain(event: Any) -> bool:
    """Whether it is a start or a body as nearly all are: a short cut, which passes nothing that is wrong."""
    if type(event) is not dict:
        return False
    kind = event.get("type")
    if kind == BODY:
        return type(event.get("body", b"")) is bytes and type(event.get("more_body", False)) is bool
    return (
        kind == START
        and len(event) == 3
        and type(event.get("status")) is int
        and known_length(event.get("headers")) is not None
    )


def kind_of(event: Any, kinds: Kinds, scope: Mapping[str, Any]) -> str:
    """The type of an event that an application sends (asgi.rst, Events).

    Raises TypeError for what is no event, or has a value of a wrong type, and ValueError for an event that
    the protocol does not have, or the scope not offer, or that lacks a key.
    """
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        raise TypeError(f"an event is a dict with a 'type' that is a str, and {shown(event)} is not")
    fields = kinds.get(kind)
    if fields is None:
        if kind in offered(scope):
            return kind
        raise ValueError(f"an application sends no {kind!r} here: it sends {', '.join(kinds)}")
    if kind not in PLAIN and (name := extension_of(kind)) is not None and name not in offered(scope):
        raise ValueError(f"{kind!r} is of the extension {name!r}, which scope['extensions'] does not offer")
    for key, test, expected, _, required in fields:
        if key not in event:
            if required:
                raise ValueError(f"{kind!r} has no {key!r}, which is {expected}")
        elif not test(event[key]):
            raise TypeError(f"{key!r} of {kind!r} is {expected}, not {shown(event[key])}")
        elif key == "headers":
            check_headers(event[key], kind)
    return kind


def check_headers(headers: Any, kind: str) -> None:
    """Raise TypeError for headers that are not pairs of byte strings."""
    for pair in headers:
        if not isinstance(pair, list | tuple) or [isinstance(part, bytes) for part in pair] != [True, True]:
            raise TypeError(f"a header of {kind!r} is a pair of byte strings, not {shown(pair)}")
