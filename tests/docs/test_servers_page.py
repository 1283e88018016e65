"""What docs/servers.md says of the servers is what the committed results show."""

import json
import re

import pytest

from lab.report import committed
from lab.report.servers import HTTP, PAGE, TABLES, cell, link, told, written

TEXT = PAGE.read_text(encoding="utf-8")
# A claim stands in parentheses: who, over which version where it is not over all, does what, in which case.
CLAIM = re.compile(r"\(([^()]+?)(?:\s+over\s+(HTTP/[\d.]+))?\s+(\w+(?: off)?)\s+\[`([^`]+)`\]\(([^)\s]+)\)\)")
VERBS = {
    "keep": "keeps",
    "keeps": "keeps",
    "break": "breaks",
    "breaks": "breaks",
    "differ": "differs",
    "differs": "differs",
    "lack": "unsupported",
    "lacks": "unsupported",
    "break off": "broken off",
    "breaks off": "broken off",
}


@pytest.fixture(scope="module")
def results():
    found = committed()
    assert found, "lab/results/latest.json is not there: python -m lab --json lab/results/latest.json"
    return found


def claims(text):
    """Each server that something is claimed of: the version of HTTP, the verb, the case and its link."""
    for who, http, verb, case, target in CLAIM.findall(text):
        for server in re.split(r",\s+|\s+and\s+", who):
            yield server, http, verb, case, target


def test_every_claim_has_that_verdict_in_the_results(results):
    wrong = []
    for server, http, verb, case, _ in claims(TEXT):
        verdicts = {
            one["verdict"]
            for one in told(results)
            if one["case"] == case
            and (one["target"] == server or one["target"].startswith(f"{server}-"))
            and http in ("", HTTP[one["version"]])
        }
        if verdicts != {VERBS[verb]}:
            wrong.append(f"{server} {http} {verb} {case}: {verdicts}")
    assert wrong == []


def test_every_case_in_the_text_stands_in_the_file_that_it_leads_to():
    cases = re.findall(r"\[`([^`]+/[^`]+)`\]\(([^)]+)\)", TABLES.sub("", TEXT))
    assert cases
    assert [case for case, target in cases if link(case) != target] == []
    assert len(cases) == len(CLAIM.findall(TABLES.sub("", TEXT))), "a case in the text is not in a claim"


def test_tables_are_those_of_the_results(results):
    assert written(TEXT, results) == TEXT


def test_claims_are_read():
    text = "It does (daphne and granian over HTTP/2 break [`a.b/c`](../lab/cases/x.py))."
    assert [*claims(text)] == [
        ("daphne", "HTTP/2", "break", "a.b/c", "../lab/cases/x.py"),
        ("granian", "HTTP/2", "break", "a.b/c", "../lab/cases/x.py"),
    ]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ([("", 1, "keeps"), ("", 2, "keeps")], "✓"),
        ([("", 1, "keeps"), ("", 2, "breaks")], "✓ HTTP/1.1; ✗ HTTP/2"),
        ([("h11", 1, "keeps"), ("zttp", 1, "breaks")], "✓ h11; ✗ zttp"),
        (
            [("h11", 1, "keeps"), ("h11", 2, "breaks"), ("zttp", 1, "breaks"), ("zttp", 2, "keeps")],
            "✓ h11 HTTP/1.1, zttp HTTP/2; ✗ h11 HTTP/2, zttp HTTP/1.1",
        ),
        ([], ""),
    ],
    ids=["the same", "by version", "by configuration", "by both", "not asked"],
)
def test_cell_says_where_a_server_does_what(told, shown):
    assert cell(told) == shown


def test_table_has_the_servers_that_were_asked_and_no_transport_in_process():
    case = next(iter(re.findall(r"<!-- cases: (\S+)", TEXT)))
    rows = [
        {"case": case, "target": name, "version": 1, "verdict": "keeps"}
        for name in ("daphne", "httpx-ASGITransport")
    ]
    data = {
        "made": "2026-11-28T",
        "python": "3.13",
        "targets": {row["target"]: {} for row in rows},
        "results": rows,
    }
    made = written(f"<!-- cases: {case} -->\n<!-- /cases -->", json.loads(json.dumps(data)))
    assert made.splitlines()[1] == "| | daphne |"
    assert made.splitlines()[3].endswith(f"([`{case}`]({link(case)})) | ✓ |")
