"""What the tests of the recorder share: a conversation with a server that takes whatever is sent."""

import inspect

from asgiscope.conversation import Line
from asgiscope.recorder import Recorder
from tests.conversation import http

REQUEST = {"type": "http.request", "body": b"", "more_body": False}
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
PART = {"type": "http.response.body", "body": b"one ", "more_body": True}
BODY = {"type": "http.response.body", "body": b"two"}


async def take(event):
    """The `send` of a server that minds nothing."""


async def recorded(app, scope=None, *events, send=take, into=None, **options):
    """The conversation of an application with a server that gives it these events, one request by default.

    `into` is the list to find it in where the application raises.
    """
    given = list(events) or [REQUEST]
    conversations = [] if into is None else into

    async def receive():
        return given.pop(0)

    await Recorder(app, conversations.append, **options)(http() if scope is None else scope, receive, send)
    return conversations[0]


async def echo(scope, receive, send):
    """Answers with the body that it is sent, when all of it is there."""
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            break
    await send(START)
    await send({"type": "http.response.body", "body": body})


async def hello(scope, receive, send):
    """Does all that it has to."""
    await receive()
    await send(START)
    await send(BODY)


def said(conversation):
    """The events of a conversation: what was said, and in which direction."""
    return [(event.direction, event.fields) for event in conversation.events]


def clauses(conversation):
    """The clauses that were broken."""
    return [violation.clause for violation in conversation.violations]


def line(function, text):
    """The line of a function that holds a text."""
    source, first = inspect.getsourcelines(function)
    [number] = [number for number, code in enumerate(source, first) if text in code]
    return Line(function.__code__.co_filename, number, function.__qualname__)
