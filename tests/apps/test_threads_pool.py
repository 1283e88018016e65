"""The pool of threads by itself, without Django: who has his turn when, and when a thread goes back."""

import asyncio
import threading
from collections import Counter, defaultdict

import pytest
from asgiref.sync import sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.django_site import threads
from apps.django_site.threads import Threads, while_connected, whole_request
from tests.conversation import until

KEEPS = pytest.mark.parametrize("keep", [whole_request, while_connected], ids=lambda keep: keep.__name__)


programs = st.lists(
    st.fixed_dictionaries(
        {
            "calls": st.lists(st.integers(1, 3), max_size=4),  # so many at the same time, one after the other
            "cancelled": st.booleans(),
        }
    ),
    max_size=8,
)


@KEEPS
@given(size=st.integers(1, 4), programs=programs)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_thread_never_runs_two_at_once_and_no_more_run_than_may(pool_of, keep, size, programs):
    pool, busy, used = pool_of(size, keep), Counter(), defaultdict(set)
    faults = []

    def work(number):
        thread = threading.current_thread()
        busy[thread] += 1
        busy[number] += 1
        used[number].add(thread)
        if busy[thread] > 1 or busy[number] > 1:
            faults.append(f"request {number} is not alone on {thread}")
        if pool.running > size:
            faults.append(f"{pool.running} run at once, of {size}")
        busy[thread] -= 1
        busy[number] -= 1

    async def app(scope, receive, send):
        for count in scope["program"]["calls"]:
            await asyncio.gather(*(sync_to_async(work)(scope["number"]) for _ in range(count)))

    tasks = [
        asyncio.create_task(Threads(app, pool)({"number": number, "program": program}, None, None))
        for number, program in enumerate(programs)
    ]
    await asyncio.sleep(0)
    for task, program in zip(tasks, programs, strict=True):
        if program["cancelled"]:
            task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [end for end in ended if end and not isinstance(end, asyncio.CancelledError)] == []
    assert faults == []
    if keep is whole_request:
        assert all(len(threads) == 1 for threads in used.values())
    # What has been cancelled may still have something to end.
    await until(lambda: pool.running == 0 and len(pool.idle) == len(pool.threads))
    assert len(pool.idle) <= size


@KEEPS
async def test_thread_of_a_request_that_the_server_cancels_goes_back_when_its_code_has_ended(
    pool_of, keep, gate
):
    async def app(scope, receive, send):
        await sync_to_async(gate)()

    pool = pool_of(2, keep)
    task = asyncio.create_task(Threads(app, pool)({}, None, None))
    await until(gate.come.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(pool.threads), len(pool.idle)) == (1, 0)
    gate.may_go.set()
    await until(lambda: len(pool.idle) == 1)


@KEEPS
async def test_those_that_wait_for_a_thread_get_it_in_their_order_and_who_leaves_loses_his_place(
    pool_of, keep, gate
):
    order = []

    async def app(scope, receive, send):
        await sync_to_async(scope["call"])()

    pool = pool_of(1, keep)
    calls = [gate, *(lambda n=n: order.append(n) for n in range(4))]
    tasks = []
    for function in calls:
        tasks.append(asyncio.create_task(Threads(app, pool)({"call": function}, None, None)))
        await until(lambda: pool.running + len(pool.waiting) == len(tasks))
    tasks[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[2]
    gate.may_go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 2, 3]


def failing():
    raise LookupError("not there")


@KEEPS
async def test_error_of_the_application_goes_to_the_server(pool_of, keep):
    async def app(scope, receive, send):
        await sync_to_async(failing)()

    with pytest.raises(LookupError, match="not there"):
        await Threads(app, pool_of(1, keep))({}, None, None)


async def test_request_without_code_for_a_thread_has_none(pool_of):
    async def app(scope, receive, send):
        await asyncio.sleep(0)

    pool = pool_of(1)
    await Threads(app, pool)({}, None, None)
    assert not pool.threads


async def test_machine_without_more_threads_fails_the_request_and_not_the_pool(pool_of, monkeypatch):
    class NoThread(threads.ThreadPoolExecutor):
        def submit(self, *_):
            raise RuntimeError("can't start new thread")

    async def app(scope, receive, send):
        found.append(await sync_to_async(threading.current_thread)())

    pool, found = pool_of(1), []
    with monkeypatch.context() as patched:
        patched.setattr(threads, "ThreadPoolExecutor", NoThread)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            await Threads(app, pool)({}, None, None)
    await Threads(app, pool)({}, None, None)
    assert len(found) == 1


async def test_threads_that_do_not_end_are_told_of(pool_of, gate, caplog):
    async def app(scope, receive, send):
        await sync_to_async(gate)()

    pool = pool_of(1)
    task = asyncio.create_task(Threads(app, pool)({}, None, None))
    await until(gate.come.is_set)
    await asyncio.to_thread(pool.close, 0.01)
    assert "1 threads are still in use after 0.01 s" in caplog.text
    gate.may_go.set()
    await task
    await until(lambda: pool.idle)
