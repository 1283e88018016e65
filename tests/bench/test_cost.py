"""What a router costs: the measurement tells dear from cheap, and a target can be missed."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.cost import TARGETS, Case, Sample, Target, measure
from bench.routers import ours
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
    added = measure({"Router": ours, "dear": dear}, rounds=2, turn=50_000)
    for case, name in added:
        assert added[Sample(case, "dear")] > added[Sample(case, "Router")], (case, name)


@pytest.mark.parametrize(
    ("relation", "bound", "value", "is_reached"),
    [
        ("at most", 3.0, 3.0, True),
        ("at most", 2.9, 3.0, False),
        ("at least", 2.0, 2.0, True),
        ("at least", 2.1, 2.0, False),
    ],
)
def test_target_is_judged_where_it_is_worst(relation, bound, value, is_reached):
    one, two, three = (Sample(Case(1, "last"), name) for name in ("one", "two", "three"))
    added = {one: 100.0, two: 200.0, three: 300.0}
    target = Target("two and three to one", [(two, one), (three, one)], relation, bound)
    assert target.value(added) == value
    assert target.is_reached(added) is is_reached


def bench(*arguments):
    """The command, run as a user does."""
    root = Path(__file__).parents[2]
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=50)  # noqa: S603 - our own


def test_command_prints_both_tables_in_100_columns_and_says_of_each_target_whether_it_is_reached():
    run = bench("-m", "bench", "--quick")
    lines = run.stdout.splitlines()
    assert run.stderr == ""
    assert "What they get right" in lines
    assert max(map(len, lines)) <= 100
    verdicts = [line.split()[0] for line in lines if line.startswith(("  reached", "  missed"))]
    assert len(verdicts) == len(TARGETS)
    assert run.returncode == 0


def test_command_says_what_to_install_where_a_contestant_is_missing():
    without = (
        "import runpy, sys; sys.modules['channels'] = None; runpy.run_module('bench', run_name='__main__')"
    )
    run = bench("-c", without)
    assert run.returncode == 2
    assert "channels" in run.stderr
    assert "pip install '.[bench]'" in run.stderr
    assert "Traceback" not in run.stderr
