"""What a conversation must not tell to strangers: the values of the headers and parameters that let one in.

Of a cookie its name is left, and of an authorization its scheme: enough to see that there was one.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..conversation import Conversation, Cut, Lane, Opaque

MASK = "***"
WORDS = r"authorization|cookie|passw|secret|token|session|signature|(?:api|access|auth|subscription)[-_]?key"
SECRET = re.compile(WORDS, re.IGNORECASE)
SCHEME = re.compile(r"^(\w+ ).*", re.DOTALL)
COOKIE = re.compile(r"=[^;]*")
# In a query, wherever it stands: a parameter with such a name.
PARAMETER = re.compile(rf"([?&][^=&#\s]*(?:{WORDS})[^=&#\s]*=)[^&#\s]*", re.IGNORECASE)


def masked(conversation: Conversation) -> Conversation:
    """The conversation without credentials in its headers, in its query and in what middleware has added."""
    return Conversation(conversation.id, conversation.started, map(masked_lane, conversation.lanes))


def masked_lane(lane: Lane) -> Lane:
    return replace(
        lane,
        scope=masked_fields(lane.scope),
        scope_after=None if lane.scope_after is None else masked_fields(lane.scope_after),
        events=[replace(event, fields=masked_fields(event.fields)) for event in lane.events],
    )


def masked_fields(fields: Mapping[Any, Any]) -> dict[Any, Any]:
    """A scope or an event without credentials."""
    return {key: masked_field(key, value) for key, value in fields.items()}


def masked_field(key: Any, value: Any) -> Any:
    if key == "headers" and isinstance(value, list | tuple):
        return type(value)(map(masked_header, value))
    if key == "query_string" and isinstance(value, bytes):
        return PARAMETER.sub(rf"\1{MASK}", f"?{value.decode('latin-1')}")[1:].encode("latin-1")
    if isinstance(key, str) and SECRET.search(key):
        return MASK
    return masked_fields(value) if isinstance(value, dict) else value


def masked_header(pair: Any) -> Any:
    """A pair of name and value; what is no pair of strings is left alone."""
    match pair:
        case Cut() | Opaque():
            return pair
        case (bytes(), bytes()):
            name, value = (part.decode("latin-1") for part in pair)
            return type(pair)((pair[0], masked_value(name, value).encode("latin-1")))
        case (bytes() | str() as name, str() | Cut()) if SECRET.search(str(name)):
            return type(pair)((name, MASK))
    return pair


def masked_value(name: str, value: str) -> str:
    """The value of a header, without what its name says is secret."""
    match name.lower():
        case "cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value)
        case "set-cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value, count=1)
        case "authorization" | "proxy-authorization" if SCHEME.match(value):
            return SCHEME.sub(rf"\1{MASK}", value)
    return MASK if SECRET.search(name) else PARAMETER.sub(rf"\1{MASK}", value)
