"""What HTTP itself demands beside the specification: of a status, of the length of a body, of trailers.

The rest of it, what the name and the value of a header may hold, stands with the headers in values.py.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .clause import Violation, breach
from .values import NO_LIMIT, is_bytes, is_int, is_listing, is_one_shot, length_of, shown


class Expected(NamedTuple):
    """What a start says of the body to come: how many bytes it may have, or has to have where `exact`.

    `bodiless` is the clause that forbids a body, and why.
    """

    limit: int = NO_LIMIT
    exact: bool = False
    bodiless: tuple[str, str] | None = None


def expected(method: Any, status: Any, lengths: list[bytes]) -> Expected:
    """What the answer to a method says of its body, with this status and these content-lengths."""
    if method == "HEAD":
        return Expected(0, bodiless=("http.semantics.head-body", "in answer to HEAD"))
    if is_int(status) and status in (204, 304):
        return Expected(0, bodiless=("http.semantics.bodiless-status", f"with the status {status:d}"))
    length = length_of(lengths[0]) if len(set(lengths)) == 1 else None
    return Expected() if length is None else Expected(length, exact=True)


def status_breaches(status: Any, index: int, name: str) -> Iterator[Violation]:
    """The clauses on the status of a start, which is that of a final response (RFC 9110 15)."""
    if is_int(status) and not 200 <= status <= 599:
        clause = "http.semantics.status.final" if 100 <= status < 200 else "http.semantics.status.range"
        yield breach(clause, index, f"The application sent {name} with the status {shown(status)}.")


def content_lengths(headers: Any) -> list[bytes]:
    """The values of all headers `content-length`, in whatever case: on the wire it makes no difference."""
    return [value.strip() for key, value in pairs_of(headers) if key.lower() == b"content-length"]


def content_length_breaches(lengths: list[bytes], status: Any, index: int, name: str) -> Iterator[Violation]:
    """The clauses on the content-lengths of a start (RFC 9110 8.6)."""
    different = len(set(lengths))
    if different > 1:
        message = f"{name} has {different} different content-lengths."
        yield breach("http.semantics.content-length.one", index, message)
    elif lengths and length_of(lengths[0]) is None:
        message = f"{name} has the content-length {shown(lengths[0])}."
        yield breach("http.semantics.content-length.digits", index, message)
    elif lengths and status == 204:
        message = f"{name} has the status 204, and a content-length."
        yield breach("http.semantics.content-length.forbidden", index, message)


def announcement_breaches(headers: Any, trailers: Any, index: int) -> Iterator[Violation]:
    """The clause on trailers that the headers of the start have not announced (RFC 9110 6.6.2)."""
    if is_one_shot(headers):
        return
    values = [value for key, value in pairs_of(headers) if key.lower() == b"trailer"]
    announced = {word.strip().lower() for value in values for word in value.split(b",")}
    names = {key.lower() for key, _ in pairs_of(trailers) if not key.startswith(b":")}
    missing = sorted(names - announced)
    if missing:
        message = f"The response has the trailer {missing[0]!r}, and no header 'trailer' that names it."
        yield breach("ext.http.response.trailers.announce", index, message)


def is_described(headers: Any) -> bool:
    """Whether the headers of a start say what the body is, or how long."""
    names = {key.lower() for key, _ in pairs_of(headers)}
    return is_one_shot(headers) or not names.isdisjoint((b"content-type", b"content-length"))


def link_headers(links: Any) -> list[tuple[bytes, bytes]]:
    """The headers that the links of an early hint become (RFC 8297 2), if they can be read more than once."""
    if not is_listing(links) or is_one_shot(links):
        return []
    return [(b"link", link) for link in links if is_bytes(link)]


def has_body(headers: Any) -> bool:
    """Whether a request has a body, as far as its headers tell (RFC 9112 6.3)."""
    return any(
        (key.lower() == b"content-length" and value.strip(b" 0")) or key.lower() == b"transfer-encoding"
        for key, value in pairs_of(headers)
    )


def pairs_of(headers: Any) -> list[tuple[bytes, bytes]]:
    """The headers that are as they have to be, if they can be read more than once."""
    if not is_listing(headers) or is_one_shot(headers):
        return []
    return [
        (pair[0], pair[1])
        for pair in headers
        if isinstance(pair, list | tuple) and len(pair) == 2 and is_bytes(pair[0]) and is_bytes(pair[1])
    ]
