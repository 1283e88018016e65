"""The report for people."""

import pytest

from asgiscope.report import lines
from asgiscope.terminal import coloured, plain

from .results import NOTE, STATUS, checked, found

SHOP = """\
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": "200"})
    await send(
        {
            "type": "http.response.body",
        }
    )
\tawait gathered(await receive(), await receive())
    grüße = "ü"; await send("ü")
    send()
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "shop.py").write_text(SHOP.replace("\t", "    "))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*findings, **options):
    return list(lines(checked(*findings), plain, 80, **options))


def test_finding_says_what_where_and_what_to_do(here):
    finding = found(
        STATUS, "get", "head", file=here / "shop.py", line=2, function="app", message="It is '200'."
    )
    assert report(finding) == [
        "must http.response.start.status.type",
        "  shop.py:2 in app",
        '    2 | await send({"type": "http.response.start", "status": "200"})',
        "      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "  It is '200'.",
        "  The clause: The 'status' is an int and always there. (www.rst: Response Start",
        "  - send event)",
        "  https://asgi.readthedocs.io/en/latest/specs/www.html#response-start-send-event",
        "  Instead: give the status code as an int; an `http.HTTPStatus` is one.",
        "  In 2 scenarios: get, head.",
        "  Alone: asgiscope check shop:app --only get",
        "",
        "2 scenarios: 1 must, 0 should, 0 notes",
    ]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param(1, ["1 | async def app(scope, receive, send):", "  | " + "^" * 36], id="no await"),
        pytest.param(
            3,
            ["3 | await send(", "  | ^^^^^^^^^^^", "4 |     {", '5 |         "type": "http.response.body",',
             "6 |     }", "7 | )"],
            id="an await of several lines",
        ),
        pytest.param(
            8,
            ["8 | await gathered(await receive(), await receive())", "  | " + "^" * 48],
            id="awaits in an await",
        ),
        pytest.param(
            9,
            ['9 | grüße = "ü"; await send("ü")', "  |              ^^^^^^^^^^^^^^^"],
            id="letters of two bytes",
        ),
        pytest.param(11, [], id="a line that is not there"),
    ],
)  # fmt: skip
def test_part_of_the_line_that_speaks_is_marked(here, line, shown):
    finding = found(STATUS, "get", file=here / "shop.py", line=line, function="app")
    rows = [row.strip() for row in report(finding) if " | " in row]
    assert rows == [row.strip() for row in shown]


def test_source_that_cannot_be_parsed_is_shown_all_the_same(here):
    (here / "broken.py").write_text("await send(\n")
    rows = report(found(STATUS, "get", file=here / "broken.py", line=1))
    assert rows[2:4] == ["    1 | await send(", "      | ^^^^^^^^^^^"]


def test_finding_without_a_line_has_no_source():
    assert report(found(STATUS, "get"))[1] == "  It happened."


def test_musts_come_first_and_notes_last():
    findings = [found(NOTE, "get"), found(STATUS, "get", level="should"), found(STATUS, "get")]
    heads = [line for line in report(*findings) if line.startswith(("must", "should", "note"))]
    assert heads == [f"must {STATUS}", f"should {STATUS}", f"note {NOTE}: It happened."]


def test_notes_are_told_in_full_to_whoever_wants_that():
    assert len(report(found(NOTE, "get"))) == 3
    assert len(report(found(NOTE, "get"), verbose=True)) > 8


def test_many_scenarios_are_counted():
    finding = found(STATUS, *"abcdefg")
    assert "  In 7 scenarios: a, b, c, d and 3 more." in report(finding)
    assert "  In the scenario 'a'." in report(found(STATUS, "a"))


def test_command_is_one_that_a_shell_takes():
    finding = found(STATUS, "post~http.request.body.concatenate")
    assert "  Alone: asgiscope check shop:app --only 'post~http.request.body.concatenate'" in report(finding)


def test_nothing_found_is_said():
    assert report() == ["0 scenarios: 0 must, 0 should, 0 notes  no clause is broken"]
    assert report(found(STATUS, "get", level="should"))[-1] == "1 scenario: 0 must, 1 should, 0 notes"


def test_colours_change_nothing_but_the_looks():
    painted = list(lines(checked(found(STATUS, "get")), coloured, 80))
    assert painted[0] == f"\x1b[1;31mmust\x1b[0m \x1b[1m{STATUS}\x1b[0m"
