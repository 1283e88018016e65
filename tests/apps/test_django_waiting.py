"""Waiting in Django: what the stories of `blocking` and `event_loop` say, and several timers."""

import asyncio
import gc
import json
import re
import threading

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.http import JsonResponse
from django.test import override_settings
from django.urls import path

from apps.django_site.views import waiting
from apps.raw_asgi import event_loop
from tests.apps.test_django_events import body, events, site, until
from tests.conversation import PATIENCE, answer, call, http

# blocking


@pytest.mark.parametrize("way", sorted(waiting.WAYS.keys() - waiting.POOLED))
async def test_way_that_needs_no_pool_needs_no_lifespan(way):
    report = json.loads(body(await events(http(target=f"/django/blocking/{way}?seconds=0.01"))))
    assert report["way"] == way
    on_the_loop = report["thread"] == threading.current_thread().name
    assert on_the_loop == (way in ("async", "wrong", "cpu"))


@pytest.mark.parametrize("way", sorted(waiting.POOLED))
async def test_way_that_needs_a_pool_says_that_there_is_none(way):
    start, *sent = await events(http(target=f"/django/blocking/{way}"))
    assert (start["status"], body(sent)) == (503, b"No pool: this server runs no lifespan.\n")


@pytest.mark.parametrize(
    ("target", "status", "why"),
    [
        ("none", 404, "Ways are sync, async,"),
        ("sync?seconds=2", 400, "seconds: Ensure this value is less than or equal to 1. (0.01 to 1)"),
        ("async?seconds=x", 400, "seconds: Enter a number. (0.01 to 1)"),
    ],
)
async def test_way_that_there_is_not_is_told_what_there_is(target, status, why):
    start, *sent = await events(http(target=f"/django/blocking/{target}"))
    assert start["status"] == status
    assert why in body(sent).decode()


@pytest.mark.parametrize("way", sorted(waiting.WAYS.keys() - waiting.POOLED))
async def test_head_of_a_way_does_not_wait(way):
    start, *_ = await events(http("HEAD", f"/django/blocking/{way}?seconds=1"))
    assert start["status"] == 200


def meeting(parties):
    """A function to call in threads: whether as many as these were in it at the same time."""
    barrier = threading.Barrier(parties)

    def meet(patience):
        try:
            barrier.wait(patience)
        except threading.BrokenBarrierError:
            return False
        return True

    return meet


async def two(request):
    """A view with two calls that are thread-sensitive."""
    meet = sync_to_async(meeting(2))
    return JsonResponse({"met": await asyncio.gather(meet(0.1), meet(0.1))})


both = meeting(2)


async def one(request):
    """A view with one such call, which waits for that of another request."""
    return JsonResponse({"met": await sync_to_async(both)(PATIENCE)})


urlpatterns = [path("two", two), path("one", one)]


async def test_thread_sensitive_calls_of_one_request_run_one_after_the_other_and_those_of_two_side_by_side():
    with override_settings(ROOT_URLCONF=__name__):
        assert json.loads(body(await events(http(target="/django/two")))) == {"met": [False, False]}
        sent = await asyncio.gather(*(events(http(target="/django/one")) for _ in range(2)))
        assert [json.loads(body(one)) for one in sent] == [{"met": True}] * 2


async def test_thread_sensitive_calls_outside_of_a_context_share_one_thread_of_the_process():
    thread = sync_to_async(threading.current_thread)

    async def in_a_context():
        async with ThreadSensitiveContext():
            return await thread()

    outside = await asyncio.gather(*(asyncio.create_task(thread()) for _ in range(5)))
    assert len(set(outside)) == 1
    inside = await asyncio.gather(*(asyncio.create_task(in_a_context()) for _ in range(5)))
    assert len(set(inside)) == 5


async def test_calls_that_are_not_thread_sensitive_use_the_threads_of_the_default_executor():
    names = [
        (await call()).name
        for call in (
            sync_to_async(threading.current_thread, thread_sensitive=False),
            lambda: asyncio.to_thread(threading.current_thread),
        )
    ]
    assert all(re.fullmatch(r"asyncio_\d+", name) for name in names)


# event_loop


async def test_twin_tells_what_the_exhibit_tells():
    told = [
        body(await events(http(target="/django/event_loop?stay=0.01"))),
        body(await answer(event_loop.app, http(target="/?stay=0.01"))),
    ]
    assert told[0] == told[1]
    assert told[0].endswith(b"main: finally, puts its things away\n")


async def test_each_line_is_sent_as_it_is_told():
    start, *pieces = await events(http(target="/django/event_loop?stay=0.01"))
    assert (b"cache-control", b"no-store") in start["headers"]
    assert all(piece["body"].count(b"\n") == 1 for piece in pieces[:-1])


async def left():
    return body(await events(http(target="/django/event_loop/left"))).decode().splitlines()


async def test_one_who_leaves_in_the_last_act_cancels_it_and_the_next_one_reads_how():
    before = asyncio.all_tasks()
    async with call(site, http(target="/django/event_loop?stay=60")) as client:
        await client.says("http.request")
        await client.hears()
        while (await client.hears())["body"] != b"main: leave now, or stay for 60 s\n":
            pass
        await client.says("http.disconnect")
        assert await client.returns() == []
    assert asyncio.all_tasks() == before
    assert await left() == [
        "main: cancelled where it waits, for you have left",
        "main: finally, puts its things away",
    ]


@pytest.mark.parametrize("lines", range(0, 31, 2))
async def test_no_task_outlives_one_who_leaves_in_any_act(lines):
    before = asyncio.all_tasks()
    # Between hearing of the end and cancelling, Django may send a line more.
    late = {"http.disconnect.expect-send-error"}
    async with call(site, http(target="/django/event_loop?stay=60"), departures=late) as client:
        await client.says("http.request")
        for _ in range(1 + lines):
            await client.hears()
        await client.says("http.disconnect")
        await client.returns()
    # Where Django was sending a line, the generator hears of the end when it is garbage.
    gc.collect()
    await until(lambda: asyncio.all_tasks() == before)


async def test_head_of_a_narration_tells_nothing():
    assert (await events(http("HEAD", "/django/event_loop")))[1:] == [{"type": "http.response.body"}]


# timer


async def test_several_timers_tick_in_one_stream():
    async with call(site, http(target="/django/timer?tick=0.05+60")) as client:
        await client.says("http.request")
        await client.hears()
        lines = [(await client.hears())["body"].decode() for _ in range(4)]
        await client.says("http.disconnect")
        await client.returns()
    which = [re.fullmatch(r"\d+\.\d s, every ([\d.]+) s\n", line)[1] for line in lines]
    assert which == ["0.05", "60", "0.05", "0.05"]


async def test_waits_at_once_take_less_than_one_after_the_other():
    text = body(await events(http(target="/django/timer/elapsed?tick=1+1+1+1+1+1+1+1+1+1"))).decode()
    seconds = float(re.fullmatch(r"(?:1 s, ){10}all at once: (\d+\.\d\d) s\n", text)[1])
    assert 1 <= seconds < 10


@pytest.mark.parametrize("tick", ["1+x", "1+61", "+", "1+1+1+1+1+1+1+1+1+1+1"])
async def test_timer_is_told_what_is_wrong_with_one_of_its_ticks(tick):
    start, *sent = await events(http(target=f"/django/timer?tick={tick}"))
    assert start["status"] == 400
    assert body(sent).endswith(b"(0.01 to 60 seconds)\n")
