"""uvicorn tells an application of its mistakes by raising from `send`: the judge blames it for each of them.

Every implementation of a protocol that uvicorn has is asked, but for `websockets`, which it has deprecated.
"""

import ast
import asyncio
import inspect
import socket
import threading
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from typing import NamedTuple

import pytest
import uvicorn
import websockets
from h2.connection import H2Connection
from websockets.sync.client import connect

from asgiscope.contract import Level, Party, Violation, judge_of
from asgiscope.contract.notation import read
from tests.asgiscope.contract.mistakes import IN_HTTP, IN_HTTP_2, IN_LIFESPAN, IN_WEBSOCKET

LIMIT = 10  # seconds for what should happen at once

# What each implementation is asked, and where it raises.
IMPLEMENTATIONS = {
    "h11": (IN_HTTP, "uvicorn.protocols.http.h11_impl"),
    "httptools": (IN_HTTP, "uvicorn.protocols.http.httptools_impl"),
    "zttp": (IN_HTTP, "uvicorn.protocols.http.zttp_impl"),
    "zttp, HTTP/2": (IN_HTTP_2, "uvicorn.protocols.http.zttp_h2_impl"),
    "websockets-sansio": (IN_WEBSOCKET, "uvicorn.protocols.websockets.websockets_sansio_impl"),
    "wsproto": (IN_WEBSOCKET, "uvicorn.protocols.websockets.wsproto_impl"),
    "lifespan": (IN_LIFESPAN, "uvicorn.lifespan.on"),
}

# Of these the text says "should", or nothing.
SHOULD = {
    "http.semantics.bodiless-status",
    "http.semantics.content-length.one",
    "ext.websocket.http.response.start-structure",
    "ext.websocket.http.response.body-structure",
}


class Outcome(NamedTuple):
    """What came of a conversation: what its last event raised from `send`, and what the judge found."""

    error: Exception | None
    violations: list[Violation]


class Speaker:
    """An application that says the events of a conversation, and is judged by each."""

    def __init__(self, told):
        self.moves = read(told).moves
        self.outcome = None
        self.ended = threading.Event()

    async def __call__(self, scope, receive, send):
        judge, error = judge_of(scope), None
        judge.open()
        try:
            for number, (direction, event) in enumerate(self.moves, 1):
                if direction == "receive":
                    given = await receive()
                    assert given["type"] == event["type"]
                    judge.receive(given)
                    continue
                judge.send(event)
                try:
                    await send(event)
                except Exception as raised:
                    error = raised if number == len(self.moves) else None
                    raise
        finally:
            self.outcome = Outcome(error, judge.violations)
            self.ended.set()


@contextmanager
def serving(app, **options):
    """uvicorn in a thread, at the port of 127.0.0.1 that this gives: who connects early is in the queue."""
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", loop="asyncio", interface="asgi3", **options
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(LIMIT)


def request(version):
    """A request, as it is on the wire."""
    if version == 1:
        return b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    wire = H2Connection()
    wire.initiate_connection()
    fields = {":method": "GET", ":scheme": "http", ":authority": "a", ":path": "/"}
    wire.send_headers(1, [*fields.items()], end_stream=True)
    return wire.data_to_send()


def asks(port, speaker, version):
    """A client that asks for a page, and stays until the application has ended."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request(version))
        assert speaker.ended.wait(LIMIT)


def talks(port, speaker):
    """A client that stays until the application has ended, or leaves if that waits for it."""
    is_awaited = any(event.get("type") == "websocket.disconnect" for _, event in speaker.moves[:-1])
    with suppress(websockets.WebSocketException, OSError), connect(f"ws://127.0.0.1:{port}/", proxy=None):
        if not is_awaited:
            assert speaker.ended.wait(LIMIT)
    assert speaker.ended.wait(LIMIT)


async def lives(speaker):
    """A server that starts and stops."""
    config = uvicorn.Config(speaker, log_config=None, lifespan="on", interface="asgi3")
    config.load()
    lifespan = config.lifespan_class(config)
    async with asyncio.timeout(LIMIT):
        await lifespan.startup()
        await lifespan.shutdown()
    assert speaker.ended.is_set()


@cache
def outcomes(implementation):
    """What comes of each mistake."""
    mistakes, _ = IMPLEMENTATIONS[implementation]
    speakers = {name: Speaker(mistake.told) for name, mistake in mistakes.items()}
    turns = iter(speakers.values())

    async def app(scope, receive, send):
        await next(turns)(scope, receive, send)

    if mistakes is IN_LIFESPAN:
        for speaker in speakers.values():
            asyncio.run(lives(speaker))
    elif mistakes is IN_WEBSOCKET:
        with serving(app, ws=implementation) as port:
            for speaker in speakers.values():
                talks(port, speaker)
    else:
        version = 2 if mistakes is IN_HTTP_2 else 1
        with serving(app, http=implementation.partition(",")[0], http2=version == 2) as port:
            for speaker in speakers.values():
                asks(port, speaker, version)
    return {name: speaker.outcome for name, speaker in speakers.items()}


def refused(*, allowed):
    """All mistakes of all implementations that raise: those that the specification allows, or the others."""
    return pytest.mark.parametrize(
        ("implementation", "name", "clause"),
        [
            pytest.param(implementation, name, mistake.clause, id=f"{implementation}: {name}")
            for implementation, (mistakes, _) in IMPLEMENTATIONS.items()
            for name, mistake in mistakes.items()
            if implementation in (mistake.raised_by or [implementation])
            if (mistake.clause is None) == allowed
        ],
    )


@refused(allowed=False)
def test_judge_blames_the_application_for_what_uvicorn_refuses(implementation, name, clause):
    error, violations = outcomes(implementation)[name]
    assert error is not None
    level = Level.SHOULD if clause in SHOULD else Level.MUST
    blamed = [(violation.clause, violation.level, violation.party) for violation in violations]
    assert blamed == [(clause, level, Party.APPLICATION)]


@refused(allowed=True)
def test_judge_blames_nobody_for_what_uvicorn_refuses_and_may_not(implementation, name, clause):
    error, violations = outcomes(implementation)[name]
    assert error is not None
    assert violations == []


def refusals(module):
    """The statements in uvicorn's `send` that are for mistakes, and the lines that each stands in."""
    source = inspect.getsource(module)
    tree = ast.parse(source)
    for send in (node for node in ast.walk(tree) if getattr(node, "name", "") in ("send", "asgi_send")):
        for node in ast.walk(send):
            text = ast.get_source_segment(source, node) or ""
            if text.startswith(("raise RuntimeError", "assert ")):
                yield text, range(node.lineno, node.end_lineno + 1)


def raised_at(error):
    """The lines that an exception has come through, each with its file."""
    trace = error.__traceback__
    while trace:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_no_refusal_of_uvicorn_is_left_out(implementation):
    module = import_module(IMPLEMENTATIONS[implementation][1])
    reached = {
        line
        for error, _ in outcomes(implementation).values()
        if error
        for file, line in raised_at(error)
        if file == module.__file__
    }
    statements = [*refusals(module)]
    met = {text for text, lines in statements if reached.intersection(lines)}
    assert {text for text, _ in statements} == met
