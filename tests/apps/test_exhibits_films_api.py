"""The service that the films are asked of: slow, limited and failing, as it is told."""

import asyncio
import json

import pytest

from apps.raw_asgi import films_api
from apps.raw_asgi.films_api import trouble_with
from tests.apps.outside import page, seed_of
from tests.conversation import answer, call, http, until


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def ask_film(target, query=""):
    """What the service answers: a status, the headers, and JSON, if it is."""
    start, body = await answer(films_api.app, http("GET", f"/{target}?{query}"))
    return start["status"], dict(start["headers"]), body["body"]


@pytest.mark.parametrize(
    ("kind", "status", "more"),
    [
        ("refused", 429, {b"retry-after": b"1"}),
        ("unavailable", 503, {}),
        ("garbage", 200, {}),
        (None, 200, {}),
    ],
)
async def test_service_has_the_trouble_that_the_seed_says(kind, status, more):
    for _ in range(2):
        seen, headers, body = await ask_film("1", f"delay=0&trouble=50&seed={seed_of(kind)}")
        assert (seen, headers) == (status, {b"content-type": b"application/json", **more})
        whole = b'{"title": "The General", "year": 1926}'
        assert (body == whole) == (kind is None)
        assert kind != "garbage" or whole.startswith(body)


@pytest.mark.parametrize("trouble", [0, 10, 50, 100])
def test_service_fails_as_often_as_it_is_told(trouble):
    kinds = [trouble_with("1", 1, seed, trouble) for seed in range(10_000)]
    failed = [kind for kind in kinds if kind]
    assert abs(len(failed) - 100 * trouble) < 200
    assert set(failed) == (set(films_api.TROUBLES) if trouble else set())


async def test_service_refuses_what_it_has_no_room_for_until_somebody_leaves():
    target = http("GET", "/1?delay=10&capacity=2")
    async with call(films_api.app, target) as one, call(films_api.app, target) as two:
        for client in (one, two):
            await client.says("http.request")
        await until(lambda: len(films_api.answering) == 2)
        status, headers, _ = await ask_film("1", "capacity=2")
        assert (status, headers[b"retry-after"]) == (429, b"1")
        await one.says("http.disconnect")
        assert await one.returns() == []
        assert (await ask_film("1", "capacity=2&delay=0"))[0] == 200
    assert films_api.answering == set()


@pytest.mark.parametrize(
    ("target", "query", "status"),
    [
        ("", "", 200),
        ("13", "", 404),
        ("1/2", "", 404),
        *[
            ("1", bad, 400)
            for bad in ("delay=11", "delay=nan", "trouble=101", "trouble=x", "capacity=0", "seed=")
        ],
        ("1", "attempt=" + "9" * 5000, 400),
    ],
)
async def test_service_says_what_is_wrong_in_json(target, query, status):
    seen, _, body = await ask_film(target, query)
    assert seen == status
    assert set(json.loads(body)) == {"films" if status == 200 else "error"}


@pytest.mark.parametrize("seed", range(12))
async def test_service_of_django_does_the_same(seed):
    query = f"delay=0&trouble=50&seed={seed}"
    kinds = {str(number): trouble_with(str(number), 1, seed, 50) for number in range(1, 13)}
    for number, kind in kinds.items():
        if kind != "slow":
            status, headers, body = await page(f"/django/films_api/{number}?{query}", {})
            raw = await ask_film(number, query)
            assert (status, headers.get(b"retry-after"), body) == (
                raw[0],
                raw[1].get(b"retry-after"),
                raw[2].decode(),
            )
