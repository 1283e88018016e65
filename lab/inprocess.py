"""The transports in process: they are servers too, with an application instead of a wire at their other end.

They can hold the cases whose client is an ordinary request, `Ask`, or an ordinary WebSocket, `Socket`. The
application of the case is called in this process, behind the same recorder.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeVar

import httpx

from asgiscope import Conversation, Recorder
from asgiscope.testing import ASGITransport, WebSocketClosed, WebSocketDenied, websocket
from asgiscope.testing.call import Calls

from .case import Case
from .evidence import Answer, Evidence, Frame, Pairs, Said
from .runs import new_run
from .script import play
from .wire import Start
from .wire.ask import Ask
from .wire.websocket import Socket

URL = "http://localhost"
START = "http.response.start"
KEEP = 1 << 20  # bytes of one body

OF_THE_WIRE = {
    "http.response.start.transfer-encoding-ignored/*": "Nothing is framed where there is no wire.",
    "ext.http.response.trailers.te-required/*": "TE is for who parses trailers, and nobody does.",
    "http.scope.raw_path.unmodified/dots": "httpx resolves the dots of a URL before a transport sees it.",
    "http.scope.client.host/loopback": "Nobody has an address.",
    "websocket.scope.headers.duplicates/*": "Starlette's client takes headers in a dict.",
    "websocket.scope.headers.order/*": "Starlette's client takes headers in a dict.",
}
"""Cases about what only a wire has, as patterns, and why."""

T = TypeVar("T")


class Transport(NamedTuple):
    """A transport: its name in the matrix, the package it is from, and how it holds a case."""

    name: str
    package: str
    asks: Callable[[Recorder, Ask, str, Evidence], Any]
    opens: Callable[[Recorder, Socket, str, Evidence], Any] | None = None


@dataclass
class InProcess:
    """A transport, in the place of a host."""

    transport: Transport
    versions: tuple[int, ...] = (1,)
    token: str = ""

    @property
    def name(self) -> str:
        return self.transport.name

    def can_hold(self, case: Case) -> bool:
        """Whether the client of a case is one that it can be, and the case is about more than the wire."""
        if case.start or any(fnmatchcase(case.id, pattern) for pattern in OF_THE_WIRE):
            return False
        match case.client:
            case Ask(leaves=None, trailers=()):
                return not case.fresh
            case Socket() as socket:
                if replace(socket, steps=(), headers=(), query="", below="") != Socket():
                    return False
                simple = all(step.does in ("say", "close") or step == ("hear", 1) for step in socket.steps)
                return simple and self.transport.opens is not None
        return False

    async def holds(self, case: Case) -> Evidence:
        """Hold a case."""
        evidence = Evidence(case.id, 1)
        conversations: list[Conversation] = []

        async def script(scope: Any, receive: Any, send: Any) -> None:
            await play(case.app, receive, send, scope)

        app = Recorder(script, conversations.append, keep=KEEP)
        target = f"/lab/{case.id}/{new_run(self.token)}{case.client.below}"
        target += f"?{case.client.query}" if case.client.query else ""
        holding = self.transport.asks if isinstance(case.client, Ask) else self.transport.opens
        try:
            async with asyncio.timeout(case.limit):
                if holding is not None:
                    await holding(app, case.client, target, evidence)
        except TimeoutError:
            evidence.error = f"The case was not over after {case.limit:g} seconds."
        except Exception as error:
            # A test gets the exception where a client gets a 500, or a response that is cut off.
            begun = any(event.type == START for one in conversations for event in one.events)
            evidence.answers = evidence.answers or [Answer(500, ended="open" if begun else "whole")]
            evidence.answer.ended = "cut" if evidence.answer.ended == "open" else evidence.answer.ended
            evidence.closed = "closed"
            evidence.output = f"{type(error).__name__}: {error}"
        # Of one that records by itself, too, the lane of this recorder is the last.
        found = [
            Conversation(one.id, one.started, one.lanes[-1:])
            for one in conversations or evidence.conversations
        ]
        evidence.conversations = [Conversation.from_json(one.to_json()) for one in found]
        return evidence

    async def place(self, version: int, start: Start | None = None) -> Any:
        """It is nowhere."""
        raise ConnectionError("a transport in process has no address")

    def is_at(self, place: Any) -> bool:
        return True

    def ended(self, place: Any) -> str | None:
        return None

    async def renew(self, place: Any) -> None:
        """Every call is new."""

    async def stop(self) -> None:
        """Nothing was started."""


def headers_of(asked: Ask) -> list[tuple[bytes, bytes]]:
    """The headers as bytes."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers]


async def with_httpx(
    transport: httpx.AsyncBaseTransport, asked: Ask, target: str, evidence: Evidence
) -> None:
    """An ordinary request by httpx."""
    began = time.monotonic()

    async def pieces() -> AsyncIterator[bytes]:
        for piece in asked.body or ():
            yield piece

    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        content = pieces() if asked.body is not None else None
        request = client.build_request(asked.method, target, headers=headers_of(asked), content=content)
        response = await client.send(request, stream=True)
        answer = begun(response, evidence, began)
        async for chunk in response.aiter_raw():
            heard(chunk, answer, evidence, began)
        answer.ended = "whole"
        await response.aclose()


def begun(response: Any, evidence: Evidence, began: float) -> Answer:
    """Write down the head of a response."""
    answer = answer_of(response)
    evidence.answers.append(answer)
    evidence.said.append(Said("server", time.monotonic() - began, f"{answer.status}".encode()))
    return answer


def heard(chunk: bytes, answer: Answer, evidence: Evidence, began: float) -> None:
    """Write down a piece of its body."""
    evidence.said.append(Said("server", time.monotonic() - began, chunk))
    answer.body += chunk
    answer.chunks.append(chunk)


def answer_of(response: Any) -> Answer:
    """The head of a response of httpx, or of its successor."""
    return Answer(response.status_code, response.reason_phrase, "1.1", decoded(response.headers.raw))


def decoded(pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Headers or trailers as text."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]


async def ask_by_httpx(app: Recorder, asked: Ask, target: str, evidence: Evidence) -> None:
    await with_httpx(httpx.ASGITransport(app), asked, target, evidence)


async def ask_by_asgiscope(app: Recorder, asked: Ask, target: str, evidence: Evidence) -> None:
    calls = Calls(app)
    try:
        await with_httpx(ASGITransport(app, calls=calls), asked, target, evidence)
    finally:
        evidence.conversations = list(calls.conversations)


async def open_by_asgiscope(app: Recorder, socket: Socket, target: str, evidence: Evidence) -> None:
    """A WebSocket of asgiscope.testing."""
    headers, subprotocols = offered_by(socket)
    calls, began = Calls(app), time.monotonic()
    try:
        async with websocket(app, target, headers=headers, subprotocols=subprotocols, calls=calls) as opened:
            accepted(evidence, began, agreed(decoded(opened.headers), opened.subprotocol))
            with suppress(WebSocketClosed):
                for step in socket.steps:
                    match step:
                        case ("say", (str() | bytes()) as message):
                            await opened.send(message)
                        case ("hear", _):
                            evidence.frames.append(frame_of(await opened.receive()))
                        case ("close", (int() | None as code, str() as reason)):
                            await opened.close(1005 if code is None else code, reason)
                            evidence.frames.append(Frame("close", b"", code))
                return
            evidence.frames.append(Frame("close", opened._call.reason.encode(), opened._call.code))
    except WebSocketDenied as denied:
        evidence.answers.append(answer_of(denied.response))
        evidence.answer.body, evidence.answer.ended = denied.response.content, "whole"
    finally:
        evidence.conversations = list(calls.conversations)


def accepted(evidence: Evidence, began: float, headers: list[tuple[str, str]]) -> None:
    """Write down that a WebSocket is open."""
    evidence.answers.append(Answer(101, "", "1.1", headers, ended="whole"))
    evidence.said.append(Said("server", time.monotonic() - began, b"101"))


def frame_of(message: str | bytes) -> Frame:
    """A message as the frame it would be."""
    return Frame("text", message.encode()) if isinstance(message, str) else Frame("bytes", message)


def offered_by(socket: Socket) -> tuple[list[tuple[str, str]], list[str]]:
    """The headers of a handshake, and the subprotocols that stand in them."""
    headers = [pair for pair in socket.headers if pair[0].lower() != "sec-websocket-protocol"]
    names = ",".join(value for name, value in socket.headers if name.lower() == "sec-websocket-protocol")
    return headers, [name.strip() for name in names.split(",") if name.strip()]


def agreed(headers: list[tuple[str, str]], subprotocol: str | None) -> list[tuple[str, str]]:
    """The headers that accept a WebSocket, with the subprotocol where a wire would have it."""
    return [*headers, ("sec-websocket-protocol", subprotocol)] if subprotocol else headers


async def ask_by_starlette(app: Recorder, asked: Ask, target: str, evidence: Evidence) -> None:
    """A request by Starlette's TestClient, which blocks: in a thread of its own."""
    from starlette.testclient import TestClient

    def pieces() -> Iterator[bytes]:
        yield from asked.body or ()

    def ask() -> None:
        began = time.monotonic()
        client = TestClient(app, base_url=URL, follow_redirects=False)
        content = pieces() if asked.body is not None else None
        headers: Any = headers_of(asked)
        with client.stream(asked.method, target, headers=headers, content=content) as response:
            answer = begun(response, evidence, began)
            for chunk in response.iter_raw():
                heard(chunk, answer, evidence, began)
            answer.trailers = decoded(response.extensions.get("http.response.trailers", ()))
            answer.ended = "whole"

    await in_thread(ask)


async def open_by_starlette(app: Recorder, socket: Socket, target: str, evidence: Evidence) -> None:
    """A WebSocket of Starlette's TestClient."""
    from starlette.testclient import TestClient, WebSocketDenialResponse
    from starlette.websockets import WebSocketDisconnect

    headers, subprotocols = offered_by(socket)
    began = time.monotonic()

    def converse() -> None:
        client = TestClient(app, base_url=URL)
        named: Any = dict(headers)
        try:
            with client.websocket_connect(target, subprotocols or None, headers=named) as opened:
                fields: Any = opened.extra_headers or ()
                accepted(evidence, began, agreed(decoded(fields), opened.accepted_subprotocol))
                for step in socket.steps:
                    match step:
                        case ("say", str() as text):
                            opened.send_text(text)
                        case ("say", bytes() as data):
                            opened.send_bytes(data)
                        case ("hear", _):
                            event = opened.receive()
                            if event["type"] == "websocket.close":
                                reason = (event.get("reason") or "").encode()
                                evidence.frames.append(Frame("close", reason, event.get("code", 1000)))
                                return
                            said = event.get("text")
                            evidence.frames.append(frame_of(event["bytes"] if said is None else said))
                        case ("close", (int() | None as code, str() as reason)):
                            opened.close(1005 if code is None else code, reason)
                            evidence.frames.append(Frame("close", b"", code))
        except WebSocketDenialResponse as denied:
            evidence.answers.append(answer_of(denied))
            evidence.answer.body, evidence.answer.ended = denied.content, "whole"
        except WebSocketDisconnect:
            if not evidence.answers:
                evidence.answers.append(Answer(403, ended="whole"))

    await in_thread(converse)


async def in_thread(function: Callable[[], T]) -> T:
    """Call it in a thread that holds up nobody: one that hangs is left behind when this process ends."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = function()
        except BaseException as error:
            failed = error
        with suppress(RuntimeError):  # the loop is closed: nobody awaits it any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=run, daemon=True).start()
    return await future


TRANSPORTS = {
    found.name: found
    for found in (
        Transport("httpx-ASGITransport", "httpx", ask_by_httpx),
        Transport("starlette-TestClient", "starlette", ask_by_starlette, open_by_starlette),
        Transport("asgiscope-testing", "asgiscope", ask_by_asgiscope, open_by_asgiscope),
    )
    if find_spec(found.package)
}
"""Every transport, by its name in the matrix."""
