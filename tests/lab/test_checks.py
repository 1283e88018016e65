"""Checks of what no server of the tests can do: each sees what is there, and says what is there instead."""

import pytest

from lab.checks import Pushed, PushedFrom
from lab.evidence import Answer, Evidence

STYLE = [(":path", "/style.css"), (":authority", "localhost")]
ELSEWHERE = [(":path", "/other.css"), (":authority", "other.example")]


@pytest.mark.parametrize(
    ("check", "promised"),
    [
        (Pushed(("/style.css",)), [ELSEWHERE]),
        (Pushed(("/style.css",)), []),
        (PushedFrom("localhost"), [STYLE, ELSEWHERE]),
        (PushedFrom("localhost"), []),
    ],
)
def test_check_sees_what_was_promised(check, promised):
    assert check(Evidence("", answers=[Answer(pushed=[STYLE])])) is None
    assert check(Evidence("", answers=[Answer(pushed=promised)])).endswith(".")
