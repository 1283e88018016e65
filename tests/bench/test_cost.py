"""What a router costs: the measurement tells dear from cheap."""

from bench.cost import measure
from bench.routers import ours
from bench.turns import Sample
from router import Router


def dear(mounts, default):
    """Our router behind fifty more coroutines."""

    async def call(depth, *conversation):
        if depth:
            await call(depth - 1, *conversation)
        else:
            await router(*conversation)

    async def app(*conversation):
        await call(50, *conversation)

    router = Router(mounts, default)
    return app


def test_more_work_costs_more_in_every_case():
    added = measure({"Router": ours, "dear": dear}, rounds=2, length=50_000)
    for case, name in added:
        assert added[Sample(case, "dear")] > added[Sample(case, "Router")], (case, name)
