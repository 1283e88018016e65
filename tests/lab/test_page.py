"""The page that is made of results: a table that needs no scripts, and nothing from a wire that could run."""

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from lab.__main__ import main
from lab.case import Verdict
from lab.cases import CASES
from lab.report.changes import changes
from lab.report.mistakes import short
from lab.report.page import SIGNS, html

METHOD, QUERY = [case for case in CASES if case.startswith("http.scope.")][:2]
SCRIPT = "</script><script>alert('\"&amp;')</script>"
SECRET = b"\x00 the bytes that do it"


def result(case, target, verdict="keeps", version=1, **more):
    return {"case": case, "target": target, "version": version, "verdict": verdict, "why": "", **more}


def run(*results, made="2026-11-28T12:00:00+00:00", wrong=(), **versions):
    targets = {one["target"]: {one["target"].partition("-")[0]: "1.0"} for one in (*results, *wrong)}
    return {
        "made": made,
        "python": "3.13.0",
        "targets": targets | versions,
        "results": [*results],
        "wrong": [*wrong],
    }


SAME = [result(METHOD, "daphne"), result(METHOD, "uvicorn-h11")]
SPLIT = [result(QUERY, "daphne", "breaks", why="It's gone."), result(QUERY, "uvicorn-h11")]
MISTAKE = {
    "clause": "http.response.start.once",
    "target": "daphne",
    "version": 1,
    "server": "raises ValueError",
    "client": "200, and waits for the rest",
    "survives": False,
}


class Read(HTMLParser):
    """What a browser takes for elements: tags, the texts of scripts, the cells of each row."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.tags, self.rows = [], [], {}
        self.inside = self.row = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        self.inside = tag
        if tag in ("script", "style"):
            self.scripts.append([attributes, ""])
        if tag == "tr":
            self.row = attributes.get("id")
        if "aria-label" in attributes and tag == "button" and self.row:
            self.rows.setdefault(self.row, []).append(attributes["aria-label"])

    def handle_data(self, data):
        if self.inside in ("script", "style"):
            self.scripts[-1][1] += data

    def handle_endtag(self, tag):
        self.inside = None

    def script(self, name):
        return next(text for attributes, text in self.scripts if attributes.get("id") == name)

    def evidence(self):
        return json.loads(gzip.decompress(base64.b64decode(self.script("evidence"))))


def test_table_has_a_row_for_each_case_and_those_where_servers_differ_come_first():
    assert Read(html(run(*SAME, *SPLIT))).rows == {QUERY: ["breaks", "keeps"], METHOD: ["keeps", "keeps"]}
    assert [*Read(html(run(*SAME, *SPLIT))).rows] == [QUERY, METHOD]


def test_versions_of_http_share_a_sign_where_they_have_the_same_verdict():
    alike = [result(METHOD, "daphne", version=version) for version in (1, 2)]
    other = [result(QUERY, "daphne", verdict, version) for version, verdict in ((1, "keeps"), (2, "breaks"))]
    rows = Read(html(run(*alike, *other))).rows
    assert rows == {QUERY: ["keeps, over HTTP/1", "breaks, over HTTP/2"], METHOD: ["keeps"]}


def test_reason_can_be_read_without_scripts():
    text = html(run(*SPLIT))
    assert "<b>daphne</b> over HTTP/1: It&#x27;s gone." in text


def test_totals_are_those_of_the_results():
    text = html(run(*SAME, *SPLIT))
    assert re.search(r'daphne</th>.*?q=daphne:keeps">1</a>.*?q=daphne:breaks">1</a>', text)


def test_what_comes_from_a_wire_is_text():
    wild = result(QUERY, SCRIPT, "breaks", why=SCRIPT, evidence={"said": SCRIPT})
    mistake = {**MISTAKE, "target": SCRIPT, "server": SCRIPT, "client": SCRIPT}
    plain, read = Read(html(run(*SPLIT, wrong=[MISTAKE]))), Read(html(run(wild, wrong=[mistake])))
    assert read.tags.count("script") == plain.tags.count("script") == 3
    assert json.loads(read.script("index"))["results"][0]["why"] == SCRIPT
    assert read.evidence()[0] == {"said": SCRIPT}


def test_page_allows_the_one_script_and_the_one_style_that_it_has():
    text = html(run(*SPLIT))
    for attributes, inside in Read(text).scripts:
        if "id" not in attributes:
            assert f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in text
    assert "http-equiv" in text
    assert not re.search(r'<[^>]+ (src|style|on\w+)="', text)


def test_sensitive_case_is_about_its_clause_and_says_the_harm():
    case = next(case for case in CASES.values() if case.sensitive)
    id = case.id
    held = result(id, "daphne", "broken off", why="It crashes.", sensitive="It crashes.")
    read = Read(html(run(held)))
    assert json.loads(read.script("index"))["says"] == {id: case.clause.says}
    assert read.evidence() == [None]
    assert read.rows == {id: ["broken off"]}


def test_wrong_applications_have_a_table_of_their_own():
    text = html(run(*SAME, wrong=[MISTAKE]))
    assert "raises, 200 waits !" in text
    assert "raises, 200 waits" not in html(run(*SAME))


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("200 with 2 bytes", "200"),
        ("103, 200 with 2 bytes", "200"),
        ("200, cut after 2 bytes", "200 cut"),
        ("200, reset after 2 bytes", "200 reset"),
        ("waits in vain", "waits"),
        ("a reset", "reset"),
        ("no answer, and the connection is closed", "nothing"),
        ("101, close 1011", "1011"),
        ("101, 1 message, close 1000", "1000"),
        ("101, no close frame, and the connection is closed", "101 cut"),
        ("serves, and ends with status 0", "serves"),
        ("does not serve, and ends with status 3", "no start"),
        ("rubbish: h11 says no", "rubbish"),
    ],
)
def test_what_a_client_gets_is_said_in_a_few_letters(client, words):
    assert short({"server": "quiet", "client": client, "survives": True}) == f"quiet, {words}"


def test_every_verdict_has_a_sign_of_its_own():
    assert set(SIGNS) == set(Verdict)
    assert len({*SIGNS.values()}) == len(Verdict)


# What has changed


def test_changes_are_verdicts_of_both_runs_cases_and_versions():
    before = run(*SAME, result(QUERY, "daphne"), made="2026-11-01", daphne={"daphne": "0.9"})
    found = changes(run(*SPLIT), before)
    assert found.since == "2026-11-01"
    assert found.verdicts == {(QUERY, "daphne", 1): "keeps"}
    assert (found.new, found.gone) == ([], [METHOD])
    assert found.versions == ["daphne: daphne 0.9 → 1.0"]


def test_page_says_what_has_changed():
    before = run(*SAME, result(QUERY, "daphne"), made="2026-11-01T00:00:00")
    text = html(run(*SPLIT), before)
    assert "Since 2026-11-01: other verdicts: 1, cases that were not held: 1." in text
    assert Read(text).rows[QUERY] == ["breaks, changed", "keeps"]
    assert "Since" not in html(before, before)


# The command line


def test_command_line_writes_the_page_with_all_evidence(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.report.results.LATEST", tmp_path / "none")
    arguments = ["--server", "asgiscope-testing", "--case", METHOD]
    assert main([*arguments, "--html", str(tmp_path)]) == 0
    read = Read((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert read.rows == {METHOD: ["keeps"]}
    assert read.evidence()[0]["case"] == METHOD


def test_command_line_makes_the_page_of_an_earlier_run_beside_the_committed_one(tmp_path, monkeypatch):
    committed, file, made = (tmp_path / name for name in ("latest.json", "results.json", "page.html"))
    monkeypatch.setattr("lab.report.results.LATEST", committed)
    file.write_text(json.dumps(run(*SPLIT)), encoding="utf-8")
    assert main(["--from", str(file), "--html", str(made)]) == 0
    assert Read(made.read_text(encoding="utf-8")).rows == {QUERY: ["breaks", "keeps"]}
    committed.write_text(json.dumps(run(result(QUERY, "daphne"), made="2026-11-01")), encoding="utf-8")
    assert main(["--from", str(file), "--html", str(made)]) == 0
    assert Read(made.read_text(encoding="utf-8")).rows == {QUERY: ["breaks, changed", "keeps"]}


def test_command_line_says_what_is_no_file_of_results(tmp_path, capsys):
    assert main(["--from", str(tmp_path / "nothing"), "--html", str(tmp_path)]) == 2
    assert "is no file of results" in capsys.readouterr().err
