"""A server that ends the router's lifespan before it is over: no application outlives the router."""

import asyncio
from contextlib import asynccontextmanager

import anyio
import pytest
from starlette.applications import Starlette

from router import Router
from tests.conversation import PATIENCE, call, lifespan
from tests.lifespans import (
    STARTED,
    STOPPED,
    nothing_runs_on,  # noqa: F401 - a fixture, for every test here
    well_behaved,
)


@pytest.fixture
def log():
    """What the applications of a test did, in order."""
    return []


def stalls(name, at, reached, log):
    """An application that stays for ever at one point of its lifespan."""

    async def app(scope, receive, send):
        async def pass_by(point):
            log.append(f"{name} {point}")
            if (name, point) == at:
                reached.set()
                await asyncio.Event().wait()

        await receive()
        try:
            await pass_by("starting")
            await send(STARTED)
            await pass_by("serving")
            await receive()
            await pass_by("stopping")
            await send(STOPPED)
            await pass_by("putting away")
        finally:
            log.append(f"{name} ended")

    return app


POINTS = [
    (name, point) for name in ("a", "b") for point in ("starting", "serving", "stopping", "putting away")
]


@pytest.mark.parametrize("at", POINTS, ids=" ".join)
async def test_no_application_outlives_a_router_that_is_cancelled(at, log):
    reached = asyncio.Event()
    router = Router({f"/{name}": stalls(name, at, reached, log) for name in ("a", "b")})
    before = asyncio.all_tasks()
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        await server.says("lifespan.shutdown")
        await asyncio.wait_for(reached.wait(), PATIENCE)
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
        assert asyncio.all_tasks() == before
    for name in ("a", "b"):
        assert log.count(f"{name} ended") == log.count(f"{name} starting")


async def test_router_that_is_cancelled_before_the_server_says_anything_has_started_nothing(log):
    async with call(Router({"/a": well_behaved("a", log)}), lifespan()) as server:
        pass
    assert server.task.cancelled()
    assert log == []


async def test_router_that_is_cancelled_while_a_failed_start_is_undone_leaves_nothing(log):
    async def fails(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    reached = asyncio.Event()
    router = Router({"/a": stalls("a", ("a", "stopping"), reached, log), "/bad": fails})
    before = asyncio.all_tasks()
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        await asyncio.wait_for(reached.wait(), PATIENCE)
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
        assert asyncio.all_tasks() == before
    assert log[-1] == "a ended"


async def test_applications_end_in_reverse_when_the_router_is_cancelled(log):
    reached = asyncio.Event()
    router = Router({f"/{name}": stalls(name, ("c", "serving"), reached, log) for name in "abc"})
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        await asyncio.wait_for(reached.wait(), PATIENCE)
    assert log[-3:] == ["c ended", "b ended", "a ended"]


async def test_no_application_outlives_a_server_that_cancels_again_and_again(log):
    async def receive():
        return {"type": "lifespan.startup"}

    async def send(event):
        raise AssertionError("c is still starting")

    reached = asyncio.Event()
    router = Router({f"/{name}": stalls(name, ("c", "starting"), reached, log) for name in "abc"})
    before = asyncio.all_tasks()
    # anyio cancels a task at each turn of the loop, until the task has ended.
    async with anyio.create_task_group() as server:
        server.start_soon(router, lifespan(), receive, send)
        await asyncio.wait_for(reached.wait(), PATIENCE)
        server.cancel_scope.cancel()
    assert asyncio.all_tasks() == before
    assert log[-3:] == ["c ended", "b ended", "a ended"]


async def test_applications_end_when_the_server_can_no_longer_be_told(log):
    async def send(event):
        raise OSError("the server is gone")

    async def receive():
        return {"type": "lifespan.startup"}

    app = stalls("a", None, None, log)
    with pytest.raises(OSError, match="the server is gone"):
        await Router({"/a": app})(lifespan(), receive, send)
    assert log == ["a starting", "a serving", "a ended"]


@pytest.mark.parametrize("at", ["starting", "serving"])
async def test_starlette_that_is_cancelled_goes_quietly(at, log, caplog):
    @asynccontextmanager
    async def lifetime(app):
        if at == "starting":
            reached.set()
            await asyncio.Event().wait()
        yield
        log.append("stopped")

    reached = asyncio.Event()
    router = Router({"/starlette": Starlette(lifespan=lifetime), "/a": well_behaved("a", log)})
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        if at == "starting":
            await asyncio.wait_for(reached.wait(), PATIENCE)
        else:
            assert await server.hears() == STARTED
    assert server.task.cancelled()
    assert "stopped" not in log
    assert not caplog.records
