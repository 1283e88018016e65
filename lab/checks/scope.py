"""What the application was called with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..evidence import Evidence
from .words import ABSENT, shown


class Scope:
    """The application was called with these keys in its scope; ABSENT stands for a key that is not there."""

    def __init__(self, **keys: Any) -> None:
        self.keys: Mapping[str, Any] = keys

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        for key, wanted in self.keys.items():
            found = evidence.scope.get(key, ABSENT)
            if found != wanted or type(found) is not type(wanted):
                there = f"is {shown(found)}" if found is not ABSENT else "is not there"
                expected = f"not {shown(wanted)}" if wanted is not ABSENT else "and should not be there"
                return f"scope[{key!r}] {there}, {expected}."
        return None


def ends_in(found: Any, end: Any) -> bool:
    """Whether a text ends in another one, or bytes in bytes."""
    return type(found) is type(end) and found[-len(end) :] == end


class ScopeIs:
    """One key of the scope is as a function of it says; what it should be is said in words."""

    def __init__(
        self,
        key: str,
        by_version: Mapping[int, Any] | None = None,
        holds: Callable[[Any], bool] | None = None,
        wanted: str = "",
    ) -> None:
        self.key, self.by_version, self.holds, self.wanted = key, by_version, holds, wanted

    @classmethod
    def ends(cls, key: str, end: str | bytes) -> "ScopeIs":
        """It ends in this: what comes before is where the lab is mounted."""
        return cls(key, None, lambda found: ends_in(found, end), f"...{end!r}")

    @classmethod
    def client(cls, host: str) -> "ScopeIs":
        """It is an address with this host."""
        return cls("client", None, lambda found: isinstance(found, list | tuple) and found[0] == host, host)

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = evidence.scope.get(self.key, ABSENT)
        if self.by_version is not None:
            wanted = self.by_version[evidence.version]
            return None if found == wanted else f"scope[{self.key!r}] is {shown(found)}, not {wanted!r}."
        if self.holds is not None and self.holds(found):
            return None
        return (
            f"scope[{self.key!r}] is {'not there' if found is ABSENT else shown(found)}, not {self.wanted}."
        )


class RequestNames:
    """The application got headers with these names, written like this."""

    def __init__(self, *names: bytes) -> None:
        self.names = names

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = [name for name, _ in evidence.scope["headers"]]
        missing = [name for name in self.names if name not in found]
        return f"Among the names {shown(found)} there is no {missing[0]!r}." if missing else None


@dataclass(frozen=True)
class FirstHeader:
    """The first of the request headers has this name."""

    name: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = [name for name, _ in evidence.scope["headers"]]
        return (
            None
            if found[:1] == [self.name]
            else f"The first of the headers is {shown(found[:1])}, not {self.name!r}."
        )


def header(scope: Mapping[Any, Any], name: bytes) -> tuple[bytes, ...]:
    """All values of a request header."""
    return tuple(value for key, value in scope["headers"] if key.lower() == name)


@dataclass(frozen=True)
class RequestHeader:
    """The application got a request header with exactly these values, in this order. `{host}` stands for the
    authority of the server, as in what clients say."""

    name: bytes
    values: tuple[bytes, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = header(evidence.scope, self.name)
        wanted = tuple(value.replace(b"{host}", evidence.authority.encode()) for value in self.values)
        if found != wanted:
            return f"The request header {self.name!r} came as {shown(found)}, not as {shown(wanted)}."
        return None


@dataclass(frozen=True)
class Called:
    """The application was called so often."""

    times: int = 1

    def __call__(self, evidence: Evidence) -> str | None:
        found = len(evidence.conversations)
        return None if found == self.times else f"The application was called {found} times, not {self.times}."


@dataclass(frozen=True)
class CalledFor:
    """The application was called once more, by GET for a path that ends in this."""

    end: str

    def __call__(self, evidence: Evidence) -> str | None:
        # A call out of the first one's `send` can be taken for a part of it.
        calls = [lane.scope for conversation in evidence.conversations for lane in conversation.lanes][1:]
        found = [(scope.get("method"), scope.get("path", "")) for scope in calls]
        if [method for method, path in found if path.endswith(self.end)] == ["GET"]:
            return None
        return (
            f"Behind its first call, the application was called for {shown(found) if found else 'nothing'}."
        )


class CalledForEach:
    """The application was called once for each of these values of a header, and not more."""

    def __init__(self, name: bytes, *values: bytes) -> None:
        self.name, self.values = name, values

    def __call__(self, evidence: Evidence) -> str | None:
        found = [header(conversation.scope, self.name) for conversation in evidence.conversations]
        if sorted(found) == sorted((value,) for value in self.values):
            return None
        return f"The application was called {len(found)} times, with {self.name!r} as {shown(found)}."


@dataclass(frozen=True)
class NotCalled:
    """The application never saw any of it."""

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.conversations:
            scope = evidence.scope
            return f"The application was called, for {scope.get('method', '')} {scope.get('path')}."
        return None


@dataclass(frozen=True)
class Offers:
    """The scope of the (first) call offers this extension."""

    name: str

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        offered = evidence.scope.get("extensions") or {}
        return None if self.name in offered else f"The server does not offer {self.name}."


@dataclass(frozen=True)
class DoesNotOffer:
    """The application was called, and this extension is not offered."""

    name: str

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        offered = evidence.scope.get("extensions") or {}
        return f"The server offers {self.name}." if self.name in offered else None


@dataclass(frozen=True)
class TypeIs:
    """The application was called with a scope of this type."""

    type: str

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = evidence.scope.get("type")
        return None if found == self.type else f"The scope is of the type {found!r}, not {self.type!r}."


@dataclass(frozen=True)
class NeverSees:
    """Nothing that the application was called with, or received, has these bytes in it."""

    data: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        for conversation in evidence.conversations:
            scope = conversation.scope
            for name, value in scope.get("headers", ()):
                if self.data in bytes(name) or self.data in bytes(value):
                    return f"The application got the header {shown(name)}: {shown(value)}."
            if self.data in str(scope.get("path", "")).encode("utf-8", "surrogateescape"):
                return f"The application got the path {shown(scope['path'])}."
            if self.data in bytes(scope.get("raw_path") or b""):
                return f"The application got the raw path {shown(scope['raw_path'])}."
        return (
            f"The application got the body {shown(evidence.request_body())}."
            if (self.data in evidence.request_body())
            else None
        )


def raw_path_as_sent(evidence: Evidence) -> str | None:
    """The raw path is the target of the request, over HTTP/1.1, without its query."""
    sent = evidence.said[0].data.split(b" ")[1].partition(b"?")[0]
    found = evidence.scope.get("raw_path")
    return None if found == sent else f"The raw path is {shown(found)}, and {shown(sent)} was sent."


@dataclass(frozen=True)
class PathBegins:
    """The path in the scope begins with this, behind the prefix that a proxy has put in front."""

    start: str

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = str(evidence.scope.get("path", ""))
        return None if found.startswith(self.start) else f"scope['path'] is {shown(found)}."


class Subprotocols:
    """The scope lists these subprotocols, in this order."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)

    def __call__(self, evidence: Evidence) -> str | None:
        if evidence.lane is None:
            return "The application was not called."
        found = evidence.scope.get("subprotocols", ABSENT)
        if found is ABSENT:
            return "scope['subprotocols'] is not there."
        if list(found) != self.names:
            return f"scope['subprotocols'] is {shown(found)}, not {self.names}."
        return None
