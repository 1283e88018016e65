"""What conversations leave behind: no task, no thread, no memory.

It is the site that is measured, without the page around it, which is there to remember.
"""

import asyncio
import gc
import logging
import sys
import threading
import tracemalloc
from contextlib import asynccontextmanager
from itertools import pairwise
from statistics import median

import pytest
from httpx import ASGITransport, AsyncClient

from apps.raw_asgi import chat
from asgi import site
from tests.conversation import call, websocket

WARM_UP = 200  # conversations, after which every cache is full
BATCHES = 10
SLACK = 8  # bytes a conversation: a third of what the least takes that can be kept, an object in a list


@pytest.fixture(autouse=True)
def no_search_for_sniffio(monkeypatch):
    """httpx looks for sniffio at every request, and if it is missing that takes longer than all the rest."""
    monkeypatch.setitem(sys.modules, "sniffio", None)


@pytest.fixture(autouse=True)
def no_record_of_each_request(caplog):
    """Where another test has asked for it, httpx logs every request, and pytest keeps what is logged."""
    caplog.set_level(logging.WARNING, logger="httpx")


async def left_behind(converse, times):
    """The tasks and the threads that so many conversations leave behind, and the bytes of each.

    A leak is in every batch. What Python does once in a while, as to make room in a table of its own, is
    in one of them, and the median does not see it.
    """

    async def batch(times):
        for _ in range(times):
            await converse()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        sizes = [await batch(WARM_UP)]
        tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
        sizes += [await batch(times // BATCHES) for _ in range(BATCHES)]
    finally:
        tracemalloc.stop()
    growth = median(after - before for before, after in pairwise(sizes))
    return asyncio.all_tasks() - tasks, set(threading.enumerate()) - threads, growth / (times // BATCHES)


@asynccontextmanager
async def echo_of(app):
    """A function that has the application echo something."""

    async def request():
        response = await client.post("/raw/echo", content=b"Hello?")
        assert response.content == b"Hello?"

    async with AsyncClient(transport=ASGITransport(app), base_url="http://testserver") as client:
        yield request


async def test_ten_thousand_requests_to_echo_leave_nothing_behind():
    async with echo_of(site) as request:
        tasks, threads, size = await left_behind(request, times=10_000)
    assert not tasks
    assert not threads
    assert size < SLACK


async def test_thousand_websockets_in_and_out_of_the_chat_leave_nothing_behind(monkeypatch):
    monkeypatch.setattr(chat, "PAUSE", 0)

    async def visit():
        async with call(chat.app, websocket("/tea", member="Ann")) as client:
            await client.says("websocket.connect")
            assert await client.hears() == {"type": "websocket.accept"}
            await client.says("websocket.receive", text='{"text": "Hello!"}')
            assert (await client.hears())["text"] == '{"from": "Ann", "text": "Hello!"}'
            await client.says("websocket.disconnect", code=1001, reason="")
            assert await client.returns() == []

    tasks, threads, size = await left_behind(visit, times=1_000)
    assert not tasks
    assert not threads
    assert size < SLACK


async def test_leak_of_the_least_thing_is_seen():
    async def leaking(scope, receive, send):
        kept.append(object())
        await site(scope, receive, send)

    kept = []
    async with echo_of(leaking) as request:
        _, _, size = await left_behind(request, times=500)
    assert size > 2 * SLACK


async def test_task_and_thread_that_stay_are_seen():
    async def leaking(scope, receive, send):
        stay.append(asyncio.ensure_future(asyncio.Event().wait()))
        threading.Thread(target=let_go.wait).start()
        await site(scope, receive, send)

    stay, let_go = [], threading.Event()
    async with echo_of(leaking) as request:
        tasks, threads, _ = await left_behind(request, times=BATCHES)
    let_go.set()
    for task in stay:
        task.cancel()
    assert (len(tasks), len(threads)) == (BATCHES, BATCHES)
