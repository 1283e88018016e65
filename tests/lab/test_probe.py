"""The probe: it plays cases for those who have its token, and forgets."""

import httpx
import pytest

from lab import probe
from lab.runs import is_run, new_run
from tests.lab.right_server import TOKEN

CASE = "http.scope.method.type/ordinary"


def client(token=TOKEN):
    transport = httpx.ASGITransport(probe.application)
    headers = {"x-lab-token": token} if token else {}
    return httpx.AsyncClient(transport=transport, base_url="http://lab", headers=headers)


async def test_probe_plays_a_case_and_tells_what_the_application_saw():
    run = new_run(TOKEN)
    async with client() as asking:
        assert (await asking.get(f"/below/lab/{CASE}/{run}?a=1")).text == "hello"
        [seen] = (await asking.get(f"/below/lab/seen/{run}")).json()
    assert seen["lanes"][0]["scope"]["query_string"] is not None


async def test_header_names_the_case_where_the_target_cannot():
    run = new_run(TOKEN)
    async with client() as asking:
        answer = await asking.get("/elsewhere", headers={"x-lab": f"/lab/{CASE}/{run}"})
        assert answer.text == "hello"
        assert len((await asking.get(f"/lab/seen/{run}")).json()) == 1


@pytest.mark.parametrize("given", [None, "wrong"])
async def test_what_was_seen_is_told_with_the_token_only(given):
    async with client(given) as asking:
        assert (await asking.get("/lab/seen/0")).status_code == 403
    async with client() as asking:
        assert (await asking.get("/lab/seen/0")).status_code == 200


async def test_probe_without_a_token_does_nothing_for_anybody(monkeypatch):
    monkeypatch.setattr(probe, "TOKEN", "")
    async with client("") as asking:
        answers = [await asking.get(path) for path in ("/lab/seen/0", f"/lab/{CASE}/{new_run('')}")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("LAB_TOKEN" in answer.json()["error"] for answer in answers)


async def test_case_is_held_only_for_a_run_that_is_signed_with_the_token():
    async with client() as asking:
        assert (await asking.get(f"/lab/{CASE}/{new_run('other')}")).status_code == 404
        assert (await asking.get(f"/lab/{CASE}/{new_run(TOKEN)}")).text == "hello"


@pytest.mark.parametrize("run", ["", "0", "a" * 16, "a" * 32, "a" * 500])
def test_name_that_is_not_signed_is_no_run(run):
    assert not is_run(run, "secret")


async def test_case_that_is_not_there_is_not_found():
    async with client() as asking:
        assert (await asking.get(f"/lab/http.nothing/like-this/{new_run(TOKEN)}")).status_code == 404


async def test_probe_forgets_old_runs_and_more_calls_than_a_run_can_have(monkeypatch):
    monkeypatch.setattr(probe, "RUNS", 2)
    monkeypatch.setattr(probe, "CALLS", 3)
    probe.runs.clear()
    first, *more = [new_run(TOKEN) for _ in range(3)]
    async with client() as asking:
        for run in (first, *more):
            for _ in range(5):
                await asking.get(f"/lab/{CASE}/{run}")
        assert (await asking.get(f"/lab/seen/{first}")).json() == []
        assert len((await asking.get(f"/lab/seen/{more[-1]}")).json()) == 3
    assert len(probe.runs) == 2


async def test_websocket_that_is_about_no_case_is_refused():
    with pytest.raises(ValueError, match="no case"):
        await probe.application({"type": "websocket", "path": "/", "headers": []}, None, None)
