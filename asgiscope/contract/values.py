"""What a value may be: the types of the specification, the values of events, and headers.

`bytes` means bytes, and nothing that only resembles it. An int may be of a subclass, as the members of
http.HTTPStatus are, but is no bool. A header is a list or tuple of two byte strings, and headers are any
iterable of them. One that can be read only once is left to the server: see `is_one_shot`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple, TypeGuard

from .clause import Violation, breach

INT64 = 2**63
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")  # RFC 9110 5.5
NO_LISTINGS = (str, bytes, bytearray, memoryview, Mapping)

Test = Callable[[Any], bool]


def is_bytes(value: Any) -> TypeGuard[bytes]:
    return isinstance(value, bytes)


def is_str(value: Any) -> TypeGuard[str]:
    return isinstance(value, str)


def is_bool(value: Any) -> TypeGuard[bool]:
    return isinstance(value, bool)


def is_dict(value: Any) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def is_dict_of_str(value: Any) -> TypeGuard[dict[str, Any]]:
    return is_dict(value) and all(map(is_str, value))


def is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_size(value: Any) -> TypeGuard[int]:
    return is_int(value) and value >= 0


def or_none(test: Test) -> Test:
    return lambda value: value is None or test(value)


def is_listing(value: Any) -> TypeGuard[Iterable[Any]]:
    """Whether it can be gone through item by item, and is neither one string nor a mapping."""
    return isinstance(value, Iterable) and not isinstance(value, NO_LISTINGS)


def is_one_shot(value: Any) -> TypeGuard[Iterator[Any]]:
    """Whether reading it takes away what the next reader would get."""
    return type(value) not in (list, tuple) and isinstance(value, Iterator)


class Field(NamedTuple):
    """A key of an event or of a scope: what its value has to be, and the clause that says so."""

    key: str
    test: Test
    expected: str
    clause: str
    required: bool = False


def shown(value: Any) -> str:
    """A value in a message: short, and with its type."""
    try:
        text = repr(value)
    except Exception:  # A stranger's __repr__ may raise anything, and a message has to come out.
        text = "(no repr)"
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


def field_breaches(
    what: Mapping[Any, Any], fields: Iterable[Field], event: int | None, name: str
) -> Iterator[Violation]:
    """The clauses that the keys of an event, or of a scope, break; `name` is what messages call it."""
    for key, test, expected, clause, required in fields:
        if key in what and not test(what[key]):
            yield breach(clause, event, f"{key!r} of {name} is {shown(what[key])}, not {expected}.")
        elif required and key not in what:
            yield breach(clause, event, f"{key!r} of {name} is missing: it has to be {expected}.")


def value_breaches(
    event: Mapping[Any, Any], own: Iterable[str], index: int, name: str
) -> Iterator[Violation]:
    """The clauses on values that an event breaks; the keys in `own` have clauses of their own."""
    for key, value in event.items():
        if not isinstance(key, str):
            yield breach("general.keys.unicode", index, f"A key of {name} is {shown(key)}, not a str.")
        elif key not in own:
            yield from nested_breaches(value, index, f"{key!r} of {name}")


def nested_breaches(value: Any, index: int, name: str) -> Iterator[Violation]:
    """The clauses that a value breaks, and the values in it: each of them once, as one may contain itself."""
    ahead = [(value, name)]
    seen: set[int] = set()
    for value, name in ahead:
        if value is None or isinstance(value, str | bytes | bool) or id(value) in seen:
            continue
        if isinstance(value, int):
            if not -INT64 <= value < INT64:
                message = f"The value of {name} is an int of more than 64 bits."
                yield breach("general.event.value.int64", index, message)
        elif isinstance(value, float):
            if not isfinite(value):
                yield breach("general.event.value.float-finite", index, f"The value of {name} is {value!r}.")
        elif isinstance(value, dict):
            seen.add(id(value))
            for key, inner in value.items():
                if isinstance(key, str):
                    ahead.append((inner, f"{key!r} in {name}"))
                else:
                    message = f"The value of {name} has the key {shown(key)}, not a str."
                    yield breach("general.event.value.dict-keys", index, message)
        elif isinstance(value, list | tuple):
            seen.add(id(value))
            if isinstance(value, tuple):
                yield breach("general.event.value.tuples-as-lists", index, f"The value of {name} is a tuple.")
            ahead += [(inner, f"an item of {name}") for inner in value]
        else:
            yield breach(
                "general.event.value.allowed-types", index, f"The value of {name} is {shown(value)}."
            )


class HeaderClauses(NamedTuple):
    """The clauses on the headers of a scope, or of one kind of event; None where nothing is demanded."""

    shape: str
    bytes: str
    lowercase: str
    no_pseudo: str
    name: str | None = "http.semantics.header.name"
    value: str | None = "http.semantics.header.value"


def header_clauses(own: str) -> HeaderClauses:
    """The clauses on headers, where each has a name of its own: `own` is what those begin with."""
    return HeaderClauses(f"{own}.shape", f"{own}.bytes", f"{own}.lowercase", f"{own}.no-pseudo")


# Names, and whole headers, that broke nothing, so that each is looked at once. There is room for so many, and
# none for what is long or secret, or says the length of a body.
_good_names: set[bytes] = set()
_good_pairs: set[tuple[bytes, bytes]] = set()
KEPT = 1024
KEPT_LENGTH = 128
LONGEST = 20  # digits of a content-length: more than any body has, and what a common server takes
NO_LIMIT = 10**LONGEST
APART = (b"authorization", b"cookie", b"set-cookie", b"proxy-authorization", b"content-length")


def header_breaches(
    headers: Any, clauses: HeaderClauses, event: int | None, name: str
) -> Iterator[Violation]:
    """The clauses that headers break. They are not looked at where that would take them from the server."""
    if not is_listing(headers):
        message = f"'headers' of {name} is {shown(headers)}, not an iterable of pairs."
        yield breach(clauses.shape, event, message)
        return
    if is_one_shot(headers):
        return
    for pair in headers:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            yield breach(clauses.shape, event, f"A header of {name} is {shown(pair)}, not a pair.")
            continue
        key, value = pair
        if not isinstance(key, bytes) or not isinstance(value, bytes):
            message = f"The name of a header of {name} is {shown(key)}, not bytes."
            if isinstance(key, bytes):  # The value may be a credential.
                message = f"The value of {key!r} in {name} is of the type {type(value).__name__}, not bytes."
            yield breach(clauses.bytes, event, message)
            continue
        if key not in _good_names:
            found = list(name_breaches(key, clauses, event, name))
            yield from found
            if not found and has_room(_good_names, key) and TOKEN.fullmatch(key):
                _good_names.add(key)
        if not clauses.value or (key, value) in _good_pairs:
            continue
        if UNSAFE.search(value):
            message = f"The value of {key!r} in {name} holds a control character, or has a space at an end."
            yield breach(clauses.value, event, message)
        elif key in _good_names and key not in APART and has_room(_good_pairs, value):
            _good_pairs.add((key, value))


def has_room(known: Sized, text: bytes) -> bool:
    """Whether one more may be remembered, with a text as long as this one."""
    return len(known) < KEPT and len(text) < KEPT_LENGTH


def name_breaches(key: bytes, clauses: HeaderClauses, event: int | None, name: str) -> Iterator[Violation]:
    """The clauses that the name of a header breaks."""
    if key.startswith(b":"):
        yield breach(clauses.no_pseudo, event, f"The header {key!r} of {name} is a pseudo header.")
        return
    if key != key.lower():
        yield breach(clauses.lowercase, event, f"The header {key!r} of {name} is not lower-case.")
    if clauses.name and not TOKEN.fullmatch(key):
        yield breach(clauses.name, event, f"The header {key!r} of {name} has a name that none may have.")


number = lru_cache(KEPT)(int)


def length_of(value: bytes) -> int | None:
    """What a content-length says, if it is a decimal number that may be the length of a body."""
    return number(value) if value.isdigit() and len(value) <= LONGEST else None


def known_length(headers: Any) -> int | None:
    """The content-length that the headers of an event say, or NO_LIMIT, where nothing is wrong with them.

    None for all others, and for those that have a name which was not there before.
    """
    if type(headers) is not list and type(headers) is not tuple:
        return None
    length: int = NO_LIMIT
    try:
        for pair in headers:
            if type(pair) is not tuple:
                return None
            key, value = pair
            # What is no bytes can be equal to bytes, as a memoryview is.
            if type(key) is not bytes or type(value) is not bytes:
                return None
            if pair in _good_pairs:
                continue
            if key == b"content-length":
                said = length_of(value)
                if said is None or length != NO_LIMIT:
                    return None
                length = said
            elif key not in _good_names or UNSAFE.search(value):
                return None
    except ValueError:  # A pair that is none cannot be taken apart into two.
        return None
    return length


def are_plain(headers: Any) -> bool:
    """Whether nothing is wrong with the headers of a request, each name of which was there before."""
    if type(headers) is not list and type(headers) is not tuple:
        return False
    try:
        for pair in headers:
            if type(pair) is not tuple and type(pair) is not list:
                return False
            key, value = pair
            if type(key) is not bytes or type(value) is not bytes or key not in _good_names:
                return False
    except ValueError:  # A pair that is none cannot be taken apart into two.
        return False
    return True
