"""What is made of results: a table, JSON, JUnit, surprises, a letter; and the command line."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from lab import known
from lab.__main__ import main
from lab.case import Verdict, keeps
from lab.cases import CASES
from lab.checks import Status
from lab.evidence import Evidence
from lab.known import Known
from lab.probe import application
from lab.report import about, junit, replay, surprises, table, to_json
from lab.runner import hold
from tests.lab.right_server import serving

ID = "http.scope.method.type/ordinary"
ORDINARY = CASES[ID]
WRONG = replace(ORDINARY, outcomes=(keeps(Status(299)),))


async def held(case):
    async with serving(application) as host:
        return await hold(case, host, 1)


@pytest.fixture
def entry(monkeypatch):
    found = Known("right", ID, "It is so.", (1,), "https://example.org/1")
    for module in ("known", "report.surprise"):
        monkeypatch.setattr(f"lab.{module}.KNOWN", (found,))
    return found


async def test_evidence_survives_json():
    evidence = (await held(ORDINARY)).evidence
    evidence.answer.informational.append((103, [("link", "</a>")]))
    found = Evidence.from_json(json.loads(json.dumps(evidence.to_json())))
    assert found == evidence
    assert ORDINARY.concludes(found) == ORDINARY.concludes(evidence)


async def test_json_has_the_evidence_of_what_is_not_kept_and_a_line_for_each_result():
    text = to_json([await held(ORDINARY), await held(WRONG)])
    kept, broken = json.loads(text)["results"]
    assert "evidence" not in kept
    assert broken["verdict"] == "breaks"
    assert broken["evidence"]["conversations"]
    assert sum(line.startswith('{"case"') for line in text.splitlines()) == 2


async def test_json_of_a_sensitive_case_names_the_harm_and_not_the_bytes():
    case = replace(WRONG, sensitive="It holds memory.")
    [row] = json.loads(to_json([await held(case)], whole=True))["results"]
    assert row == {
        "case": case.id,
        "target": row["target"],
        "version": 1,
        "verdict": "breaks",
        "why": "It holds memory. How that is done is not told before its authors have mended it.",
        "sensitive": "It holds memory.",
    }


def test_id_of_a_case_that_is_sensitive_does_not_say_what_its_client_does():
    for case in CASES.values():
        assert bool(case.sensitive) == bool(re.fullmatch(r".*/sensitive-\d", case.id)), case.id


async def test_unknown_fault_is_a_surprise_and_a_known_one_is_not(entry):
    broken = await held(WRONG)
    assert surprises([broken]) == []
    known_elsewhere = replace(broken, target="other")
    [sentence] = surprises([known_elsewhere])
    assert "breaks" in sentence
    assert f"--replay {ID}" in sentence


async def test_known_fault_that_is_mended_is_a_surprise(entry):
    [sentence] = surprises([await held(ORDINARY)])
    assert "take it out of lab/known/" in sentence


async def test_flaky_case_is_a_surprise_until_it_is_quarantined(monkeypatch):
    broken = await held(WRONG)
    flaky = replace(broken, conclusion=broken.conclusion._replace(verdict=Verdict.FLAKY))
    assert len(surprises([flaky])) == 1
    monkeypatch.setitem(known.FLAKY, ID, "It depends on the weather.")
    assert surprises([flaky]) == []


async def test_junit_has_a_failure_for_what_is_unknown_and_skips_what_is_known(entry):
    broken = await held(WRONG)
    text = junit([await held(ORDINARY), broken, replace(broken, target="other")])
    root = ET.fromstring(text)  # noqa: S314 - it is our own
    assert [len(root.findall(f".//{tag}")) for tag in ("testcase", "failure", "skipped")] == [3, 1, 1]


async def test_table_shows_what_is_not_kept_and_the_sums():
    text = table([await held(ORDINARY), await held(WRONG)])
    assert "The client got the status 200, not 299." in text
    assert "1 keeps, 1 breaks" in text


async def test_replay_shows_the_bytes_the_events_and_the_verdict():
    text = replay([await held(WRONG)])
    parts = "client > b'GET /lab/", "server < b'HTTP/1.1 200", "http.response.start", "BREAKS: The client"
    for part in parts:
        assert part in text


async def test_letter_is_public_with_the_bytes_and_private_without():
    broken = await held(WRONG)
    public, private = about([broken]), about([replace(broken, case=replace(WRONG, sensitive="a crash"))])
    assert public.startswith("PUBLIC")
    assert "GET /lab/" in public
    assert private.startswith("PRIVATE (a crash)")
    assert "GET /lab/" not in private
    assert "http.scope.method.type (must" in private


async def test_there_is_no_letter_about_what_is_kept():
    assert "nothing to report" in about([await held(ORDINARY)])


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--list", "--case", ID], 0, ID),
        (["--clause", "http.nothing"], 2, "no clause"),
        (["--case", "http.nothing/*"], 2, "no such case"),
        (["--server", "apache"], 2, "no such server"),
        (["--url", "http://127.0.0.1:9"], 2, "token"),
        (["--server", "asgiscope-testing", "--case", ID], 0, "1 keeps"),
    ],
)
def test_command_line(arguments, status, said, capsys, monkeypatch):
    monkeypatch.delenv("LAB_TOKEN", raising=False)
    assert main(arguments) == status
    output = capsys.readouterr()
    assert said in output.out + output.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "nowhere/results.json"], "nowhere/results.json cannot be written"),
        (["--html", "nowhere/page.html"], "nowhere/page.html cannot be written"),
        (["--junit", "."], ". cannot be written"),
        *((["--url", url], "is no URL like https://host/prefix") for url in
          ("localhost:8000", "ftp://localhost/", "http://", "http://localhost:99999", "http://[::1")),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_before_anything_is_held(arguments, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("{}", [], "by --html or --docs"),
        ("{}", ["--docs"], "no file of results, as"),
        ("[]", ["--docs"], "no file of results, as"),
        ("<html>", ["--docs"], "no file of results: "),
    ],
)
def test_file_that_is_not_of_results_is_said_to_be_none(text, options, said, tmp_path, capsys):
    file = tmp_path / "results.json"
    file.write_text(text)
    assert main(["--from", str(file), *options]) == 2
    assert said in capsys.readouterr().err


def test_command_line_writes_json_and_junit(tmp_path):
    files = tmp_path / "results.json", tmp_path / "junit.xml"
    arguments = ["--server", "asgiscope-testing", "--case", ID]
    assert main([*arguments, "--json", str(files[0]), "--junit", str(files[1])]) == 0
    assert json.loads(files[0].read_text())["results"][0]["case"] == ID
    assert "<testcase " in files[1].read_text()


def test_no_server_is_accused_of_breaking_a_must_on_one_observation():
    alone = [
        (entry.targets, case.id)
        for entry in known.KNOWN
        for case in CASES.values()
        if not entry.confirmed
        and case.clause.level == "must"
        and any(
            entry.is_about(target, case.id, version)
            for target in entry.targets.split()
            for version in entry.versions
        )
    ]
    assert alone == []
