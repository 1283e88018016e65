"""A request to the page."""

from typing import Any, NamedTuple
from urllib.parse import parse_qs

from .answers import Receive, Send

LARGEST = 2_000_000  # bytes of a body


class TooLargeError(Exception):
    """A request has a body that is longer than any that is meant."""


class Request(NamedTuple):
    """A request to the page: its scope, where the page and the site are, and the parts of the path below."""

    scope: Any
    receive: Receive
    send: Send
    root: str  # the path of the page
    site: str  # the path at which the site is mounted, without a slash at its end
    parts: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        """The parameters; of several with one name, the last."""
        found = parse_qs((self.scope.get("query_string") or b"").decode("latin-1"), keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    @property
    def host(self) -> str:
        """The host that was asked, as the client named it; "" if it did not."""
        named = (value for name, value in self.scope["headers"] if name.lower() == b"host")
        return bytes(next(named, b"")).decode("latin-1")

    def number(self, name: str) -> int | None:
        """The parameter of this name, if it is a number, and not longer than one that is meant."""
        text = self.query.get(name, "")
        return int(text) if len(text) <= 15 and text.isdecimal() else None

    async def body(self) -> bytes:
        """The whole body. Raises TooLargeError, and OSError where the client leaves before its end."""
        body, more = b"", True
        while more:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise OSError("the client has left")
            body += event.get("body", b"")
            more = event.get("more_body", False)
            if len(body) > LARGEST:
                raise TooLargeError
        return body
