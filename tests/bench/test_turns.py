"""How contestants are compared: what their turns add up to, and when a target is reached."""

import gc

import pytest

from bench.turns import Sample, Target, added


def takes(*nanoseconds):
    """Turns that take so long, one after the other: the first two are for warming up."""
    left = list(nanoseconds)
    return lambda calls: left.pop(0)


def test_fastest_turn_counts_and_the_application_by_itself_is_taken_off():
    turns = {
        Sample("hello", None): takes(9, 9, 3, 2, 4),
        Sample("hello", "one"): takes(9, 9, 12, 30, 20),
        Sample("hello", "two"): takes(9, 9, 40, 20, 30),
    }
    assert added(turns, rounds=3, length=1) == {Sample("hello", "one"): 10, Sample("hello", "two"): 18}


def test_turn_has_as_many_calls_as_fit_into_its_length_and_no_garbage_collection():
    asked = []

    def turn(calls):
        asked.append((calls, gc.isenabled()))
        return 100

    added({Sample("hello", None): turn}, rounds=2, length=1050)
    assert asked == [(1, True), (3, True), (10, False), (10, False)]
    assert gc.isenabled()


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
    one, two, three = (Sample("hello", name) for name in ("one", "two", "three"))
    measured = {one: 100.0, two: 200.0, three: 300.0}
    target = Target("two and three to one", [(two, one), (three, one)], relation, bound)
    assert target.value(measured) == value
    assert target.is_reached(measured) is is_reached
