"""What a recorder costs: all let the same conversation pass, and the measurement tells dear from cheap."""

import pytest

from asgiscope.recorder import Recorder
from bench.probes import held
from bench.recorders import CONTESTANTS, RIVALS, TALKS, measure, nanoseconds, no_op
from bench.turns import Sample

talks = pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)


def dear(app):
    """Ten that do nothing, around each other."""
    for _ in range(10):
        app = no_op(app)
    return app


def test_more_work_costs_more_in_every_conversation():
    added = measure({"no-op": no_op, "dear": dear}, rounds=3, length=50_000)
    for case in TALKS:
        assert added[Sample(case, "dear")] > added[Sample(case, "no-op")], case


def test_whoever_listens_is_made_once_a_turn():
    made = []

    def wrap(app):
        made.append(app)
        return app

    talk = next(iter(TALKS.values()))
    nanoseconds(talk, wrap, calls=5)
    nanoseconds(talk, wrap, calls=5)
    assert made == [talk.app, talk.app]


@talks
@pytest.mark.parametrize("wrap", CONTESTANTS.values(), ids=CONTESTANTS)
async def test_conversation_is_the_same_around_whom_it_is_held(wrap, talk):
    bare = await held(talk.app, talk.scope("/x"), *talk.said())
    assert await held(wrap(talk.app), talk.scope("/x"), *talk.said()) == bare


@talks
async def test_conversation_breaks_no_clause(talk):
    conversations = []
    await held(Recorder(talk.app, conversations.append), talk.scope("/x"), *talk.said())
    assert not conversations[0].violations


@talks
async def test_others_have_nothing_to_warn_of(talk):
    for name in RIVALS:
        inspector = CONTESTANTS[name](talk.app)
        await held(inspector, talk.scope("/x"), *talk.said())
        assert {violation.severity for violation in inspector.violations} <= {"info"}
