"""The cases about what a server does with its own exceptions conclude what was seen."""

from contextlib import suppress

import pytest

from asgiscope import Recorder
from lab.case import Verdict
from lab.cases import CASES
from lab.evidence import Answer, Evidence, Lived

HTTP = {"type": "http", "asgi": {"version": "3.0"}, "method": "GET", "path": "/", "headers": []}
SCOPES = {"http": HTTP, "websocket": {**HTTP, "type": "websocket"}}
TRACEBACK = "Traceback (most recent call last):\n  ..."


async def sent(scope, error):
    """A conversation in which `send` raises this, if anything, and the application lets it out."""
    conversations = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(event):
        if error:
            raise error

    with suppress(Exception):
        await Recorder(app, conversations.append)(scope, None, send)
    return conversations


@pytest.mark.parametrize(("error", "output", "status", "verdicts"), [
    pytest.param(BrokenPipeError("gone"), "", 200, ("keeps", "keeps"), id="it is ignored"),
    pytest.param(BrokenPipeError("gone"), TRACEBACK, 200, ("breaks", "keeps"), id="it is printed"),
    pytest.param(BrokenPipeError("gone"), "", 0, ("keeps", "breaks"), id="nobody is served any more"),
    pytest.param(None, "", 200, ("unsupported", "unsupported"), id="nothing is raised"),
    pytest.param(RuntimeError("gone"), "", 200, ("unsupported", "unsupported"), id="it is no OSError"),
])  # fmt: skip
@pytest.mark.parametrize("kind", SCOPES)
async def test_case_concludes_what_becomes_of_an_exception(kind, error, output, status, verdicts):
    answers = [Answer(200), Answer(status, ended="whole")]
    conversations = await sent(SCOPES[kind], error)
    evidence = Evidence("", 1, conversations, answers, output=output, life=Lived(served=True))
    cases = (f"{kind}.server.no-error-log/left", f"{kind}.server.catches-own-oserror/left")
    assert tuple(CASES[case].concludes(evidence).verdict for case in cases) == tuple(map(Verdict, verdicts))
