"""The second table: what a server does with a wrong application, and what its client gets, in words."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest

from asgiscope import Recorder
from lab.evidence import Answer, Evidence, Frame, Lived
from lab.script import play, steps
from lab.wrong import WRONG
from lab.wronged import client_gets, life, server_does

OF_A_REQUEST = WRONG["wrong/http.response.start.once"]
OF_A_LIFESPAN = WRONG["wrong/lifespan.startup.failed.message.type"]
WHOLE = Answer(500, body=b"x" * 21, ended="whole")
SWITCHED = Answer(101)
SAID = Frame("text", b"hello")


def seen(answer=None, *frames, **more):
    return Evidence("", answers=[answer] if answer else [], frames=[*frames], **more)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (seen(WHOLE), "500 with 21 bytes"),
        (seen(Answer(200, ended="whole", informational=[(103, [])])), "103, 200 with 0 bytes"),
        (seen(Answer(200, body=b"ab", ended="cut")), "200, cut after 2 bytes"),
        (
            seen(Answer(200, ended="malformed")),
            "rubbish: 200, and a body that is not as long as its content-length",
        ),
        (seen(Answer(ended="reset")), "a reset"),
        (seen(Answer(200)), "200, and waits for the rest"),
        (seen(), "waits in vain"),
        (seen(Answer(200), error="waits"), "200, and waits for the rest"),
        (seen(error="AssertionError: a frame that is none"), "rubbish: AssertionError: a frame that is none"),
        (seen(closed="closed"), "no answer, and the connection is closed"),
        (seen(SWITCHED, SAID, Frame("close", code=1000)), "101, 1 message, close 1000"),
        (seen(SWITCHED, closed="closed"), "101, no close frame, and the connection is closed"),
        (seen(SWITCHED, SAID, SAID, error="waits"), "101, 2 messages, and waits in vain"),
        (seen(SWITCHED, error="wrong frames"), "rubbish: wrong frames"),
    ],
)
def test_client_gets(evidence, words):
    assert client_gets(OF_A_REQUEST, evidence) == words


@pytest.mark.parametrize(
    ("raises", "output", "words"),
    [
        (TypeError("not that"), "TypeError: not that", "raises TypeError"),
        (asyncio.CancelledError(), "", "quiet"),
        (None, "Exception in ASGI application", "logs"),
        (None, 'INFO "GET /lab/wrong/http.error HTTP/1.1" 200', "quiet"),
        (None, "", "quiet"),
    ],
)
async def test_server_raises_or_logs_or_is_quiet(raises, output, words):
    conversations = []

    async def app(scope, receive, send):
        await play(steps("try send http.response.start status=200"), receive, send)

    async def send(event):
        if raises:
            raise raises

    with suppress(asyncio.CancelledError):
        await Recorder(app, conversations.append)({"type": "http", "headers": []}, None, send)
    assert server_does(Evidence("", conversations=conversations, output=output)) == words


@pytest.mark.parametrize(("says", "right"), [("failed message=b'no'", True), ("complete", False)])
async def test_server_need_not_serve_what_says_that_it_cannot_start(says, right, monkeypatch):
    conversations = []

    async def app(scope, receive, send):
        await play(steps(f"receive\nsend lifespan.startup.{says}"), receive, send)

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(event):
        pass

    async def lived(*_):
        return Evidence("", conversations=conversations, life=Lived(by_itself=True, status=3))

    await Recorder(app, conversations.append)({"type": "lifespan"}, receive, send)
    monkeypatch.setattr("lab.wronged.lived", lived)
    found = await life(OF_A_LIFESPAN, SimpleNamespace(name="right", target=None))
    assert found.client == "does not serve, and ends with status 3"
    assert found.survives is right


def test_what_comes_behind_a_close_comes_when_the_client_has_closed_it_too():
    app = [step.does for step in WRONG["wrong/websocket.send.not-after-close"].app]
    assert app[-3:] == ["send", "sleep", "send"]
