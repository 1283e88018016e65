"""How fast the servers are, on the page."""

import json

import pytest

from asgiscope.page.speed import Rate, speed_of
from tests.asgiscope.page.watching import ROOT, watched

SCRIPT = "<script>window.hacked=1</script>"
FIGURES = {
    "made": "2026-11-29T12:00:00+00:00",
    "conditions": f"With {SCRIPT}.",
    "troubles": ["daphne over HTTP/1.1, stream: It has not answered."],
    "results": [
        {
            "server": "uvicorn",
            "http": "HTTP/1.1",
            "rates": {"hello": [900.0, 1100.0, 1000.0], "stream": [9.0]},
            "memory": 55_000_000,
            "start": 0.31,
        },
        {
            "server": SCRIPT,
            "http": "HTTP/1.1",
            "rates": {"hello": [250.0], "stream": []},
            "memory": None,
            "start": None,
        },
    ],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "speed.json"
    path.write_text(json.dumps(FIGURES))
    return path


def test_rate_is_the_median_of_the_rounds_and_how_far_they_lie_apart(file):
    [uvicorn, other] = speed_of(file).paces["HTTP/1.1"]
    assert uvicorn.rates == {"hello": Rate(1000.0, 100.0), "stream": Rate(9.0, 0.0)}
    assert other.rates == {"hello": Rate(250.0, 0.0), "stream": None}


async def test_page_has_the_figures_and_a_bar_for_each(file):
    async with watched(speed=file) as (_, client):
        page = (await client.get(f"{ROOT}/servers/speed")).text
    assert '1000 <span class="faint">±10 %</span>' in page
    assert [page.count(f'<rect width="{share}"') for share in ("100.0", "25.0")] == [2, 1]
    assert "<td>55 MB</td><td>0.3 s</td>" in page
    assert page.count("<td>–</td>") == 3
    assert "It has not answered." in page
    assert "window.hacked" in page
    assert "<script>" not in page


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": 1}', '{"results": [{}]}'])
async def test_page_without_figures_says_so(text, tmp_path):
    (tmp_path / "speed.json").write_text(text)
    async with watched(speed=tmp_path / "speed.json") as (_, client):
        answer = await client.get(f"{ROOT}/servers/speed")
    assert answer.status_code == 404
    assert "No figures" in answer.text
