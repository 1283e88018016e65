"""Every server with the same exhibits: what those who ask them print, and what the page shows of it."""

import asyncio
import xml.etree.ElementTree as ET
from contextlib import asynccontextmanager

import pytest

from asgiscope.page.speed import speed_of
from bench.gateways.group import PROC, Group
from bench.servers import load, page
from bench.servers.load import NotAnswered, echoes_per_second, rate_of_h2load, rate_of_wrk
from bench.servers.trial import CONTESTANTS, EXHIBITS, SOCKET, Asked, Contestant, Measured, measure, questions

UVICORN = Contestant("uvicorn", 1)
MEASURED = Measured(
    rates={
        Asked(one, exhibit): [100.0 * n, 300.0 * n, 200.0 * n]
        for n, one in enumerate(CONTESTANTS, 1)
        for exhibit in page.exhibits(one.version)
    },
    groups={one: Group(1, 1, 50_000_000) for one in CONTESTANTS},
    starts=dict.fromkeys(CONTESTANTS, 0.52),
    troubles={},
)

WRK = """\
Running 1s test @ http://127.0.0.1:45429/hello
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.29ms    1.94ms  16.42ms   88.18%
    Req/Sec    12.23k     7.85k   22.58k    63.64%
  13378 requests in 1.10s, 1.89MB read
{wrong}Requests/sec: {rate}
Transfer/sec:      1.72MB
"""
H2LOAD = """\
starting benchmark...
Application protocol: {protocol}
Stopped all clients for thread #0

finished in 601.88ms, {rate} req/s, 326.29KB/s
requests: 4865 total, 4873 started, 4865 done, 4865 succeeded, {failed} failed, 0 errored, 0 timeout
status codes: {good} 2xx, 0 3xx, {bad} 4xx, 0 5xx
traffic: 195.77KB (200473) total, 43.31KB (44353) headers (space savings 91.64%), 66.51KB (68110) data
"""


# What is asked


@pytest.mark.timeout(120)
def test_server_is_started_and_asked_and_watched():
    measured = measure([UVICORN], [SOCKET], seconds=0.3, budget=0)
    [rate] = measured.rates[Asked(UVICORN, SOCKET)]
    assert rate > 0
    assert measured.starts[UVICORN] > 0
    if PROC.exists():
        assert measured.groups[UVICORN].memory > 1_000_000


def test_rate_is_read_from_what_wrk_prints():
    assert rate_of_wrk(WRK.format(wrong="", rate="12160.69")) == 12160.69


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (WRK.format(wrong="  Non-2xx or 3xx responses: 332\n", rate="293.33"), "332 answers"),
        (WRK.format(wrong="", rate="0.00"), "not answered"),
        ("", "not answered"),
    ],
    ids=["another status", "nothing", "no rate"],
)
def test_what_wrk_prints_of_wrong_answers_is_no_rate(text, about):
    with pytest.raises(NotAnswered, match=about):
        rate_of_wrk(text)


def test_rate_is_read_from_what_h2load_prints():
    text = H2LOAD.format(protocol="h2", rate="8108.33", failed=0, good=4865, bad=0)
    assert rate_of_h2load(text) == 8108.33


@pytest.mark.parametrize(
    ("seen", "about"),
    [
        ({"failed": 141, "good": 0, "bad": 141}, "another status"),
        ({"failed": 3}, "were not answered"),
        ({"rate": "0.00", "good": 0}, "has not answered"),
        ({"protocol": "http/1.1"}, "agreed on HTTP/2"),
    ],
    ids=["another status", "failed", "nothing", "another protocol"],
)
def test_what_h2load_prints_of_wrong_answers_is_no_rate(seen, about):
    right = {"protocol": "h2", "rate": "8108.33", "failed": 0, "good": 4865, "bad": 0}
    with pytest.raises(NotAnswered, match=about):
        rate_of_h2load(H2LOAD.format(**{**right, **seen}))


@asynccontextmanager
async def answering(opening, back):
    """The port of a server that answers a WebSocket so, and each message of it."""
    writers = []

    async def answer(reader, writer):
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(opening)
        while await reader.read(1000):
            writer.write(back)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


OPENS = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


async def test_messages_that_come_back_are_counted():
    async with answering(OPENS, load.BACK) as port:
        assert await echoes_per_second(port, "/", 0.3) > 0


@pytest.mark.parametrize(
    ("opening", "back", "about"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", b"", "not accepted"),
        (OPENS, b"\x81\x03no!", "not sent the message back"),
        (OPENS, b"", "has not answered"),
    ],
    ids=["refused", "another message", "no message"],
)
async def test_websocket_that_does_not_echo_has_no_rate(opening, back, about):
    async with answering(opening, back) as port:
        with pytest.raises(NotAnswered, match=about):
            await echoes_per_second(port, "/", 0.3)


def test_what_is_not_installed_is_left_out_and_said(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert load.missing(1) == "It is left out, as wrk is missing: apt-get install wrk."
    assert load.missing(2) == "It is left out, as h2load is missing: apt-get install nghttp2-client."
    asked = questions(CONTESTANTS, [*EXHIBITS])
    assert {one.exhibit for one in asked} == {SOCKET}
    assert {one.contestant.version for one in asked} == {1}


# What is shown


def test_page_has_the_rows_and_the_columns_of_the_bench():
    made = [line.split(" | ") for line in page.lines(MEASURED) if line.startswith("|")]
    shown = page.MARKS.search(page.PAGE.read_text(encoding="utf-8"))[0]
    table = [line.split(" | ") for line in shown.splitlines() if line.startswith("|")]
    assert [(row[0], len(row)) for row in table] == [(row[0], len(row)) for row in made]
    assert made[2][:2] == ["| **uvicorn**", "200 ±50%"]
    assert made[2][-2:] == ["50 MB", "0.5 s |"]


def test_what_was_not_measured_is_a_dash_and_the_reason_is_told():
    nothing = Measured({Asked(UVICORN, "hello"): [1.0]}, {}, {}, {"uvicorn over HTTP/2, hello": "It hangs."})
    assert list(page.cells(nothing, UVICORN)) == ["1.0 ±0%", *["–"] * 7]
    assert list(page.lines(nothing))[-1] == "- uvicorn over HTTP/2, hello: It hangs."


def test_figures_are_those_that_the_site_shows_of_the_same_run(tmp_path):
    (tmp_path / "speed.json").write_text(page.figures(MEASURED), encoding="utf-8")
    found, shown = (speed_of(file) for file in (tmp_path / "speed.json", page.FIGURES))
    assert [[one.server for one in found.paces[http]] for http in found.paces] == [
        [one.server for one in shown.paces[http]] for http in shown.paces
    ]
    uvicorn = found.paces["HTTP/1.1"][0]
    assert uvicorn.rates["hello"] == (200.0, 100.0)
    assert (uvicorn.memory, uvicorn.start) == (50_000_000, 0.52)
    table = page.PAGE.read_text(encoding="utf-8")
    for pace in shown.paces["HTTP/1.1"]:
        assert f"| **{pace.server}** | {pace.rates['hello'].median:.0f} ±" in table


@pytest.mark.parametrize("over", page.NAMES)
def test_drawing_says_in_words_what_it_shows(over):
    made, shown = (
        [e.text for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314 - our own
        for svg in (page.drawing(MEASURED, over), page.file_of(over).read_text(encoding="utf-8"))
    )
    assert {"uvicorn", "gunicorn", *page.exhibits(over), "a view in a thread"} <= {*made}
    assert [word for word in made if not word[0].isdigit()] == [
        word for word in shown if not word[0].isdigit() and word != "–"
    ]
