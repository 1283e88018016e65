"""No case blames a server for what is allowed, nor for what another clause is about."""

import pytest

from lab.case import Verdict
from lab.cases import CASES
from lab.evidence import Answer, Evidence
from lab.inprocess import TRANSPORTS, InProcess
from lab.probe import application
from lab.runner import hold
from tests.lab.faults import FAULTS, of_type, without
from tests.lab.right_server import serving
from tests.lab.right_socket import RIGHT, Fault

ENCODES_PATHS = next(fault for fault in FAULTS if fault.name == "leaves the path encoded")
NO_REQUEST = Fault("never tells of a request", received=without("http.request"))
NO_REASON = Fault(
    "leaves out the reason",
    received=of_type("websocket.disconnect", lambda event: {"type": event["type"], "code": event["code"]}),
)
NO_DEFAULT = Fault(
    "reads a body without a default",
    sent=of_type("websocket.http.response.body", lambda event: {**event, "body": event["body"]}),
)


async def held(case, fault=RIGHT):
    async with serving(application, fault) as host:
        return await hold(CASES[case], host, 1)


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("websocket.disconnect.reason.value/ascii", NO_REASON),
        ("websocket.disconnect.reason.value/beyond-ascii", NO_REASON),
        ("http.scope.path.no-query/encoded-question-mark", ENCODES_PATHS),
        ("http.scope.long-poll/held-open", NO_REQUEST),
        ("http.event.receive-types/ordinary", NO_REQUEST),
    ],
)
async def test_server_may_do_otherwise(case, fault):
    assert (await held(case, fault)).conclusion.verdict is Verdict.DIFFERS


async def test_request_that_is_never_told_of_breaks_the_clause_that_is_about_it():
    assert (await held("http.request.sent/get", NO_REQUEST)).conclusion.verdict is Verdict.BREAKS


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("http.send.closed-raises/hang-up", Verdict.BREAKS),
        ("http.send.closed-oserror/hang-up", Verdict.DIFFERS),
        ("websocket.send.closed-raises/vanished", Verdict.BREAKS),
        ("websocket.send.closed-oserror/vanished", Verdict.DIFFERS),
    ],
)
async def test_send_that_says_nothing_has_not_raised_the_wrong_exception(case, verdict):
    evidence = (await held(case)).evidence
    assert CASES[case].concludes(evidence).verdict is Verdict.KEEPS
    plain = evidence.to_json()
    for event in plain["conversations"][0]["lanes"][0]["events"]:
        event["error"] = None
    assert CASES[case].concludes(Evidence.from_json(plain)).verdict is verdict


async def test_response_that_comes_when_the_application_returns_has_been_taken_as_complete():
    case = CASES["http.response.body.more_body.default/missing"]
    plain = (await held(case.id)).evidence.to_json()
    plain["conversations"][0]["lanes"][0]["outcome"]["how"] = "return"
    plain["said"][-1]["at"] = 2.0
    assert case.concludes(Evidence.from_json(plain)).verdict is Verdict.DIFFERS


async def test_denial_without_a_body_is_no_mistake():
    case = "ext.websocket.http.response.defaults/missing"
    conclusion = (await held(case, NO_DEFAULT)).conclusion
    assert conclusion.verdict is Verdict.BREAKS
    assert "left out" in conclusion.why


@pytest.mark.skipif("starlette-TestClient" not in TRANSPORTS, reason="Starlette is not installed")
async def test_trailers_that_a_transport_hands_over_beside_the_response_are_seen():
    case = CASES["ext.http.response.trailers.completes/asked-for"]
    evidence = await InProcess(TRANSPORTS["starlette-TestClient"]).holds(case)
    assert case.concludes(evidence).verdict in (Verdict.KEEPS, Verdict.UNSUPPORTED)


OF_2_0 = Fault(
    "has version 2.0 of the specification, and says nothing of it",
    scope=lambda scope: scope.update(asgi={"version": "3.0"}),
    sent=lambda event: {
        key: value for key, value in event.items() if event["type"][:9] != "websocket" or key in OF_2_0_KEYS
    },
)
OF_2_0_KEYS = ("type", "subprotocol", "code", "text", "bytes")


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("http.request.none-after-final/waits", Verdict.KEEPS),
        ("http.disconnect.after-response/get", Verdict.BREAKS),
    ],
)
async def test_end_that_is_not_told_is_no_second_request(case, verdict):
    plain = (await held(case)).evidence.to_json()
    lane = plain["conversations"][0]["lanes"][0]
    lane["events"] = [event for event in lane["events"] if "http.disconnect" not in str(event["fields"])]
    lane["outcome"]["how"] = "open"
    assert CASES[case].concludes(Evidence.from_json(plain)).verdict is verdict


@pytest.mark.parametrize(
    "case",
    [
        "websocket.accept.headers.order/three",
        "websocket.accept.headers.order/cookies",
        "websocket.close.reason.wire/ascii",
        "websocket.close.reason.wire/longest",
    ],
)
async def test_server_is_not_asked_for_what_is_newer_than_the_version_it_has(case):
    conclusion = (await held(case, OF_2_0)).conclusion
    assert conclusion.verdict is Verdict.UNSUPPORTED
    assert "no version" in conclusion.why


@pytest.mark.parametrize(
    "case", ["http.scope.headers.exact-value-bytes/bare-lf", "http.scope.single-request/length-huge"]
)
def test_server_may_wait_for_the_rest_of_a_request(case):
    waiting = Evidence(case, answers=[Answer(ended="open")])
    assert CASES[case].concludes(waiting).verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("http.response.start.trailers.server-waits/late", Verdict.KEEPS),
        ("ext.http.response.trailers.completes/asked-for", Verdict.BREAKS),
    ],
)
def test_trailers_that_do_not_end_a_response_have_been_waited_for(case, verdict):
    answer = Answer(status=200, body=b"hello", trailers=[("x-sum", "42")], ended="open")
    assert CASES[case].concludes(Evidence(case, version=3, answers=[answer])).verdict is verdict
