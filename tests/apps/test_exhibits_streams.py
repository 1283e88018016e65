"""Answers that take time: when they end, and that nothing of them stays behind."""

import asyncio
import re
from importlib import import_module
from types import SimpleNamespace

import pytest

from apps.raw_asgi import long_poll, sse, stream, tiles, timer
from tests.asgiscope.testing.loops import Loop
from tests.conversation import answer, call, http, until

REQUEST = {"type": "http.request"}
GONE = {"type": "http.disconnect"}

# Each takes so long that no test waits for it; and the pieces it has sent by then, the start included.
LONG = {
    "stream?n=1000&delay=10": 2,
    "timer?tick=60": 2,
    "sse?every=60&heartbeat=60": 2,
    "timer/elapsed?tick=60+60": 0,
    "long_poll?wait=60": 0,
    "tiles/3.svg?delay=10": 0,
}
# Those that send on and on, and fast.
FAST = ["stream?n=1000&delay=0", "timer?tick=0.01", "sse?every=0.01", "sse?every=60&heartbeat=0.01"]


@pytest.fixture(autouse=True)
async def nothing_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert long_poll.waiting == set()


def exhibit(target):
    """The application that is meant, and the scope of the request."""
    slug = re.match(r"\w+", target)[0]
    scope = http("GET", f"/raw/{target}", root_path=f"/raw/{slug}")
    return import_module(f"apps.raw_asgi.{slug}").app, scope


def cut_off(app, after):
    """The application on a server that notices in the sending, after so many events, that nobody is there."""

    async def cut(scope, receive, send):
        sent = 0

        async def send_or_raise(event):
            nonlocal sent
            sent += 1
            if sent > after:
                raise BrokenPipeError
            await send(event)

        await app(scope, receive, send_or_raise)

    return cut


@pytest.mark.parametrize("target", LONG)
async def test_wait_ends_when_the_client_leaves(target):
    app, scope = exhibit(target)
    events = await answer(app, scope, REQUEST, GONE)
    assert len(events) == LONG[target]
    assert all(event["more_body"] for event in events[1:])


@pytest.mark.parametrize("target", LONG)
async def test_client_that_leaves_before_its_request_has_ended_is_not_answered(target):
    app, scope = exhibit(target)
    # Some servers say it once only: whoever waits to hear it again waits for ever.
    assert await answer(app, scope, {**REQUEST, "more_body": True}, GONE) == []


@pytest.mark.parametrize("target", FAST)
async def test_stream_ends_on_disconnect_though_the_server_takes_all_that_is_sent(target):
    app, scope = exhibit(target)
    async with call(app, scope) as server:
        await server.says("http.request")
        for _ in range(3):
            assert (await server.hears()).get("more_body", True)
        await server.says("http.disconnect")
        assert len(await server.returns()) < 900


@pytest.mark.parametrize("target", FAST)
@pytest.mark.parametrize("after", [1, 2, 3])
async def test_stream_ends_quietly_when_send_knows_first_that_the_client_has_left(target, after):
    app, scope = exhibit(target)
    events = await answer(cut_off(app, after), scope)
    assert len(events) == after


@pytest.mark.parametrize("target", ["long_poll?wait=0.01", "tiles/3.svg?delay=0"])
async def test_single_answer_leaves_an_error_of_send_to_the_server(target):
    app, scope = exhibit(target)
    with pytest.raises(BrokenPipeError):
        await answer(cut_off(app, 0), scope)


@pytest.mark.parametrize("target", [*LONG, *FAST])
async def test_cancellation_ends_it_and_goes_through(target):
    app, scope = exhibit(target)
    async with call(app, scope) as server:
        await server.says("http.request")
        if LONG.get(target) == 0:
            # It says nothing while it waits: let it come to the wait.
            await until(lambda: len(asyncio.all_tasks()) >= 3)
        else:
            await server.hears()
            await server.hears()
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()


# stream


async def test_stream_sends_as_many_pieces_as_asked_and_ends_with_the_last():
    start, *pieces = await answer(stream.app, http("GET", "/?n=1000&delay=0"))
    assert start["status"] == 200
    assert [piece["body"] for piece in pieces] == [b"chunk %d of 1000\n" % n for n in range(1, 1001)]
    assert [piece["more_body"] for piece in pieces] == [True] * 999 + [False]


# timer


def test_timer_tells_the_time_that_has_passed():
    async def lines():
        async with call(timer.app, http("GET", "/?tick=1.5")) as server:
            await server.says("http.request")
            await server.hears()
            return [(await server.hears())["body"] for _ in range(4)]

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(lines()) == [b"0.0 s\n", b"1.5 s\n", b"3.0 s\n", b"4.5 s\n"]


# sse

NOW = 10_000  # the number of the newest event, by the clock that these tests set


@pytest.fixture
def clock(monkeypatch):
    """The clock of the exhibit, which stands still until a test moves it: on a minute, an event each."""
    clock = SimpleNamespace(now=NOW * 60.0)
    monkeypatch.setattr(sse, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


async def until_silence(server):
    """The numbers of the events up to the next sign of life."""
    numbers = []
    while (body := (await server.hears())["body"]) != b": still here\n\n":
        numbers.append(int(re.fullmatch(rb"id: (\d+)\nevent: tick\ndata: \1\n\n", body)[1]))
    return numbers


@pytest.mark.parametrize(
    ("seen", "first", "count"),
    [
        pytest.param(None, NOW, 1, id="a new client gets the newest"),
        pytest.param(NOW - 1, NOW, 1, id="one was missed"),
        pytest.param(NOW - 3, NOW - 2, 3, id="three were missed"),
        pytest.param(NOW - 100, NOW - 99, 100, id="a hundred were missed"),
        pytest.param(NOW - 101, NOW - 99, 100, id="more than a hundred were missed"),
        pytest.param(0, NOW - 99, 100, id="all were missed"),
        pytest.param(-1, NOW - 99, 100, id="a number that never was"),
        pytest.param(NOW, None, 0, id="none was missed"),
        pytest.param(NOW + 5, None, 0, id="a number from the future"),
        pytest.param("9" * 4000, None, 0, id="a number from far away"),
    ],
)
@pytest.mark.parametrize("name", [b"last-event-id", b"Last-Event-ID"], ids=bytes.decode)
async def test_sse_sends_at_once_what_was_missed_and_then_lives_on(clock, seen, first, count, name):
    given = [] if seen is None else [(name, str(seen).encode())]
    async with call(sse.app, http("GET", "/?every=60&heartbeat=0.01", given)) as server:
        await server.says("http.request")
        assert (await server.hears())["status"] == 200
        assert await until_silence(server) == [first + n for n in range(count)]
        clock.now += 60
        while not (lived_on := await until_silence(server)):
            pass
        assert lived_on == [NOW + 1]


@pytest.mark.parametrize("given", [b"", b"x", b"1.5", b"\xff", b"9" * 5000, b"nan"])
async def test_sse_refuses_a_last_event_id_that_is_no_number(given):
    start, body = await answer(sse.app, http("GET", "/", [(b"last-event-id", given)]))
    assert start["status"] == 400
    assert b"Last-Event-ID is a number" in body["body"]


# long_poll


async def post(*pieces):
    """The status and the text of the answer to news that comes in these pieces."""
    *first, last = [{"type": "http.request", "body": piece} for piece in pieces]
    start, body = await answer(long_poll.app, http("POST"), *({**e, "more_body": True} for e in first), last)
    return start["status"], body["body"].decode()


async def test_long_poll_hands_the_news_to_everyone_who_waits_and_to_nobody_twice():
    async with (
        call(long_poll.app, http("GET", "/?wait=60")) as one,
        call(long_poll.app, http("GET", "/?wait=60")) as other,
        call(long_poll.app, http("GET", "/?wait=60")) as left,
    ):
        for server in (one, other, left):
            await server.says("http.request")
        await until(lambda: len(long_poll.waiting) == 3)
        await left.says("http.disconnect")
        assert await left.returns() == []

        assert await post("Grüße ".encode()[:3], "Grüße ".encode()[3:]) == (200, "delivered to 2 waiting\n")
        for server in (one, other):
            start, body = await server.returns()
            assert (start["status"], body["body"]) == (200, "Grüße ".encode())
        assert await post(b"more") == (200, "delivered to 0 waiting\n")


async def test_long_poll_gives_news_to_those_who_have_none_yet():
    async with call(long_poll.app, http("GET", "/?wait=60")) as waiting:
        await waiting.says("http.request")
        await until(lambda: long_poll.waiting)
        # Both come before the one who waits has had the time to wake up.
        posted = await asyncio.gather(post(b"first"), post(b"second"))
        assert posted == [(200, "delivered to 1 waiting\n"), (200, "delivered to 0 waiting\n")]
        assert (await waiting.returns())[1]["body"] == b"first"


@pytest.mark.parametrize(
    ("pieces", "status", "why"),
    [
        pytest.param([b"\xff\x00"], 400, "news is text, in UTF-8\n", id="bytes that are no text"),
        pytest.param([bytes(65_537)], 413, "news is at most 65536 bytes\n", id="a byte too much"),
        pytest.param([bytes(40_000)] * 3, 413, "news is at most 65536 bytes\n", id="too much by and by"),
        pytest.param([bytes(70_000), b"x"], 413, "news is at most 65536 bytes\n", id="too much at first"),
        pytest.param([b"x" * 65_536], 200, "delivered to 1 waiting\n", id="as much as may be"),
        pytest.param([b""], 200, "delivered to 1 waiting\n", id="nothing"),
    ],
)
async def test_long_poll_wakes_those_who_wait_only_for_news_that_is_none_too_much(pieces, status, why):
    async with call(long_poll.app, http("GET", "/?wait=60")) as waiting:
        await waiting.says("http.request")
        await until(lambda: long_poll.waiting)
        assert await post(*pieces) == (status, why)
        if status == 200:
            assert (await waiting.returns())[1]["body"] == b"".join(pieces)
        else:
            assert len(long_poll.waiting) == 1


async def test_long_poll_tells_nobody_what_was_not_said_to_its_end():
    async with call(long_poll.app, http("GET", "/?wait=60")) as waiting:
        await waiting.says("http.request")
        await until(lambda: long_poll.waiting)
        half = {"type": "http.request", "body": b"x", "more_body": True}
        assert await answer(long_poll.app, http("POST"), half, GONE) == []
        assert len(long_poll.waiting) == 1


# tiles


@pytest.mark.parametrize("name", ["200.svg", "-1.svg", "01.svg", "1", "1.png", "x/1.svg", "1.svg/x"])
async def test_tiles_knows_no_other_tile(name):
    start, body = await answer(tiles.app, http("GET", f"/m/{name}", root_path="/m"))
    assert (start["status"], body["body"]) == (404, b"Tiles are 0.svg to 199.svg\n")


async def test_tiles_page_shows_every_tile_below_its_mount():
    _, body = await answer(tiles.app, http("GET", '/a "b"?delay=0.5', root_path='/a "b"'))
    assert re.findall(r'src="(.*?)"', body["body"].decode()) == [
        f"/a%20%22b%22/{n}.svg?delay=0.5" for n in range(200)
    ]
