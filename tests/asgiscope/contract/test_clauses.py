"""The table of clauses: complete, well written, and true of what the judges do."""

import ast
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from asgiscope import contract
from asgiscope.contract import CLAUSES, Seen, clause, custom, http, judge_of, lifespan
from asgiscope.contract.judge import Breach
from asgiscope.contract.notation import read
from asgiscope.contract.values import Field, HeaderClauses

# How many clauses there are, and what it takes to see them. One that nobody sees any more is missed here.
SEEN = {
    Seen.CONVERSATION: 226,
    Seen.CALL: 22,
    Seen.VARIATION: 34,
    Seen.WIRE: 126,
    Seen.NOWHERE: 58,
}


def seen(by):
    """The ids of the clauses that take this to be seen."""
    return {id: None for id, clause in CLAUSES.items() if clause.seen == by}


def broken_by(text):
    """The ids of the clauses that a conversation breaks."""
    told = read(text)
    judge = judge_of(told.scope)
    judge.open()
    for direction, event in told.moves:
        (judge.receive if direction == "receive" else judge.send)(event)
    if told.end:
        judge.end(told.end)
    return [violation.clause for violation in judge.violations]


def test_no_clause_is_lost():
    assert Counter(clause.seen for clause in CLAUSES.values()) == SEEN
    assert len(CLAUSES) == sum(SEEN.values()) == 466


# What it is judged by


@pytest.mark.parametrize("id", seen(Seen.CONVERSATION))
def test_conversation_that_breaks_a_clause_breaks_no_other(id):
    assert broken_by(CLAUSES[id].broken) == [id]


@pytest.mark.parametrize("id", seen(Seen.CONVERSATION))
def test_its_neighbour_breaks_none(id):
    assert broken_by(CLAUSES[id].kept) == []


@pytest.mark.parametrize(
    ("target", "path", "broken"),
    [
        ("/a%20%FF", "/a%20%FF", ["http.scope.path.percent-decoded"]),
        ("/a%20%FF", "/a \\xff", []),
        ("/%FF", "/%FF", []),
        ("/%FF", "/\\xff", []),
        ("/%C3%BF", "/%C3%BF", ["http.scope.path.percent-decoded"]),
        ("/%C3%BF", "/\\xc3\\xbf", ["http.scope.path.decoded-utf8"]),
    ],
)
def test_path_is_judged_where_it_is_certain_what_it_should_be(target, path, broken):
    assert broken_by(f"scope http GET {target} path='{path}'") == broken


def test_only_what_a_judge_sees_has_conversations():
    assert [id for id, clause in CLAUSES.items() if clause.broken.strip()] == [*seen(Seen.CONVERSATION)]
    assert [id for id, clause in CLAUSES.items() if clause.kept.strip()] == [*seen(Seen.CONVERSATION)]


# How it is written

ID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
SENTENCE = re.compile(r"\S.*\S\.")
SECTION = re.compile(
    r"(asgi|www|lifespan|tls|extensions)\.rst: \S.*|asgiref\.typing: \S.*|RFC \d+ \d+(\.\d+)*"
)
URL = re.compile(
    r"https://asgi\.readthedocs\.io/en/latest/(specs/(main|www|lifespan|tls)|extensions)\.html#[a-z0-9-]+"
    r"|https://www\.rfc-editor\.org/rfc/rfc\d+#section-\d+(\.\d+)*"
    r"|https://github\.com/django/asgiref/blob/main/asgiref/typing\.py"
)


@pytest.mark.parametrize(
    ("part", "form"),
    [("id", ID), ("says", SENTENCE), ("remedy", SENTENCE), ("section", SECTION), ("url", URL)],
)
def test_parts_of_a_clause_have_a_form(part, form):
    parts = {id: getattr(clause, part) for id, clause in CLAUSES.items()}
    assert {id: text for id, text in parts.items() if not form.fullmatch(text)} == {}


# One may think that these could be seen in process; each says why it takes a socket.
ON_THE_WIRE_ALONE = {
    "general.server.one-call-per-connection",
    "general.server.supports-legacy",
    "general.www.spec-version.truthful",
    "general.legacy.second-call-immediate",
    "general.extensions.advertise",
    "general.extensions.per-scope",
    "http.headers.set-cookie-no-merge",
    "http.response.start.headers.default",
    "http.response.start.trailers.default",
    "http.response.body.body.default",
    "http.response.body.more_body.default",
    "http.response.body.after-complete-ignored",
    "websocket.accept.headers.default",
    "websocket.send.missing-is-none",
}


def test_clause_that_nothing_sees_in_process_says_why():
    reasons = {id: clause.unseen for id, clause in CLAUSES.items() if clause.unseen}
    assert [*reasons] == [id for id in CLAUSES if id in {*seen(Seen.NOWHERE), *ON_THE_WIRE_ALONE}]
    assert {id: reason for id, reason in reasons.items() if not SENTENCE.fullmatch(reason)} == {}


# That the judges know no other clauses


def named_in(table):
    """The ids of the clauses in a table of a judge: in its cells, its fields, its kinds of headers."""
    match table:
        case Breach() | Field():
            yield table.clause
        case HeaderClauses():
            yield from filter(None, table)
        case dict():
            yield from named_in([*table.values()])
        case tuple() | list():
            for item in table:
                yield from named_in(item)


SOURCES = {path.stem: path for path in sorted(Path(contract.__file__).parent.glob("*.py"))}
TABLES = {
    f"{module}.{name}": table
    for module in SOURCES
    for name, table in vars(import_module(f"{contract.__name__}.{module}")).items()
    if any(named_in(table))
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_clause_in_a_table_is_there(table):
    assert set(named_in(table)) <= set(CLAUSES)


@pytest.mark.parametrize(
    "judge", [*contract.JUDGES.values(), custom.CustomJudge], ids=lambda judge: judge.__name__
)
def test_clause_of_a_judge_is_there(judge):
    assert {*judge.UNKNOWN.values(), judge.SENT_WHEN_GONE, judge.SENT_LONG_AFTER} <= set(CLAUSES)


@pytest.mark.parametrize("module", [http, lifespan], ids=["http", "lifespan"])
def test_clause_on_what_the_end_owes_is_there(module):
    assert {id for id, _ in module.OWED.values()} <= set(CLAUSES)


def pattern_of(node):
    """A pattern for what an expression can be: any text where no literal stands in it."""
    match node:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.JoinedStr(values=parts):
            return "".join(map(pattern_of, parts))
        case ast.BinOp(left=left, right=right):
            return pattern_of(left) + pattern_of(right)
    return ".+"


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_clause_that_a_judge_is_written_to_find_is_there(path):
    patterns = [
        pattern_of(id)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "breach"
        for id in node.args[:1]
    ]
    assert [one for one in patterns if not any(re.fullmatch(one, id) for id in CLAUSES)] == []


# The table


def test_clauses_stand_in_the_order_of_their_files():
    files = [Path(contract.__file__).parent / f"{part}.toml" for part in clause.SLICES]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert list(CLAUSES) == re.findall(r'^\["(.+)"\]$', text, re.MULTILINE)


def test_clause_that_is_not_there_is_a_key_error():
    assert "http.nothing" not in CLAUSES
    with pytest.raises(KeyError):
        CLAUSES["http.nothing"]
