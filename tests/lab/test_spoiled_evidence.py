"""What a case concludes from what the right server shows, with one thing of it spoiled: for what no small
server does wrong."""

import pytest

from lab.case import Verdict
from lab.cases import CASES
from lab.evidence import Answer, Evidence
from lab.probe import application
from lab.runner import hold
from tests.lab.faults import without
from tests.lab.right_server import serving
from tests.lab.right_socket import RIGHT, Fault

HANDSHAKES = (
    "general.server.terminates-on-app-error/before-the-accept",
    "websocket.server.app-death-closes/returns-before-the-accept",
)
ON_STREAMS = (
    "websocket.server.app-death-closes/sensitive-1",
    "websocket.server.app-death-closes/sensitive-2",
)
IN_THE_BODY = (
    "http.disconnect.after-close/hang-up-in-the-body",
    "http.disconnect.after-close/reset-in-the-body",
)
MISSING = "ext.http.response.pathsend.like-body/missing-file"
HEAD = "ext.http.response.pathsend.like-body/head"
SLOW = "general.send.returns-when-done/websocket-slow-client"

# It takes no event of that, so that its application fails where the file is to be sent.
OFFERS_FILES = Fault(
    "offers to send files", scope=lambda scope: scope["extensions"].update({"http.response.pathsend": {}})
)


async def held(case, version=1, fault=RIGHT):
    """The evidence of a case, as JSON has it."""
    async with serving(application, fault) as host:
        return (await hold(CASES[case], host, version)).evidence.to_json()


def concluded(case, plain):
    return CASES[case].concludes(Evidence.from_json(plain))


def sets(**values):
    """It has these values."""
    return lambda plain: plain.update(values)


def answers(**values):
    """The response has these values."""
    return lambda plain: plain["answers"][0].update(values)


def closes_with(code):
    """The close frame has this code."""
    return lambda plain: plain["frames"][0].update(code=code)


def lane(plain):
    return plain["conversations"][0]["lanes"][0]


def ends(how):
    """The call of the application is over in this way."""
    return lambda plain: lane(plain)["outcome"].update(how=how)


def is_not_told(plain):
    """The application never receives the disconnect, and waits."""
    events = lane(plain)["events"]
    lane(plain)["events"] = [event for event in events if "http.disconnect" not in str(event["fields"])]
    ends("open")(plain)


SILENT = sets(answers=[], closed="open")
SPOILED = [
    *((case, 1, SILENT, "is not told, and waits") for case in HANDSHAKES),
    *((case, 2, SILENT, "is not told, and waits") for case in HANDSHAKES),
    *((case, 1, answers(status=101), "the status 101, not") for case in HANDSHAKES),
    *((case, 2, answers(status=200), "the status 200, not") for case in HANDSHAKES),
    *((case, 2, sets(frames=[], closed="open"), "stays open") for case in ON_STREAMS),
    *((case, 2, closes_with(4998), "the close code 4998, not") for case in ON_STREAMS),
    *((case, 1, is_not_told, "received is http.request") for case in IN_THE_BODY),
    *((case, 1, ends("cancel"), "was cancelled") for case in IN_THE_BODY),
]
OF_FILES = [
    (MISSING, answers(status=200, ended="whole"), "says it is whole"),
    (MISSING, answers(status=200, ended="open"), "The client waits"),
    (HEAD, answers(status=200, ended="whole", body={"base64": "eA=="}), "the body b'x', not"),
]
VERSIONS = dict.fromkeys((case, version) for case, version, _, _ in SPOILED)


@pytest.mark.parametrize(("case", "version"), VERSIONS)
async def test_right_server_keeps_it(case, version):
    assert concluded(case, await held(case, version)) == (Verdict.KEEPS, "")


@pytest.mark.parametrize(
    ("case", "version", "spoil", "why"),
    [pytest.param(*row, id=f"{row[0]} over {row[1]}: {row[3]}") for row in SPOILED],
)
async def test_case_fails_for_what_is_spoiled(case, version, spoil, why):
    plain = await held(case, version)
    spoil(plain)
    conclusion = concluded(case, plain)
    assert conclusion.verdict is Verdict.BREAKS
    assert why in conclusion.why


@pytest.mark.parametrize(
    ("case", "spoil", "why"), [pytest.param(*row, id=f"{row[0]}: {row[2]}") for row in OF_FILES]
)
async def test_case_about_files_fails_for_what_is_spoiled(case, spoil, why):
    plain = await held(case, fault=OFFERS_FILES)
    plain["answers"] = plain["answers"] or [vars(Answer())]
    spoil(plain)
    conclusion = concluded(case, plain)
    assert conclusion.verdict is Verdict.BREAKS
    assert why in conclusion.why


async def test_file_that_is_missing_may_cut_the_response_off():
    assert concluded(MISSING, await held(MISSING, fault=OFFERS_FILES)) == (Verdict.KEEPS, "")


async def test_file_that_is_sent_in_answer_to_head_is_no_body():
    plain = await held(HEAD, fault=OFFERS_FILES)
    answers(status=200, ended="whole")(plain)
    assert concluded(HEAD, plain) == (Verdict.KEEPS, "")


@pytest.mark.parametrize("name", ["push", "early_hint", "pathsend"])
async def test_server_that_takes_what_it_does_not_offer_is_found(name):
    case = f"general.extensions.server-rejects-unadvertised/{name}"
    assert concluded(case, await held(case)) == (Verdict.KEEPS, "")
    takes = Fault("takes it, and does nothing", sent=without(f"http.response.{name}"))
    conclusion = concluded(case, await held(case, fault=takes))
    assert conclusion.verdict is Verdict.BREAKS
    assert "does not offer" in conclusion.why
    assert CASES[case].concludes(Evidence(case)).verdict is Verdict.UNSUPPORTED


async def test_server_that_takes_all_for_a_client_that_does_not_read_is_not_blamed():
    plain = await held(SLOW)
    assert concluded(SLOW, plain) == (Verdict.KEEPS, "")
    for event in lane(plain)["events"]:
        event["held"] = 0
    assert concluded(SLOW, plain).verdict is Verdict.DIFFERS


# What another server has shown over HTTP/3, which no small one speaks.
ON_QUIC = {
    "general.server.terminates-on-app-error/behind-the-start": "The client is not told",
    "general.server.terminates-on-app-error/in-the-body": "The client is not told",
    "http.request.decoded-content/sensitive-1": "The application got the body b'', not b'abc'.",
}


@pytest.mark.parametrize("case", ON_QUIC)
def test_case_over_http_3_fails_where_the_response_does_not_end(case):
    seen = Evidence(case, version=3, answers=[Answer(status=200, body=b"one", ended="open")])
    conclusion = CASES[case].concludes(seen)
    assert conclusion.verdict is Verdict.BREAKS
    assert ON_QUIC[case] in conclusion.why
