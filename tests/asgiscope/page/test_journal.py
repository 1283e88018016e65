"""What the page remembers: the newest conversations, and no more than there is room for."""

import tracemalloc

import pytest

from asgiscope.conversation import Conversation
from asgiscope.page import watch
from asgiscope.page.journal import LEFT, LONGEST, MARKS, summary
from tests.asgiscope.page.watching import ROOT, hello, watched
from tests.conversation import answer, call, http, until, websocket


@pytest.fixture
def lately(monkeypatch):
    """They are weighed whenever one begins, and soon after that."""
    monkeypatch.setattr("asgiscope.page.journal.EVERY", 0.0)


async def chat(server, messages, size):
    """Say so many messages to an echo, and hear them again."""
    for number in range(messages):
        await server.says("websocket.receive", text=f"{number:{size}}")
        await server.hears()


async def accepted(server):
    await server.says("websocket.connect")
    assert (await server.hears())["type"] == "websocket.accept"


async def test_newest_are_remembered_and_all_are_counted():
    watching = watch(hello, kept=3)
    for number in range(5):
        await answer(watching, http(path=f"/{number}"))
    assert [one.scope["path"] for one in watching.journal.newest()] == ["/4", "/3", "/2"]
    assert watching.journal.begun == 5


async def test_what_began_after_others_is_told_with_how_many_are_gone():
    watching = watch(hello, kept=3)
    for number in range(5):
        await answer(watching, http(path=f"/{number}"))
    here, gone = watching.journal.after(1)
    assert [one.scope["path"] for one in here] == ["/2", "/3", "/4"]
    assert gone == 1
    assert watching.journal.after(5) == ([], 0)


@pytest.mark.usefixtures("lately")
async def test_memory_is_bounded_however_much_is_said(monkeypatch):
    monkeypatch.setattr("asgiscope.page.journal.HEAVIEST", 2_000_000)

    async def pours(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(200):
            await send({"type": "http.response.body", "body": b"%4000d" % number, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event):
        """Nobody is there to keep it."""

    watching = watch(pours)

    async def weighs(requests):
        for _ in range(requests):
            await watching(http(), receive, send)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        await weighs(1)
        before, after = await weighs(20), await weighs(60)
    finally:
        tracemalloc.stop()
    assert len(watching.journal.conversations) < 20
    assert after < before + 500_000
    assert after < 2 * 2_000_000


@pytest.mark.usefixtures("lately")
async def test_conversation_that_grows_pushes_out_older_ones_though_none_begins(monkeypatch):
    watching = watch(hello)
    for number in range(5):
        await answer(watching, http(path=f"/{number}"))
    async with call(watching, websocket()) as server:
        await accepted(server)
        monkeypatch.setattr("asgiscope.page.journal.HEAVIEST", 100_000)
        await chat(server, 400, 10)
        await until(lambda: len(watching.journal.conversations) == 1)
    assert watching.journal.conversations[0].scope["type"] == "websocket"


async def test_conversation_that_is_forgotten_and_goes_on_keeps_little():
    watching = watch(hello, kept=1)
    async with call(watching, websocket()) as server:
        await accepted(server)
        forgotten = watching.journal.conversations[0]
        await chat(server, 400, 10)
        assert len(forgotten.events) == 802
        await answer(watching, http())
        assert forgotten not in watching.journal.conversations
        for _ in range(2):
            assert len(forgotten.events) <= LEFT
            assert len(forgotten.events) + forgotten.outermost.dropped == forgotten.taps[0].progress[0]
            await chat(server, 400, 10)
        await server.says("websocket.disconnect", code=1000)
        await server.returns()
    assert forgotten.violations == []


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        pytest.param(http(path="/a", query_string=b"b=c"), [{"type": "http.request"}], id="a request"),
        pytest.param(
            websocket(path="/chat"),
            [
                {"type": "websocket.connect"},
                *[{"type": "websocket.receive", "text": "x"}] * (2 * MARKS),
                {"type": "websocket.disconnect", "code": 1000},
            ],
            id="a long one",
        ),
    ],
)
async def test_summary_while_it_goes_on_is_that_of_what_was_recorded(scope, said):
    watching = watch(hello)
    await answer(watching, scope, *said)
    (conversation,) = watching.journal.conversations
    row = summary(conversation)
    assert row == summary(Conversation(conversation.id, conversation.started, conversation.lanes))
    assert len(row["marks"]) <= MARKS
    assert row["events"] == len(conversation.events)


async def test_status_is_that_of_the_response_however_long_the_request_was():
    async def reads(scope, receive, send):
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body"})

    watching = watch(reads)
    part = {"type": "http.request", "body": b".", "more_body": True}
    await answer(watching, http(), *[part] * 300, {**part, "more_body": False})
    assert summary(watching.journal.conversations[0])["status"] == 418


async def test_row_is_short_whatever_the_path():
    watching = watch(hello)
    await answer(watching, http(path="/" * 60_000, query_string=b"x" * 60_000))
    row = summary(watching.journal.conversations[0])
    assert len(row["path"]) <= LONGEST + 1
    assert len(row["query"]) <= LONGEST + 1


@pytest.mark.parametrize("value", [b"/bytes", 7, ["list"], None], ids=repr)
async def test_page_shows_what_a_server_has_put_in_the_wrong_place(value):
    async with watched() as (watching, client):
        scope = {**http(), "path": "/", "method": value, "query_string": "text"}
        await watching.recorded(scope, receive_nothing, send_nowhere)
        assert (await client.get(ROOT)).status_code == 200
        id = watching.journal.conversations[-1].id
        assert (await client.get(f"{ROOT}/conversations/{id}")).status_code == 200
        assert (await client.get(f"{ROOT}/conversations/{id}/drawn")).status_code == 200


async def receive_nothing():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send_nowhere(event):
    """Nobody is there."""
