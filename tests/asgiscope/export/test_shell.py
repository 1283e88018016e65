"""Requests as commands, which are run: what curl sends then is what was recorded."""

import asyncio
import shlex
from asyncio.subprocess import PIPE

import pytest
import websockets

from asgiscope.conversation import Cut
from asgiscope.export import curl
from asgiscope.replay import script
from tests.asgiscope.serving import ended, exchange, serving
from tests.conversation import http, lifespan, websocket

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})


async def reader(scope, receive, send):
    """Reads the request, and says how long it was."""
    length, more = 0, True
    while more:
        event = await receive()
        length += len(event.get("body", b""))
        more = event.get("more_body", False)
    await send(START)
    await send({"type": "http.response.body", "body": str(length).encode()})


async def shell(text):
    """What a command says. It is run by bash, as somebody runs it who has copied it."""
    process = await asyncio.create_subprocess_exec("bash", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    out, error = await process.communicate(text.encode())
    assert process.returncode == 0, error.decode()
    return out


def with_body(body, *lines, method=b"POST"):
    """A request with a body."""
    head = [method + b" / HTTP/1.1", b"Host: a", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


REQUESTS = {
    "a plain one": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "with headers": b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nAccept: c/d\r\nX-Y: 'e' \"f\"\r\n\r\n",
    "with a header twice": b"GET / HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n",
    "with an empty header": b"GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n",
    "with a header in UTF-8": "GET / HTTP/1.1\r\nHost: a\r\nX-Name: Zoë\r\n\r\n".encode(),
    "with a header in Latin-1": "GET / HTTP/1.1\r\nHost: a\r\nX-Name: Zo'ë\\\r\n\r\n".encode("latin-1"),
    "of one who can unzip": b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
    "to a name and a port": b"GET / HTTP/1.1\r\nHost: shop.example:8443\r\n\r\n",
    "with a path and a query": b"GET /a%2Fb/%E2%82%AC?q=%20&q=a+b&q= HTTP/1.1\r\nHost: a\r\n\r\n",
    "with brackets, which curl would fill in": b"GET /a{b,c}/[1-3]?q[]='x' HTTP/1.1\r\nHost: a\r\n\r\n",
    "with dots, which curl would resolve": b"GET /a/../b/./c HTTP/1.1\r\nHost: a\r\n\r\n",
    "for the server itself": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "for headers": b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "of another method": b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "in HTTP/1.0": b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    "in chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"
    ),
    "with an empty body": with_body(b""),
    "with JSON": with_body(b'{"a": "b"}', b"Content-Type: application/json"),
    "with a body, and GET": with_body(b"a", method=b"GET"),
    "with a body, and PATCH": with_body(b"a", method=b"PATCH"),
    "with what a shell would read": with_body(b'it\'s "all" $HOME `id` \\ !x %s\n\ttwo'),
    "with what curl would read": with_body(b"@/etc/passwd"),
    "with bytes": with_body(bytes(range(256))),
    "with a line end": with_body(b"\r\n"),
    "with text in UTF-8": with_body("Zoë\n".encode()),
    "with a long body": with_body(b"a" * 200_000),
}


def asked(conversation):
    """What is the same if a request is: no ports, and no order of headers that differ in name."""
    scope = {key: value for key, value in conversation.scope.items() if key not in ("client", "server")}
    body = b"".join(event.fields["body"] for event in conversation.events if event.type == "http.request")
    return {**scope, "headers": sorted(scope["headers"], key=lambda pair: pair[0])}, body


@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
async def test_curl_repeats_a_request(sent):
    async with serving(reader, keep=1_000_000) as (port, conversations):
        await exchange(port, sent)
        recorded = await ended(conversations)
        host = dict(recorded.scope["headers"])[b"host"].decode()
        there = f"{host if ':' in host else f'{host}:80'}:127.0.0.1:{port}"
        await shell(curl(recorded).replace("curl ", f"curl --silent --noproxy '*' --connect-to {there} ", 1))
        again = await ended(conversations, 2)
    assert asked(again) == asked(recorded)


@pytest.mark.parametrize(
    ("scope", "options"),
    [
        ({"http_version": "2", "scheme": "https"}, ["--http2"]),
        ({"http_version": "2"}, ["--http2-prior-knowledge"]),
        ({"http_version": "3", "scheme": "https"}, ["--http3"]),
        ({"http_version": "1.1", "scheme": "https"}, ["--http1.1"]),
        ({"http_version": "1.1"}, []),
        ({"http_version": "1.0"}, ["--http1.0"]),
    ],
)
def test_curl_speaks_the_version_of_http_that_was_spoken(scope, options):
    words = shlex.split(curl(script(http(**scope), [REQUEST])))
    assert [word for word in words if word.startswith("--http")] == options


def test_curl_is_written_as_one_would_write_it():
    scope = http(
        "PUT",
        "/items/1?x=1",
        [(b"user-agent", b"me/1"), (b"accept", b"*/*"), (b"content-type", b"text/plain")],
    )
    body = {"type": "http.request", "body": b"it's", "more_body": False}
    assert curl(script(scope, [("receive", body)])) == (
        "curl 'http://testserver/items/1?x=1' \\\n"
        "  --request PUT \\\n"
        "  --header 'user-agent: me/1' \\\n"
        "  --header 'accept: */*' \\\n"
        "  --header 'content-type: text/plain' \\\n"
        """  --data-raw 'it'"'"'s'"""
    )


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        (http(raw_path=None, path="/Zoë x"), "http://testserver/Zo%C3%AB%20x"),
        ({**http(), "headers": []}, "http://testserver:80/"),
        ({**http(), "headers": [], "server": ("::1", 8000), "scheme": "https"}, "https://[::1]:8000/"),
        ({**http(), "headers": [], "server": None}, "http://localhost/"),
        ({"type": "http", "path": "/"}, "http://localhost/"),
    ],
)
def test_url_is_made_of_what_the_scope_has(scope, url):
    assert shlex.split(curl(script(scope, [])))[1] == url


def test_curl_asks_not_whether_to_go_on_before_a_long_body():
    body = {"type": "http.request", "body": b"a" * (1024 * 1024 + 1)}
    assert "--header expect:" in curl(script(http("POST"), [("receive", body)]))


async def test_curl_shakes_hands_with_a_websocket():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][0]})
        await send({"type": "websocket.send", "text": "hello"})
        await receive()

    async with serving(app) as (port, conversations):
        async with websockets.connect(f"ws://127.0.0.1:{port}/a?b", subprotocols=["chat"]) as client:
            assert await client.recv() == "hello"
        command = curl(await ended(conversations))
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", f"exec {command}", stdout=PIPE, stderr=PIPE
        )
        out = await process.stdout.readuntil(b"hello")
        process.terminate()
        await process.wait()
    assert out.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol: chat" in out
    assert len(conversations) == 2


def test_curl_completes_the_handshake_of_a_websocket_that_came_another_way():
    words = shlex.split(curl(script(websocket(http_version="2", scheme="wss"), [])))
    assert words[:5] == ["curl", "--include", "--no-buffer", "--http1.1", "https://testserver/"]
    assert {"upgrade: websocket", "sec-websocket-version: 13", "connection: Upgrade"} < set(words)


@pytest.mark.parametrize(
    ("conversation", "message"),
    [
        (script(lifespan(), []), "of type 'lifespan' is no request .* `replay`"),
        (
            script(http("POST"), [("receive", {"type": "http.request", "body": Cut(b"abc", 10)})]),
            "3 of its 10 bytes were kept. .* keep=10",
        ),
    ],
    ids=["a lifespan", "a body that was cut"],
)
def test_curl_cannot_repeat(conversation, message):
    with pytest.raises(ValueError, match=message):
        curl(conversation)
