"""A server that is stopped lets its responses end, shuts down its lifespans, and leaves nothing behind."""

import re
import signal
import socket
import subprocess

import httpx
import pytest
import websockets

from servers import LAUNCHERS, NotServingError, Options, running
from tests.servers.clients import stopped_during, wait_until

PROBE = "tests.servers.probe:app"

ROWS = pytest.mark.parametrize("row", LAUNCHERS.values(), ids=LAUNCHERS)


def processes(server):
    """The living processes of its group, as ps shows them."""
    ps = ["ps", "-A", "-o", "pgid=,stat=,args="]
    listed = subprocess.run(ps, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return re.findall(rf"^ *{server.process.pid} +[^Z ].*", listed, re.MULTILINE)


# Not granian over HTTP/2: h2 takes the first of two GOAWAY for the end, and will not hear what comes after.
@pytest.mark.parametrize(
    ("name", "version"),
    [
        pytest.param(row.name, version, id=f"{row.name} HTTP/{version}")
        for row in LAUNCHERS.values()
        if row.grace
        for version in row.in_clear
        if (row.name, version) != ("granian", 2)
    ],
)
async def test_response_that_is_running_when_the_server_stops_ends_whole(start, name, version):
    server = start(name, Options(app=PROBE, http=version))
    answer = await stopped_during(server, version, "/slow")
    assert (answer.body, answer.ended) == (b"begun\nended\n", True)
    assert "lifespan.shutdown" in server.output()


@ROWS
async def test_what_does_not_end_does_not_hold_the_server_beyond_its_grace(start, row):
    server = start(row.name, Options(app=PROBE, grace=1))
    async with websockets.connect(server.url.replace("http", "ws", 1)) as client:
        await client.recv()
        answer = await stopped_during(server, 1, "/endless")
    assert not answer.ended
    # -9 would say that it had to be killed. uvicorn ends by the signal that it was sent.
    assert server.process.returncode in (0, -signal.SIGTERM)
    assert processes(server) == []


@pytest.mark.parametrize("name", [row.name for row in LAUNCHERS.values() if row.workers])
def test_every_worker_shuts_its_lifespan_down_and_none_is_left(start, name):
    server = start(name, Options(app=PROBE, workers=2))

    def told(event):
        return set(re.findall(rf"probe (\d+) {event}", server.output()))

    wait_until(lambda: len(told("lifespan.startup")) == 2)

    def each_has_answered():
        httpx.get(f"{server.url}/scope")
        return len(told("http")) == 2

    # A worker of granian may not hear that it has to stop while it is still starting.
    if name == "granian":
        wait_until(each_has_answered)
    assert server.stop()
    assert processes(server) == []
    # Of hypercorn's workers only the first is sure to: see what its row says it lacks.
    if name != "hypercorn":
        assert told("lifespan.shutdown") == told("lifespan.startup")


@ROWS
def test_socket_is_cleared_away(start, row, tmp_path):
    server = start(row.name, Options(app=PROBE, uds=str(tmp_path / "the socket")))
    assert server.stop()
    assert list(tmp_path.iterdir()) == []


@ROWS
def test_socket_of_a_server_that_somebody_killed_is_cleared_away(start, row, tmp_path):
    server = start(row.name, Options(app=PROBE, uds=str(tmp_path / "the socket")))
    server.process.kill()
    assert server.stop()
    assert list(tmp_path.iterdir()) == []


def test_socket_that_nobody_listens_on_is_no_obstacle(start, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    start("uvicorn", Options(app=PROBE, uds=str(path)))


def test_server_that_ends_by_itself_is_reported_with_what_it_printed():
    with (
        pytest.raises(NotServingError, match="before it listened") as raised,
        running(LAUNCHERS["uvicorn"], Options(app="tests.servers.probe:no_such_attribute")),
    ):
        pytest.fail("it must not get here")
    assert "no_such_attribute" in raised.value.__notes__[0]
