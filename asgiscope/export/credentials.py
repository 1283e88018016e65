"""What a conversation must not tell to strangers: the values of the headers and parameters that let one in.

Of a cookie its name is left, and of an authorization its scheme: enough to see that there was one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..conversation import Conversation, Cut, Lane, Opaque

MASK = "***"
WORDS = r"authorization|cookie|passw|secret|token|session|signature|(?:api|access|auth|subscription)[-_]?key"
SCHEME = re.compile(r"^(\w+ ).*", re.DOTALL)
COOKIE = re.compile(r"=[^;]*")


class Secrets(NamedTuple):
    """What tells that a value is one: the name of a header or of a field, and that of a parameter in a query,
    wherever it stands."""

    name: re.Pattern[str]
    parameter: re.Pattern[str]


def secrets(words: Iterable[str] = ()) -> Secrets:
    """The usual words, and these, of which one is in the name."""
    anyone = "|".join([WORDS, *map(re.escape, words)])
    return Secrets(
        re.compile(anyone, re.IGNORECASE),
        re.compile(rf"([?&][^=&#\s]*(?:{anyone})[^=&#\s]*=)[^&#\s]*", re.IGNORECASE),
    )


USUAL = secrets()


def masked(conversation: Conversation, secret: Secrets = USUAL) -> Conversation:
    """The conversation without credentials in its headers, in its query and in what middleware has added."""
    lanes = [masked_lane(lane, secret) for lane in conversation.lanes]
    return Conversation(conversation.id, conversation.started, lanes)


def masked_lane(lane: Lane, secret: Secrets = USUAL) -> Lane:
    return replace(
        lane,
        scope=masked_fields(lane.scope, secret),
        scope_after=None if lane.scope_after is None else masked_fields(lane.scope_after, secret),
        events=[replace(event, fields=masked_fields(event.fields, secret)) for event in lane.events],
    )


def masked_fields(fields: Mapping[Any, Any], secret: Secrets = USUAL) -> dict[Any, Any]:
    """A scope or an event without credentials."""
    return {key: masked_field(key, value, secret) for key, value in fields.items()}


def masked_field(key: Any, value: Any, secret: Secrets = USUAL) -> Any:
    if key == "headers" and isinstance(value, list | tuple):
        return type(value)(masked_header(pair, secret) for pair in value)
    if key == "query_string" and isinstance(value, Cut):
        return value._replace(prefix=masked_field(key, value.prefix, secret))
    if key == "query_string" and isinstance(value, Cut):
        return value._replace(prefix=masked_field(key, value.prefix, secret))
    if key == "query_string" and isinstance(value, bytes):
        return secret.parameter.sub(rf"\1{MASK}", f"?{value.decode('latin-1')}")[1:].encode("latin-1")
    if isinstance(key, str) and secret.name.search(key):
        return MASK
    return masked_fields(value, secret) if isinstance(value, dict) else value


def masked_header(pair: Any, secret: Secrets = USUAL) -> Any:
    """A pair of name and value; what is no pair of strings is left alone."""
    match pair:
        case Cut() | Opaque():
            return pair
        case (bytes(), bytes()):
            name, value = (part.decode("latin-1") for part in pair)
            return type(pair)((pair[0], masked_value(name, value, secret).encode("latin-1")))
        case (bytes() | str() as name, str() | Cut()) if secret.name.search(str(name)):
            return type(pair)((name, MASK))
        case (bytes() as name, Cut(bytes() as prefix) as value):
            _, shown = masked_header((name, prefix), secret)
            return type(pair)((name, value._replace(prefix=shown)))
    return pair


def masked_value(name: str, value: str, secret: Secrets = USUAL) -> str:
    """The value of a header, without what its name says is secret."""
    match name.lower():
        case "cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value)
        case "set-cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value, count=1)
        case "authorization" | "proxy-authorization" if SCHEME.match(value):
            return SCHEME.sub(rf"\1{MASK}", value)
    return MASK if secret.name.search(name) else secret.parameter.sub(rf"\1{MASK}", value)
