"""Each case about the life of a server passes with one that lives rightly, and fails, for its own reason,
with one that does one thing otherwise."""

from types import SimpleNamespace

import anyio
import pytest

from lab import probe, script
from lab.case import Verdict
from lab.cases import CASES
from lab.checks import life
from lab.wire.life import Life
from tests.lab import life_faults as wrong
from tests.lab import life_innocent as innocent
from tests.lab.right_life import Server
from tests.lab.test_lives import WORKERS  # which several processes are needed for

LIVES = {name: case for name, case in CASES.items() if isinstance(case.client, Life)}
HERE = [case for case in LIVES.values() if case.client.workers == 1]
FASTER = 50.0
CLOCK = 1e-5  # seconds, less than anything takes

# By the server, the cases that fail because of it, and something of what each says.
FOUND = {
    wrong.NumbersItsVersion: {"lifespan.scope.asgi.version/ordinary": "3.0 (float), not a str"},
    wrong.NumbersItsSpecification: {"lifespan.scope.asgi.spec-version.type/ordinary": "2.0 (float)"},
    wrong.HasAListForAState: {"lifespan.scope.state.type/lifespan": "is [] (list), not a dict"},
    wrong.BeginsWithAState: {
        "lifespan.scope.state.empty/lifespan": "has 'server'",
        "lifespan.state.server-hands-off/keys": "'server'",
    },
    wrong.SharesItsState: {
        "http.scope.state.copy/lifespan": "the same dict",
        "websocket.scope.state.copy/lifespan": "the same dict",
        "lifespan.state.isolated/key": "'mark'",
    },
    wrong.CopiesItsStateOnce: {"lifespan.state.isolated/key": "'mark'"},
    wrong.CopiesItsStateDeeply: {"lifespan.state.shallow-copy/list": "lengths [1, 1, 1, 1]"},
    wrong.AddsToTheState: {"lifespan.state.server-hands-off/keys": "'server'"},
    wrong.TakesFromTheState: {"lifespan.state.server-hands-off/keys": "['visits'], not"},
    wrong.KeepsTheStateFromWebSockets: {"lifespan.state.paired/ordinary": "some have none"},
    wrong.HasAStateForRequestsOnly: {"lifespan.state.paired/ordinary": "some have none"},
    wrong.GivesAWebSocketAList: {"websocket.scope.state.type/lifespan": "is [] (list), not a dict"},
    wrong.Reloads: {"lifespan.event.receive-types/ordinary": "gave 'lifespan.reload'"},
    wrong.StartsTwice: {"lifespan.startup.first/ordinary": "gave 'lifespan.startup' when"},
    wrong.NeverStarts: {
        "lifespan.startup.first/ordinary": "gave 'lifespan.shutdown' when 'lifespan.startup' had not",
        "lifespan.shutdown.after-stop/running-request": "running after lifespan.shutdown",
        "lifespan.exception.no-events/startup": "received lifespan.shutdown, not lifespan.startup",
    },
    wrong.StopsWhatHasNotStarted: {
        "lifespan.scope.lifetime/ordinary": "running after the call with the lifespan",
        "lifespan.shutdown.after-startup/failed": "when the application had failed to start",
        "lifespan.shutdown.after-stop/running-request": "running after lifespan.shutdown",
    },
    wrong.NeverStops: {"lifespan.shutdown.after-startup/ordinary": "and no lifespan.shutdown"},
    wrong.HasTwoLifespans: {
        "lifespan.once-per-loop/one-process": "were 2 lifespans",
        "lifespan.shutdown.after-startup/failed": "when the application had failed to start",
        "lifespan.exception.no-events/startup": "with 2 lifespans",
        "lifespan.exception.no-events/scope": "with 2 lifespans",
    },
    wrong.HasALoopForTheLifespan: {
        "lifespan.once-per-loop/one-process": "were 0 lifespans",
        "lifespan.same-loop/one-process": "and the lifespan in process",
    },
    wrong.EndsTheLifespanBeforeItServes: {
        "lifespan.scope.lifetime/ordinary": "4 requests were running after the call",
        "lifespan.shutdown.after-startup/ordinary": "and no lifespan.shutdown",
    },
    wrong.AsksAgainForALifespan: {
        "lifespan.exception.no-events/startup": "with 2 lifespans",
        "lifespan.exception.no-events/scope": "with 2 lifespans",
    },
    wrong.ServesBeforeItHasStarted: {
        "lifespan.startup.before-serving/slow": "1 requests came before",
        "lifespan.startup.complete.wait/slow": "1 requests came before",
    },
    wrong.NeedsALifespan: {
        "lifespan.exception.continue/startup": "does not answer",
        "lifespan.exception.continue/scope": "does not answer",
    },
    wrong.ServesAfterAFailure: {"lifespan.startup.failed.exit/message": "as if nothing had happened"},
    wrong.FailsSilently: {"lifespan.startup.failed.exit/message": "exits, and does not say why"},
    wrong.LingersAfterAFailure: {"lifespan.startup.failed.exit/message": "neither serves nor exits"},
    wrong.NeedsAMessage: {
        "lifespan.startup.failed.message.default/none": "asks for the message",
        "lifespan.shutdown.failed.message.default/none": "asks for the message",
    },
    wrong.StopsBeforeWhatIsRunning: {
        "lifespan.shutdown.after-stop/running-request": "1 requests were running"
    },
    wrong.StopsWhatHasFailed: {
        "lifespan.shutdown.after-startup/failed": "when the application had failed to start"
    },
    wrong.RaisesForAMessage: {
        "lifespan.startup.failed.message.default/none": "asks for the message",
        "lifespan.shutdown.failed.message.default/none": "asks for the message",
    },
    wrong.ServesWhenItHasStopped: {
        "lifespan.scope.lifetime/ordinary": "1 requests were running after the call",
        "lifespan.shutdown.after-stop/running-request": "1 requests were running",
    },
    wrong.DoesNotWaitForTheEnd: {
        "lifespan.shutdown.complete.wait/slow": "was cancelled, and has not returned",
        "lifespan.shutdown.failed.terminate/message": "does not say why",
    },
    wrong.LeavesBeforeTheAnswer: {"lifespan.shutdown.complete.wait/slow": "was cancelled, and has not"},
    wrong.HasToBeKilled: {
        "lifespan.shutdown.complete.wait/slow": "had to be killed",
        "lifespan.shutdown.failed.terminate/message": "had to be killed",
    },
    wrong.StopsSilently: {"lifespan.shutdown.failed.terminate/message": "does not say why"},
    wrong.ServesNothing: {
        "general.server.supports-legacy/ordinary": "does not answer requests",
        "lifespan.exception.continue/startup": "does not answer requests",
        "lifespan.exception.continue/scope": "does not answer requests",
    },
    wrong.DoesNotWriteBodies: {"general.server.supports-legacy/ordinary": "the body b'', not"},
    wrong.WaitsBetweenTheCalls: {"general.legacy.second-call-immediate/body-to-come": "s behind the first"},
    wrong.PrintsWhatItHasRaised: {
        "general.server.swallows-own-send-error/left": "prints a traceback",
        "http.server.no-error-log/left": "prints a traceback",
        "websocket.server.no-error-log/left": "prints a traceback",
    },
    wrong.EndsWithWhatItHasRaised: {
        "http.server.catches-own-oserror/left": "ended by itself",
        "websocket.server.catches-own-oserror/left": "ended by itself",
    },
    wrong.AnswersNobodyAfterThat: {
        "http.server.catches-own-oserror/left": "does not answer the next",
        "websocket.server.catches-own-oserror/left": "does not answer the next",
    },
}

# What no case can see: an application that awaits nothing yet is not told.
UNSEEN = {wrong.StopsWhatHasNotStarted: "lifespan.shutdown.after-startup/ordinary"}

# By the server, a case that has nothing to judge there, and why.
NOTHING_TO_JUDGE = {
    wrong.NeverStarts: ("lifespan.shutdown.after-startup/failed", "does not tell its application to start"),
    wrong.NeverStops: ("lifespan.shutdown.failed.terminate/message", "does not tell its application to shut"),
    wrong.LeavesBeforeTheAnswer: (
        "lifespan.shutdown.failed.terminate/message",
        "does not wait for the answer",
    ),
    wrong.HasAListForAState: ("lifespan.state.server-hands-off/keys", "no dict"),
    wrong.GivesAWebSocketAList: ("websocket.scope.state.copy/lifespan", "no dict"),
    wrong.KeepsTheStateFromWebSockets: ("websocket.scope.state.type/lifespan", "nothing"),
    wrong.ServesBeforeItHasStarted: ("lifespan.state.shallow-copy/list", "does not wait until"),
    wrong.ServesNothing: ("lifespan.once-per-loop/one-process", "does not answer requests"),
}
INNOCENT = [
    innocent.HasNoLifespan, innocent.HasNoState, innocent.SaysNothingOfALoss,
    innocent.IsOnAClockThatIsPutBack, innocent.IsOnAClockThatIsPutForward,
]  # fmt: skip
# Those whose mistake a case could take for one against its own clause.
APART = [
    *NOTHING_TO_JUDGE, wrong.Reloads, wrong.StartsTwice, wrong.HasTwoLifespans, wrong.HasToBeKilled,
    wrong.ServesAfterAFailure, wrong.AddsToTheState, wrong.CopiesItsStateOnce, wrong.HasAStateForRequestsOnly,
]  # fmt: skip
# It asks whether the application is told, and blames nobody.
STOPS = "websocket.disconnect.server-close/server-stops"


@pytest.fixture
def holds(tmp_path, monkeypatch):
    """What a case concludes of a server of a class."""

    async def held(case, server=Server):
        journal = tmp_path / "journal"
        journal.unlink(missing_ok=True)
        monkeypatch.setattr(probe, "JOURNAL", str(journal))
        monkeypatch.setattr(probe, "LIFE", case.id)
        faster = SimpleNamespace(sleep=lambda seconds: anyio.sleep(seconds / FASTER))
        monkeypatch.setattr(script, "anyio", faster)
        monkeypatch.setattr(life, "CLOCK", CLOCK)
        return case.concludes(await server(case).holds(journal))

    return held


@pytest.mark.parametrize("case", HERE, ids=lambda case: case.id)
async def test_server_that_lives_rightly_keeps_it(case, holds):
    assert await holds(case) == (Verdict.KEEPS, "")


@pytest.mark.parametrize(
    ("server", "case", "why"),
    [
        pytest.param(server, case, why, id=f"{server.__name__}-{case}")
        for server, found in FOUND.items()
        for case, why in found.items()
    ],
)
async def test_server_that_does_one_thing_otherwise_breaks_it(server, case, why, holds):
    conclusion = await holds(CASES[case], server)
    assert conclusion.verdict is Verdict.BREAKS
    assert why in conclusion.why


@pytest.mark.parametrize(("server", "case"), UNSEEN.items())
async def test_event_that_the_application_does_not_await_is_not_seen(server, case, holds):
    assert (await holds(CASES[case], server)).verdict is Verdict.KEEPS


@pytest.mark.parametrize("server", NOTHING_TO_JUDGE)
async def test_case_says_that_it_has_nothing_to_judge(server, holds):
    case, why = NOTHING_TO_JUDGE[server]
    conclusion = await holds(CASES[case], server)
    assert conclusion.verdict is Verdict.UNSUPPORTED
    assert why in conclusion.why


@pytest.mark.parametrize("server", APART)
async def test_no_case_blames_a_server_for_what_another_is_about(server, holds):
    found = {case.id for case in HERE if (await holds(case, server)).verdict is Verdict.BREAKS}
    assert found == FOUND.get(server, {}).keys()


class CutsAndHasToBeKilled(wrong.HasToBeKilled, wrong.CutsWhatIsRunning):
    pass


@pytest.mark.parametrize(
    ("server", "verdict", "why"),
    [
        (wrong.CutsWhatIsRunning, "differs", "It ends, and"),
        (CutsAndHasToBeKilled, "differs", "until it is killed"),
        (wrong.NeverStops, "keeps", ""),
    ],
)
async def test_websocket_that_is_not_told_of_the_end_of_a_server_is_nothing_to_blame(
    server, verdict, why, holds
):
    found = await holds(CASES[STOPS], server)
    assert found.verdict is Verdict(verdict)
    assert why in found.why


def test_every_case_about_a_life_can_fail_but_one_that_blames_nobody():
    assert {case for found in FOUND.values() for case in found} | {WORKERS.id, STOPS} == LIVES.keys()


@pytest.mark.parametrize("server", INNOCENT)
@pytest.mark.parametrize("case", HERE, ids=lambda case: case.id)
async def test_server_is_not_blamed_for_what_it_may_lack(case, server, holds):
    assert (await holds(case, server)).verdict in (Verdict.KEEPS, Verdict.UNSUPPORTED)
