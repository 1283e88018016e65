"""The table of what routers get right: each probe can say yes, and each can say no."""

import pytest

from bench.probes import PROBES, answer
from bench.routers import CONTESTANTS, ours


def all_wrong(mounts, default):
    """A router that gets nothing right: first beginning that fits, the scope rewritten, 200 for the rest."""

    async def app(scope, receive, send):
        for prefix, mounted in mounts.items():
            if scope["path"].startswith(prefix):
                scope["root_path"] = "/wrong"
                scope["path"] = scope["path"].removeprefix(prefix)
                await mounted(scope, receive, send)
                return
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200})

    return app


def never_answers(mounts, default):
    async def app(scope, receive, send):
        await receive()
        await receive()

    return app


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
async def test_our_router_gets_it_right(probe):
    assert await answer(probe, ours) is None


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
async def test_probe_sees_what_a_wrong_router_does(probe):
    assert await answer(probe, all_wrong)


async def test_router_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr("bench.probes.PATIENCE", 0.01)
    assert await answer(PROBES["path is whole"], never_answers) == "no end after 0.01 seconds"


@pytest.mark.parametrize("build", CONTESTANTS.values(), ids=CONTESTANTS)
async def test_every_contestant_reaches_the_application_that_is_measured(build):
    assert await answer(PROBES["path is whole"], build) is None
