"""Checks of what no server of the tests can do: each sees what is there, and says what is there instead."""

import pytest

from asgiscope import Recorder
from lab.case import Verdict
from lab.cases import CASES
from lab.checks import Pushed, pushed_from_here
from lab.evidence import Answer, Evidence
from lab.script import play

STYLE = [(":path", "/style.css"), (":authority", "localhost")]
ELSEWHERE = [(":path", "/other.css"), (":authority", "other.example")]


@pytest.mark.parametrize(
    ("check", "promised"),
    [
        (Pushed(("/style.css",)), [ELSEWHERE]),
        (Pushed(("/style.css",)), []),
        (pushed_from_here, [STYLE, ELSEWHERE]),
        (pushed_from_here, []),
    ],
)
def test_check_sees_what_was_promised(check, promised):
    assert check(Evidence("", answers=[Answer(pushed=[STYLE])])) is None
    assert check(Evidence("", answers=[Answer(pushed=promised)])).endswith(".")


HTTP_2 = {
    "type": "http", "asgi": {"version": "3.0"}, "http_version": "2", "method": "GET", "path": "/a",
    "headers": [], "extensions": {"http.response.push": {}},
}  # fmt: skip


@pytest.mark.parametrize(("promises", "anew", "verdict"), [
    pytest.param(True, {}, "keeps", id="it is called for what is pushed"),
    pytest.param(True, None, "breaks", id="it is not called"),
    pytest.param(True, {"path": "/a"}, "breaks", id="it is called for the same again"),
    pytest.param(True, {"method": "POST"}, "breaks", id="it is called as for another request"),
    pytest.param(False, None, "differs", id="nothing is promised"),
])  # fmt: skip
async def test_what_is_pushed_is_answered_by_another_call(promises, anew, verdict):
    """`anew` is what is wrong with the scope of that call; None: there is none."""
    case = CASES["ext.http.response.push.new-instance/below"]
    conversations, answer = [], Answer(200)

    async def app(scope, receive, send):
        await play(case.app, receive, send, scope)

    async def send(event):
        if event["type"] == "http.response.push" and promises:
            answer.pushed.append([(":path", event["path"])])
            if anew is not None:
                await recorded({**HTTP_2, "path": event["path"], **anew}, None, send)

    recorded = Recorder(app, conversations.append)
    await recorded(HTTP_2, None, send)
    conclusion = case.concludes(Evidence(case.id, 2, conversations, [answer]))
    assert conclusion.verdict is Verdict(verdict)
