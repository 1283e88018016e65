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
KNOWN, LONGEST = 1000, 100  # names, and characters of one


class Secrets(NamedTuple):
    """What tells that a value is one: the name of a header or of a field, and that of a parameter in a query,
    wherever it stands. `plain` are names that tell nothing, and `harmless` such headers: there are few, and
    they come again and again."""

    name: re.Pattern[str]
    parameter: re.Pattern[str]
    plain: set[Any]
    harmless: set[tuple[bytes, bytes]]

    def told_by(self, name: Any) -> bool:
        """Whether what is called so is secret, which text alone can tell."""
        if name in self.plain:
            return False
        text = name.decode("latin-1") if isinstance(name, bytes) else name if isinstance(name, str) else ""
        found = self.name.search(text) is not None
        if not found and len(self.plain) < KNOWN and len(text) <= LONGEST:
            self.plain.add(name)
        return found

    def told_in(self, name: bytes, value: bytes) -> bool:
        """Whether there may be something secret in a header."""
        if b"?" in value or b"&" in value or self.told_by(name):
            return True
        if len(self.harmless) < KNOWN and len(value) <= LONGEST:
            self.harmless.add((name, value))
        return False


def secrets(words: Iterable[str] = ()) -> Secrets:
    """The usual words, and these, of which one is in the name."""
    anyone = "|".join([WORDS, *map(re.escape, words)])
    return Secrets(
        re.compile(anyone, re.IGNORECASE),
        re.compile(rf"([?&][^=&#\s]*(?:{anyone})[^=&#\s]*=)[^&#\s]*", re.IGNORECASE),
        set(),
        set(),
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


def hidden(fields: dict[Any, Any], secret: Secrets = USUAL) -> dict[Any, Any]:
    """The same where time is short: what cannot have credentials is returned as it is.

    The `state` of a scope, which is long and the same each time, is for whoever reads it to be hidden.
    """
    return masked_fields(fields, secret) if may_tell(fields, secret) else fields


def may_tell(fields: Mapping[Any, Any], secret: Secrets) -> bool:
    """Whether there may be something secret in a scope or in an event: where that is not known, there is."""
    headers = fields.get("headers") or ()
    if type(headers) not in (list, tuple) or fields.get("query_string"):
        return True
    try:
        if not secret.harmless.issuperset(headers) and any(secret.told_in(*pair) for pair in headers):
            return True
        if not secret.plain.issuperset(fields) and any(
            secret.told_by(name) and tells(value) for name, value in fields.items()
        ):
            return True
    except (TypeError, ValueError, AttributeError):  # They are no pairs, or what has no name.
        return True
    for name, value in fields.items():
        if type(value) is dict and value and name != "state" and may_tell(value, secret):
            return True
    return False


def tells(value: Any) -> bool:
    """Whether what is written of a value may be more than its type, as it is of a client or of a pool."""
    return getattr(type(value), "__repr__", None) is not object.__repr__


def masked_fields(fields: Mapping[Any, Any], secret: Secrets = USUAL) -> dict[Any, Any]:
    """A scope or an event without credentials."""
    return {key: masked_field(key, value, secret) for key, value in fields.items()}


def masked_field(key: Any, value: Any, secret: Secrets = USUAL) -> Any:
    if key == "headers":
        return masked_headers(value, secret)
    if key == "query_string" and isinstance(value, Cut):
        return value._replace(prefix=masked_field(key, value.prefix, secret))
    if key == "query_string" and isinstance(value, bytes):
        return secret.parameter.sub(rf"\1{MASK}", f"?{value.decode('latin-1')}")[1:].encode("latin-1")
    if secret.told_by(key):
        return MASK
    return masked_fields(value, secret) if isinstance(value, dict) else value


def masked_headers(headers: Any, secret: Secrets = USUAL) -> Any:
    """Headers: of what is no list of them, and no dict, no more than its type is left."""
    match headers:
        case None | Cut():
            return headers
        case dict():
            return masked_fields(headers, secret)
        case Opaque(type=kind):
            return Opaque(kind, MASK)
        case list():
            return [masked_header(pair, secret) for pair in headers]
        case tuple():
            return tuple([masked_header(pair, secret) for pair in headers])
    return Opaque(type(headers).__name__, MASK)


def masked_header(pair: Any, secret: Secrets = USUAL) -> Any:
    """A pair of name and value, of one class or another; what is no pair of strings is left alone."""
    match pair:
        case Cut() | Opaque():
            return pair
        case (bytes() as name, bytes() as value):
            if not secret.told_in(name, value):
                return pair
            text = masked_value(name.decode("latin-1"), value.decode("latin-1"), secret)
            shown: Any = text.encode("latin-1")
        case (bytes() | str() as name, str() | Cut()) if secret.told_by(name):
            shown = MASK
        case (bytes() as name, Cut(bytes() as prefix) as value):
            shown = value._replace(prefix=masked_header((name, prefix), secret)[1])
        case _:
            return pair
    return [name, shown] if isinstance(pair, list) else (name, shown)


def masked_value(name: str, value: str, secret: Secrets = USUAL) -> str:
    """The value of a header, without what its name says is secret."""
    match name.lower():
        case "cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value)
        case "set-cookie" if "=" in value:
            return COOKIE.sub(f"={MASK}", value, count=1)
        case "authorization" | "proxy-authorization" if SCHEME.match(value):
            return SCHEME.sub(rf"\1{MASK}", value)
    return MASK if secret.told_by(name) else secret.parameter.sub(rf"\1{MASK}", value)
