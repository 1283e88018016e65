"""The runner: it survives what it looks at, and says nothing that it has seen once."""

import asyncio
from dataclasses import replace

import pytest

from lab import probe
from lab.case import Case, Verdict, differs, keeps, unsupported
from lab.cases import CASES
from lab.checks import Called, Status
from lab.evidence import Evidence
from lab.hosts import Remote
from lab.probe import application
from lab.runner import held, hold
from lab.runs import new_run
from lab.wire.ask import Ask
from servers.certificate import CERTIFICATE
from servers.process import ROOT
from tests.lab.right_server import TOKEN, serving
from tests.lab.test_cases import GOOD

ORDINARY = CASES["http.scope.method.type/ordinary"]


async def results_of(cases, host):
    return [result async for result in held(cases, [host])]


class Steps:
    """A client that does something else each time it is called."""

    def __init__(self, *actions):
        self.actions = list(actions)
        self.calls = 0

    async def __call__(self, place, version, target, evidence):
        self.calls += 1
        action = self.actions.pop(0) if len(self.actions) > 1 else self.actions[0]
        await action(place, version, target, evidence)


async def hangs(place, version, target, evidence):
    await asyncio.Event().wait()


async def cannot_read(place, version, target, evidence):
    raise AssertionError("a library that meets what it did not expect")


async def test_case_concludes_from_what_it_sees():
    async with serving(application) as host:
        result = await hold(ORDINARY, host, 1)
    assert result.conclusion.verdict is Verdict.KEEPS
    assert result.evidence.answer.body == b"hello"


async def test_hang_costs_its_own_time_and_holds_up_nobody():
    hanging = replace(ORDINARY, client=hangs, limit=0.2)
    async with serving(application) as host:
        found = await asyncio.wait_for(results_of([hanging, ORDINARY, ORDINARY], host), 30)
    assert sorted(one.conclusion.verdict for one in found) == ["broken off", "keeps", "keeps"]
    assert "not over after 0.4 seconds" in next(one for one in found if one.evidence.error).evidence.error


async def test_client_that_fails_breaks_one_case_off():
    async with serving(application) as host:
        [found] = await results_of([replace(ORDINARY, client=cannot_read)], host)
    assert found.conclusion.verdict is Verdict.BROKEN_OFF
    assert "AssertionError" in found.conclusion.why


async def test_what_shows_two_things_is_flaky_and_names_both():
    once = replace(ORDINARY, client=Steps(hangs, Ask()), limit=0.2)
    async with serving(application) as host:
        [found] = await results_of([once], host)
    assert found.conclusion.verdict is Verdict.FLAKY
    assert "At first it broke off" in found.conclusion.why
    assert "it keeps" in found.conclusion.why


async def test_what_is_kept_is_held_once_and_what_is_broken_twice():
    good = replace(ORDINARY, client=Steps(Ask()))
    bad = replace(ORDINARY, client=Steps(Ask()), outcomes=(keeps(Status(299)),))
    async with serving(application) as host:
        await results_of([good, bad], host)
    assert (good.client.calls, bad.client.calls) == (1, 2)


async def test_process_that_has_ended_is_said_to_have():
    async with serving(application) as host:
        host.printed = "out of memory"
        result = await hold(ORDINARY, host, 1)
    assert (result.evidence.alive, result.evidence.output) == (False, "out of memory")
    assert result.conclusion.why == "The process of the server has ended."


async def test_server_that_does_not_answer_after_a_case_is_started_anew(monkeypatch):
    monkeypatch.setattr("lab.runner.AT_ONCE_PATIENCE", 0.2)

    async def silent(scope, receive, send):
        await asyncio.Event().wait()

    async with serving(silent) as host:
        monkeypatch.setattr("lab.runner.settled", lambda *_: asyncio.sleep(0, []))
        await hold(replace(ORDINARY, client=hangs, limit=0.1), host, 1)
        assert host.renewed == 1


@pytest.mark.parametrize(
    ("case", "scope", "verdict"),
    [
        ({"extension": "http.response.push"}, {"extensions": {}}, "unsupported"),
        ({"extension": "http.response.push"}, {"extensions": {"http.response.push": {}}}, "keeps"),
        ({"spec_version": (2, 4)}, {"asgi": {"version": "3.0", "spec_version": "2.3"}}, "unsupported"),
        ({"spec_version": (2, 3)}, {"asgi": {"version": "3.0", "spec_version": "2.3"}}, "keeps"),
        ({"spec_version": (2, 3)}, {"asgi": {"version": "3.0"}}, "unsupported"),
    ],
)
async def test_case_is_about_those_who_claim_what_it_is_about(case, scope, verdict):
    async with serving(application) as host:
        evidence = (await hold(ORDINARY, host, 1)).evidence
    lane = evidence.conversations[0].outermost
    evidence.conversations[0].taps[0] = replace(lane, scope={**lane.scope, **scope})
    assert replace(ORDINARY, **case).concludes(evidence).verdict == verdict


def test_first_outcome_that_holds_is_the_verdict_and_else_the_reason_is_why_it_does_not_keep():
    outcomes = (unsupported("no", Called(2)), keeps(Called(1)), differs("it is so", Called(0)))
    case = Case("http.scope.method.type/x", "", Ask(), (), outcomes)
    assert case.concludes(Evidence("")) == (Verdict.DIFFERS, "it is so")
    case = replace(case, outcomes=outcomes[:2])
    assert case.concludes(Evidence("")) == (Verdict.BREAKS, "The application was called 0 times, not 1.")


async def test_url_is_asked_below_its_path_and_what_was_seen_comes_from_its_probe():
    async with serving(application) as host:
        remote = Remote(f"http://127.0.0.1:{host.port}/some/where/", TOKEN)
        await remote.learn()
        [found] = await results_of([ORDINARY], remote)
    assert remote.versions == (1,)
    assert found.conclusion.verdict is Verdict.KEEPS
    assert found.evidence.scope["path"].startswith("/some/where/lab/")


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("start", "scheme", "versions"), [("clear", "http", (1,)), ("tls", "https", (1, 2))])
async def test_right_server_behind_a_url_is_accused_of_nothing(start, scheme, versions, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ROOT / CERTIFICATE))
    async with serving(application) as host:
        port = (await host.place(1, start)).port
        remote = Remote(f"{scheme}://localhost:{port}/some/where", TOKEN)
        await remote.learn()
        found = await results_of([case for case in CASES.values() if not case.fresh], remote)
    assert remote.versions == versions
    assert {one.version for one in found} == {*versions}
    assert {one.case.id: one.conclusion for one in found if one.conclusion.verdict not in GOOD} == {}


async def answers_everything(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


async def has_another_process_for_each(scope, receive, send):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "MACHINE", new_run(""))
        await application(scope, receive, send)


@pytest.mark.parametrize(
    ("app", "says"),
    [(answers_everything, "something else"), (has_another_process_for_each, "several processes")],
)
async def test_url_of_something_else_or_of_several_processes_is_not_asked(app, says):
    async with serving(app) as host:
        with pytest.raises(ConnectionError, match=says):
            await Remote(f"http://127.0.0.1:{host.port}", TOKEN).learn()


async def test_url_where_nobody_answers_is_an_error():
    async with serving(application) as host:
        port = host.port
    with pytest.raises(ConnectionRefusedError):
        await Remote(f"http://127.0.0.1:{port}", TOKEN).learn()
