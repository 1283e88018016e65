"""What stands in a timeline beside the events: hops between threads, and what held the event loop."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from asgiscope.conversation import Conversation, Event, Hop, Lane, Line, Outcome, Stall
from asgiscope.hops import watch_hops
from asgiscope.stalls import watch_stalls
from asgiscope.timeline import render
from tests.asgiscope.recording import BODY, START, recorded

MS = 1_000_000  # nanoseconds
VIEW = Line("shop.py", 31, "view")
ADAPTER = Line("/venv/site-packages/django/base.py", 162, "get_response_async")
SENT = Event(0, 5 * MS, 0, "send", {"type": "http.response.start", "status": 200}, VIEW, VIEW, "Task-1")


def hop(at=1, waited=1, ran=2, held=3.5, **fields):
    """A hop, with its times in milliseconds."""
    times = {"at": at, "waited": waited, "ran": ran, "held": held}
    times = {name: value if value is None else int(value * MS) for name, value in times.items()}
    given = {"to": "thread", "what": "Shop.<locals>.get", "sensitive": True, "thread": "worker_0"}
    ended = {"how": "return", "error": None}
    return Hop(**{**given, **ended, "line": ADAPTER, "outside": VIEW, **times, **fields})


def stall(line=VIEW, stack=(VIEW,), by=7):
    return Stall(2 * MS, 120 * MS, line, stack, by)


def shown(*beside, **fields):
    """The lines of a conversation with these hops and stalls, without blanks at both ends."""
    hops = [one for one in beside if isinstance(one, Hop)]
    stalls = [one for one in beside if isinstance(one, Stall)]
    lane = Lane("app", {}, [SENT], Outcome("return", 9 * MS), [], hops=hops, stalls=stalls, **fields)
    text = render(Conversation(7, 0, [lane]), width=200)
    return [re.sub(r" {3,}", "   ", line.strip()) for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("beside", "line"),
    [
        pytest.param(hop(), "→ thread   Shop.get  waited 1.00 ms, ran 2.00 ms  [worker_0]", id="to a thread"),
        pytest.param(
            hop(to="loop", thread="MainThread"),
            "← loop   Shop.get  waited 1.00 ms, ran 2.00 ms  [MainThread]",
            id="back to the loop",
        ),
        pytest.param(
            hop(held=9),
            "→ thread   Shop.get  waited 1.00 ms, ran 2.00 ms, came back in 6.00 ms  [worker_0]",
            id="a long way back",
        ),
        pytest.param(
            hop(how="open", waited=None, ran=None, held=None, thread=None),
            "→ thread   Shop.get  waits",
            id="one that waits",
        ),
        pytest.param(
            hop(how="open", ran=None, held=None),
            "→ thread   Shop.get  waited 1.00 ms, runs  [worker_0]",
            id="one that runs",
        ),
        pytest.param(
            hop(how="cancel", waited=None, ran=None, thread=None),
            "→ thread   Shop.get  waited 3.50 ms, and never ran  was cancelled",
            id="one that was cancelled",
        ),
        pytest.param(
            hop(how="cancel", ran=None),
            "→ thread   Shop.get  waited 1.00 ms, runs on  [worker_0]  was cancelled",
            id="one that was cancelled and runs on",
        ),
    ],
)
def test_hop_says_what_was_called_and_what_it_took(beside, line):
    first, second, *_ = shown(beside)
    assert first == f"1.00 ms  {line}   shop.py:31 in view"
    assert second == "by django/base.py:162 in get_response_async"


def test_hop_that_raised_says_what():
    assert "raised KeyError: 'tea'" in shown(hop(how="raise", error="KeyError: 'tea'"))


@pytest.mark.parametrize(
    ("beside", "lines"),
    [
        pytest.param(stall(), ["by shop.py:31 in view"], id="of its own"),
        pytest.param(stall(by=8), ["by shop.py:31 in view, in conversation #8"], id="of another one"),
        pytest.param(stall(by=None), ["by shop.py:31 in view, in no conversation"], id="of nobody"),
        pytest.param(
            stall(stack=(ADAPTER, VIEW)),
            ["by shop.py:31 in view", "in django/base.py:162 in get_response_async"],
            id="in a package",
        ),
        pytest.param(
            stall(None, (), None),
            ["by C code or another thread, which kept the interpreter to itself"],
            id="that nobody has seen",
        ),
    ],
)
def test_stall_says_what_held_the_loop(beside, lines):
    first, *rest = lines
    assert shown(beside)[: len(lines)] == [f"2.00 ms  ▲ loop held 120 ms {first}", *rest]


def test_stall_shows_the_line_of_source():
    number = Path(__file__).read_text().partition("SENT =")[0].count("\n") + 1
    here = Line(__file__, number, "view")
    assert shown(stall(here, (here,)))[1].startswith(f"{number} | SENT = Event(0, 5 * MS")


def test_all_stand_in_the_order_of_their_time():
    lines = shown(hop(at=6), stall(), hop(at=1), hop(at=10))
    signs = [sign for line in lines for sign in "→▲←■" if sign in line]
    assert signs == ["→", "▲", "←", "→", "■", "→"]


def test_hops_that_are_alike_are_counted():
    lines = shown(*(hop(at=number / 100) for number in range(100, 120)))
    assert sum("→ thread" in line for line in lines) == 4
    assert "...   16 more of these; 70.00 ms in all" in lines


def test_cost_of_the_hops_and_what_was_not_kept_is_told_at_the_end():
    assert shown(hop(), hop(at=2, held=4), dropped_hops=500, dropped_stalls=50)[-3:] == [
        "...   2 hops between threads took 3.50 ms on the way",
        "...   500 hops were not kept",
        "...   50 stalls were not kept",
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit(width):
    lane = Lane("app", {}, [], Outcome("return", 9 * MS), [], hops=[hop()], stalls=[stall(by=None)])
    text = render(Conversation(1, 0, [lane]), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert re.sub(r"\x1b\[[\d;]*m", "", render(Conversation(1, 0, [lane]), colour=True, width=width)) == text


async def test_what_was_recorded_is_shown():
    async def app(scope, receive, send):
        await sync_to_async(send_all)()
        await send(START)
        time.sleep(0.5)  # noqa: ASYNC251  # blocks
        await asyncio.sleep(0)
        await send(BODY)

    def send_all():
        pass

    with watch_hops(), watch_stalls():
        text = render(await recorded(app), width=200)
    assert re.search(r"→ thread .*send_all  waited .* ran .* in app\n", text)
    assert re.search(r"▲ loop held \d+ ms by .*test_timeline_beside.py:\d+ in app\n", text)
    assert "| time.sleep(0.5)" in text
    assert text.index("→ thread") < text.index("http.response.start") < text.index("▲ loop")
