"""Conversations as lines of text: they are read as they look, and what cannot be read is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgiscope.contract.notation import FILES, event_of, line_of, read, scope_of


def test_conversation_is_read_line_by_line():
    scope, moves, end = read(
        """
        scope http POST /items?n=1
            accept: text/plain

        receive http.request body=b'x' more_body=True
        send http.response.start status=200
            content-type: text/plain
            set-cookie: a=b; path=/
        return
        """.replace("\n        ", "\n")
    )
    assert (scope["type"], scope["method"], scope["path"], scope["query_string"]) == (
        "http",
        "POST",
        "/items",
        b"n=1",
    )
    assert scope["headers"] == [(b"host", b"testserver"), (b"accept", b"text/plain")]
    headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=b; path=/")]
    assert moves == [
        ("receive", {"type": "http.request", "body": b"x", "more_body": True}),
        ("send", {"type": "http.response.start", "status": 200, "headers": headers}),
    ]
    assert end == "return"


def test_scope_that_is_not_written_is_that_of_a_get_request():
    assert read("send http.response.start status=200").scope == scope_of("scope http GET /")


def test_conversation_without_a_last_line_goes_on():
    assert read("receive http.request").end is None


@pytest.mark.parametrize("end", ["return", "raise", "cancel"])
def test_last_line_says_how_the_call_ends(end):
    assert read(f"receive http.request\n{end}").end == end


def test_what_is_given_beside_the_text_is_added_to_the_scope():
    assert read("scope http GET /", root_path="/a").scope["root_path"] == "/a"
    assert read("scope websocket /", root_path="/a").scope["root_path"] == "/a"
    assert read("scope lifespan", state={"a": 1}).scope["state"] == {"a": 1}
    assert read("return", root_path="/a").scope["root_path"] == "/a"


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        pytest.param("http_version='2'", "http_version", "2", id="a key that is set"),
        pytest.param("scheme='a scheme'", "scheme", "a scheme", id="a space in a string"),
        pytest.param("path='/a path=1'", "path", "/a path=1", id="what looks like a key in a string"),
        pytest.param("path='/a -scheme'", "path", "/a -scheme", id="what looks like a key to take away"),
        pytest.param("path='/a +x'", "path", "/a +x", id="what looks like an extension"),
        pytest.param("path='/a  b'", "path", "/a  b", id="two spaces"),
        pytest.param("path=\"/it's b='c'\"", "path", "/it's b='c'", id="quotes in a string"),
        pytest.param("state={'a': [1, -2], 'b': (3,)}", "state", {"a": [1, -2], "b": (3,)}, id="brackets"),
        pytest.param("state={'a': {}} -headers", "state", {"a": {}}, id="a word behind brackets"),
        pytest.param("extensions=None", "extensions", None, id="None"),
        pytest.param("+tls", "extensions", {"tls": {}}, id="an extension"),
        pytest.param("+x-private +tls", "extensions", {"x-private": {}, "tls": {}}, id="two extensions"),
        pytest.param("extensions=None +tls", "extensions", {"tls": {}}, id="an extension where None stood"),
        pytest.param("-extensions +tls", "extensions", {"tls": {}}, id="an extension where nothing stood"),
        pytest.param("+tls extensions={}", "extensions", {}, id="what is said last"),
    ],
)
def test_words_of_a_scope_change_it(words, key, value):
    assert scope_of(f"scope http GET / {words}")[key] == value


def test_key_is_taken_away_from_a_scope():
    assert "scheme" not in scope_of("scope websocket / -scheme")
    assert "state" not in scope_of("scope lifespan -state -nothing")


def test_scopes_share_nothing():
    scope_of("scope lifespan")["state"]["a"] = 1
    assert scope_of("scope lifespan")["state"] == {}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("scope = ['http']", ["http"], id="a list"),
        pytest.param("scope = {'type': 'x-unknown'}", {"type": "x-unknown"}, id="a dict"),
    ],
)
def test_scope_can_be_any_literal(line, value):
    assert read(line).scope == value


@pytest.mark.parametrize(
    ("line", "event"),
    [
        pytest.param("http.request", {"type": "http.request"}, id="a type alone"),
        pytest.param("a.b c='d e=1' f=2", {"type": "a.b", "c": "d e=1", "f": 2}, id="what looks like a key"),
        pytest.param("a.b c=b' x=1'", {"type": "a.b", "c": b" x=1"}, id="bytes with what looks like a key"),
        pytest.param("a.b c=1e999", {"type": "a.b", "c": float("inf")}, id="a number without end"),
        pytest.param("a.b file=FILE", {"type": "a.b", "file": FILES["FILE"]}, id="a file"),
        pytest.param("a.b file='FILE'", {"type": "a.b", "file": "FILE"}, id="a string that says FILE"),
        pytest.param("= ['a.b']", ["a.b"], id="no dict"),
        pytest.param("= {'type': 'a.b', 1: 2}", {"type": "a.b", 1: 2}, id="a dict with any keys"),
        pytest.param(
            "a.b\nx-empty:\n:status: 200\nlocation: http://a: 1",
            {
                "type": "a.b",
                "headers": [(b"x-empty", b""), (b":status", b"200"), (b"location", b"http://a: 1")],
            },
            id="colons in headers",
        ),
    ],
)
def test_event_is_read(line, event):
    assert event_of(line) == event


def test_closed_file_has_no_descriptor():
    assert isinstance(FILES["FILE"].fileno(), int)
    with pytest.raises(ValueError, match="closed"):
        FILES["CLOSED_FILE"].fileno()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sends http.request", "'sends http.request' is neither a receive nor a send"),
        ("return\nreceive http.request", "'return' is neither a receive nor a send"),
        ("receive", "has no event"),
        ("receive http.request body", "'body' is neither key=literal"),
        ("receive http.request body=x", "'body=x' is neither key=literal"),
        ("receive http.request body='x", '"body=\'x" is neither key=literal'),
        ("receive http.request body='x' junk", "'junk' is neither key=literal"),
        ("receive http.request body=", "'body=' is neither key=literal"),
        ("receive http.request +tls", "+tls of 'http.request +tls' changes a scope"),
        ("receive http.request -body", "-body of 'http.request -body' changes a scope"),
        ("receive = [", "'[' is no Python literal"),
        ("receive = a + b", "'a + b' is no Python literal"),
        ("send a.b\n    no header", "'no header' is no header"),
        ("scope http GET", "'scope http GET' is no scope: write 'scope http METHOD TARGET'"),
        ("scope smtp /", "'scope smtp /' is no scope"),
        ("scope lifespan\n    host: a", "'scope lifespan\\nhost: a' is no scope"),
        ("scope http GET / scheme", "'scheme' is neither key=literal nor, of a scope, -key or +name"),
        ("scope = {", "'{' is no Python literal"),
    ],
)
def test_line_that_is_none_of_the_notation_is_refused(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(text)


LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.from_regex(r"[a-z_]+", fullmatch=True).filter(lambda key: key not in ("type", "headers"))
HEADERS = st.lists(
    st.tuples(
        st.from_regex(rb"[a-z-]+", fullmatch=True), st.from_regex(rb"([!-~]([ -~]*[!-~])?)?", fullmatch=True)
    ),
    min_size=1,
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, LITERALS), st.none() | HEADERS)
def test_event_that_is_written_is_read_again(fields, headers):
    event = {"type": "acme.event", **fields} | ({"headers": headers} if headers else {})
    [(direction, again)] = read(f"send {line_of(event)}").moves
    assert (direction, again) == ("send", event)
