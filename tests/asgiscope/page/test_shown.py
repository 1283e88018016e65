"""What a transcript tells of an exhibit."""

import pytest

from asgiscope.contract import CLAUSES, Party
from asgiscope.page.shown import clauses_of, requests_of

HELLO = (
    "scope http GET /hello?n=1",
    "    x-name: Ann",
    "send http.response.start status=200",
    "    content-length: 5",
    "send http.response.body body=b'status=x more_body=True'",
    "return",
)


def ids(*lines):
    return {clause.id for clause in clauses_of([lines])}


def test_clauses_are_those_about_the_events_and_the_fields_that_are_sent():
    found = ids(*HELLO)
    assert {
        "http.response.start.once",
        "http.response.start.status.type",
        "http.response.body.body.type",
    } <= found
    assert {"http.response.start.headers.lowercase", "http.semantics.content-length"} <= found


def test_field_in_the_text_of_another_is_not_said():
    assert "http.response.body.more_body.type" not in ids(*HELLO)


def test_header_that_is_not_sent_brings_no_clause():
    assert not [id for id in ids("send http.response.start status=200") if "headers" in id or "length" in id]


def test_nothing_is_shown_of_what_is_only_received():
    assert ids("receive websocket.receive text='x'", "return") == set()


@pytest.mark.parametrize(
    ("line", "clause"),
    [
        ("send websocket.accept subprotocol='a'", "websocket.accept.subprotocol.offered"),
        ("send websocket.close code=4000 reason=''", "websocket.close.reason.length"),
        ("send http.response.trailers headers=[]", "ext.http.response.trailers.after-body"),
        ("send lifespan.startup.complete", "lifespan.startup.complete.after-work"),
    ],
)
def test_every_protocol_has_its_clauses(line, clause):
    assert clause in ids(line)


def test_clause_of_a_longer_event_is_not_shown_for_a_shorter_one():
    assert not [id for id in ids("send http.response.start status=200") if id.startswith("ext.")]


def test_each_that_is_shown_binds_the_application_and_opens_with_what_breaks_it():
    found = clauses_of([HELLO])
    assert all(clause.party in (Party.APPLICATION, Party.BOTH) and clause.broken for clause in found)
    assert [clause.id for clause in found] == [id for id in CLAUSES if id in {one.id for one in found}]


def test_request_is_the_one_in_the_conversation():
    [request] = requests_of([HELLO])
    assert (request["type"], request["method"], request["target"]) == ("http", "GET", "/hello?n=1")
    assert request["headers"] == [["x-name", "Ann"]]
    assert request["chunks"] == []
    assert not request["leaves"]


def test_body_comes_in_the_pieces_of_the_conversation():
    lines = (
        "scope http POST /",
        "receive http.request body=b'one' more_body=True",
        r"receive http.request body=b'\xff' more_body=True",
        "receive http.disconnect",
        "return",
    )
    [request] = requests_of([lines])
    assert request["chunks"] == [{"text": "one"}, {"base64": "/w=="}]
    assert request["leaves"]


@pytest.mark.parametrize(("length", "kept"), [("3", []), ("9", [["content-length", "9"]])])
def test_length_is_kept_where_it_is_not_that_of_the_body(length, kept):
    lines = "scope http POST /", f"    content-length: {length}", "receive http.request body=b'one'", "return"
    [request] = requests_of([lines])
    assert request["headers"] == kept


def test_messages_of_a_websocket_are_text_or_bytes():
    lines = (
        "scope websocket / subprotocols=['a']",
        "receive websocket.connect",
        "receive websocket.receive text='hi'",
        r"receive websocket.receive bytes=b'\x00'",
        "return",
    )
    [request] = requests_of([lines])
    assert request["frames"] == [{"text": "hi"}, {"text": "\0"}]
    assert request["subprotocols"] == ["a"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("scope lifespan", "return"), id="a lifespan"),
        pytest.param(("scope http GET / state=...wrong", "return"), id="what is left out by dots"),
        pytest.param(
            ("scope http POST /", "receive http.request body=b'...", "return"), id="a body cut short"
        ),
    ],
)
def test_what_is_no_request_is_left_out(lines):
    assert list(requests_of([lines])) == []
