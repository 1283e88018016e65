"""The short cut for scopes: one that is like those which broke no clause is not looked at for long.

It never says that something is wrong, and never passes what the long way would not.
"""

from collections.abc import Mapping
from typing import Any

from .values import are_plain, is_str

# What stays the same from scope to scope, of scopes that broke no clause. A server makes a few kinds; where
# ever new ones come, no more are remembered.
_good_kinds: set[tuple[Any, ...]] = set()
KINDS_KEPT = 256

LISTS = (tuple, list)


def kind_of(scope: Mapping[str, Any]) -> tuple[Any, ...]:
    """The keys of a scope, and the values of those that have few."""
    asgi = scope["asgi"]
    return (
        *scope,
        scope["type"],
        asgi.get("version"),
        asgi.get("spec_version"),
        scope.get("http_version"),
        scope.get("method"),
        scope.get("scheme"),
        scope.get("root_path"),
    )


def remember(scope: Mapping[str, Any]) -> None:
    """Know next time that a scope like this one has all that it needs."""
    kind = kind_of(scope)
    if scope.get("root_path") or not is_str(scope.get("method", "")):
        return  # What a path is below a root_path has to be looked at, and the method of a WebSocket was not.
    if len(_good_kinds) < KINDS_KEPT and len(repr(kind)) < 1000:
        _good_kinds.add(kind)


def is_plain(scope: Any) -> bool:
    """Whether nothing can be wrong with a scope: what nearly all of them pass, at the cost of a look."""
    try:
        if kind_of(scope) not in _good_kinds:
            return False
        path, query = scope["path"], scope["query_string"]
        if type(path) is not str or "%" in path or "?" in path:
            return False
        if type(query) is not bytes or (query and query.startswith(b"?")):
            return False
        raw = scope.get("raw_path")
        if raw is not None and (type(raw) is not bytes or not path.isascii() or path.encode() != raw):
            return False
        for address in (scope.get("client"), scope.get("server")):
            if address is not None:
                if type(address) is not tuple and type(address) is not list:
                    return False
                host, port = address
                if type(host) is not str or type(port) is not int:
                    return False
        if "subprotocols" in scope and (scope["subprotocols"] or type(scope["subprotocols"]) not in LISTS):
            return False
        state, extensions = scope.get("state"), scope.get("extensions")
        if state is not None and (type(state) is not dict or (state and not all(map(is_str, state)))):
            return False
        if extensions is not None and (type(extensions) is not dict or not are_plainly_offered(extensions)):
            return False
        return are_plain(scope["headers"])
    except (TypeError, KeyError, AttributeError, ValueError):
        return False


def are_plainly_offered(extensions: dict[Any, Any]) -> bool:
    """Whether extensions are offered as most are: without more to be said of them."""
    return not extensions or all(
        type(name) is str and name != "tls" and type(entry) is dict for name, entry in extensions.items()
    )
