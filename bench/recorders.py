"""What a recorder adds to a conversation, beside others that stand around an application and listen.

A conversation is held inside a running event loop, whose tasks some recorders ask for, but nothing in it has
to be waited for, so that a coroutine ends at its first step. Scope and events are made anew for each, as a
server makes them.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from itertools import chain, repeat
from time import perf_counter_ns
from typing import Any, NamedTuple

from uvicorn.logging import TRACE_LOG_LEVEL
from uvicorn.middleware.message_logger import MessageLoggerMiddleware

from asgiscope.conversation import Conversation
from asgiscope.recorder import Recorder
from bench.probes import http, websocket
from bench.turns import Sample, Target, added
from router import Application, Event, Receive, Scope, Send

if sys.version_info >= (3, 12):  # which asgion needs
    from asgion import Inspector

MANY = 1000
CHUNK = b"." * 1024
HEADERS = [(b"content-type", b"text/plain; charset=utf-8")]


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [*HEADERS, (b"content-length", b"14")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, world!\n"})


async def download(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    for _ in range(MANY):
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


def empty() -> Iterator[Event]:
    """A request without a body."""
    yield {"type": "http.request", "body": b"", "more_body": False}


def chunks() -> Iterator[Event]:
    """A request with a long one."""
    for number in range(1, MANY + 1):
        yield {"type": "http.request", "body": CHUNK, "more_body": number < MANY}


def messages() -> Iterator[Event]:
    """A client that speaks, and leaves."""
    yield {"type": "websocket.connect"}
    for _ in range(MANY):
        yield {"type": "websocket.receive", "text": "Hello, world!"}
    yield {"type": "websocket.disconnect", "code": 1000, "reason": ""}


class Talk(NamedTuple):
    """An application, the scope that it is called with, and all that the server has to say."""

    app: Application
    scope: Callable[[str], Scope]
    said: Callable[[], Iterator[Event]]


TALKS = {
    "response of two events": Talk(hello, http, empty),
    "response of 1000 chunks": Talk(download, http, empty),
    "request of 1000 chunks": Talk(upload, http, chunks),
    "1000 messages, echoed": Talk(echo, websocket, messages),
}

Wrap = Callable[[Any], Any]
"""Put something around an application."""


def no_op(app: Application) -> Application:
    """Middleware that hands everything on, and does nothing else."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def handing_receive() -> Event:
            return await receive()

        async def handing_send(event: Event) -> None:
            await send(event)

        await app(scope, handing_receive, handing_send)

    return middleware


def logged(app: Any) -> Any:
    """What uvicorn puts around every application with `--log-level trace`; nobody writes the log down."""
    logger = logging.getLogger("uvicorn.asgi")
    logger.setLevel(TRACE_LOG_LEVEL)
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    return MessageLoggerMiddleware(app)


def dropped(conversation: Conversation) -> None:
    """A sink that lets the conversation go when it has ended: nobody asks what it has broken."""


CONTESTANTS: dict[str, Wrap] = {
    "judged": lambda app: Recorder(app, dropped, record=False),
    "recorded": lambda app: Recorder(app, dropped),
    "logged": Recorder,
    "no-op": no_op,
    "uvicorn": logged,
}
if sys.version_info >= (3, 12):
    CONTESTANTS |= {"asgion": Inspector, "traced": partial(Inspector, trace=True)}


async def send(event: Event) -> None:
    """What the server does with an event."""


def nanoseconds(talk: Talk, wrap: Wrap, calls: int) -> float:
    """What a conversation takes, on the average of so many.

    What listens is made for each turn anew, so that nothing of what it keeps is kept any longer.
    """
    app, make_scope, make_events = wrap(talk.app), talk.scope, talk.said

    def start() -> Any:
        events = make_events()

        async def receive() -> Event:
            return next(events)

        return app(make_scope("/x"), receive, send)

    began = perf_counter_ns()
    for _ in repeat(None, calls):
        try:  # noqa: SIM105 - suppress() would take as long as what is measured here
            start().send(None)
        except StopIteration:
            pass
    return (perf_counter_ns() - began) / calls


def measure(contestants: Mapping[str, Wrap], rounds: int, length: float) -> dict[Sample[str], float]:
    """What each contestant adds to each conversation, in nanoseconds; a turn takes about `length` of them."""
    turns = {
        Sample(case, name): partial(nanoseconds, talk, wrap)
        for case, talk in TALKS.items()
        for name, wrap in chain([(None, lambda app: app)], contestants.items())
    }

    async def in_a_loop() -> dict[Sample[str], float]:
        return added(turns, rounds, length)

    return asyncio.run(in_a_loop())


# Which of ours each rival is measured against: the one that does the same, or more.
RIVALS = {name: ours for name, ours in (("asgion", "judged"), ("traced", "recorded")) if name in CONTESTANTS}

TARGETS = [
    Target(
        f"{name} / {ours}: in every conversation",
        [(Sample(case, name), Sample(case, ours)) for case in TALKS],
        "at least",
        5,
    )
    for name, ours in RIVALS.items()
]


def versions() -> str:
    """What is measured, and its versions, in a line."""
    names = ["asgiscope", "uvicorn", *(["asgion"] if "asgion" in CONTESTANTS else [])]
    return ", ".join(f"{name} {version(name)}" for name in names)
