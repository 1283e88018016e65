"""The cases of bad input, tried on a server that takes it: each fails where the application is told what is
not so, or something else than the client, and otherwise does not blame the server for what it takes."""

import asyncio

import pytest

from lab.cases import CASES, http_framing, http_semantics, websocket_messages
from lab.evidence import Answer, Evidence
from lab.probe import application
from lab.runner import hold
from lab.wire.frames import HEAR_ALL, Conversation, close, frame
from tests.lab.lenient_server import (
    BLANKS,
    CLOSES,
    COMMAS,
    CUTS,
    DECHUNKS,
    DECHUNKS_TWICE,
    DECODED_LATIN,
    ENDS,
    GLUES,
    LATE,
    LATIN,
    LITTLE,
    MORE_BODY,
    NAMELESS,
    NO_CODING,
    NO_METHOD,
    OPENS,
    SHUTS,
    TAKES,
    TWICE,
    taking,
)

NAMES = "http.headers.transport-exact"
VALUES = "http.scope.headers.exact-value-bytes"
SHAPE = "http.scope.headers.shape"
METHOD = "http.scope.method.type"
VERSION = "http.scope.http_version.values"
DECODED = "http.scope.path.decoded-utf8"
PATH = "http.scope.path.type"
REQUESTS = "http.scope.single-request"
CHUNKS = "http.server.dechunk-request"
FRAMES = "websocket.receive.order"
HANDSHAKE = "websocket.scope.type"


def all_of(clause, says, *suffixes):
    """Cases of one clause, about which the same is said."""
    return {f"{clause}/{suffix}": says for suffix in suffixes}


CALLED = "The application was called, for "
CODINGS = ("coding-unknown", "coding-chunked-not-last", "coding-chunked-twice", "coding-with-tab")
WRONG = [case.id.rpartition("/")[2] for case in websocket_messages.WRONG]
BREAKS = {
    TAKES: {
        f"{NAMES}/blank-before-colon": "part of the name",
        f"{VALUES}/bare-cr": "CR is handed on",
        f"{VALUES}/nul": "NUL is handed on",
        f"{VALUES}/obs-fold": "line break stays",
        f"{VERSION}/http-0.9": "is '0.9', none of",
        f"{VERSION}/http-9.9": "is '9.9', none of",
        f"{VERSION}/no-number": "is 'x', none of",
        f"{REQUESTS}/length-and-chunked": "counts by the length",
        f"{REQUESTS}/two-lengths": "takes one of them",
        **all_of(FRAMES, "It is a message to the application", *WRONG),
    },
    LATE: {
        **all_of(
            NAMES, CALLED,
            "no-host", "two-hosts", "bad-host", "no-colon", "empty-name", "name-with-blank",
            "name-not-a-token", "name-not-ascii",
        ),
        **all_of(VALUES, CALLED, "fold-of-nothing", "control"),
        f"{VALUES}/bare-lf": "the status 400, not 200",
        f"{METHOD}/not-a-token": CALLED + "G@T",
        **all_of(DECODED, "the status 400, not 200", "bad-percent", "not-utf-8"),
        **all_of(PATH, CALLED, "blank-inside", "nul", "no-slash"),
        **all_of(PATH, "the status 400", "8000-bytes", "options-asterisk"),
        "http.scope.path.no-query/absolute-form": "'http://other.example/lab/",
        "http.scope.method.uppercase/connect": CALLED + "CONNECT",
        f"{REQUESTS}/same-length-twice": "the status 400, not 200",
    },
    TWICE: {
        **all_of(
            REQUESTS, CALLED,
            "length-signed", "length-negative", "length-hexadecimal", "length-list", "length-word",
            "length-huge", "length-underscore", *CODINGS,
        ),
        **all_of(REQUESTS, "called 2 times, not 1", "chunked-http-1.0", "same-length-twice"),
        **all_of(DECODED, "called 2 times, not 1", "bad-percent", "not-utf-8"),
        f"{REQUESTS}/length-and-chunked": "counts by the length",
    },
    DECHUNKS_TWICE: all_of(REQUESTS, CALLED, *CODINGS),
    MORE_BODY: {f"{REQUESTS}/same-length-twice": "got the body b'abc!'"},
    NAMELESS: {f"{VALUES}/bare-lf": "b'x-name' came as ()"},
    SHUTS: all_of(FRAMES, "the status 403, not 101", *WRONG),
    ENDS: all_of(
        CHUNKS, "ends the body",
        "size-not-a-number", "size-negative", "size-with-prefix", "size-overflows", "size-missing",
        "longer-than-its-size", "lf-behind-size", "lf-behind-data", "blank-behind-size",
    ),
    OPENS: all_of(HANDSHAKE, "the status 101", "no-key", "no-version", "version-7", "version-is-told"),
    NO_METHOD: {f"{METHOD}/missing": "is None (NoneType), not a str"},
    LATIN: {f"{DECODED}/bare": "UTF-8 makes it"},
    LITTLE: {
        **all_of(SHAPE, "b'x-name' came as", "8000-bytes", "60000-bytes"),
        f"{SHAPE}/300-headers": "b'x-299' came as ()",
    },
}  # fmt: skip
DIFFERS = {
    TAKES: {
        f"{NAMES}/no-host": "without Host",
        f"{NAMES}/two-hosts": "two Hosts",
        f"{NAMES}/bad-host": "any text for a Host",
        f"{NAMES}/no-colon": "without a colon",
        f"{NAMES}/empty-name": "without a name",
        f"{NAMES}/name-with-blank": "with a blank",
        f"{NAMES}/name-not-a-token": "no tokens",
        f"{NAMES}/name-not-ascii": "not ASCII",
        f"{VALUES}/fold-of-nothing": "It takes it",
        f"{VALUES}/control": "control characters",
        f"{METHOD}/missing": "without a method",
        f"{METHOD}/not-a-token": "hands such a method on",
        f"{PATH}/blank-inside": "with a blank",
        f"{PATH}/nul": "with a NUL",
        f"{PATH}/no-slash": "without a slash",
        "http.scope.path.no-query/absolute-form": "whole URI",
        "http.scope.method.uppercase/connect": "hands CONNECT on",
        **all_of(
            REQUESTS, "It takes a length that is ",
            "length-signed", "length-negative", "length-hexadecimal", "length-list", "length-word",
            "length-huge", "length-underscore",
        ),
        **all_of(REQUESTS, "the chunks as they are", *CODINGS),
        **all_of(
            CHUNKS, "is let through",
            "size-not-a-number", "size-negative", "size-with-prefix", "size-overflows", "size-missing",
            "longer-than-its-size", "lf-behind-size", "lf-behind-data", "blank-behind-size",
        ),
        **all_of(HANDSHAKE, "with a WebSocket", "no-key", "no-version", "version-7"),
        f"{HANDSHAKE}/version-is-told": "another version for its own",
    },
    DECHUNKS: all_of(REQUESTS, "for chunked", *CODINGS),
    NO_CODING: all_of(REQUESTS, "sees no body", *CODINGS),
    NAMELESS: all_of(VALUES, "leaves the header out", "obs-fold", "nul"),
    CUTS: {f"{VALUES}/obs-fold": "ends with its first line"},
    GLUES: {f"{VALUES}/obs-fold": "without a blank"},
    BLANKS: {f"{VALUES}/obs-fold": "several blanks"},
    COMMAS: {f"{VALUES}/obs-fold": "something else"},
    CLOSES: all_of(FRAMES, "the client waits", "close-1005", "close-bad-utf-8"),
}  # fmt: skip
KEEPS = {
    TAKES: {f"{DECODED}/bad-percent": "", f"{DECODED}/not-utf-8": "", f"{REQUESTS}/same-length-twice": ""},
    LATIN: {f"{DECODED}/not-utf-8": ""},
    DECODED_LATIN: {f"{DECODED}/not-utf-8": ""},
}
BROKEN_OFF = {CLOSES: all_of(FRAMES, "CLOSE with invalid code", "close-999", "close-of-one-byte")}

EXPECTED = {"breaks": BREAKS, "differs": DIFFERS, "keeps": KEEPS, "broken off": BROKEN_OFF}

BAD = (*http_semantics.LINES, *http_semantics.HEADERS, *http_framing.BODIES, *websocket_messages.WRONG)

pytestmark = pytest.mark.timeout(60)


async def concluded(cases, lenience):
    """What each case concludes of the server with this lenience, over HTTP/1.1: all are held at a time."""
    async with taking(application, lenience) as host:
        found = await asyncio.gather(*(hold(CASES[case], host, 1) for case in cases))
    return {result.case.id: result.conclusion for result in found}


async def others(lenience, verdict):
    """The conclusions that are not this verdict, for the reasons that are expected."""
    says = EXPECTED[verdict][lenience]
    found = await concluded(says, lenience)
    return {case: one for case, one in found.items() if one.verdict != verdict or says[case] not in one.why}


@pytest.mark.parametrize("lenience", BREAKS, ids=lambda lenience: lenience.name)
async def test_cases_of_bad_input_fail_for_their_own_reason(lenience):
    assert await others(lenience, "breaks") == {}


@pytest.mark.parametrize("lenience", DIFFERS, ids=lambda lenience: lenience.name)
async def test_server_that_only_takes_bad_input_is_not_blamed(lenience):
    assert await others(lenience, "differs") == {}


@pytest.mark.parametrize("lenience", KEEPS, ids=lambda lenience: lenience.name)
async def test_server_may_take_what_can_be_read_in_some_way(lenience):
    assert await others(lenience, "keeps") == {}


@pytest.mark.parametrize("lenience", BROKEN_OFF, ids=lambda lenience: lenience.name)
async def test_close_frame_that_is_wrong_itself_does_not_fail_a_connection_rightly(lenience):
    assert await others(lenience, "broken off") == {}


class Says:
    """A server that says this and no more, whatever it hears."""

    is_shared = False

    def __init__(self, data):
        self.unread, self.data = b"", [data, b""]

    async def says(self, data):
        pass

    async def hears(self):
        return self.data.pop(0)


@pytest.mark.parametrize(
    ("data", "codes", "is_wrong"),
    [
        (frame(8, b"\x03\xe8", masked=False), [1000], False),
        (frame(8, b"", masked=False), [1005], False),
        (frame(8, b"\x03\xe8", masked=False) + frame(3, b"x", masked=False), [1000], False),
        (frame(8, b"\x03\xe7", masked=False), [], True),
        (frame(3, b"x", masked=False), [], True),
        (frame(1, b"\xff", masked=False), [], True),
    ],
)
@pytest.mark.parametrize("steps", [(close(1000),), (HEAR_ALL,)], ids=["closes", "listens"])
async def test_client_takes_no_close_frame_from_a_server_whose_frames_are_wrong(steps, data, codes, is_wrong):
    evidence = Evidence("")
    await Conversation(Says(data), evidence).holds(steps)
    assert [one.code for one in evidence.frames] == codes
    assert evidence.error.startswith("The server's frames are wrong: ") is is_wrong


@pytest.mark.parametrize("suffix", CODINGS)
@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [(Answer(200), "breaks", "the status 200"), (Answer(), "differs", "waits for more")],
)
def test_body_is_not_left_out_where_nobody_was_called(suffix, answer, verdict, says):
    case = CASES[f"{REQUESTS}/{suffix}"]
    found = case.concludes(Evidence(case.id, answers=[answer]))
    assert (found.verdict, says in found.why) == (verdict, True)


@pytest.mark.parametrize("case", [case.id for case in BAD])
def test_every_case_of_bad_input_fails_somewhere(case):
    assert any(case in says for says in BREAKS.values())
