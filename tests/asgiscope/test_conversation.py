"""A conversation as plain data, and its way to JSON and back."""

import json
from collections import OrderedDict
from enum import Enum
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgiscope.contract import Level, Party, Violation
from asgiscope.conversation import (
    Conversation,
    Cut,
    Event,
    Hop,
    Lane,
    Line,
    Opaque,
    Outcome,
    Stall,
    decoded,
    encoded,
    frozen,
)

# Everything that `frozen` makes. No NaN: it is not equal to itself.
TEXT = st.text(st.characters(), max_size=8)  # lone surrogates, too
STRINGS = TEXT | st.binary(max_size=8)
CUTS = st.builds(Cut, STRINGS, st.integers(0))
OPAQUES = st.builds(Opaque, TEXT, TEXT)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | STRINGS | CUTS | OPAQUES
KEYS = ATOMS | st.sampled_from(["$cut", "$dict", "$bytes", "type"]) | st.tuples(STRINGS)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.dictionaries(TEXT | st.none(), VALUES, max_size=4)
NANOSECONDS = st.integers(0, 2**63)
LINE = st.builds(Line, TEXT, st.integers(1), TEXT)
LINES = st.none() | LINE
EVENTS = st.builds(
    Event,
    index=st.none() | st.integers(0),
    at=NANOSECONDS,
    held=st.none() | NANOSECONDS,
    direction=st.sampled_from(["receive", "send"]),
    fields=FIELDS,
    line=LINES,
    outside=LINES,
    task=st.none() | TEXT,
    error=st.none() | TEXT,
)
OUTCOMES = st.builds(
    Outcome,
    how=st.sampled_from(["open", "return", "raise", "cancel"]),
    at=st.none() | NANOSECONDS,
    error=st.none() | TEXT,
    traceback=st.none() | TEXT,
    line=LINES,
)
VIOLATIONS = st.builds(
    Violation,
    clause=TEXT,
    level=st.sampled_from(Level),
    party=st.sampled_from(Party),
    event=st.none() | st.integers(0),
    message=TEXT,
    remedy=TEXT,
)
HOPS = st.builds(
    Hop,
    at=NANOSECONDS,
    to=st.sampled_from(["thread", "loop"]),
    what=TEXT,
    sensitive=st.booleans(),
    thread=st.none() | TEXT,
    waited=st.none() | NANOSECONDS,
    ran=st.none() | NANOSECONDS,
    held=st.none() | NANOSECONDS,
    how=st.sampled_from(["open", "return", "raise", "cancel"]),
    error=st.none() | TEXT,
    line=LINES,
    outside=LINES,
)
STALLS = st.builds(
    Stall,
    at=NANOSECONDS,
    length=NANOSECONDS,
    line=LINES,
    stack=st.lists(LINE, max_size=2).map(tuple),
    by=st.none() | st.integers(1),
)
LANES = st.builds(
    Lane,
    name=TEXT,
    scope=FIELDS,
    events=st.lists(EVENTS, max_size=3),
    outcome=OUTCOMES,
    violations=st.lists(VIOLATIONS, max_size=2),
    scope_after=st.none() | FIELDS,
    dropped=st.integers(0),
    lines=st.lists(LINES, max_size=2),
    hops=st.lists(HOPS, max_size=2),
    dropped_hops=st.integers(0),
    stalls=st.lists(STALLS, max_size=2),
    dropped_stalls=st.integers(0),
)
CONVERSATIONS = st.builds(
    Conversation,
    id=st.integers(1),
    started=st.floats(0, 1e10),
    lanes=st.lists(LANES, min_size=1, max_size=2),
)


def typed(value):
    """A value in which 1, 1.0 and True are three things, and a list is no tuple."""
    if isinstance(value, dict):
        return "dict", [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [typed(item) for item in value]
    return type(value), repr(value)


@given(VALUES)
def test_value_comes_back_from_json_as_it_was(value):
    assert typed(decoded(json.loads(json.dumps(encoded(value))))) == typed(value)


@given(CONVERSATIONS)
def test_conversation_comes_back_from_json_as_it_was(conversation):
    assert Conversation.from_json(conversation.to_json()) == conversation


@given(CONVERSATIONS)
def test_json_from_before_there_were_hops_and_stalls_is_read(conversation):
    data = json.loads(conversation.to_json())
    for lane in data["lanes"]:
        for key in ("hops", "dropped_hops", "stalls", "dropped_stalls"):
            del lane[key]
    read = Conversation.from_json(json.dumps(data))
    assert (read.hops, read.stalls, read.outermost.dropped_hops, read.outermost.dropped_stalls) == (
        [],
        [],
        0,
        0,
    )
    assert [lane.events for lane in read.lanes] == [lane.events for lane in conversation.lanes]


@given(CONVERSATIONS)
def test_json_of_a_conversation_is_plain_ascii_without_a_number_that_json_has_not(conversation):
    text = conversation.to_json()
    assert text.isascii()
    json.loads(text, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"a"',
        "{}",
        '{"id": 1, "started": 0, "lanes": [{}]}',
        '{"id": 1, "started": 0, "lanes": []}',
    ],
)
def test_json_of_anything_else_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  (json's own, or ours)
        Conversation.from_json(text)


class Name(str, Enum):  # noqa: UP042  (its `str()` is not its text, as it is for many such classes)
    A = "a"


class Numb:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"12345", Cut(b"1234", 5), id="a long byte string"),
        pytest.param("12345", Cut("1234", 5), id="a long text"),
        pytest.param([b"12345", (1, "1234")], [Cut(b"1234", 5), (1, "1234")], id="a string in a list"),
        pytest.param(HTTPStatus.OK, 200, id="a number by a name"),
        pytest.param(Name.A, "a", id="a text by a name"),
        pytest.param(True, True, id="a bool"),
        pytest.param(OrderedDict(a=1), {"a": 1}, id="a dict of its own kind"),
        pytest.param({b"a": b"b"}.items(), [(b"a", b"b")], id="what can be iterated again"),
        pytest.param(bytearray(b"a"), Opaque("bytearray", "bytearray(b'a')"), id="no byte string"),
        pytest.param(Numb(), Opaque("Numb", "(its repr raised RuntimeError)"), id="an object without a repr"),
    ],
)
def test_value_is_frozen(value, expected):
    assert typed(frozen(value, limit=4)) == typed(expected)


def test_value_without_end_is_frozen_to_a_depth():
    value = []
    value.append(value)
    assert frozen(value, limit=4, depth=2) == [[Opaque("list", "[[...]]")]]


def test_frozen_value_is_nobody_elses():
    value = {"headers": [[b"a", b"b"]]}
    copy = frozen(value, limit=4)
    value["headers"][0][1] = b"c"
    assert copy == {"headers": [[b"a", b"b"]]}
