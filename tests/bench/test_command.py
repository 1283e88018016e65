"""`python -m bench`: what it prints, what it leaves out when it is asked for a part, and how it ends."""

import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from bench import cost, middleware, page, recorders, threads, throughput
from bench.clients import speed, trial
from bench.gateways import trial as gateways
from bench.probes import PROBES
from servers import LAUNCHERS

ROUTER = len(cost.TARGETS)
RECORDER = len(recorders.TARGETS) + len(throughput.TARGETS)
CLIENTS = len(speed.TARGETS)
MIDDLEWARE = len(middleware.TARGETS)
THREADS = len(threads.TARGETS)
GATEWAYS = len(gateways.TARGETS)
PAGE = len(page.THROUGHPUT) + (len(page.PAINT) if page.CHROMIUM else 0)
ROWS = {
    "router": [*PROBES],
    "recorder": [*recorders.TALKS, *throughput.SERVED],
    "clients": [*trial.PROBES, *speed.TIMED, speed.MEMORY],
    "middleware": [*middleware.STACKS],
    "threads": [*map(str, threads.ASKED)],
    "gateways": [*gateways.GATEWAYS],
    "page": [*page.SITES, page.START, page.PAINTED],
    "servers": [*LAUNCHERS],
}


def bench(*arguments):
    """The command, run as a user does."""
    root = Path(__file__).parents[2]
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=170)  # noqa: S603 - our own


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("part", "targets", "rows"),
    [
        pytest.param(
            [],
            ROUTER + RECORDER + CLIENTS + MIDDLEWARE + THREADS + GATEWAYS + PAGE,
            [*chain.from_iterable(ROWS.values())],
            id="all",
        ),
        pytest.param(["router"], ROUTER, ROWS["router"], id="router"),
        pytest.param(["recorder"], RECORDER, ROWS["recorder"], id="recorder"),
        pytest.param(["clients"], CLIENTS, ROWS["clients"], id="clients"),
        pytest.param(["middleware"], MIDDLEWARE, ROWS["middleware"], id="middleware"),
        pytest.param(["threads"], THREADS, ROWS["threads"], id="threads"),
        pytest.param(["gateways"], GATEWAYS, ROWS["gateways"], id="gateways"),
        pytest.param(["page"], PAGE, ROWS["page"], id="page"),
        pytest.param(["servers"], 0, ROWS["servers"], id="servers"),
    ],
)
def test_command_prints_its_tables_in_100_columns_and_says_of_each_target_whether_it_is_reached(
    part, targets, rows
):
    run = bench("-m", "bench", *part, "--quick")
    lines = run.stdout.splitlines()
    assert run.stderr == ""
    assert max(map(len, lines)) <= 100
    verdicts = [line.split()[0] for line in lines if line.startswith(("  reached", "  missed"))]
    assert len(verdicts) == targets
    for row in rows:
        assert any(line.startswith(row) for line in lines), row
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
