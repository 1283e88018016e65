"""Waiting: what blocks, where it runs, and who runs when."""

import asyncio
import json
import os
import threading

import pytest
import uvloop

from apps.raw_asgi import blocking, event_loop, timer
from tests.asgiscope.testing.loops import Loop
from tests.conversation import answer, call, http, keeps, lifespan, played, promised, until

GONE = {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
async def no_task_is_left(request):
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


# blocking


@pytest.fixture
async def pools():
    """The state of a server that has started `blocking`."""
    scope = lifespan()
    async with call(blocking.app, scope) as server:
        await server.says("lifespan.startup")
        assert await server.hears() == {"type": "lifespan.startup.complete"}
        yield scope["state"]
        await server.says("lifespan.shutdown")
        assert await server.returns() == [{"type": "lifespan.shutdown.complete"}]


def request(way, state=None, seconds=0.01):
    """The scope of a request for that way."""
    return http(target=f"/{way}?seconds={seconds}", state=state or {})


@pytest.mark.parametrize("way", blocking.WAYS)
async def test_way_takes_its_time_alone_and_says_where(pools, way):
    start, body = await answer(blocking.app, request(way, pools))
    assert start["status"] == 200
    report = json.loads(body["body"])
    assert report["way"] == way
    # Processor time and the clock need not agree to the last digit.
    assert report["ended"] - report["began"] > 0.9 * 0.01
    assert (report["process"] == os.getpid()) == (way != "cpu_process")
    on_the_loop = report["thread"] == threading.current_thread().name
    assert on_the_loop == (way in ("async", "wrong", "cpu", "cpu_process"))


async def test_blocking_refuses_a_lifespan_without_a_state_before_it_receives():
    scope = lifespan()
    del scope["state"]
    with pytest.raises(KeyError):
        await answer(blocking.app, scope)


@pytest.mark.parametrize("ending", ["shutdown", "cancellation"])
async def test_pools_are_closed_however_the_lifespan_ends(ending):
    scope = lifespan()
    async with call(blocking.app, scope) as server:
        await server.says("lifespan.startup")
        await server.hears()
        await answer(blocking.app, request("cpu_process", scope["state"]))
        if ending == "shutdown":
            await server.says("lifespan.shutdown")
            await server.returns()
        else:
            server.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await server.returns()
    pools = scope["state"]["blocking.pools"]
    assert sorted(pools) == ["one_thread", "pool", "processes"]
    for pool in pools.values():
        with pytest.raises(RuntimeError, match="after shutdown"):
            pool.submit(int)


async def test_client_that_leaves_the_line_is_not_waited_for(pools):
    may_end = threading.Event()
    try:
        # The one thread is taken, so the next one waits for its turn, and then for nothing any more.
        taken = pools["blocking.pools"]["one_thread"].submit(may_end.wait, 60)
        async with call(blocking.app, request("one_thread", pools)) as client:
            await client.says("http.request")
            await until(lambda: len(asyncio.all_tasks()) >= 4)
            await client.says("http.disconnect")
            assert await client.returns() == []
        assert not taken.done()
    finally:
        may_end.set()


async def test_client_that_leaves_ends_the_wait_that_holds_no_thread():
    async with call(blocking.app, request("async", seconds=1)) as client:
        await client.says("http.request")
        await client.says("http.disconnect")
        assert await client.returns() == []


# event_loop


async def narrated(target, *events):
    """The lines of the answer; for one who stays, if no events are given."""
    _, *pieces = await answer(event_loop.app, http(target=target), *events)
    return "".join(piece.get("body", b"").decode() for piece in pieces).splitlines()


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_order_is_the_same_every_time_and_on_every_loop(factory):
    transcript, _ = promised(event_loop)
    with asyncio.Runner(loop_factory=factory) as runner:
        for _ in range(5):
            actual = runner.run(played(event_loop.app, transcript, "/raw/event_loop"))
            assert keeps(actual, transcript), "\n".join(actual)


async def test_one_who_leaves_in_the_last_act_cancels_it_and_the_next_one_reads_how():
    async with call(event_loop.app, http(target="/?stay=60")) as client:
        await client.says("http.request")
        await client.hears()
        while (await client.hears())["body"] != b"main: leave now, or stay for 60 s\n":
            pass
        await client.says("http.disconnect")
        assert await client.returns() == []
    assert await narrated("/left") == [
        "main: cancelled where it waits, for you have left",
        "main: finally, puts its things away",
    ]


@pytest.mark.parametrize("steps", range(60))
async def test_no_task_outlives_one_who_leaves_whenever_that_is(steps):
    async with call(event_loop.app, http(target="/?stay=60")) as client:
        await client.says("http.request")
        for _ in range(steps):
            await asyncio.sleep(0)
        await client.says("http.disconnect")
        await client.returns()


async def test_no_task_outlives_a_cancellation_in_any_act():
    for lines in range(1, len(promised(event_loop)[0]) - 5):
        async with call(event_loop.app, http(target="/?stay=60")) as client:
            await client.says("http.request")
            heard = [await client.hears() for _ in range(lines)]
            client.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await client.returns()
    assert heard[-1]["body"] == b"main: leave now, or stay for 60 s\n"


async def test_a_send_that_raises_is_a_client_that_has_left():
    said = [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        if event["type"] == "http.response.body":
            raise BrokenPipeError

    await event_loop.app(http(target="/?stay=60"), receive, send)
    assert "1. A coroutine runs when awaited, not when called." not in await narrated("/left")


# timer


def on_a_clock_that_jumps(conversation):
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(conversation)


def test_several_timers_tick_in_one_stream_each_in_its_time():
    async def lines():
        async with call(timer.app, http(target="/?tick=2+3")) as server:
            await server.says("http.request")
            await server.hears()
            return [(await server.hears())["body"].decode() for _ in range(7)]

    assert on_a_clock_that_jumps(lines()) == [
        "0.0 s, every 2 s\n",
        "0.0 s, every 3 s\n",
        "2.0 s, every 2 s\n",
        "3.0 s, every 3 s\n",
        "4.0 s, every 2 s\n",
        "6.0 s, every 2 s\n",
        "6.0 s, every 3 s\n",
    ]


def test_waits_at_once_take_as_long_as_the_longest():
    _, body = on_a_clock_that_jumps(answer(timer.app, http(target="/elapsed?tick=2+5+3")))
    assert body["body"] == b"2 s, 5 s, 3 s, all at once: 5.00 s\n"


async def test_client_that_leaves_while_several_waits_last_gets_no_answer():
    assert await answer(timer.app, http(target="/elapsed?tick=60+50"), {"type": "http.request"}, GONE) == []
