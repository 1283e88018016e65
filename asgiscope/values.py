"""The values of a conversation as plain data: a copy that no one can change, and its way to JSON and back.

frozen(value, limit)                 long strings are cut, and strangers named
decoded(encoded(frozen_value))       there and back without loss
"""

import base64
from collections.abc import Callable, Set
from typing import Any, NamedTuple


class Cut(NamedTuple):
    """A long text or byte string: what it begins with, and the length of the whole."""

    prefix: bytes | str
    length: int


class Opaque(NamedTuple):
    """What is neither text nor number nor any of the values that a file can hold: its type and its repr."""

    type: str
    repr: str


# JSON has no bytes and no tuples, its objects have only text for keys, and its numbers end somewhere. What it
# lacks is an object with one key that begins with "$".


def encoded(value: Any) -> Any:
    """A frozen value as JSON has it."""
    match value:
        case Cut(prefix, length):
            return {"$cut": [encoded(prefix), length]}
        case Opaque(type, repr):
            return {"$opaque": [type, repr]}
        case bytes():
            return (
                {"$bytes": value.decode("ascii")}
                if value.isascii()
                else {"$base64": base64.b64encode(value).decode()}
            )
        case tuple():
            return {"$tuple": [encoded(item) for item in value]}
        case list():
            return [encoded(item) for item in value]
        case dict() if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: encoded(item) for key, item in value.items()}
        case dict():
            return {"$dict": [[encoded(key), encoded(item)] for key, item in value.items()]}
        case float() if value != value or value in (float("inf"), float("-inf")):
            return {"$float": str(value)}
        case int() if value.bit_length() > 64:
            return {"$int": hex(value)}
    return value


def decoded(value: Any) -> Any:
    """The value that `encoded` wrote."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("$cut", [prefix, length])]:
            return Cut(decoded(prefix), length)
        case [("$opaque", [type, repr])]:
            return Opaque(type, repr)
        case [("$bytes", text)]:
            return text.encode("ascii")
        case [("$base64", text)]:
            return base64.b64decode(text)
        case [("$tuple", items)]:
            return tuple(decoded(item) for item in items)
        case [("$dict", pairs)]:
            return {decoded(key): decoded(item) for key, item in pairs}
        case [("$float", text)]:
            return float(text)
        case [("$int", text)]:
            return int(text, 16)
    return {key: decoded(item) for key, item in value.items()}


KEY = 256  # characters of a key: it is kept whole, where a value is cut
# What the values are that inherit from a string or from a number, such as HTTPStatus.
PLAIN: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    bytes: bytes.__bytes__,
    int: int.__int__,
    float: float.__float__,
}


def frozen(value: Any, limit: int, depth: int = 16) -> Any:
    """A copy of a value that no one can change, with long strings cut and strangers named.

    `limit` is what is kept of a string, in bytes or characters; what is nested deeper than `depth` is named,
    too. A value of a subclass is one of the class, and a set is a list.
    """
    if value is None or type(value) in (bool, Cut, Opaque):
        return value
    for kind, plain in PLAIN.items():
        if isinstance(value, kind):
            text = plain(value)
            return Cut(text[:limit], len(text)) if kind in (str, bytes) and len(text) > limit else text
    if depth and isinstance(value, tuple):
        return tuple(frozen(item, limit, depth - 1) for item in value)
    if depth and isinstance(value, list | Set):
        return [frozen(item, limit, depth - 1) for item in value]
    if depth and isinstance(value, dict):
        long = max(limit, KEY)
        return {frozen(key, long, depth - 1): frozen(item, limit, depth - 1) for key, item in value.items()}
    try:
        text = repr(value)
    except Exception as error:
        text = f"(its repr raised {type(error).__name__})"
    return Opaque(type(value).__name__, text[:200])
