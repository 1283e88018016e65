"""A request as the command that repeats it: `curl`, as POSIX shells, bash and zsh read it."""

import base64
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..conversation import Conversation, Lane
from .credentials import masked
from .message import Headers, body_of, header, headers_of, origin_of, target_of

# What the version of HTTP is called by curl, in clear text and over TLS.
VERSIONS = {
    ("1.0", False): "--http1.0",
    ("1.0", True): "--http1.0",
    ("1.1", True): "--http1.1",
    ("2", False): "--http2-prior-knowledge",
    ("2", True): "--http2",
    ("3", True): "--http3",
}
ARGUMENT = 100_000  # bytes: a longer argument is more than Linux lets a command have
EXPECT = 1024 * 1024  # bytes: before a longer body, curl asks whether to go on

HANDSHAKE: Headers = [
    (b"connection", b"Upgrade"),
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
]


def curl(conversation: Conversation, *, secrets: bool = False) -> str:
    """The command that repeats the request of a conversation; of a WebSocket, its handshake.

    It sends the headers that were recorded and no others, and as much of the body as the application read:
    in one argument where it is text, and else through `base64 -d`. Credentials are masked, unless `secrets`:
    they have to be put in where they stand as ***.

    Raises ValueError for a lifespan, which is no request, and for a body that was cut.
    """
    lane = (conversation if secrets else masked(conversation)).outermost
    match lane.scope.get("type"):
        case "http":
            return request(lane)
        case "websocket":
            return handshake(lane.scope)
    raise ValueError(
        f"a conversation of type {lane.scope.get('type')!r} is no request that curl could repeat: hold it "
        "again with `replay`, or make a test of it with `pytest_module`."
    )


def request(lane: Lane) -> str:
    """The command for a request."""
    scope, headers = lane.scope, headers_of(lane.scope)
    body = body_of(lane.events, "http.request")
    if not body.whole:
        raise ValueError(
            f"the body of the request was cut: {len(body.content)} of its {body.length} bytes were kept. "
            f"Record the conversation with Recorder(app, keep={body.length}), or a larger `keep`."
        )
    has_body = body.length > 0 or any(
        header(headers, name) for name in (b"content-length", b"transfer-encoding")
    )
    method = scope.get("method", "GET")
    options = list(url_options(scope, origin_of(scope)))
    if method == "HEAD" and not has_body:
        options.append("--head")
    elif method != ("POST" if has_body else "GET"):
        options.append(f"--request {shlex.quote(method)}")
    version = VERSIONS.get((scope.get("http_version", "1.1"), scope.get("scheme") == "https"))
    options += [version] if version else []
    options += header_options(scope, headers)
    options += [
        f"--header {name}:"
        for name in curls_own(body.length, has_body)
        if header(headers, name.encode()) is None
    ]
    if header(headers, b"accept-encoding"):
        options.append("--compressed")
    if not has_body:
        return command("curl", options)
    text = as_text(body.content)
    if text is not None and len(body.content) < ARGUMENT:
        # As --data-binary does, but a body that begins with @ names no file.
        return command("curl", [*options, f"--data-raw {shlex.quote(text)}"])
    encoded = base64.b64encode(body.content).decode()
    return command(f"echo {encoded} | base64 -d | curl", [*options, "--data-binary @-"])


def handshake(scope: Mapping[str, Any]) -> str:
    """The command for the handshake of a WebSocket; what the server says then is shown as it comes.

    It offers no extension, as nobody reads compressed messages.
    """
    headers = [pair for pair in headers_of(scope) if pair[0].lower() != b"sec-websocket-extensions"]
    missing = [pair for pair in HANDSHAKE if header(headers, pair[0]) is None]
    origin = origin_of(scope).replace("ws", "http", 1)
    return command(
        "curl --include --no-buffer --http1.1",
        [
            *url_options(scope, origin),
            *header_options(scope, [*headers, *missing]),
            *(
                f"--header {name}:"
                for name in curls_own(0, has_body=False)
                if header(headers, name.encode()) is None
            ),
        ],
    )


def url_options(scope: Mapping[str, Any], origin: str) -> Iterator[str]:
    """The URL, and what keeps curl from reading more into it."""
    target = target_of(scope)
    if not target.startswith("/") or "#" in target:
        yield shlex.quote(f"{origin}/")
        yield f"--request-target {shlex.quote(target)}"
        return
    yield shlex.quote(origin + target)
    if set("[]{}") & set(target):
        yield "--globoff"
    if "/." in target:
        yield "--path-as-is"


def header_options(scope: Mapping[str, Any], headers: Headers) -> Iterator[str]:
    """The headers, without those that curl makes of the URL and of the body."""
    host = urlsplit(origin_of(scope)).netloc
    for name, value in headers:
        if name.lower() != b"content-length" and (name.lower(), value) != (b"host", host.encode()):
            yield f"--header {quoted(name + b': ' + value if value else name + b';')}"


def curls_own(length: int, has_body: bool) -> Iterator[str]:
    """The headers that curl adds where it is given none."""
    yield from ("user-agent", "accept")
    if has_body:
        yield "content-type"
    if length > EXPECT:
        yield "expect"


def quoted(value: bytes) -> str:
    """A byte string as a word of the shell."""
    text = as_text(value)
    if text is not None:
        return shlex.quote(text)
    plain = (chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}" for byte in value)
    return f"$'{''.join(plain)}'"


def as_text(value: bytes) -> str | None:
    """The text that a terminal shows, and takes back, as it is; None if it is none."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if text.replace("\n", "").replace("\t", "").isprintable() else None


def command(program: str, options: list[str]) -> str:
    """A command over several lines."""
    return " \\\n  ".join([f"{program} {options[0]}", *options[1:]])
