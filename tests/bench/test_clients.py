"""The table of what clients in process can do: each probe can say yes, and each can say no."""

import re
from contextlib import asynccontextmanager

import pytest

from bench.clients import page
from bench.clients.client import Answer, Client, Socket
from bench.clients.contestants import CLIENTS, KINDS, Contestant
from bench.clients.of_httpx import OfHTTPX
from bench.clients.speed import MEMORY, TIMED, hello, measure
from bench.clients.trial import PROBES, Outcome, answer, outcome, outcomes
from bench.turns import Sample

PATIENCE = 10  # seconds that a probe has here, whatever else the machine does


async def nothing():
    """Chunks of a response that has none."""
    for chunk in (b"wrong", b"wrong", b"wrong"):
        yield chunk


class WrongSocket(Socket):
    """Speaks to nobody, and hears what nobody has said."""

    subprotocol = "wrong"

    def __init__(self):
        super().__init__(None)

    def __getattr__(self, name):
        async def wrong(*arguments, **options):
            return "wrong"

        return wrong

    async def patient(self, timeout):
        return "wrong"


class AllWrong(Client):
    """A client that never calls its application."""

    async def get(self, **options):
        return Answer(404, b"{}")

    @asynccontextmanager
    async def stream(self, body=None):
        yield nothing()

    async def abandon(self, begun):
        """Leave, without having come."""

    @asynccontextmanager
    async def lifespan(self):
        yield

    @asynccontextmanager
    async def websocket(self, subprotocols=()):
        yield WrongSocket()


def test_our_client_can_do_everything():
    seen = outcomes(["asgiscope"], PROBES, PATIENCE)
    assert {title: seen[title, "asgiscope"] for title in PROBES} == dict.fromkeys(PROBES, Outcome("yes"))


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
async def test_probe_sees_what_a_wrong_client_does(probe):
    assert (await answer(probe, AllWrong)).word == "no"


@pytest.mark.parametrize(
    ("client", "title", "patience", "word"),
    [
        pytest.param("httpx", "first chunk at once", 0.5, "hangs", id="it waits for what never comes"),
        pytest.param("Starlette", "long poll", 0.5, "hangs", id="it blocks its event loop"),
        pytest.param("Channels", "long poll", PATIENCE, "by hand", id="the test says the events"),
        pytest.param("httpx", "lifespan", PATIENCE, "–", id="it has nothing for it"),
        pytest.param("httpx", "GET is one event", PATIENCE, "no", id="it does something else"),
        pytest.param("Starlette", "trio", PATIENCE, "yes", id="it has a thread for trio"),
    ],
)
def test_outcome_is_told_in_a_word(client, title, patience, word):
    assert outcome(client, title, patience).word == word


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_every_client_reaches_the_application_that_is_measured(kind):
    async with kind(hello).opened() as get:
        await get()
    assert await kind(hello).get() == (200, b"Hello, world!\n")


class Dear(OfHTTPX):
    """Asks twenty times, and says nothing of all but the last."""

    @asynccontextmanager
    async def opened(self):
        async with super().opened() as get:

            async def over_and_over():
                for _ in range(20):
                    await get()

            yield over_and_over

    @asynccontextmanager
    async def stream(self, body=None):
        for _ in range(19):
            async with super().stream() as chunks:
                kept = [chunk async for chunk in chunks]
        async with super().stream() as chunks:
            yield chunks
        del kept


def test_more_work_takes_longer_and_more_memory():
    measured = measure({"httpx": OfHTTPX, "dear": Dear}, rounds=2, length=1_000_000)
    for case in (*TIMED, MEMORY):
        assert measured[Sample(case, "dear")] > measured[Sample(case, "httpx")], case


def test_client_that_is_not_installed_is_said(monkeypatch):
    with pytest.raises(ImportError) as raised:
        Contestant("another", ("another",), "of_another.OfAnother").kind()
    monkeypatch.setitem(page.MISSING, "Channels", str(raised.value))
    seen = {(title, client): Outcome("yes") for title in PROBES for client in KINDS}
    measured = {Sample(case, client): 1.0 for case in (*TIMED, MEMORY) for client in KINDS}
    assert "Channels' communicators cannot be imported: No module named 'bench.clients.of_another'." in list(
        page.lines(seen, measured)
    )


def test_page_has_the_rows_and_the_columns_of_the_bench():
    table = page.MARKS.search(page.PAGE.read_text(encoding="utf-8"))[0]
    heads = [line for line in table.splitlines() if line.startswith("| ") and "|---" not in line]
    names = [contestant.name for contestant in CLIENTS.values()]
    assert [head.strip("| ").split(" | ")[-len(names) :] for head in heads if "TestClient" in head] == [
        names
    ] * 2
    assert re.findall(r"^\| \*\*(.+?)\*\*: (.+?) \|", table, re.MULTILINE) == [
        (title, probe.__doc__) for title, probe in PROBES.items()
    ]
    assert re.findall(r"^\| (.+?) \(there", table, re.MULTILINE) == [*TIMED, MEMORY]
