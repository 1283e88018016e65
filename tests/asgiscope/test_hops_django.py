"""Hops in Django: what one synchronous middleware costs, and where else it crosses."""

import subprocess
import sys
from pathlib import Path

import pytest

from asgiscope.conversation import Conversation, Line

STACK = Path(__file__).with_name("hop_stack.py")


@pytest.fixture(scope="module")
def conversations():
    """The conversations of the project, by their path."""
    command = [sys.executable, "-m", f"{__package__}.hop_stack"]
    out = subprocess.run(  # noqa: S603
        command, cwd=Path(__file__).parents[2], capture_output=True, check=True, timeout=60
    ).stdout
    return {one.scope["path"][1:]: one for one in map(Conversation.from_json, out.splitlines())}


def hops(conversation):
    """The crossings: what was called, and from which line of the project."""
    return [(hop.to, hop.what, hop.outside and hop.outside.line) for hop in conversation.hops]


def line(text):
    """The number of the line of the project that ends with a text."""
    [number] = [n for n, code in enumerate(STACK.read_text().splitlines(), 1) if code.endswith(f"# {text}")]
    return number


BEFORE = [("thread", "Signal.asend.<locals>.sync_send", None)]  # "request_started"
STACKED = [
    ("thread", "synchronous.<locals>.between", line("outermost")),
    ("loop", "innermost.<locals>.behind", line("synchronous")),
]
AFTER = [("thread", "HttpResponseBase.close", None)]


@pytest.mark.parametrize(
    ("view", "crossings"),
    [
        pytest.param("asynchronous_view", [], id="an asynchronous view"),
        pytest.param(
            "synchronous_view",
            [("thread", "synchronous_view", line("innermost"))],
            id="a synchronous view",
        ),
        pytest.param(
            "orm",
            [
                ("thread", "create_table", line("table")),
                ("thread", "QuerySet.create", line("create")),
                ("thread", "QuerySet._fetch_all", line("all")),
            ],
            id="the ORM",
        ),
        pytest.param(
            "signal", [("thread", "Signal.asend.<locals>.sync_send", line("signal"))], id="a signal"
        ),
    ],
)
def test_each_crossing_is_noted_with_the_line_that_it_comes_from(conversations, view, crossings):
    conversation = conversations[view]
    assert hops(conversation) == [*BEFORE, *STACKED, *crossings, *AFTER]
    assert {hop.how for hop in conversation.hops} == {"return"}


def test_synchronous_middleware_holds_its_thread_while_all_behind_it_answers(conversations):
    _, there, back, view, _ = conversations["synchronous_view"].hops
    assert there.thread == view.thread != back.thread
    assert view.held <= back.ran <= back.held <= there.ran
    assert there.outside == Line(str(STACK), line("outermost"), "outermost.<locals>.before")


def test_view_that_raises_is_noted_and_so_is_what_django_does_then(conversations):
    conversation = conversations["failing_view"]
    [(what, error)] = [(hop.what, hop.error) for hop in conversation.hops if hop.how == "raise"]
    assert (what, error) == ("failing_view", "LookupError: no such item")
    assert len(conversation.hops) > len([*BEFORE, *STACKED, what, *AFTER])
    assert 500 in [event.fields.get("status") for event in conversation.events]
