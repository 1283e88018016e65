"""The matrix of the lab on the page."""

import json

import pytest

from asgiscope.page.matrix import matrix_of
from tests.asgiscope.page.watching import ROOT, watched

SCRIPT = "<script>window.hacked=1</script>"
CASE = "http.scope.client.port/ordinary"


def result(target, verdict, version=1, why="", case=CASE, **more):
    return {"case": case, "target": target, "version": version, "verdict": verdict, "why": why, **more}


def wrong(target, version=1, **more):
    return {"clause": BROKEN, "target": target, "version": version, **more}


BROKEN = "http.response.start.status.type"
RAISES = {
    "short": "raises, 500",
    "server": "raises TypeError",
    "client": "500 with 21 bytes",
    "survives": True,
}
HANGS = {"short": "quiet, waits !", "server": "quiet", "client": SCRIPT, "survives": False}
WRONG = [
    wrong("uvicorn", **RAISES),
    wrong("granian", **RAISES),
    wrong("granian", version=2, **HANGS),
    wrong("daphne", skipped="It does not offer that."),
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "latest.json"
    results = [
        result("uvicorn", "keeps"),
        result("granian", "breaks", why="It is a str.", known={"reason": "It is told.", "link": ""}),
        result("granian", "keeps", version=2),
        result("granian", "differs", why=SCRIPT, case=f"{SCRIPT}/x"),
    ]
    targets = {"granian": {"granian": "2.8"}, "uvicorn": {"uvicorn": "0.54", "h11": "0.16"}}
    data = {"made": "2026-11-28T20:00:00", "targets": targets, "results": results, "wrong": WRONG}
    path.write_text(json.dumps(data))
    return path


def test_results_stand_by_case_and_target(file):
    found = matrix_of(file)
    assert [(one.version, one.verdict) for one in found.cases[CASE]["granian"]] == [
        (1, "breaks"),
        (2, "keeps"),
    ]
    assert found.targets["uvicorn"] == "uvicorn 0.54, h11 0.16"
    assert found.verdicts == {"differs": 1, "keeps": 2, "breaks": 1}


def test_wrong_applications_stand_by_clause_and_target(file):
    [(clause, row)] = matrix_of(file).wrong.items()
    assert clause == BROKEN
    assert {target: [one.short for one in done] for target, done in row.items()} == {
        "uvicorn": ["raises, 500"],
        "granian": ["raises, 500", "quiet, waits !"],
    }


@pytest.mark.parametrize(
    "text",
    [None, "", "[]", "{}", '{"results": 1}', '{"made": "", "targets": {}, "results": [1]}'],
    ids=["nothing", "an empty file", "a list", "an object", "no results", "results that are none"],
)
def test_what_is_no_matrix_is_none(tmp_path, text):
    path = tmp_path / "latest.json"
    if text is not None:
        path.write_text(text)
    assert matrix_of(path) is None


def test_file_is_read_again_when_it_has_changed(file):
    assert matrix_of(file).made
    file.write_text("{}")
    assert matrix_of(file) is None


async def servers(*request):
    return []


async def test_page_has_a_sign_a_word_and_a_reason_for_each_verdict(file):
    async with watched(servers=servers, matrix=file) as (_, client):
        front = (await client.get(f"{ROOT}/servers")).text
        page = (await client.get(f"{ROOT}/servers/matrix")).text
    assert f'href="{ROOT}/servers/matrix"' in front
    assert 'aria-label="breaks" title="breaks">✗</span>' in page
    assert "HTTP/1.1: It is a str." in page
    assert "Known: It is told." in page
    assert page.count(BROKEN) == 1
    assert '<span class="" title="raises TypeError; 500 with 21 bytes">raises, 500</span>' in page
    assert '<span class="harm"' in page
    assert "2 cases, held with 2 configurations of servers on 2026-11-28: 4 results." in page


async def test_how_fast_the_servers_are_is_a_step_away_where_there_are_figures(file, tmp_path):
    link, none = f'href="{ROOT}/servers/speed"', tmp_path / "none.json"
    figures = tmp_path / "speed.json"
    figures.write_text('{"made": "", "conditions": "", "troubles": [], "results": []}')
    for speed, there in ((None, False), (none, False), (figures, True)):
        async with watched(servers=servers, matrix=file, speed=speed) as (_, client):
            assert (link in (await client.get(f"{ROOT}/servers")).text) is there


async def test_script_is_text_in_the_matrix(file):
    async with watched(servers=servers, matrix=file) as (_, client):
        page = (await client.get(f"{ROOT}/servers/matrix")).text
    assert "window.hacked" in page
    assert "<script>" not in page


async def test_page_without_results_says_so(tmp_path):
    async with watched(servers=servers, matrix=tmp_path / "none.json") as (_, client):
        assert (await client.get(f"{ROOT}/servers/matrix")).status_code == 404
        assert "matrix" not in (await client.get(f"{ROOT}/servers")).text
