"""Every exhibit does what its docstring promises, event by event."""

from importlib import import_module

import pytest

from apps.catalogue import CATALOGUE
from tests.conversation import keeps, played, promised

EXHIBITS = {exhibit.slug: import_module(f"apps.raw_asgi.{exhibit.slug}") for exhibit in CATALOGUE}


@pytest.mark.parametrize(
    ("slug", "transcript"),
    [
        pytest.param(slug, transcript, id=f"{slug}-{number}")
        for slug, exhibit in EXHIBITS.items()
        for number, transcript in enumerate(promised(exhibit), 1)
        # Those that need a pool of connections are played where there is one, in test_exhibits_readings.py.
        if "readings.pool" not in transcript[0]
    ],
)
async def test_exhibit_keeps_the_promise_in_its_docstring(slug, transcript, monkeypatch, request):
    # One exhibit needs Redis, for all but the last of its conversations.
    monkeypatch.delenv("REDIS_URL", raising=False)
    if slug == "chat_workers" and "start Redis" not in transcript[-2]:
        monkeypatch.setenv("REDIS_URL", request.getfixturevalue("redis").url)
    actual = await played(EXHIBITS[slug].app, transcript, f"/raw/{slug}")
    assert keeps(actual, transcript), "\n".join(actual)


@pytest.mark.parametrize("slug", EXHIBITS)
def test_exhibit_shows_a_conversation_and_the_commands_to_try_it(slug):
    assert promised(EXHIBITS[slug])
    assert "Try it" in EXHIBITS[slug].__doc__


async def test_a_broken_promise_is_seen():
    promise = ["scope http GET /raw/hello", "send http.response.start status=201", "return"]
    assert not keeps(await played(EXHIBITS["hello"].app, promise, "/raw/hello"), promise)
