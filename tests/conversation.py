"""Both ends of a conversation in the hands of a test: what httpx cannot say, said event by event.

`call` lets a test speak as the server does. `promised` and `played` are for transcripts: the first
reads what an exhibit's docstring promises, the second plays the server's side of it and writes down
what really happened, in the same notation:

    scope http GET /raw/echo?n=1 http_version='2'
        accept: text/plain
    receive http.request body=b'x' more_body=True
    send http.response.start status=200
        content-type: text/plain
    return

Headers are the indented lines below an event; `...` stands for any text.
"""

import ast
import asyncio
import inspect
import re
from collections import deque
from contextlib import asynccontextmanager

PATIENCE = 10  # seconds until a test gives up: long, because a loaded machine is slow, not wrong


def http(method="GET", target="/", headers=(), **more):
    """The scope of a request, as a server makes it; `more` is added to it or replaces parts."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"testserver"), *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "extensions": {},
        **more,
    }


def websocket(target="/", headers=(), **more):
    """The scope of a WebSocket handshake."""
    scope = {**http("GET", target, headers), "type": "websocket", "scheme": "ws", "subprotocols": []}
    del scope["method"]
    return {**scope, **more}


def lifespan(**more):
    """The scope of a lifespan."""
    return {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}, **more}


class Peer:
    """The server's end of one conversation."""

    def __init__(self):
        self._said = asyncio.Queue()
        self._heard = asyncio.Queue()
        self.task = None

    async def says(self, type, **fields):
        """Give the application an event; it gets it when it next awaits `receive()`."""
        self._said.put_nowait({"type": type, **fields})

    async def hears(self):
        """The next event that the application sends; its exception, if it raises one instead."""
        event = asyncio.ensure_future(self._heard.get())
        await asyncio.wait({event, self.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if event.done() or not self._heard.empty():
            return await event
        event.cancel()
        if not self.task.done():
            raise TimeoutError("the application has neither sent an event nor returned")
        self.task.result()
        raise EOFError("the application has returned without another event")

    async def returns(self):
        """Wait for the application to return, or to raise, and return what it still sent."""
        done, _ = await asyncio.wait({self.task}, timeout=PATIENCE)
        if not done:
            raise TimeoutError("the application has not returned")
        self.task.result()
        return [self._heard.get_nowait() for _ in range(self._heard.qsize())]


@asynccontextmanager
async def call(app, scope):
    """Call the application with a scope; the test speaks for the server, and has the last word.

    When the block ends the application has to have ended too, or it is cancelled.
    """
    peer = Peer()
    sent = []

    async def send(event):
        check(scope, sent, event)
        sent.append(event)
        peer._heard.put_nowait(event)

    peer.task = asyncio.create_task(app(scope, peer._said.get, send))
    try:
        yield peer
    finally:
        peer.task.cancel()
        await asyncio.wait({peer.task}, timeout=PATIENCE)


async def answer(app, scope, *events):
    """All that the application sends before it returns; without events it is given an empty request."""
    async with call(app, scope) as server:
        for event in events or ({"type": "http.request"},):
            await server.says(**event)
        return await server.returns()


async def until(condition):
    """Let the others run until the condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  (what is waited for sets no event)
            await asyncio.sleep(0)


def promised(exhibit):
    """The transcripts in the docstring of an exhibit's module, each a list of lines."""
    transcripts, inside = [], False
    for line in inspect.getdoc(exhibit).splitlines():
        if line.startswith("    scope "):
            transcripts.append([])
            inside = True
        inside = inside and line.startswith("    ")
        if inside and line.startswith("        "):
            transcripts[-1][-1] += "\n    " + line.strip()
        elif inside:
            transcripts[-1].append(line.strip())
    return transcripts


def keeps(actual, transcript):
    """Whether the lines are what the transcript promises, `...` being any text."""
    patterns = [re.escape(line).replace(r"\.\.\.", ".*") for line in transcript]
    return re.fullmatch("\n".join(patterns), "\n".join(actual), re.DOTALL) is not None


async def played(app, transcript, root_path):
    """Play the server's side of a transcript to the application; return what happened, as lines.

    A `receive` line is given when the application awaits an event and all lines above have happened.
    """
    script = deque(transcript)
    actual = [script.popleft()]
    scope, sent = scope_of(transcript[0], root_path), []
    moved = asyncio.Condition()

    async def tell(kind, line):
        async with moved:
            actual.append(line)
            if script and script[0].startswith(kind):
                script.popleft()
            moved.notify_all()

    async def receive():
        async with moved:
            await moved.wait_for(lambda: script and script[0].startswith("receive"))
            line = script[0]
        await tell("receive", line)
        return event_of(line.removeprefix("receive "))

    async def send(event):
        check(scope, sent, event)
        sent.append(event)
        await tell("send", "send " + line_of(event))

    try:
        async with asyncio.timeout(PATIENCE):
            await app(scope, receive, send)
    except TimeoutError:
        actual.append("(the application still waits)")
    except Exception as error:
        actual.append(f"raise {type(error).__name__}: {error}")
    else:
        actual.append("return")
    return actual


# What may be sent after what. A start has to come first, and nothing comes after the end.
BEFORE_START = {"http.response.debug", "http.response.early_hint"}
CONTENT = {"http.response.body", "http.response.zerocopysend", "http.response.pathsend"}
CORE = {
    "http": {"http.response.start", "http.response.body"},
    "websocket": {"websocket.accept", "websocket.send", "websocket.close"},
    "lifespan": {
        f"lifespan.{phase}.{end}" for phase in ("startup", "shutdown") for end in ("complete", "failed")
    },
}


def check(scope, sent, event):
    """Assert what the specification demands of any event that an application sends."""
    kind, types = event["type"], [earlier["type"] for earlier in sent]
    extensions = scope.get("extensions") or {}
    extension = "websocket.http.response" if kind.startswith("websocket.http.response.") else kind
    assert kind in CORE[scope["type"]] or extension in extensions, f"{kind} was not offered"

    for name, value in event.get("headers", ()):
        assert type(name) is type(value) is bytes, "header names and values are bytes"
        assert name == name.lower(), "header names are lower-case"
        assert not name.startswith(b":"), "pseudo headers are the server's"
        assert b"\r" not in value, "a header is one line"
        assert b"\n" not in value, "a header is one line"

    if scope["type"] == "http":
        ended = any(e["type"] in CONTENT and not e.get("more_body") for e in sent)
        if kind == "http.response.start":
            assert kind not in types, "a response starts once"
            assert type(event["status"]) is int
        elif kind in BEFORE_START:
            assert "http.response.start" not in types, f"{kind} comes before the start"
        else:
            assert "http.response.start" in types, f"{kind} comes after the start"
            assert ended == (kind == "http.response.trailers"), f"{kind} is in the wrong place"
        if kind == "http.response.body":
            assert type(event.get("body", b"")) is bytes
            assert not event.get("body") or scope["method"] != "HEAD", "HEAD has no body"
    elif scope["type"] == "websocket":
        assert "websocket.close" not in types, "nothing follows a close"
        if kind == "websocket.accept":
            assert not types, "a connection is accepted once, and first"
        elif kind == "websocket.send":
            assert types[0] == "websocket.accept"
            assert (event.get("text") is None) != (event.get("bytes") is None)
        elif kind.startswith("websocket.http.response."):
            assert "websocket.accept" not in types, "a connection is accepted or denied"
    else:
        assert kind not in types, "a phase of the lifespan is answered once"


def line_of(event):
    """An event as a line: its type, its fields, its headers below."""
    fields = [f"{key}={value!r}" for key, value in event.items() if key not in ("type", "headers")]
    headers = [(name + b": " + value).decode("latin-1") for name, value in event.get("headers", ())]
    return "\n    ".join([" ".join([event["type"], *fields]), *headers])


def event_of(line):
    """An event from its line."""
    first, *headers = line.split("\n    ")
    type, _, rest = first.partition(" ")
    event = {"type": type, **fields_of(rest)}
    if headers:
        event["headers"] = headers_of(headers)
    return event


def scope_of(line, root_path):
    """A scope from the first line of a transcript."""
    first, *headers = line.split("\n    ")
    match first.split(" ", 4):
        case ["scope", "lifespan", *fields]:
            return lifespan(**fields_of(" ".join(fields)))
        case ["scope", "websocket", target, *fields]:
            scope = websocket(target, headers_of(headers), root_path=root_path)
        case ["scope", "http", method, target, *fields]:
            scope = http(method, target, headers_of(headers), root_path=root_path)
    return {**scope, **fields_of(" ".join(fields))}


def headers_of(lines):
    return [tuple(part.encode("latin-1") for part in line.split(": ", 1)) for line in lines]


def fields_of(text):
    """Python literals from `key=literal key=literal`."""
    pieces = re.split(r"(?:^| )(\w+)=", text)[1:]
    return {key: ast.literal_eval(value) for key, value in zip(pieces[::2], pieces[1::2], strict=True)}
