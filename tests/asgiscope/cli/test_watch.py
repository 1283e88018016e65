"""asgiscope watch."""

import json
import re
import signal
import socket
import urllib.request
from dataclasses import replace
from http.client import RemoteDisconnected

import pytest

from asgiscope.cli.watch import Watcher
from asgiscope.conversation import Conversation, Event, Hop, Lane, Line, Outcome, Stall

from .processes import LIMIT, MODULE, NO_PYGMENTS, NO_SERVER, NO_UVICORN, lines_until, run, running

SERVERS = [
    pytest.param(MODULE, "uvicorn", id="uvicorn"),
    pytest.param(NO_UVICORN, "hypercorn", id="hypercorn"),
]


def stopped(started):
    """All that is printed from Ctrl-C on, and the status."""
    started.send_signal(signal.SIGINT)
    out, _ = started.communicate(timeout=LIMIT)
    return out, started.returncode


@pytest.mark.parametrize(("command", "server"), SERVERS)
def test_conversations_are_shown_as_they_are_held(here, command, server):
    with running("watch", "starts:app", "--port", "0", command=command) as started:
        first = started.stdout.readline()
        url = re.fullmatch(rf"starts:app is watched at (\S+) \({server}\); Ctrl-C ends it.\n", first)[1]
        assert url.startswith("http://127.0.0.1:")
        lifespan = lines_until(started.stdout, "lifespan.startup.complete")
        assert "#1 lifespan\n" in lifespan
        assert urllib.request.urlopen(f"{url}/items").read() == b"hello"  # noqa: S310
        conversation = lines_until(started.stdout, "■")
        assert "#2 GET /items\n" in conversation
        assert re.search(r"#2 .*→ receive  http.request", conversation)
        assert re.search(r"#2 .*← send     http.response.body", conversation)
        rest, status = stopped(started)
    assert status == 0
    assert "lifespan.shutdown.complete" in rest
    assert re.search(r"#1 .*■ returned", rest)


@pytest.mark.parametrize(("options", "shown"), [([], True), (["--no-source"], False)])
def test_conversations_are_drawn_on_a_page(here, options, shown):
    with running("watch", "starts:app", "--port", "0", *options) as started:
        url = started.stdout.readline().split()[4]
        page = lines_until(started.stdout, "drawn at").split()[-1]
        assert page == f"{url}/__asgiscope__/"
        urllib.request.urlopen(f"{url}/items").read()  # noqa: S310
        assert 'href="/__asgiscope__/conversations/2">GET /items' in fetched(page)
        drawn = json.loads(fetched(f"{page}conversations/2/drawn"))
        assert any(file.endswith("starts.py") for file in drawn["sources"]) == shown
        stopped(started)


def fetched(url):
    return urllib.request.urlopen(url).read().decode()  # noqa: S310


def test_page_needs_pygments_and_the_rest_does_not(here):
    with running("watch", "starts:app", "--port", "0", command=NO_PYGMENTS) as started:
        lines = lines_until(started.stdout, "asgiscope[page]")
        assert "drawn at" not in lines
        assert "#1 lifespan\n" in lines_until(started.stdout, "lifespan.startup.complete")
        stopped(started)


def test_violation_is_shown_with_its_clause_and_its_cure(here):
    with running("watch", "wrong:app", "--port", "0") as started:
        url = started.stdout.readline().split()[4]
        with pytest.raises(RemoteDisconnected):
            urllib.request.urlopen(url)  # noqa: S310
        lines_until(started.stdout, "#2 GET /")
        conversation = lines_until(started.stdout, "■")
        stopped(started)
    assert "must http.response.start.status.type" in conversation
    assert "Instead: give the status code as an int" in conversation


def test_websocket_is_shown_event_by_event(here):
    with running("watch", "sockets:app", "--port", "0") as started:
        host, port = re.search(r"http://([\d.]+):(\d+)", started.stdout.readline()).groups()
        with socket.create_connection((host, int(port))) as client:
            client.sendall(
                b"GET /room HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
            assert "#2 WebSocket /room" in lines_until(started.stdout, "websocket.accept")
            client.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")  # a text of two bytes, masked by zeros
            assert "text='hi'" in lines_until(started.stdout, "websocket.send")
        assert "websocket.disconnect" in lines_until(started.stdout, "■")
        assert stopped(started)[1] == 0


@pytest.mark.parametrize(("command", "server"), SERVERS)
def test_application_that_does_not_start_is_told_of(here, command, server):
    status, out, err = run("watch", "refuses:app", "--port", "0", command=command)
    assert status == 2
    assert "lifespan.startup.failed  message='no database'" in out
    assert "asgiscope: 'refuses:app' did not start: what its lifespan said is shown above.\n" in err


def test_response_that_lasts_is_shown_as_it_goes_on(capsys):
    text, watcher, second = Line("shop.py", 3, "app"), Watcher(colour=False), 1_000_000_000

    def event(index, at):
        fields = {"type": "http.response.body", "body": b"%d" % index, "more_body": True}
        return Event(index, at, 0, "send", fields, text, text, "Task-1")

    lane = Lane("app", {"type": "http", "method": "GET", "path": "/ticks"}, [], Outcome("open"), [])
    conversation = Conversation(7, 0, [lane])
    watcher.begin(conversation)
    shown = []
    for number in range(4):
        lane.events.append(event(number, number * second))
        watcher.hear(conversation, lane.events[-1])
        shown.append(capsys.readouterr().out)
    conversation.taps = [replace(lane, outcome=Outcome("return", 4 * second))]
    watcher.hear(conversation, None)
    assert shown[:2] == ["", ""]
    assert re.findall(r"#7 |body=b'\d'", shown[2]) == [
        "#7 ",
        "#7 ",
        "body=b'0'",
        "#7 ",
        "body=b'1'",
        "#7 ",
        "body=b'2'",
    ]
    assert re.findall(r"#7 |body=b'\d'", shown[3]) == ["#7 ", "body=b'3'"]
    assert capsys.readouterr().out == "#7   4000 ms  ■ returned\n"


def test_hops_and_stalls_of_what_goes_on_are_shown_when_they_have_ended(capsys):
    text, watcher, second = Line("shop.py", 3, "app"), Watcher(colour=False), 1_000_000_000
    lane = Lane("app", {"type": "websocket", "path": "/"}, [], Outcome("open"), [])
    conversation = Conversation(7, 0, [lane])

    def hop(what, how="return"):
        times = (
            {"waited": 1, "ran": 2, "held": 3}
            if how == "return"
            else dict.fromkeys(["waited", "ran", "held"])
        )
        return Hop(
            second, "thread", what, True, "worker", **times, how=how, error=None, line=text, outside=text
        )

    def said():
        fields = {"type": "websocket.send", "text": "hello"}
        lane.events.append(Event(len(lane.events), 2 * second, 0, "send", fields, text, text, "Task-1"))
        watcher.hear(conversation, lane.events[-1])
        return re.findall(r"→ thread   \w+|▲ loop held|text='hello'", capsys.readouterr().out)

    watcher.begin(conversation)
    lane.hops[:] = [hop("first"), hop("second", "open")]
    assert said() == ["→ thread   first", "text='hello'"]
    assert said() == ["text='hello'"]
    lane.hops[1] = hop("second")
    lane.stalls.append(Stall(second, second, text, (text,), 8))
    assert said() == ["→ thread   second", "▲ loop held", "text='hello'"]
    lane.hops.append(hop("third"))
    conversation.taps = [replace(lane, outcome=Outcome("return", 4 * second))]
    watcher.hear(conversation, None)
    assert re.findall(r"→ thread   \w+|■", capsys.readouterr().out) == ["→ thread   third", "■"]


def test_port_that_is_taken_is_told_of(here):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = run("watch", "right:app", "--port", str(port))
    assert (status, out) == (2, "")
    assert err.startswith(
        f"asgiscope: nobody can listen at 127.0.0.1:{port}: Address already in use; --port 0"
    )


def test_port_that_is_none_is_told_of(here):
    assert run("watch", "right:app", "--port", "70000")[2].startswith(
        "asgiscope: nobody can listen at 127.0.0.1:70000: there is no such port"
    )


def test_server_that_is_missing_is_told_of(here):
    assert run("watch", "right:app", command=NO_SERVER) == (
        2,
        "",
        "asgiscope: `watch` needs a server: install uvicorn, as in `pip install 'uvicorn[standard]'`.\n",
    )
