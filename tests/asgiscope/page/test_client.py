"""What a browser can't do, done to a real server by the client beside it."""

import pytest

from asgiscope.page import client
from asgiscope.page.answered import KEPT
from asgiscope.page.client import CannotReachError, address_of, sent
from asgiscope.page.plan import Plan
from tests.asgiscope.serving import ended, serving


async def echo(scope, receive, send):
    """Sends each piece back as it comes, and ends with the body, or when the client leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-name", b"Ann")]})
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        more = event.get("more_body", False)
        body = event.get("body", b"")
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def endless(scope, receive, send):
    """Sends until the client has left."""
    await receive()
    await send({"type": "http.response.start", "status": 200})
    for _ in range(100_000):
        await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})


async def silent(scope, receive, send):
    """Waits for the client to leave."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def answered(app, **data):
    """What came back, and the conversation that it was."""
    async with serving(app) as (port, conversations):
        answer = await sent(Plan.parse(data, "localhost"), ("127.0.0.1", port), "http")
        return answer, await ended(conversations)


def received(conversation):
    return [event.fields for event in conversation.events if event.direction == "receive"]


async def test_body_comes_in_the_pieces_and_at_the_times_that_are_planned():
    chunks = [{"text": "one", "pause": 0}, {"text": "two", "pause": 0.2}]
    answer, conversation = await answered(echo, method="POST", chunks=chunks)
    assert b"one" in answer.data
    assert answer.data.endswith(b"0\r\n\r\n")
    assert answer.how == "the server has closed the connection"
    first, second = [event for event in conversation.events if event.fields.get("body")][::2]
    assert second.at - first.at > 100_000_000


async def test_half_a_body_is_all_that_comes_before_the_client_leaves():
    answer, conversation = await answered(echo, method="POST", chunks=[{"text": "half"}], whole=False)
    assert [event["type"] for event in received(conversation)] == ["http.request", "http.disconnect"]
    assert received(conversation)[0]["more_body"]
    assert answer.how == "the client has left before the end of its body"
    assert b"half" in answer.data


async def test_header_reaches_the_server_as_it_is_written():
    _, conversation = await answered(echo, headers=[["X-Name", "one"], ["x-name", "two"]])
    assert [value for name, value in conversation.scope["headers"] if name == b"x-name"] == [b"one", b"two"]


async def test_body_with_trailers_comes_to_its_end():
    _, conversation = await answered(echo, method="POST", chunks=[{"text": "one"}], trailers=[["x-sum", "3"]])
    events = [event for event in received(conversation) if event["type"] == "http.request"]
    assert b"".join(event.get("body", b"") for event in events) == b"one"
    assert events[-1].get("more_body", False) is False


async def test_http_1_0_is_spoken():
    answer, conversation = await answered(echo, version="1.0")
    assert conversation.scope["http_version"] == "1.0"
    assert answer.data.startswith(b"HTTP/1.")


async def test_client_leaves_after_as_many_bytes_as_it_wants():
    answer, conversation = await answered(endless, leave_bytes=500)
    assert answer.size == 500
    assert answer.how == "the client has left after 500 bytes"
    assert conversation.outcome.how != "open"


async def test_client_leaves_when_its_time_is_over():
    answer, conversation = await answered(silent, leave_seconds=0.05)
    assert answer.how == "the client has left after 0.05 seconds"
    assert [event["type"] for event in received(conversation)][-1] == "http.disconnect"
    assert answer.as_dict()["wire"] == ""


async def test_no_request_takes_longer_than_the_limit(monkeypatch):
    monkeypatch.setattr(client, "LIMIT", 0.05)
    answer, _ = await answered(silent)
    assert answer.how == "the client has left after 0.05 seconds, which is all that it may wait"


async def test_no_more_is_read_and_kept_than_the_limits(monkeypatch):
    monkeypatch.setattr(client, "MOST", 20_000)
    answer, _ = await answered(endless)
    assert answer.size == 20_000
    assert len(answer.data) == KEPT
    assert answer.as_dict()["cut"]


async def test_nobody_who_listens_is_told_of():
    async with serving(echo) as (port, _):
        pass
    with pytest.raises(CannotReachError, match="Nobody listens at"):
        await sent(Plan.parse({}, "localhost"), ("127.0.0.1", port), "http")


def test_port_may_be_written_as_text():
    assert address_of({"server": ("127.0.0.1", "8000")}) == ("127.0.0.1", 8000)


@pytest.mark.parametrize("server", [("127.0.0.1", 8000), ("::1", 8000), ("localhost", 8000)])
def test_server_is_reached_on_this_machine(server):
    assert address_of({"server": server}) == server


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param({}, id="not said"),
        pytest.param({"server": None}, id="not known"),
        pytest.param({"server": ("192.168.0.10", 80)}, id="another machine"),
        pytest.param({"server": ("0.0.0.0", 80)}, id="every address"),
        pytest.param({"server": ("evil.example", 80)}, id="a name"),
        pytest.param({"server": ("/run/site.sock", None)}, id="a Unix socket"),
    ],
)
def test_server_anywhere_else_is_not_reached(scope):
    with pytest.raises(CannotReachError, match="--host 127"):
        address_of(scope)
