"""What the scopes of a request and of a WebSocket have in common (www.rst)."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

Extensions = Iterable[str] | Mapping[str, Mapping[str, Any]]

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
RAW = "/%:@!$&'()*+,;=-._~"  # what may stand in a path as it is (RFC 3986 3.3), or begins what is escaped
# What is known of a connection of which nothing is known but that it is secure (tls.rst).
TLS = {
    "server_cert": None,
    "client_cert_chain": (),
    "client_cert_name": None,
    "client_cert_error": None,
    "tls_version": None,
    "cipher_suite": None,
}


def versions(spec_version: str | None) -> dict[str, str]:
    """`scope["asgi"]`; None announces no version of the protocol."""
    return {"version": "3.0"} if spec_version is None else {"version": "3.0", "spec_version": spec_version}


def offers(extensions: Extensions) -> dict[str, dict[str, Any]]:
    """`scope["extensions"]`, from the names of extensions, or from all that is said of them."""
    if isinstance(extensions, Mapping):
        return {name: dict(entry) for name, entry in extensions.items()}
    return {name: {} for name in extensions}


def paths(raw_path: bytes, root_path: str) -> tuple[str, bytes]:
    """`scope["path"]` and `scope["raw_path"]`: both are below the root_path, whether the URL is or not."""
    path = unquote(raw_path.decode("ascii"))
    if root_path and path != root_path and not path.startswith(root_path + "/"):
        return root_path + path, quote(root_path, safe=RAW).encode() + raw_path
    return path, raw_path
