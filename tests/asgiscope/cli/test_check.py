"""asgiscope check."""

import json
import shlex
from xml.etree.ElementTree import fromstring

import pytest

from asgiscope.contract import CLAUSES

STATUS = "http.response.start.status.type"
RANGE = "http.semantics.status.range"


def test_application_without_a_fault_is_clean(asgiscope):
    status, out, err = asgiscope("check", "right:app")
    assert (status, err) == (0, "")
    assert out.endswith("scenarios: 0 must, 0 should, 0 notes  no clause is broken\n")


def test_fault_is_shown_with_its_line_and_its_cure(asgiscope):
    status, out, _ = asgiscope("check", "wrong.py:app")
    assert status == 1
    assert f"must {STATUS}\n  wrong.py:8 in app\n    8 | await send(" in out
    assert f"  Instead: {CLAUSES[STATUS].remedy}\n" in out
    assert "  Alone: asgiscope check wrong.py:app --only get\n" in out
    assert "\x1b" not in out


def test_command_that_is_given_reproduces_the_finding_alone(asgiscope, here):
    (here / "app dir").mkdir()
    (here / "right.py").rename(here / "app dir" / "shop.py")
    shop = here / "app dir" / "shop.py"
    shop.write_text(shop.read_text().replace("200", "200 if scope['path'] in '/x' else '404'"))
    arguments = ["shop:create", "--app-dir", "app dir", "--factory", "--timeout", "2"]
    requests = ["--request", "POST /it?a=b", "--header", "a: b c", "--body", "it's", "--request", "GET /x"]
    _, out, _ = asgiscope("check", *arguments, *requests, "--only", "request-1-*")
    [line] = [line for line in out.splitlines() if line.startswith("  Alone: ")]
    words = shlex.split(line.removeprefix("  Alone: "))
    assert words[:-1] == ["asgiscope", "check", *arguments[:4], *requests, "--timeout", "2", "--only"]
    status, again, _ = asgiscope(*words[1:], "--json")
    assert status == 1
    assert [finding["scenarios"] for finding in json.loads(again)] == [[words[-1]]]


def test_json_is_a_list_of_objects(asgiscope, here):
    status, out, _ = asgiscope("check", "wrong:app", "--json")
    assert status == 1
    [finding] = json.loads(out)
    assert finding["clause"] == STATUS
    assert finding["level"] == "must"
    assert finding["party"] == "application"
    assert finding["scenario"] == finding["scenarios"][0] == "get"
    assert finding["remedy"] == CLAUSES[STATUS].remedy
    assert (finding["file"], finding["line"]) == (str(here / "wrong.py"), 8)


def test_json_of_nothing_is_an_empty_list(asgiscope):
    assert asgiscope("check", "right:app", "--json") == (0, "[]\n", "")


def test_what_an_application_prints_is_not_in_the_report(asgiscope):
    status, out, err = asgiscope("check", "talks:app", "--json")
    assert (status, out) == (0, "[]\n")
    assert "imported\n" in err
    assert "called" in err


def test_sarif_has_a_result_at_its_line(asgiscope):
    status, out, _ = asgiscope("check", "wrong:app", "--sarif")
    assert status == 1
    [result] = json.loads(out)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "wrong.py"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 8}


def test_junit_has_a_case_for_each_scenario(asgiscope):
    status, out, _ = asgiscope("check", "wrong:app", "--junit", "--only", "[gh]e[ta]*")
    assert status == 1
    [suite] = fromstring(out.encode())  # noqa: S314
    names = [case.get("name") for case in suite]
    assert {"get", "head", "get-slow"} <= set(names)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) > 0


def test_should_fails_only_a_strict_check(asgiscope):
    assert asgiscope("check", "should:app", "--only", "get")[0] == 0
    assert asgiscope("check", "should:app", "--only", "get", "--strict")[0] == 1


def test_application_that_raises_is_clean_and_told_of(asgiscope):
    status, out, _ = asgiscope("check", "fails:app", "--only", "get*")
    assert status == 0
    assert "The application raised in " in out
    assert "first in 'get': KeyError: '/' at fails.py:6." in " ".join(out.split())


def test_application_that_refuses_to_start_is_told_of(asgiscope):
    _, out, _ = asgiscope("check", "refuses:app")
    assert "The application refused to start: no database." in out


def test_request_of_ones_own_is_made(asgiscope):
    request = ["--request", "PUT /a%20b", "--header", "X-Name: me", "--body", "{}"]
    status, out, _ = asgiscope("check", "asked:app", *request, "--json")
    assert status == 1
    assert (RANGE, "request-1-put") in [(one["clause"], one["scenario"]) for one in json.loads(out)]


def test_list_has_every_scenario_that_only_takes(asgiscope):
    status, out, _ = asgiscope("check", "--list", "--request", "PUT /a")
    assert status == 0
    assert out.startswith("call ")
    names = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert {"get", "get@plain", "websocket-slow@old", "lifespan", "request-1-put"} <= set(names)
    assert "get~general.extensions.none" in names
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    "name", ["call", "get", "websocket*", "post~http.request.body.concatenate", "lifespan-slow"]
)
def test_only_some_scenarios_are_held(asgiscope, name):
    status, out, _ = asgiscope("check", "right:app", "--only", name)
    assert status == 0
    assert out.splitlines()[-1].endswith("0 must, 0 should, 0 notes  no clause is broken")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere:app"], "asgiscope: there is no module 'nowhere' in "),
        (["right:ap"], "asgiscope: there is no 'ap' in 'right': is it 'app'?"),
        (["right:create"], "asgiscope: 'right:create' takes no arguments: "),
        ([], "asgiscope check: which application? Name it as 'module:app' or 'path/file.py:app'."),
        (["right", "--only", "gett"], "asgiscope: there is no scenario 'gett': is it 'get'"),
        (["right", "--only", "*x*y*z*"], "asgiscope: there is no scenario '*x*y*z*'; --list says which"),
        (["right", "--request", "/"], "asgiscope: '/' is no request: write a method and a path, as in 'POST"),
        (["right", "--request", "GET /", "--header", "x"], "asgiscope: 'x' is no header: write 'name: val"),
        (["right", "--header", "a: b"], "asgiscope check: --header belongs to the --request before it, and"),
        (["right", "--timeout", "0"], "asgiscope check: argument --timeout: invalid seconds value: '0'"),
        (["right", "--json", "--sarif"], "asgiscope check: argument --sarif: not allowed with argument"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_sentence(asgiscope, arguments, sentence):
    status, out, err = asgiscope("check", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


def test_clause_that_is_known_to_be_broken_is_not_told(asgiscope):
    status, out, _ = asgiscope("check", "wrong:app", "--json")
    clauses = {one["clause"] for one in json.loads(out)}
    assert status == 1
    for known in (sorted(clauses), ["*"]):
        words = [word for clause in known for word in ("--known", clause)]
        assert asgiscope("check", "wrong:app", "--json", *words)[:2] == (0, "[]\n")


def test_clause_that_there_is_not_cannot_be_known(asgiscope):
    status, out, err = asgiscope("check", "wrong:app", "--known", "http.response.start.twice")
    assert (status, out) == (2, "")
    assert "there is no clause 'http.response.start.twice': is it 'http.response.start.once'" in err
