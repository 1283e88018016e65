"""The transport: httpx, or its successor httpx2, speaks to an application in process, as through a server.

async with httpx.AsyncClient(transport=ASGITransport(app), base_url="http://testserver") as client:
    response = await client.get("/")
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Self

from ..conversation import Conversation
from ..recorder import Application
from .call import TIMEOUT, Calls, StillRunning
from .exchange import PIECE, Body, HTTPCall
from .library import library_of
from .scopes import PORTS, TLS, Extensions, offers, paths, versions

try:
    from httpx import AsyncBaseTransport
except ModuleNotFoundError:  # Then it is its successor's, which is the same to a type checker.
    from httpx2 import AsyncBaseTransport  # type: ignore[assignment]

OF_A_HOP = (b"connection", b"transfer-encoding")  # headers that HTTP/2 and HTTP/3 do not have


class ASGITransport(AsyncBaseTransport):
    """A transport for httpx.AsyncClient and httpx2.AsyncClient: httpx.ASGITransport, and it streams.

    `raise_app_exceptions`, `root_path` and `client` are those of httpx: an exception of the application is
    raised out of the request, or answered with 500. What else a server decides: `http_version`;
    `spec_version`, where None announces none; `extensions`, by their names or with all that the scope has of
    them; `server`; the `state` of the lifespan; and what the extension `tls` says of an https connection.

    A response is there when it has begun, and its body arrives as it is sent. One that is closed before its
    end, or a request that is cancelled, is a client that has left, and so is
    `response.extensions["asgi"].leave()`. When the body has come to its end, the application has returned.
    What a response has beside its body is in `response.extensions`: "early_hints", "push" and "debug", and
    "trailers" at its end.

    Every conversation is recorded in `conversations`, and judged; with `strict`, a must that is broken is
    raised where it was, as ContractError. `timeout` is how many seconds an application has to end when the
    transport is closed: StillRunning is raised for one that does not, and it is cancelled.
    """

    def __init__(
        self,
        app: Application,
        raise_app_exceptions: bool = True,
        root_path: str = "",
        client: tuple[str, int] | None = ("127.0.0.1", 123),
        *,
        http_version: str = "1.1",
        spec_version: str | None = "2.5",
        extensions: Extensions = (),
        server: tuple[str, int | None] | None = None,
        state: dict[str, Any] | None = None,
        tls: Mapping[str, Any] | None = None,
        strict: bool = False,
        timeout: float = TIMEOUT,
        calls: Calls | None = None,
    ) -> None:
        self.calls = Calls(app, strict=strict) if calls is None else calls
        self.raise_app_exceptions = raise_app_exceptions
        self.root_path = root_path.rstrip("/")
        self.client = client
        self.http_version = http_version
        self.protocol = f"HTTP/{http_version}".encode("ascii")
        self.asgi = versions(spec_version)
        self.extensions = offers(extensions)
        self.server = server
        self.state = state
        self.tls = None if tls is None else {**TLS, **tls}
        self.timeout = timeout

    @property
    def conversations(self) -> Sequence[Conversation]:
        """The conversations so far, the latest last."""
        return self.calls.conversations

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: object = None, error: BaseException | None = None, trace: object = None
    ) -> None:
        try:
            await self.aclose()
        except StillRunning as running:
            if error is None:
                raise
            error.add_note(str(running))

    async def aclose(self) -> None:
        """The clients leave. Raises StillRunning for applications that do not end, and cancels them."""
        await self.calls.stop(HTTPCall, self.timeout)

    def scope(self, request: Any) -> dict[str, Any]:
        """The scope that a server makes of a request (www.rst, HTTP Connection Scope)."""
        url = request.url
        path, raw_path = paths(url.raw_path.partition(b"?")[0], self.root_path)
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        if not self.http_version.startswith("1"):
            headers = [header for header in headers if header[0] not in OF_A_HOP]
        scheme = url.scheme
        scope = {
            "type": "http",
            "asgi": self.asgi.copy(),
            "http_version": self.http_version,
            "method": request.method,
            "scheme": scheme,
            "path": path,
            "raw_path": raw_path,
            "query_string": url.query,
            "root_path": self.root_path,
            "headers": headers,
            "client": self.client,
            "server": self.server or (url.host, url.port or PORTS[scheme]),
            "extensions": offers(self.extensions) if self.extensions else {},
        }
        if self.tls is not None and scheme == "https":
            scope["extensions"]["tls"] = self.tls.copy()
        if self.state is not None:
            scope["state"] = self.state.copy()
        return scope

    async def handle_async_request(self, request: Any) -> Any:
        """Answer a request of httpx or httpx2, as soon as the application has begun to."""
        kind: type = type(request)
        library = library_of(kind)
        call = self.call(request, library)
        extensions: dict[str, Any] = {"http_version": self.protocol, "asgi": call}
        call.begin()
        try:
            start = await call.begun(extensions)
        except BaseException:
            call.leave()
            raise
        if start is None:
            call.raise_wrong(raises=self.raise_app_exceptions)
            start = {"status": 500}
        stream = stream_of(library)(call, raises=self.raise_app_exceptions)
        response = library.Response(
            start["status"], headers=list(start.get("headers", ())), stream=stream, extensions=extensions
        )
        stream.extensions = response.extensions
        return response

    def call(self, request: Any, library: ModuleType) -> HTTPCall:
        """The call that answers a request. A body that is there as a whole is one event if it is small."""
        stream, scope = request.stream, self.scope(request)
        if not isinstance(stream, library.ByteStream):
            length = request.headers.get("content-length")
            return HTTPCall(
                self.calls, scope, library, aiter(stream), None if length is None else int(length)
            )
        [body] = stream
        if len(body) > PIECE:
            return HTTPCall(self.calls, scope, library, in_pieces(body), len(body))
        call = HTTPCall(self.calls, scope, library)
        call.said.append({"type": "http.request", "body": body, "more_body": False})
        return call


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body in pieces of the size that a server reads."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


@cache
def stream_of(library: ModuleType) -> Any:
    """The class of bodies that a library accepts."""

    class ResponseStream(Body, library.AsyncByteStream):  # type: ignore[misc, name-defined]
        """The body of a response."""

    return ResponseStream
