"""One project behind three gateways: they are served, asked and watched, and the page shows what they did."""

import asyncio
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import asynccontextmanager, closing, suppress
from time import perf_counter

import pytest

from bench.gateways import page
from bench.gateways.group import PROC, Group, look
from bench.gateways.load import UnexpectedAnswer, ask, requests_per_second
from bench.gateways.plot import plot
from bench.gateways.trial import GATEWAYS, PAGES, Asked, Turn, beside_asgi, measure, medians
from servers import Options, running

needs_proc = pytest.mark.skipif(not PROC.exists(), reason="there is no /proc here")

RATES = {"WSGI": [5, 10, 30], "ASGI": [10, 100, 30]}
MEASURED = {
    Asked(name, asked): [Turn(rate * n, Group(n, n, n * 1_000_000)) for rate in (10.0, 30.0, 20.0)]
    for asked in PAGES
    for n, name in enumerate(GATEWAYS, 1)
}


@pytest.mark.timeout(240)
def test_every_gateway_answers_every_page():
    turns = measure(clients=2, seconds=0.01, budget=0)
    assert turns.keys() == MEASURED.keys()
    assert all(turn.rate > 0 for done in turns.values() for turn in done)
    if PROC.exists():
        peaks = {name: page.peak(turns, name) for name in GATEWAYS}
        assert all(peak.memory > 1_000_000 for peak in peaks.values())
        # A server and a program, a master and a worker; uvicorn answers by itself.
        assert [peak.processes > 1 for peak in peaks.values()] == [True, True, True, False]


def test_each_turn_is_compared_with_that_of_asgi_in_the_same_round():
    turns = {name: [Turn(rate, Group()) for rate in rates] for name, rates in RATES.items()}
    measured = {Asked(name, "hello"): done for name, done in turns.items()}
    assert beside_asgi(measured)[Asked("WSGI", "hello")] == [0.5, 0.1, 1]
    assert medians(measured) == {Asked("WSGI", "hello"): 0.5, Asked("ASGI", "hello"): 1}


# What is asked


@asynccontextmanager
async def answering(head, body=b"Hello"):
    """The port of a server that answers each request so, and the connections that it has had."""
    connections = []

    async def answer(reader, writer):
        connections.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(head + body)
            if b"close" in head or b"1.0" in head:
                break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connections
    finally:
        server.close()
        for connection in connections:
            connection.close()
            with suppress(ConnectionError):
                await connection.wait_closed()


@pytest.mark.parametrize(
    ("head", "closes"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nConnection: close\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", True),
    ],
    ids=["kept", "closed", "HTTP/1.0"],
)
async def test_client_asks_again_over_the_same_connection_where_the_server_keeps_it(head, closes):
    answers = []
    async with answering(head) as (port, connections):
        await ask(port, "/", perf_counter(), 3, answers)
    assert answers == [5, 5, 5]
    assert len(connections) == (3 if closes else 1)


async def test_another_answer_is_an_error_that_says_which():
    async with answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n") as (port, _):
        with pytest.raises(UnexpectedAnswer, match=r"/hello: HTTP/1\.1 404"):
            await requests_per_second(port, "/hello", clients=3, seconds=0)


# CGI


@pytest.fixture
def cgi():
    """A CGI server; what it starts reads the environment that the test has made."""
    gateway = GATEWAYS["CGI"]

    def start():
        return running(gateway.launcher, Options(app=gateway.app), timeout=60)

    return start


async def get(server, path):
    """The whole answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.options.port)
    with closing(writer):
        writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        return await asyncio.wait_for(reader.read(), 50)


async def test_cgi_program_is_told_of_the_request(cgi):
    with cgi() as server:
        answer = await get(server, "/cgi/program?a=1")
        missing = await get(server, "/nothing")
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    for variable in (b"PATH_INFO = /cgi/program\n", b"QUERY_STRING = a=1\n", b"REMOTE_ADDR = 127.0.0.1\n"):
        assert variable in answer
    assert missing.startswith(b"HTTP/1.0 404 Not Found\r\n")


async def test_cgi_program_that_fails_is_answered_by_502(cgi, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nothing")
    with cgi() as server:
        assert (await get(server, "/hello")).startswith(b"HTTP/1.0 502 ")


async def processes(server, count, patience):
    """Wait until the server has so many."""
    async with asyncio.timeout(patience):
        while look(server.process.pid).processes != count:  # noqa: ASYNC110 - Linux sets no event
            await asyncio.sleep(0.02)


@needs_proc
async def test_cgi_program_is_stopped_when_the_client_leaves(cgi):
    with cgi() as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.options.port)
        writer.write(b"GET /tiles/3.svg?delay=10 HTTP/1.1\r\n\r\n")
        await processes(server, 2, patience=50)
        writer.close()
        await processes(server, 1, patience=9)
        assert "Traceback" not in server.output()


# What it takes

FAMILY = """
import subprocess, sys, threading
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
threading.Thread(target=input).start()
print("ready", flush=True)
"""


@needs_proc
def test_processes_of_a_group_are_counted_and_no_others():
    with subprocess.Popen(  # noqa: S603 - the program stands above
        [sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    ) as family:
        family.stdout.readline()
        group = look(family.pid)
        assert (group.processes, group.threads) == (2, 3)
        assert group.memory > 2_000_000
        family.stdin.write(b"\n")
    assert look(family.pid).processes <= 1


def test_peak_is_the_greater_of_each():
    assert Group(1, 20, 300).peak(Group(3, 2, 100)) == Group(3, 20, 300)


# What is shown


def test_page_has_the_rows_and_the_columns_of_the_bench():
    made = list(page.lines(MEASURED, 16))
    table = page.MARKS.search(page.PAGE.read_text(encoding="utf-8"))[0].splitlines()
    assert len(table) == len(made)
    assert table[:2] == made[:2]
    for ours, shown in zip(made[2:-2], table[2:-2], strict=True):
        assert ours.split(" | ")[0] == shown.split(" | ")[0]
        assert ours.count(" | ") == shown.count(" | ")
    assert made[3].endswith("| 40 | 50% (50–50) | 40 | 50% (50–50) | 2 MB | 2 | 2 |")


def test_what_cannot_be_measured_is_a_dash():
    nothing = {asked: [Turn(1.0, Group())] for asked in MEASURED}
    assert list(page.cells(nothing, "CGI"))[-3:] == ["–", "–", "–"]


def words(svg):
    """Every text of a drawing."""
    return [e.text for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314 - our own


def test_drawing_says_in_words_what_it_shows():
    about = {name: gateway.about for name, gateway in GATEWAYS.items()}
    made = plot("Three", about, list(page.panels(MEASURED)))
    assert {*about, *about.values(), "20", "80", "memory, MB"} <= {*words(made)}
    shown = words(page.DRAWING.read_text(encoding="utf-8"))
    assert [word for word in words(made)[1:] if not word[0].isdigit()] == [
        word for word in shown[1:] if not word[0].isdigit()
    ]


def test_bar_is_as_long_as_its_figure():
    made = plot("Three", dict.fromkeys(GATEWAYS, ""), [next(page.panels(MEASURED))])
    bars = [e for e in ET.fromstring(made).iter() if e.get("class", "").startswith("bar")]  # noqa: S314 - our own
    lengths = [float(bar.get("width")) for bar in bars]
    assert [length / lengths[0] for length in lengths] == pytest.approx([1, 2, 3, 4], rel=0.01)
