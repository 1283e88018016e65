"""The report for code scanning: SARIF 2.1.0, as far as its readers look."""

import json

import pytest

from asgiscope.contract import CLAUSES
from asgiscope.report import sarif

from .results import LEFT, NOTE, STATUS, checked, found


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_of(*findings):
    log = json.loads(json.dumps(sarif(checked(*findings))))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [run] = log["runs"]
    return run


def test_result_says_what_and_where(here):
    [result] = run_of(found(STATUS, "get", file=here / "a shop" / "asgi.py", line=7, function="app"))[
        "results"
    ]
    assert result["ruleId"] == STATUS
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("It happened. Instead: give the status code")
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20shop/asgi.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "app", "kind": "function"}]
    assert result["properties"]["alone"] == "asgiscope check shop:app --only get"


def test_base_of_the_uris_is_a_directory(here):
    assert run_of()["originalUriBaseIds"] == {"SRCROOT": {"uri": f"{here.as_uri()}/"}}


def test_file_from_elsewhere_has_a_whole_uri():
    [result] = run_of(found(STATUS, "get", file="/usr/lib/shop.py", line=7))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///usr/lib/shop.py"
    }


def test_finding_without_a_line_has_no_location():
    [result] = run_of(found(STATUS, "get"))["results"]
    assert result["locations"] == []


def test_rules_are_the_clauses_that_were_broken():
    run = run_of(found(STATUS, "get"), found(LEFT, "get"), found(STATUS, "head"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [STATUS, LEFT]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    assert rules[0]["helpUri"] == CLAUSES[STATUS].url
    assert rules[0]["shortDescription"]["text"] == CLAUSES[STATUS].says


@pytest.mark.parametrize(
    ("level", "theirs"), [("must", "error"), ("should", "warning"), ("note", "note"), ("may", "note")]
)
def test_levels_have_their_names_there(level, theirs):
    [result] = run_of(found(STATUS, "get", level=level))["results"]
    assert result["level"] == theirs


def test_finding_is_known_again_when_its_line_has_moved(here):
    def fingerprint(**where):
        [result] = run_of(found(STATUS, "get", file=here / "a.py", function="app", **where))["results"]
        return result["partialFingerprints"]

    assert fingerprint(line=1) == fingerprint(line=2)
    assert fingerprint(line=1) != fingerprint(line=1, message="Something else.")


def test_report_without_findings_is_one_too():
    run = run_of(found(NOTE, "get"))
    assert run_of()["results"] == []
    assert len(run["results"]) == 1
