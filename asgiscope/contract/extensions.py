"""The extensions of the specification: how a scope offers them, what their events look like, TLS.

The order in which their events may be sent stands in the grids of http.py and websocket.py, as theirs is one
order with the events of the protocol.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .clause import Violation, breach
from .values import (
    Field,
    HeaderClauses,
    Test,
    field_breaches,
    is_bool,
    is_bytes,
    is_dict,
    is_dict_of_str,
    is_int,
    is_listing,
    is_one_shot,
    is_size,
    is_str,
    or_none,
    shown,
)

DENIAL = "websocket.http.response"
PUSH, HINT = "http.response.push", "http.response.early_hint"
ZEROCOPY, PATH = "http.response.zerocopysend", "http.response.pathsend"
TRAILERS, DEBUG = "http.response.trailers", "http.response.debug"

# Each extension of the specification, with the type, or the beginning of the types, of its events.
EVENTS = {
    DENIAL: f"{DENIAL}.",
    PUSH: PUSH,
    ZEROCOPY: ZEROCOPY,
    PATH: PATH,
    HINT: HINT,
    TRAILERS: TRAILERS,
    DEBUG: DEBUG,
}


def headers_of(event: str) -> HeaderClauses:
    """The clauses on the headers of an extension's event; their shape and their types are one clause."""
    own = f"ext.{event}.headers"
    return HeaderClauses(own, own, f"{own}-lowercase", f"{own}-no-pseudo")


HEADERS = {event: headers_of(event) for event in (PUSH, TRAILERS)}


def is_listing_of_bytes(value: Any) -> bool:
    return is_listing(value) and (is_one_shot(value) or all(map(is_bytes, value)))


def is_absolute(value: Any) -> bool:
    return not is_str(value) or os.path.isabs(value)


def is_open_file(value: Any) -> bool:
    """Whether the operating system has it open, under a number that sendfile takes."""
    try:
        return is_int(value.fileno())
    except Exception:  # It is a stranger's, and may raise anything.
        return False


SEND_FIELDS = {
    PUSH: (
        Field("path", is_str, "a str", f"ext.{PUSH}.path", required=True),
        Field("headers", is_listing, "an iterable of pairs", f"ext.{PUSH}.headers", required=True),
    ),
    ZEROCOPY: (
        Field("file", is_open_file, "an open file with a descriptor", f"ext.{ZEROCOPY}.file", required=True),
        Field("offset", or_none(is_size), "an int from 0", f"ext.{ZEROCOPY}.offset"),
        Field("count", or_none(is_size), "an int from 0", f"ext.{ZEROCOPY}.count"),
        Field("more_body", is_bool, "a bool", f"ext.{ZEROCOPY}.more_body"),
    ),
    PATH: (
        Field("path", is_str, "a str", f"ext.{PATH}.path", required=True),
        Field("path", is_absolute, "an absolute path", f"ext.{PATH}.path-absolute"),
    ),
    HINT: (Field("links", is_listing_of_bytes, "an iterable of bytes", f"ext.{HINT}.links", required=True),),
    TRAILERS: (
        Field("headers", is_listing, "an iterable of pairs", f"ext.{TRAILERS}.headers", required=True),
        Field("more_trailers", is_bool, "a bool", f"ext.{TRAILERS}.more_trailers"),
    ),
    DEBUG: (Field("info", is_dict_of_str, "a dict with str keys", f"ext.{DEBUG}.info", required=True),),
}


def extension_of(kind: str) -> str | None:
    """The extension of the specification that an event belongs to."""
    for name, event in EVENTS.items():
        if kind == event or (event.endswith(".") and kind.startswith(event)):
            return name
    return None


def offered(scope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The extensions that a scope offers. Absent, None and empty all mean none."""
    extensions = scope.get("extensions")
    return extensions if isinstance(extensions, dict) else {}


def extension_breaches(scope: Mapping[str, Any], extensions: Any) -> Iterator[Violation]:
    """The clauses that scope["extensions"] breaks."""
    if not isinstance(extensions, dict):
        message = f"'extensions' of the scope is {shown(extensions)}, not a dict."
        yield breach("general.extensions.dict", None, message)
        return
    for name, entry in extensions.items():
        if not is_str(name):
            message = f"The name of an extension is {shown(name)}, not a str."
            yield breach("general.extensions.name-unicode", None, message)
        elif not is_dict(entry):
            message = f"The extension {name!r} is offered as {shown(entry)}, not as a dict."
            yield breach(entry_clause(name), None, message)
        elif name == "tls":
            yield from tls_breaches(scope, entry)


def entry_clause(name: str) -> str:
    """The clause on what an extension is offered as."""
    if name == "tls":
        return "tls.entry-dict"
    return f"ext.{name}.advertised" if name in EVENTS else "general.extensions.value-dict"


PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----\s*")
# RFC 4514 section 3, loosely: attributes with values, parted by commas and plus signs that are not escaped.
ATTRIBUTE = r"(?:[A-Za-z][\w-]*|\d+(?:\.\d+)*)=(?:\\.|[^\\,+;])*"
NAME = re.compile(rf"{ATTRIBUTE}(?:[,+]\s*{ATTRIBUTE})*")


def is_code(value: Any) -> bool:
    return is_int(value) and 0 <= value <= 0xFFFF


def is_certificate(value: Any) -> bool:
    return is_str(value) and PEM.fullmatch(value) is not None


def is_chain(value: Any) -> bool:
    return is_listing(value) and (is_one_shot(value) or all(map(is_certificate, value)))


def is_name(value: Any) -> bool:
    return NAME.fullmatch(value) is not None


def where(test: Test, then: Test) -> Test:
    """A test of those values only that pass another one, which has a clause of its own."""
    return lambda value: not test(value) or then(value)


def is_filled(value: Any) -> bool:
    return is_str(value) and value != ""


def is_something(value: Any) -> bool:
    return value is not None


def is_not(empty: Any) -> Test:
    """A test whether a value is another one than this, which stands for nothing, where None has to."""
    return lambda value: value is None or value != empty


TLS_FIELDS = (
    Field("server_cert", or_none(is_str), "a str or None", "tls.server_cert.mandatory", required=True),
    Field("server_cert", is_not(""), "a certificate or None", "tls.server_cert.none-if-unknown"),
    Field("server_cert", where(is_filled, is_certificate), "a certificate in PEM", "tls.server_cert.pem"),
    Field("client_cert_chain", or_none(is_chain), "an iterable of PEM texts", "tls.client_cert_chain.type"),
    Field("client_cert_chain", is_something, "an iterable, be it empty", "tls.client_cert_chain.empty"),
    Field("client_cert_name", or_none(is_str), "a str or None", "tls.client_cert_name.type"),
    Field("client_cert_name", is_not(""), "a name or None", "tls.client_cert_name.none"),
    Field("client_cert_name", where(is_filled, is_name), "an RFC 4514 name", "tls.client_cert_name.rfc4514"),
    Field("client_cert_error", or_none(is_str), "a str or None", "tls.client_cert_error.type"),
    Field("tls_version", or_none(is_int), "an int or None", "tls.tls_version.mandatory", required=True),
    Field("tls_version", is_not(0), "a version or None", "tls.tls_version.none"),
    Field("tls_version", where(is_int, is_code), "a number of 16 bits", "tls.tls_version.value"),
    Field("cipher_suite", or_none(is_int), "an int or None", "tls.cipher_suite.mandatory", required=True),
    Field("cipher_suite", is_not(0), "a cipher suite or None", "tls.cipher_suite.none"),
    Field("cipher_suite", where(is_int, is_code), "a number of 16 bits", "tls.cipher_suite.value"),
)


def tls_breaches(scope: Mapping[str, Any], tls: Mapping[str, Any]) -> Iterator[Violation]:
    """The clauses that the entry "tls" breaks, and its being there."""
    if scope.get("type") == "lifespan":
        yield breach("tls.only-with-base", None, "The scope of a lifespan has the extension 'tls'.")
    elif scope.get("scheme", "http") in ("http", "ws"):
        message = f"The scope has the extension 'tls', and the scheme {scope.get('scheme', 'http')!r}."
        yield breach("tls.only-on-tls", None, message)
    yield from field_breaches(tls, TLS_FIELDS, None, "the extension 'tls'")
    chain = tls.get("client_cert_chain")
    if is_listing(chain) and not is_one_shot(chain) and list(chain) and tls.get("client_cert_name") is None:
        message = "The extension 'tls' has a 'client_cert_chain', and no 'client_cert_name'."
        yield breach("tls.client_cert_name.with-chain", None, message)
