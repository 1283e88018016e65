"""Scopes: what every one has, and what those of HTTP and WebSocket have in common.

A clause on a key has the same name in both protocols but for its first part, so that one table serves both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from .clause import Level, Violation, breach
from .extensions import extension_breaches
from .values import (
    Field,
    field_breaches,
    header_breaches,
    header_clauses,
    is_bytes,
    is_dict_of_str,
    is_int,
    is_listing,
    is_one_shot,
    is_str,
    or_none,
    shown,
)

# Those that there are, and those that may come.
SPEC_VERSIONS = {
    "http": re.compile(r"2\.\d+"),
    "websocket": re.compile(r"2\.\d+"),
    "lifespan": re.compile(r"[12]\.\d+"),
}
SCHEMES = {"http": ("http", "https"), "websocket": ("ws", "wss")}
ASCII_ESCAPE = re.compile(b"%[0-7][0-9A-Fa-f]")
HTTP_VERSIONS = {"http": ("1.0", "1.1", "2", "3"), "websocket": ("1.1", "2", "3")}


def general_breaches(scope: Any) -> Iterator[Violation]:
    """The clauses that bind every scope, of whatever protocol."""
    if not isinstance(scope, dict):
        yield breach("general.scope.is-dict", None, f"The scope is {shown(scope)}, not a dict.")
        return
    for key in scope:
        if not isinstance(key, str):
            yield breach("general.keys.unicode", None, f"A key of the scope is {shown(key)}, not a str.")
    if "type" not in scope:
        yield breach("general.scope.type.present", None, "The scope has no 'type'.")
    elif not isinstance(scope["type"], str):
        message = f"'type' of the scope is {shown(scope['type'])}, not a str."
        yield breach("general.scope.type.unicode", None, message)
    yield from version_breaches(scope)
    extensions = scope.get("extensions")
    if extensions is not None:
        yield from extension_breaches(scope, extensions)


def version_breaches(scope: Mapping[str, Any]) -> Iterator[Violation]:
    """The clauses on scope["asgi"]."""
    asgi = scope.get("asgi")
    if not isinstance(asgi, dict):
        wrong = f"is {shown(asgi)}, not a dict" if "asgi" in scope else "is missing"
        yield breach("general.scope.asgi.present", None, f"'asgi' of the scope {wrong}.")
        return
    kind = scope.get("type")
    if "version" not in asgi:
        yield breach("general.scope.asgi.version.present", None, "'asgi' of the scope has no 'version'.")
    elif not isinstance(asgi["version"], str):
        clause = "lifespan.scope.asgi.version" if kind == "lifespan" else "general.scope.asgi.version.unicode"
        message = f"'version' in 'asgi' of the scope is {shown(asgi['version'])}, not a str."
        yield breach(clause, None, message)
    elif asgi["version"] not in ("2.0", "3.0"):
        message = f"'version' in 'asgi' of the scope is {shown(asgi['version'])}, neither '2.0' nor '3.0'."
        yield breach("general.scope.asgi.version.values", None, message)
    if "spec_version" in asgi and is_str(kind) and kind in SPEC_VERSIONS:
        version = asgi["spec_version"]
        if not isinstance(version, str):
            message = f"'spec_version' in 'asgi' of the scope is {shown(version)}, not a str."
            yield breach(f"{kind}.scope.asgi.spec-version.type", None, message)
        elif not SPEC_VERSIONS[kind].fullmatch(version):
            message = f"'spec_version' in 'asgi' of the scope is {version!r}, no version of the protocol."
            yield breach("general.scope.asgi.spec-version.independent", None, message)


def spec_version(scope: Mapping[str, Any]) -> str | None:
    """The version of its protocol that the server announces; None where it announces none."""
    asgi = scope.get("asgi")
    version = asgi.get("spec_version") if isinstance(asgi, dict) else None
    return version if isinstance(version, str) else None


def is_older(version: str, other: str) -> bool:
    """Whether a version comes before another one; what is no version comes after all of them."""
    numbers = [part.split(".") for part in (version, other)]
    if not all(number.isdecimal() for part in numbers for number in part):
        return False
    first, second = (list(map(int, part)) for part in numbers)
    return first < second


def fields(protocol: str) -> tuple[Field, ...]:
    """The keys of a scope, as the protocol has them."""
    own = f"{protocol}.scope."
    http = protocol == "http"
    method = (Field("method", is_str, "a str", own + "method.type", required=True),) if http else ()
    query = "a byte string" if http else "a byte string or None"  # In HTTP, None has a clause of its own.
    return (
        Field("http_version", is_str, "a str", own + "http_version.type", required=http),
        *method,
        Field("scheme", is_str, "a str", own + "scheme.type"),
        Field("path", is_str, "a str", own + "path.type", required=True),
        Field("raw_path", or_none(is_bytes), "a byte string or None", own + "raw_path.type"),
        Field("query_string", or_none(is_bytes), query, own + "query_string.type", required=http),
        Field("root_path", is_str, "a str", own + "root_path.type"),
        Field("headers", is_listing, "an iterable of pairs", own + "headers.shape", required=True),
        Field("state", is_dict_of_str, "a dict with str keys", own + "state.type"),
    )


FIELDS = {protocol: fields(protocol) for protocol in ("http", "websocket")}
# What HTTP asks of names and values is the client's business in a request, and a proxy's.
HEADERS = {
    protocol: header_clauses(f"{protocol}.scope.headers")._replace(name=None, value=None)
    for protocol in FIELDS
}


def connection_breaches(scope: Mapping[str, Any], protocol: str) -> Iterator[Violation]:
    """The clauses that the scope of a request, or of a WebSocket, breaks."""
    own = f"{protocol}.scope."
    found = list(field_breaches(scope, FIELDS[protocol], None, "the scope"))
    yield from found
    if own + "headers.shape" not in {violation.clause for violation in found}:
        yield from header_breaches(scope["headers"], HEADERS[protocol], None, "the scope")
    version = scope.get("http_version")
    if is_str(version) and version not in HTTP_VERSIONS[protocol]:
        known = ", ".join(HTTP_VERSIONS[protocol])
        message = f"'http_version' of the scope is {version!r}, none of {known}."
        yield breach(own + "http_version.values", None, message)
    if protocol == "http":
        yield from request_breaches(scope)
    scheme = scope.get("scheme")
    if scheme == "":
        yield breach(own + "scheme.non-empty", None, "'scheme' of the scope is empty.")
    elif is_str(scheme) and scheme not in SCHEMES[protocol]:
        yield breach(own + "scheme.value", None, f"'scheme' of the scope is {scheme!r}.")
    yield from path_breaches(scope, protocol)
    yield from address_breaches(scope, protocol)
    if protocol == "websocket" and "subprotocols" in scope:
        names = scope["subprotocols"]
        if not is_listing(names) or not (is_one_shot(names) or all(map(is_str, names))):
            message = f"'subprotocols' of the scope is {shown(names)}, not an iterable of str."
            yield breach("websocket.scope.subprotocols.type", None, message)


def request_breaches(scope: Mapping[str, Any]) -> Iterator[Violation]:
    """The clauses that only the scope of a request has."""
    method, query = scope.get("method"), scope.get("query_string", b"")
    if is_str(method) and method != method.upper():
        yield breach("http.scope.method.uppercase", None, f"'method' of the scope is {method!r}.")
    if query is None:
        yield breach("http.scope.query_string.empty", None, "'query_string' of the scope is None.")
    elif is_bytes(query) and query.startswith(b"?"):
        message = "'query_string' of the scope begins with a '?'."
        # A note: of "/??a=1", this is what it should be.
        yield breach("http.scope.query_string.raw", None, message, level=Level.NOTE)


def path_breaches(scope: Mapping[str, Any], protocol: str) -> Iterator[Violation]:
    """The clauses on `path`, `raw_path` and `root_path`, and on what they have to do with each other."""
    own = f"{protocol}.scope."
    path, raw, root = scope.get("path"), scope.get("raw_path"), scope.get("root_path", "")
    if is_bytes(raw) and b"?" in raw:
        message = f"'raw_path' of the scope is {shown(raw)}, with the query."
        yield breach(own + "raw_path.no-query", None, message)
    if not is_str(path) or not is_str(root):
        return
    if protocol == "http" and root:
        yield from mount_breaches(path, root)
    if is_bytes(raw) and (b"%" in raw or path.encode(errors="surrogatepass") != raw):
        yield from decoding_breaches(path, raw, own)


def mount_breaches(path: str, root: str) -> Iterator[Violation]:
    """The clauses on a `root_path` that is not empty."""
    if root.endswith("/"):
        message = f"'root_path' of the scope is {root!r}, with a slash at its end."
        yield breach("http.scope.root_path.mount-point", None, message)
    elif not below(path, root):
        escaped = re.search("%[0-9A-Fa-f]{2}", root) and below(path, decoded(root.encode()))
        clause = "http.scope.root_path.decoded" if escaped else "http.scope.root_path.prefix-of-path"
        yield breach(clause, None, f"'path' of the scope is {shown(path)}, and 'root_path' {root!r}.")


def below(path: str, root: str) -> bool:
    """Whether a path is this one, or below it."""
    return (path + "/").startswith(root + "/")


def decoding_breaches(path: str, raw: bytes, own: str) -> Iterator[Violation]:
    """The clauses on a `path` that is not what `raw_path` makes of it."""
    plain = raw.partition(b"?")[0]
    if "?" in path and b"%3F" not in plain.upper():
        yield breach(own + "path.no-query", None, f"'path' of the scope is {shown(path)}, with the query.")
        return
    right = decoded(plain)
    if not right or path.endswith(right) or right.endswith(path):
        return  # One of them is without the root_path, which has clauses of its own.
    octets = unquote_to_bytes(plain)
    sure = right.encode() == octets  # it is UTF-8; what becomes of other bytes is nowhere said
    if path.endswith(plain.decode("latin-1")) and plain != octets and (sure or ASCII_ESCAPE.search(plain)):
        message = f"'path' of the scope is {shown(path)}, still percent-encoded."
        yield breach(own + "path.percent-decoded", None, message)
    elif path.endswith(octets.decode("latin-1")) and sure:
        message = f"'path' of the scope is {shown(path)}, where UTF-8 makes it {shown(right)}."
        yield breach(own + "path.decoded-utf8", None, message)


def decoded(raw: bytes) -> str:
    """A raw path, decoded."""
    return unquote_to_bytes(raw).decode(errors="replace")


def address_breaches(scope: Mapping[str, Any], protocol: str) -> Iterator[Violation]:
    """The clauses on `client` and `server`: pairs of an address and a port."""
    for key in ("client", "server"):
        pair = scope.get(key)
        if pair is None:
            continue
        own = f"{protocol}.scope.{key}"
        no_pair, no_host, no_port = own, own, own
        if protocol == "http":
            no_pair, no_host, no_port = f"{own}.shape", f"{own}.host", f"{own}.port"
        if not is_listing(pair) or not isinstance(pair, Sequence) or len(pair) != 2:
            yield breach(no_pair, None, f"{key!r} of the scope is {shown(pair)}, not a pair.")
            continue
        host, port = pair
        if not is_str(host):
            message = f"The host in {key!r} of the scope is {shown(host)}, not a str."
            yield breach(no_host, None, message)
        if key == "server" and port is None:
            version = spec_version(scope)
            if protocol == "http" and is_older(version or "2.0", "2.2"):
                message = f"The port in 'server' of the scope is None, under spec_version {version!r}."
                yield breach("http.scope.server.none-port-gate", None, message)
        elif not is_int(port):
            message = f"The port in {key!r} of the scope is {shown(port)}, not an int."
            yield breach(no_port, None, message)
