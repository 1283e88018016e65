"""asgiscope trace."""

import re

import pytest


def test_conversation_is_shown(asgiscope):
    status, out, err = asgiscope("trace", "right:app", "GET /items?page=1", "--header", "X-Name: me")
    assert (status, err) == (0, "")
    assert out.startswith("GET /items?page=1\n")
    assert "         x-name: me\n" in out
    assert "→ receive  http.request  body=b''  more_body=False" in out
    assert "← send     http.response.body  body=b'hello'" in out
    assert "right.py:8 in app\n" in out
    assert out.endswith("■ returned\n")


def test_request_is_get_if_none_is_asked_for(asgiscope):
    assert asgiscope("trace", "right:app")[1].startswith("GET /\n")


def test_body_is_sent(asgiscope):
    _, out, _ = asgiscope("trace", "right:app", "POST /", "--body", "a=1")
    assert "http.request  body=b'a=1'" in out
    assert "content-length: 3" in out


def test_violation_is_shown_and_makes_it_fail(asgiscope):
    status, out, _ = asgiscope("trace", "wrong:app")
    assert status == 1
    assert "must http.response.start.status.type" in out
    assert "server" not in out.partition("■")[0].partition("must")[2]


def test_websocket_is_opened_and_spoken_to(asgiscope):
    status, out, _ = asgiscope("trace", "sockets:app", "WS /room", "--text", "one", "--text", "two")
    assert status == 0
    assert out.startswith("WebSocket /room\n")
    assert "websocket.send  text='/room: one'" in out
    assert "websocket.send  text='/room: two'" in out
    assert "websocket.disconnect  code=1000" in out


def test_lifespan_is_held(asgiscope):
    status, out, _ = asgiscope("trace", "starts:app", "LIFESPAN")
    assert status == 0
    assert out.startswith("lifespan\n")
    assert "lifespan.startup.complete" in out
    assert "lifespan.shutdown.complete" in out
    assert "The scope was left with state={'greeting': b'hello'}" in out


def test_application_is_started_before_it_is_asked(asgiscope):
    assert "body=b'hello'" in asgiscope("trace", "starts:app")[1]


def test_application_that_refuses_to_start_is_asked_all_the_same(asgiscope):
    status, out, err = asgiscope("trace", "refuses:app")
    assert status == 0
    assert out.startswith("GET /\n")
    assert err == "asgiscope: the application refused to start: no database\n"


def test_exception_is_shown_with_its_traceback(asgiscope):
    status, out, _ = asgiscope("trace", "fails:app", "GET /items")
    assert status == 0
    assert "■ raised KeyError: '/items'" in out
    assert "raise KeyError(scope['path'])" in out


def test_client_that_waits_too_long_leaves(asgiscope, here):
    (here / "waits.py").write_text(
        "async def app(scope, receive, send):\n    await receive()\n    await receive()\n"
    )
    assert "http.disconnect" in asgiscope("trace", "waits:app", "--timeout", "0.1")[1]


def test_application_of_asgi_2_is_called_as_it_wants(asgiscope, here):
    (here / "old.py").write_text(
        "def app(scope):\n"
        "    async def instance(receive, send):\n"
        "        await send({'type': 'http.response.start', 'status': 200})\n"
        "        await send({'type': 'http.response.body'})\n"
        "    return instance\n"
    )
    assert "old.py:3 in instance" in asgiscope("trace", "old:app")[1]


CROSSES = """\
import asyncio, time
from asgiref.sync import sync_to_async


def work():
    pass


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    await receive()
    await sync_to_async(work)()
    time.sleep(0.5)
    await asyncio.sleep(0)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})
"""


def test_calls_in_threads_and_what_holds_the_loop_are_shown(asgiscope, here):
    (here / "crosses.py").write_text(CROSSES)
    _, out, _ = asgiscope("trace", "crosses:app")
    assert re.search(r"→ thread   work  waited .* crosses.py:13 in app\n", out)
    assert re.search(r"▲ loop held \d+ ms by crosses.py:14 in app\n +14 \| time.sleep\(0.5\)\n", out)
    assert "1 hop between threads took " in out


def test_limit_of_a_stall_may_be_another_one(asgiscope, here):
    (here / "crosses.py").write_text(CROSSES)
    assert "loop held" not in asgiscope("trace", "crosses:app", "--stall", "60")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["GET /", "--stall", "0"],
            "asgiscope: --stall: a limit is a time in seconds, such as 0.05, and not 0.0.\n",
        ),
        (["GET"], "asgiscope: 'GET' is no request: write a method and a path, as in 'POST /items'\n"),
        (
            ["GET /", "--text", "a"],
            "asgiscope: --text is a message for a WebSocket: ask for one by 'WS /PATH'.\n",
        ),
        (["WS /", "--body", "a"], "asgiscope: a WebSocket has no body: send it a message by --text.\n"),
    ],
)
def test_what_cannot_be_traced_is_told_in_a_sentence(asgiscope, arguments, sentence):
    assert asgiscope("trace", "right:app", *arguments) == (2, "", sentence)
