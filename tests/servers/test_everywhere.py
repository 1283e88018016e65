"""One request to every server: here to one after the other, as there."""

import asyncio

import pytest

from servers import LAUNCHERS
from servers.command import missing_packages
from servers.everywhere import ask

HOST = ("host", "localhost:8000")


def asked(name, *, http=1, target="/raw/echo?a=%20b", body=b"hello"):
    launcher = LAUNCHERS[name]
    if missing := missing_packages(launcher, http):
        pytest.skip(f"{name} needs {', '.join(missing)}")
    return ask(launcher, "asgi:application", "POST", target, [HOST, ("X-One", "1")], body, http)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", LAUNCHERS)
def test_server_is_asked_and_tells_what_it_saw(name):
    told = asked(name)
    assert (told["server"], told["error"]) == (name, None)
    assert told["answer"]["status"] == 200
    assert told["answer"]["size"] == 5
    *_, request = told["conversations"]
    [lane] = request["lanes"]
    assert lane["scope"]["path"] == "/raw/echo"
    assert lane["scope"]["query_string"] == {"$bytes": "a=%20b"}
    assert lane["outcome"]["how"] == "return"
    kinds = [one["lanes"][0]["scope"]["type"] for one in told["conversations"]]
    assert kinds == (["lifespan", "http"] if LAUNCHERS[name].lifespan else ["http"])


@pytest.mark.timeout(120)
def test_version_is_the_one_that_is_asked_for():
    told = asked("hypercorn", http=2)
    assert told["answer"]["http_version"] == "HTTP/2"
    assert told["conversations"][-1]["lanes"][0]["scope"]["http_version"] == "2"


@pytest.mark.timeout(120)
def test_answer_without_an_end_is_left():
    told = asked("uvicorn", target="/raw/timer", body=b"")
    assert told["error"] is None
    assert told["conversations"][-1]["lanes"][0]["scope"]["path"] == "/raw/timer"


@pytest.mark.timeout(120)
async def test_server_that_does_not_speak_the_version_says_so():
    told = await asyncio.to_thread(asked, "daphne", http=2)
    assert "speaks HTTP/2 only over TLS" in told["error"]
    assert told["conversations"] == []
