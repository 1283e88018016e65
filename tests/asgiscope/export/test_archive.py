"""Conversations as an HTTP archive: it has the form that HAR 1.2 demands, and holds what was said."""

import base64
import gzip
import json
from datetime import datetime

import pytest
import websockets

from asgiscope.conversation import Conversation, Cut, Event, Lane, Outcome
from asgiscope.export import har
from asgiscope.replay import script
from tests.asgiscope.serving import ended, exchange, serving
from tests.conversation import http, lifespan, websocket

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})

# HAR: what has to be there, and of which type (HAR 1.2).

NUMBER = (int, float)
PAIR = {"name": str, "value": str}
SCHEMA = {
    "log": {
        "version": str,
        "creator": {"name": str, "version": str},
        "entries": [
            {
                "startedDateTime": str,
                "time": NUMBER,
                "request": {
                    "method": str,
                    "url": str,
                    "httpVersion": str,
                    "cookies": [PAIR],
                    "headers": [PAIR],
                    "queryString": [PAIR],
                    "headersSize": int,
                    "bodySize": int,
                },
                "response": {
                    "status": int,
                    "statusText": str,
                    "httpVersion": str,
                    "cookies": [PAIR],
                    "headers": [PAIR],
                    "content": {"size": int, "mimeType": str, "text": str},
                    "redirectURL": str,
                    "headersSize": int,
                    "bodySize": int,
                },
                "cache": {},
                "timings": dict.fromkeys(
                    ("blocked", "dns", "connect", "send", "wait", "receive", "ssl"), NUMBER
                ),
            }
        ],
    }
}
MORE = {"postData", "comment", "encoding", "path", "domain", "expires", "httpOnly", "secure", "sameSite"}


def check(value, schema, where="har"):
    """Assert that a value is of a form; what HAR lets be added begins with an underscore, or is optional."""
    if isinstance(schema, dict):
        assert schema.keys() <= value.keys(), f"{where} lacks {schema.keys() - value.keys()}"
        assert all(key in schema or key in MORE or key.startswith("_") for key in value), where
        for key, inner in schema.items():
            check(value[key], inner, f"{where}.{key}")
    elif isinstance(schema, list):
        for item in value:
            check(item, schema[0], f"{where}[]")
    else:
        assert isinstance(value, schema), f"{where} is {value!r}"


def archived(conversation, **options):
    """The one entry of the archive, as a program finds it that reads the file."""
    archive = json.loads(json.dumps(har([conversation], **options)))
    check(archive, SCHEMA)
    (entry,) = archive["log"]["entries"]
    started = datetime.fromisoformat(entry["startedDateTime"])
    assert started.timestamp() == pytest.approx(conversation.started, abs=1e-5)
    timings = entry["timings"]
    assert timings["blocked"] == timings["dns"] == timings["connect"] == timings["ssl"] == -1
    assert entry["time"] == pytest.approx(timings["send"] + timings["wait"] + timings["receive"])
    assert min(timings["send"], timings["wait"], timings["receive"]) >= 0
    return entry


async def test_archive_holds_a_request_and_its_response():
    async def app(scope, receive, send):
        while (await receive())["more_body"]:
            pass
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"location", b"/b"),
            (
                b"set-cookie",
                b"a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax",
            ),
            (b"set-cookie", b"b=2; Expires=some day"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": "Zoë".encode()})

    lines = [
        b"POST /a%20b?x=1&y= HTTP/1.1",
        b"Host: a",
        b"Cookie: c=3; d=4",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: 7",
        b"",
        b"a=1&b=2",
    ]
    async with serving(app) as (port, conversations):
        await exchange(port, b"\r\n".join(lines))
        entry = archived(await ended(conversations), secrets=True)
    request, response = entry["request"], entry["response"]
    assert (request["method"], request["url"]) == ("POST", "http://a/a%20b?x=1&y=")
    assert request["httpVersion"] == response["httpVersion"] == "HTTP/1.1"
    assert request["queryString"] == [{"name": "x", "value": "1"}, {"name": "y", "value": ""}]
    assert request["cookies"] == [{"name": "c", "value": "3"}, {"name": "d", "value": "4"}]
    assert {"name": "content-length", "value": "7"} in request["headers"]
    assert request["postData"] == {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&b=2"}
    assert request["bodySize"] == 7
    assert (response["status"], response["statusText"], response["redirectURL"]) == (303, "See Other", "/b")
    assert response["content"] == {"size": 4, "mimeType": "text/html; charset=utf-8", "text": "Zoë"}
    assert response["bodySize"] == 4
    assert response["cookies"] == [
        {
            "name": "a",
            "value": "1",
            "path": "/",
            "expires": "2026-10-21T07:28:00+00:00",
            "httpOnly": True,
            "secure": True,
            "sameSite": "Lax",
        },
        {"name": "b", "value": "2"},
    ]


def answered(*bodies, **start):
    """A conversation with a response of these pieces."""
    events = [("send", {"type": "http.response.body", "body": body, "more_body": True}) for body in bodies]
    return script(http(), [REQUEST, ("send", {**START, **start}), *events])


@pytest.mark.parametrize(
    ("conversation", "content"),
    [
        pytest.param(answered(b"a", b"b"), {"size": 2, "text": "ab"}, id="a body in pieces"),
        pytest.param(answered(), {"size": 0, "text": ""}, id="no body"),
        pytest.param(
            answered(b"\x89PNG\r\n\xff"),
            {"size": 7, "text": base64.b64encode(b"\x89PNG\r\n\xff").decode(), "encoding": "base64"},
            id="a picture",
        ),
        pytest.param(
            answered(gzip.compress(b"a", mtime=0)),
            {
                "size": 21,
                "text": base64.b64encode(gzip.compress(b"a", mtime=0)).decode(),
                "encoding": "base64",
            },
            id="what is compressed",
        ),
        pytest.param(
            answered(b"a", Cut("Zoë".encode()[:3], 50_000), b"c"),
            {"size": 50_002, "text": "aZo", "comment": "cut: 4 of 50002 bytes were kept"},
            id="what was cut within a character",
        ),
    ],
)
def test_archive_holds_the_body(conversation, content):
    found = archived(conversation)["response"]
    assert found["content"] == {"mimeType": "text/plain", **content}
    assert found["bodySize"] == content["size"]


def test_archive_says_that_there_was_no_response():
    entry = archived(script(http(), [REQUEST], "raise", "ValueError: boom"))
    assert entry["response"]["status"] == 0
    assert entry["response"]["_error"] == "ValueError: boom"


def test_archive_names_the_file_that_was_sent():
    file = {"type": "http.response.pathsend", "path": "/srv/a.txt"}
    response = archived(script(http(), [REQUEST, ("send", START), ("send", file)]))["response"]
    assert (response["bodySize"], response["content"]["size"]) == (-1, -1)
    assert response["content"]["comment"] == "the body is the file /srv/a.txt"


def test_archive_takes_time_from_the_events():
    moments = [
        (3_000_000, 3_000_000, "receive", {"type": "http.request", "more_body": True}),
        (5_000_000, 1_000_000, "receive", {"type": "http.request"}),
        (9_000_000, 500_000, "send", START),
        (10_000_000, 2_000_000, "send", {"type": "http.response.body"}),
        (60_000_000, 48_000_000, "receive", {"type": "http.disconnect"}),
    ]
    events = [
        Event(index, at, held, direction, fields, None, None, None)
        for index, (at, held, direction, fields) in enumerate(moments)
    ]
    lane = Lane("app", http(), events, Outcome("return", 61_000_000), [])
    entry = archived(Conversation(1, 1_767_225_600.25, [lane]))
    assert entry["startedDateTime"] == "2026-01-01T00:00:00.250000+00:00"
    assert entry["time"] == 12
    assert [entry["timings"][key] for key in ("send", "wait", "receive")] == [5, 4, 3]


async def test_archive_holds_the_messages_of_a_websocket():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-a", b"1")]})
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.send"})

    async with serving(app) as (port, conversations):
        async with websockets.connect(f"ws://127.0.0.1:{port}/a?b", subprotocols=["chat"]) as client:
            for message in ("Zoë", b"\xff\x00"):
                await client.send(message)
                assert await client.recv() == message
        recorded = await ended(conversations)
    entry = archived(recorded)
    assert entry["_resourceType"] == "websocket"
    assert (entry["request"]["method"], entry["request"]["url"]) == ("GET", f"ws://127.0.0.1:{port}/a?b")
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (101, "Switching Protocols")
    assert {"name": "sec-websocket-protocol", "value": "chat"} in entry["response"]["headers"]
    messages = entry["_webSocketMessages"]
    assert [(message["type"], message["opcode"], message["data"]) for message in messages] == [
        ("send", 1, "Zoë"),
        ("receive", 1, "Zoë"),
        ("send", 2, "/wA="),
        ("receive", 2, "/wA="),
    ]
    times = [message["time"] for message in messages]
    assert recorded.started <= times[0] <= times[-1] <= recorded.started + entry["time"] / 1000 + 1e-6


@pytest.mark.parametrize(
    ("version", "events", "status"),
    [
        ("1.1", [{"type": "websocket.close"}], 403),
        ("1.1", [{"type": "websocket.accept"}, {"type": "websocket.close"}], 101),
        ("2", [{"type": "websocket.accept"}], 200),
        ("1.1", [{"type": "websocket.http.response.start", "status": 402, "headers": []}], 402),
        ("1.1", [], 0),
    ],
)
def test_archive_has_the_status_that_a_server_gives_the_handshake(version, events, status):
    recorded = script(websocket(http_version=version), [("send", event) for event in events])
    assert archived(recorded)["response"]["status"] == status


def test_archive_says_which_message_was_cut():
    recorded = script(websocket(), [("send", {"type": "websocket.send", "text": Cut("abc", 10)})])
    (message,) = archived(recorded)["_webSocketMessages"]
    assert (message["data"], message["comment"]) == ("abc", "cut: 3 of 10 were kept")


def test_archive_leaves_lifespans_out_and_is_in_order_of_time():
    def at(started, scope):
        return Conversation(1, started, [Lane("app", scope, [], Outcome("return"), [])])

    archive = har([at(3.0, http(path="/3", raw_path=None)), at(1.0, lifespan()), at(2.0, http())])
    assert [entry["request"]["url"] for entry in archive["log"]["entries"]] == [
        "http://testserver/",
        "http://testserver/3",
    ]
