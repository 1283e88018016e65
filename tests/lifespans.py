"""What the tests of the router's lifespan share: both sides of a lifespan that goes well."""

import asyncio

import pytest

STARTED = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


def not_started(message):
    return {"type": "lifespan.startup.failed", "message": message}


def not_stopped(message):
    return {"type": "lifespan.shutdown.failed", "message": message}


def well_behaved(name, log, **state):
    """An application that keeps its side of a lifespan and notes in the log when it did."""

    async def app(scope, receive, send):
        assert await receive() == {"type": "lifespan.startup"}
        log.append(f"{name} starts")
        if state:
            scope["state"].update(state)
        await send(STARTED)
        assert await receive() == {"type": "lifespan.shutdown"}
        log.append(f"{name} stops")
        await send(STOPPED)

    return app


async def starts(server):
    """What the server hears when it says that it starts."""
    await server.says("lifespan.startup")
    return await server.hears()


async def stops(server):
    """All that the server hears from when it says that it stops until the router returns."""
    await server.says("lifespan.shutdown")
    return await server.returns()


@pytest.fixture(autouse=True)
async def nothing_runs_on():
    """Whatever happens in a test, no task is left when it ends."""
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() - before == {asyncio.current_task()}
