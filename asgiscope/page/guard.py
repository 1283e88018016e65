"""Who may see the page. It shows what others have asked this server, and can make it be asked.

A page of another site, open in the same browser, must neither read conversations nor cause requests. Its
requests arrive here like all others; what gives them away are two headers that no page can write. `host` is
not the name of this machine, where a foreign name was made to point here (DNS rebinding). `origin`, or
`sec-fetch-site`, tells of another site, where one asks across.

Another machine can write what it likes. It is known by its address, and one that comes through a proxy by
what the proxy adds. A proxy that adds nothing makes its clients look like this machine, so that a site behind
one is not to be watched.
"""

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

LOCAL = ("localhost",)
AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?", re.IGNORECASE)
"""A host and its port, as a browser writes them (RFC 9110, 7.2)."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page of ours may load: its own scripts, styles and data, and nothing that stands in its text."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Others are told nothing of where a link leads from; our own forms have an origin.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every answer of the page has among its headers."""


FORWARDED = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}
"""What a proxy adds to the requests of its clients."""


def headers_of(scope: Mapping[str, Any]) -> dict[str, list[str]]:
    """The headers of a request: all values of each, by its name in small letters."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(bytes(name).decode("latin-1").lower(), []).append(bytes(value).decode("latin-1"))
    return found


def refusal(scope: Mapping[str, Any], hosts: Collection[str]) -> str | None:
    """Why this request is not answered, in a sentence for whoever sent it; None where it may be.

    `hosts` are names that are this machine's besides localhost and its loopback addresses.
    """
    headers = headers_of(scope)
    host = headers.get("host", [])
    if len(host) != 1 or not is_ours(host[0], hosts):
        return (
            f"This page answers to the names of this machine, and not to {', '.join(host) or 'no name'}. "
            "Another name is allowed by watch(app, hosts=[...])."
        )
    if not is_allowed(host[0], hosts) and (not is_from_here(scope) or FORWARDED & headers.keys()):
        return (
            "This page answers to this machine, and this request comes from another, or through a proxy. "
            "A name by which others may ask for it is allowed by watch(app, hosts=[...])."
        )
    for origin in headers.get("origin", []):
        if origin.partition("://")[2].lower() != host[0].lower():
            return "A page of another site has asked for this: it may not."
    for site in headers.get("sec-fetch-site", []):
        # A person may follow a link to here from anywhere; what is fetched by a script, or framed, may not be
        # asked for across.
        is_visit = scope.get("method") == "GET" and headers.get("sec-fetch-mode") == ["navigate"]
        is_frame = headers.get("sec-fetch-dest", ["document"]) != ["document"]
        if site not in ("same-origin", "none") and (not is_visit or is_frame):
            return "A page of another site has asked for this: it may not."
    return None


def name_of(authority: str) -> str:
    """The name in a Host header, in small letters; "" where there is none."""
    found = AUTHORITY.fullmatch(authority)
    return "" if found is None else (found[1] or found[2]).lower()


def is_ours(authority: str, hosts: Collection[str]) -> bool:
    """Whether a Host header names this machine."""
    name = name_of(authority)
    return name in LOCAL or name in hosts or is_loopback(name)


def is_allowed(authority: str, hosts: Collection[str]) -> bool:
    """Whether a Host header has a name that others may know this machine by."""
    return name_of(authority) in hosts


def is_from_here(scope: Mapping[str, Any]) -> bool:
    """Whether the client is on this machine. Behind a Unix socket, which has no address, a proxy speaks."""
    client = scope.get("client")
    return client is not None and is_loopback(str(client[0]))


def is_loopback(name: str) -> bool:
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
