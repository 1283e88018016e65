"""`import asgiscope`: the names that it gives, and what it does not bring along."""

import subprocess
import sys

import pytest

import asgiscope


@pytest.mark.parametrize("name", asgiscope.__all__)
def test_door_gives_each_name_that_it_promises(name):
    assert getattr(asgiscope, name).__class__ is not None


def test_door_promises_no_more_than_a_dozen_names():
    assert len(asgiscope.__all__) <= 12
    assert set(asgiscope.__all__) == set(asgiscope.ROOMS)


def test_door_has_no_other_names():
    with pytest.raises(AttributeError, match="module 'asgiscope' has no attribute 'Recoder'"):
        asgiscope.Recoder  # noqa: B018


def test_whoever_takes_the_contract_gets_no_event_loop_with_it():
    code = "import asgiscope.contract, sys; sys.exit('asyncio' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
