"""Cases about the life of a server that is given several workers, or an application of two callables."""

from types import SimpleNamespace

import pytest

from asgiscope import Recorder
from lab import probe
from lab.case import Verdict
from lab.cases import CASES
from lab.evidence import Evidence, Lived
from lab.lives import begin, lived, read
from lab.runs import new_run
from lab.targets import TARGETS
from tests.lab.faults import FAULTS
from tests.lab.right_server import TOKEN, serving
from tests.lab.right_socket import RIGHT

LEGACY = CASES["general.server.supports-legacy/ordinary"]
AT_ONCE = CASES["general.legacy.second-call-immediate/body-to-come"]
WORKERS = CASES["lifespan.per-process/two-workers"]
CHANGES_BODIES = next(fault for fault in FAULTS if fault.name == "changes the body of the response")


async def right(scope, receive, send):
    await probe.legacy(scope)(receive, send)


async def waits_for_the_body(scope, receive, send):
    """It has the whole request before it makes the second call."""
    instance = probe.legacy(scope)
    events = [await receive()]
    while events[-1]["more_body"]:
        events.append(await receive())

    async def received():
        return events.pop(0)

    await instance(received, send)


async def knows_one_callable(scope, receive, send):
    await probe.legacy(scope, receive, send)


@pytest.mark.parametrize(("case", "calls", "fault", "verdict", "why"), [
    pytest.param(LEGACY, right, RIGHT, "keeps", "", id="it takes one"),
    pytest.param(LEGACY, knows_one_callable, RIGHT, "differs", "allows", id="it takes none"),
    pytest.param(LEGACY, right, CHANGES_BODIES, "breaks", "b'HELLO'", id="it answers otherwise"),
    pytest.param(AT_ONCE, right, RIGHT, "keeps", "", id="it makes both calls at once"),
    pytest.param(AT_ONCE, waits_for_the_body, RIGHT, "breaks", "came 1.0 s behind", id="it waits in between"),
    pytest.param(AT_ONCE, knows_one_callable, RIGHT, "unsupported", "does not take", id="it makes one call"),
])  # fmt: skip
async def test_server_is_given_an_application_of_two_callables(
    case, calls, fault, verdict, why, tmp_path, monkeypatch
):
    journal = tmp_path / "journal"
    monkeypatch.setattr(probe, "JOURNAL", str(journal))
    evidence = Evidence(case.id, life=Lived())
    async with serving(calls, fault) as host:
        for action in case.client.asks:
            await action(await host.place(1), 1, f"/lab/{case.id}/{new_run(TOKEN)}", evidence)
    evidence.life.served = evidence.answer.status == 200
    read(journal, evidence)
    conclusion = case.concludes(evidence)
    assert conclusion.verdict is Verdict(verdict)
    assert why in conclusion.why


async def called(*calls):
    """The evidence of calls, each in a process and with a type of scope."""
    conversations = []

    async def app(scope, receive, send):
        pass

    for _, kind in calls:
        await Recorder(app, conversations.append)({"type": kind, "asgi": {"version": "3.0"}}, None, None)
    where = [f"process {process}, thread 1, loop 1" for process, _ in calls]
    return Evidence(WORKERS.id, 1, conversations, life=Lived(served=True), where=where)


@pytest.mark.parametrize(("calls", "verdict", "why"), [
    pytest.param([(1, "lifespan"), (2, "lifespan"), (1, "http")], "keeps", "", id="each has one"),
    pytest.param(
        [(1, "lifespan"), (2, "http"), (3, "http")], "breaks", "2 had no lifespan",
        id="their parent has one",
    ),
    pytest.param(
        [(1, "lifespan"), (1, "lifespan"), (2, "lifespan")], "breaks", "3 lifespans in 2 processes",
        id="one has two",
    ),
    pytest.param([(1, "http"), (2, "http")], "unsupported", "no lifespan", id="none has one"),
])  # fmt: skip
async def test_each_of_two_workers_has_a_lifespan(calls, verdict, why):
    conclusion = WORKERS.concludes(await called(*calls))
    assert conclusion.verdict is Verdict(verdict)
    assert why in conclusion.why


async def test_server_is_not_blamed_for_a_worker_that_was_never_seen(tmp_path):
    ended = SimpleNamespace(process=SimpleNamespace(poll=lambda: 1))
    evidence = await called((1, "lifespan"), (1, "http"))
    await begin(ended, WORKERS.client, "", tmp_path / "journal", evidence)
    assert WORKERS.concludes(evidence).verdict is Verdict.BROKEN_OFF
    assert "only 1" in evidence.error


async def test_server_of_a_single_process_is_not_started_with_workers():
    conclusion = WORKERS.concludes(await lived(WORKERS.id, WORKERS.client, TARGETS["daphne"]))
    assert conclusion == (Verdict.UNSUPPORTED, "It is a single process, and has no workers.")
