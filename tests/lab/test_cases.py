"""The cases, tried on themselves: each passes with a right server, and many fail with one that has one thing
wrong."""

import asyncio

import pytest

from lab.case import Verdict
from lab.cases import CASES
from lab.probe import application
from lab.runner import hold
from lab.wire.life import Life
from tests.lab.faults import FAULTS
from tests.lab.right_server import RIGHT, serving
from tests.lab.spoiled import SPOILED

BY_NAME = {fault.name: fault for fault in FAULTS}
HERE = [
    case for case in CASES.values() if 1 in case.over and not case.fresh and not isinstance(case.client, Life)
]
AT_ONCE = 20
GOOD = (Verdict.KEEPS, Verdict.DIFFERS, Verdict.UNSUPPORTED)

pytestmark = pytest.mark.timeout(180)


async def held(cases, fault=RIGHT):
    """What each case concludes of a server with this fault: several are held at a time, as in the lab."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(case):
        async with turns:
            return case.id, (await hold(case, host, 1)).conclusion

    async with serving(application, fault) as host:
        return dict(await asyncio.gather(*map(one, cases)))


@pytest.mark.parametrize("kind", sorted({case.id.rpartition("/")[0].rpartition(".")[0] for case in HERE}))
async def test_cases_pass_with_a_right_server(kind):
    found = await held([case for case in HERE if case.id.rpartition("/")[0].rpartition(".")[0] == kind])
    assert {case: one.why for case, one in found.items() if one.verdict not in GOOD} == {}


@pytest.mark.parametrize("fault", SPOILED)
async def test_cases_fail_with_a_wrong_server_for_their_own_reason(fault):
    """And what is said is what was seen, not that it could not be compared."""
    found = await held([CASES[case] for case in SPOILED[fault]], BY_NAME[fault])
    assert {case: one.verdict for case, one in found.items()} == dict.fromkeys(SPOILED[fault], "breaks")
    assert not [one.why for one in found.values() if not one.why or "cannot be compared" in one.why]


def test_every_fault_is_one_that_a_case_finds():
    assert BY_NAME.keys() == SPOILED.keys()
    assert all(SPOILED.values())
