"""The cases, tried on themselves: each passes with a right server, and fails with one that has one thing
wrong."""

import asyncio

import pytest

from lab.case import Verdict
from lab.cases import CASES
from lab.probe import application
from lab.runner import hold
from lab.wire.life import Life
from lab.wire.websocket import Socket
from tests.lab.faults import FAULTS
from tests.lab.right_server import serving
from tests.lab.right_socket import RIGHT
from tests.lab.spoiled import SPOILED

BY_NAME = {fault.name: fault for fault in FAULTS}
# The right server speaks HTTP/1.1, and over HTTP/2 it takes WebSockets.
HERE = [
    (case, version)
    for case in CASES.values()
    for version in case.over
    if not case.fresh
    and not isinstance(case.client, Life)
    and (version == 1 or (version == 2 and isinstance(case.client, Socket)))
]
KINDS = {(case.clause.id.rpartition(".")[0], version) for case, version in HERE}
AT_ONCE = 20
GOOD = (Verdict.KEEPS, Verdict.DIFFERS, Verdict.UNSUPPORTED)

pytestmark = pytest.mark.timeout(180)


async def held(cases, fault=RIGHT):
    """What each case, over a version of HTTP, concludes of a server with this fault: several are held at a
    time, as in the lab."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(case, version):
        async with turns:
            return (case.id, version), (await hold(case, host, version)).conclusion

    async with serving(application, fault) as host:
        return dict(await asyncio.gather(*(one(*case) for case in cases)))


@pytest.mark.parametrize(("kind", "version"), sorted(KINDS))
async def test_cases_pass_with_a_right_server(kind, version):
    cases = [(case, v) for case, v in HERE if (case.clause.id.rpartition(".")[0], v) == (kind, version)]
    found = await held(cases)
    assert {case: one.why for case, one in found.items() if one.verdict not in GOOD} == {}


@pytest.mark.parametrize("fault", SPOILED)
async def test_cases_fail_with_a_wrong_server_for_their_own_reason(fault):
    """And what is said is what was seen, not that it could not be compared."""
    cases = [(case, version) for case, version in HERE if case.id in SPOILED[fault]]
    found = await held(cases, BY_NAME[fault])
    assert {case for case, _ in found} == set(SPOILED[fault])
    assert [one for one in found.values() if one.verdict != "breaks"] == []
    assert not [one.why for one in found.values() if not one.why or "cannot be compared" in one.why]


def test_every_fault_is_one_that_a_case_finds():
    assert BY_NAME.keys() == SPOILED.keys()
    assert all(SPOILED.values())
