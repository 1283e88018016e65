"""What every exhibit owes to the protocol, and the first chapter: a request and its answer.

The other chapters are in the files beside this one.
"""

import asyncio
import json
import re
import tracemalloc
from importlib import import_module

import pytest

from apps.catalogue import CATALOGUE
from apps.raw_asgi import echo, errors, headers, inspect_scope
from tests.conversation import answer, call, http, lifespan, websocket

APPS = {exhibit.slug: import_module(f"apps.raw_asgi.{exhibit.slug}").app for exhibit in CATALOGUE}

# What an exhibit speaks besides http, or instead of it.
SPEAKS = {
    "websocket_echo": ("http", "websocket"),
    "websocket_denial": ("http", "websocket"),
    "chat": ("http", "websocket"),
    "chat_workers": ("http", "websocket"),
    "lifespan_state": ("http", "lifespan"),
    "jobs": ("http", "lifespan"),
    "blocking": ("http", "lifespan"),
    "films": ("http", "lifespan"),
    "readings": ("http", "lifespan"),
    "progressive": ("http", "lifespan"),
}
# The methods of those exhibits that do not just take GET and HEAD. Those that upgrade take any, and say so.
METHODS = {
    "echo": "POST",
    "long_poll": "GET, POST",
    "upload": "GET, HEAD, POST",
    "jobs": "GET, HEAD, POST",
    "cgi": "GET, POST",
}
UPGRADES = {"websocket_echo", "websocket_denial", "chat", "chat_workers"}


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


def steady(event):
    """A start without the header that tells a time, which is never the same twice."""
    return {**event, "headers": [h for h in event.get("headers", ()) if h[0] != b"server-timing"]}


@pytest.mark.parametrize(
    ("slug", "type"),
    [
        pytest.param(slug, type, id=f"{slug} {type}")
        for slug in APPS
        for type in ("http", "websocket", "lifespan", "x-unknown")
        if type not in SPEAKS.get(slug, ("http",))
    ],
)
async def test_exhibit_raises_on_a_scope_that_it_does_not_speak_before_any_event(slug, type):
    async def nothing(*event):
        raise AssertionError("nothing is received or sent")

    with pytest.raises(ValueError, match=f"{slug} speaks .*, not {type}"):
        await APPS[slug]({"type": type}, nothing, nothing)


@pytest.mark.parametrize(
    ("slug", "method", "allowed"),
    [
        pytest.param(slug, method, allowed, id=f"{slug} {method}")
        for slug, allowed in [(slug, METHODS.get(slug, "GET, HEAD")) for slug in APPS]
        for method in ("GET", "HEAD", "POST", "PUT", "get")
        if method not in allowed.split(", ") and slug not in UPGRADES
    ],
)
async def test_wrong_method_is_told_the_right_ones(slug, method, allowed):
    start, *body = await answer(APPS[slug], http(method, f"/raw/{slug}", root_path=f"/raw/{slug}"))
    assert start["status"] == 405
    assert (b"allow", allowed.encode()) in start["headers"]
    assert (b"content-length", b"0") in start["headers"]
    assert body in ([{"type": "http.response.body"}], [{"type": "http.response.body", "body": b""}])


@pytest.mark.parametrize("slug", sorted(UPGRADES))
@pytest.mark.parametrize("version", ["1.0", "1.1", "2", "3"])
async def test_request_where_a_websocket_is_due_is_told_to_upgrade(slug, version):
    start, body = await answer(APPS[slug], http("POST", http_version=version))
    assert start["status"] == 426
    assert body["body"].startswith(b"This is a WebSocket")
    # From HTTP/2 on, a header that is about the connection is an error.
    assert {b"connection", b"upgrade"} & set(dict(start["headers"])) == (
        {b"connection", b"upgrade"} if version in ("1.0", "1.1") else set()
    )


@pytest.mark.parametrize(
    "target",
    [
        *[slug for slug in APPS if "HEAD" in METHODS.get(slug, "HEAD")],
        "errors/nonsense",
        "stream?n=0",
        "stream?n=2&delay=0",
        "timer?tick=x",
        "timer/elapsed?tick=0.01+0.02",
        "blocking/async?seconds=0.01",
        "blocking/pool",
        "blocking/none",
        "event_loop?stay=x",
        "event_loop/left",
        "event_loop/none",
        "sse?every=x",
        "tiles/3.svg?delay=0",
        "tiles/none.svg",
        "tiles?delay=x",
        "files/hello.py",
        "files/none.py",
        "early_hints/style.css",
        "early_hints/nonsense",
        "server_push/style.css",
        "server_push/nonsense",
    ],
)
async def test_head_has_the_status_and_headers_of_get_and_no_body(target):
    slug = re.match(r"\w+", target)[0]
    starts = []
    for method in ("GET", "HEAD"):
        given = [(b"x-request-id", b"the-same")]
        scope = http(method, f"/raw/{target}", given, root_path=f"/raw/{slug}")
        async with call(APPS[slug], scope) as server:
            await server.says("http.request")
            starts.append(steady(await server.hears()))
            if method == "GET":
                await server.says("http.disconnect")
            bodies = await server.returns()
    assert starts[0] == starts[1]
    assert [body.get("body", b"") for body in bodies] == [b""] * len(bodies)
    assert not bodies[-1].get("more_body")


BARE = {"asgi": {"version": "3.0"}, "path": "/", "headers": [[b"host", b"testserver"]]}
BARE_HTTP = BARE | {"type": "http", "http_version": "1.1", "method": "GET", "query_string": b""}
BARE_WEBSOCKET = BARE | {"type": "websocket", "path": "/tea", "member": "Ann"}
EMPTY_HTTP = {"extensions": None, "client": None, "server": None, "raw_path": None}
EMPTY_WEBSOCKET = EMPTY_HTTP | {"query_string": None, "subprotocols": []}


@pytest.mark.parametrize("slug", [slug for slug in APPS if slug != "errors"])
@pytest.mark.parametrize("empty", [{}, EMPTY_HTTP], ids=["left away", "None"])
async def test_exhibit_does_without_what_a_server_may_leave_out_of_a_request(slug, empty):
    method = "POST" if METHODS.get(slug) == "POST" else "GET"
    starts = []
    for scope in ({**BARE_HTTP, **empty, "method": method}, http(method, "/")):
        scope["headers"] = [*scope["headers"], [b"x-request-id", b"the-same"]]
        async with call(APPS[slug], scope) as server:
            # Neither `body` nor `more_body`: an empty request, and the whole of it.
            await server.says("http.request")
            if slug != "long_poll":
                starts.append(steady(await server.hears()))
            await server.says("http.disconnect")
            await server.returns()
    assert starts[:1] == starts[1:]


@pytest.mark.parametrize("slug", [slug for slug in APPS if "websocket" in SPEAKS.get(slug, ())])
@pytest.mark.parametrize("empty", [{}, EMPTY_WEBSOCKET], ids=["left away", "None"])
async def test_exhibit_does_without_what_a_server_may_leave_out_of_a_handshake(slug, empty):
    sent = []
    for scope in ({**BARE_WEBSOCKET, **empty}, websocket("/tea", member="Ann")):
        async with call(APPS[slug], scope) as server:
            await server.says("websocket.connect")
            first = await server.hears()
            await server.says("websocket.disconnect")
            # The key `reason` is one of those things.
            sent.append([{**event, "reason": ""} for event in [first, *await server.returns()]])
    assert sent[0] == sent[1]


SECONDS = ["", "x", "nan", "inf", "-inf", "-1", "-0.001", "60.001", "1e999", "9" * 5000, "1,5", "0x1"]


@pytest.mark.parametrize(
    ("slug", "name", "value", "allowed"),
    [
        pytest.param(slug, name, value, allowed, id=f"{slug} {name}={value[:20]}")
        for slug, name, values, allowed in [
            ("stream", "n", ["0", "-1", "1001", "1.5", *SECONDS], "n is 1 to 1000"),
            ("stream", "delay", ["10.01", *SECONDS], "delay 0 to 10 seconds"),
            ("timer", "tick", ["0", "0.009", *SECONDS], "tick is 0.01 to 60 seconds"),
            ("timer", "tick", ["1 x", "1 61", "1 " * 11, " "], "ten at most, with + between them"),
            ("timer/elapsed", "tick", ["0", "0.009", *SECONDS], "tick is 0.01 to 60 seconds"),
            ("blocking/async", "seconds", ["0", "0.009", "1.001", *SECONDS], "seconds is 0.01 to 1"),
            ("event_loop", "stay", ["0", "0.009", *SECONDS], "stay is 0.01 to 60 seconds"),
            ("sse", "every", ["0", "0.009", *SECONDS], "every and heartbeat are 0.01 to 60 seconds"),
            ("sse", "heartbeat", ["0", "0.009", *SECONDS], "every and heartbeat are 0.01 to 60 seconds"),
            ("long_poll", "wait", ["0", "0.009", *SECONDS], "wait is 0.01 to 60 seconds"),
            ("tiles", "delay", ["10.01", *SECONDS], "delay is 0 to 10 seconds"),
            ("films", "limit", ["0", "13", "1.5", *SECONDS], "limit is 1 to 12"),
            ("films", "at_once", ["0", "13", *SECONDS], "at_once is 1 to 12"),
            ("films", "patience", ["0", "10.01", *SECONDS], "patience is 0.1 to 10"),
            ("progressive", "limit", ["0", "13", "1.5", *SECONDS], "limit is 1 to 12"),
            ("progressive", "delay", ["10.01", *SECONDS], "delay is 0.0 to 10.0"),
            ("readings", "n", ["0", "10000001", "1.5", *SECONDS], "n is 1 to 10000000"),
            ("readings/live", "heartbeat", ["0", "0.009", *SECONDS], "heartbeat 0.01 to 60 seconds"),
            ("readings", "station", ["%00"], "station the name of one"),
            ("tiles/3.svg", "delay", ["10.01", *SECONDS], "delay is 0 to 10 seconds"),
        ]
        for value in values
    ],
)
async def test_bad_parameter_is_answered_with_what_is_allowed(slug, name, value, allowed):
    mount = slug.partition("/")[0]
    scope = http("GET", f"/raw/{slug}?{name}={value}", root_path=f"/raw/{mount}")
    start, body = await answer(APPS[mount], scope)
    assert start["status"] == 400
    assert (b"content-type", b"text/plain; charset=utf-8") in start["headers"]
    assert allowed in body["body"].decode()


# echo


async def test_echo_answers_each_piece_before_it_asks_for_the_next():
    async with call(echo.app, http("POST")) as server:
        await server.says("http.request", body=b"one", more_body=True)
        assert (await server.hears())["status"] == 200
        assert await server.hears() == {"type": "http.response.body", "body": b"one", "more_body": True}
        await server.says("http.request", body=b"", more_body=True)
        await server.says("http.request", body=b"two", more_body=True)
        assert await server.hears() == {"type": "http.response.body", "body": b"two", "more_body": True}
        await server.says("http.request")
        assert await server.returns() == [{"type": "http.response.body"}]


async def test_echo_passes_a_gigabyte_through_in_constant_memory():
    pieces, size = 16 * 1024, 64 * 1024
    asked = echoed = 0

    async def receive():
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": bytes(size), "more_body": asked < pieces}

    async def send(event):
        nonlocal echoed
        echoed += len(event.get("body", b""))

    tracemalloc.start()
    try:
        await echo.app(http("POST"), receive, send)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert echoed == pieces * size == 2**30
    assert peak < 10 * size


async def test_echo_starts_no_answer_when_the_client_leaves_before_the_first_piece():
    assert await answer(echo.app, http("POST"), {"type": "http.disconnect"}) == []


async def test_echo_leaves_an_error_of_send_to_the_server_that_raised_it():
    async def receive():
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(event):
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await echo.app(http("POST"), receive, send)


# headers


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        pytest.param([(b"cookie", b"a=1; b=2")], ["a = 1", "b = 2"], id="one header"),
        pytest.param([(b"cookie", b"a=1"), (b"cookie", b"b=2")], ["a = 1", "b = 2"], id="split by HTTP/2"),
        pytest.param([(b"cookie", b"a=1;b=2 ;  c=3")], ["a = 1", "b = 2", "c = 3"], id="spaces"),
        pytest.param([(b"cookie", b"; ;a=1;")], ["a = 1"], id="nothing between semicolons"),
        pytest.param([(b"cookie", b"a=b=c")], ["a = b=c"], id="equals sign in the value"),
        pytest.param([(b"cookie", b"a=1; a=2")], ["a = 1", "a = 2"], id="the same name twice"),
        pytest.param([(b"Cookie", b"a=1")], ["a = 1"], id="a server that keeps the case"),
        pytest.param([[b"cookie", b"a=1"]], ["a = 1"], id="a list for a pair"),
        pytest.param([], [], id="none"),
    ],
)
async def test_headers_lists_cookies_however_they_come(given, listed):
    _, body = await answer(headers.app, http("GET", "/", given))
    assert re.findall(r"^cookie (\w+ = .*)$", body["body"].decode(), re.MULTILINE) == listed


async def test_headers_keeps_order_repetition_and_bytes():
    given = [(b"x-twice", b"1"), (b"accept", b"*/*"), (b"x-twice", b"2"), (b"x-bytes", b"\xe9\xff")]
    start, body = await answer(headers.app, http("GET", "/", given))
    lines = [b"host: testserver", b"x-twice: 1", b"accept: */*", b"x-twice: 2", b"x-bytes: \xe9\xff", b""]
    assert body["body"].split(b"\n") == lines
    assert [name for name, _ in start["headers"]].count(b"set-cookie") == 2


# inspect_scope


async def test_inspect_scope_shows_every_key_and_marks_what_json_cannot_say():
    more = {"path": "/é", "state": {"a": {1, 2}, 3: (b"\xff", None)}, "x.y": 0.5}
    scope = http("GET", "/", [(b"x-bytes", b"\xe9")], **more)
    _, body = await answer(inspect_scope.app, scope)
    seen = json.loads(body["body"])
    assert list(seen) == list(scope)
    assert seen["path"] == "/é"
    assert seen["headers"][1] == [{"bytes": "x-bytes"}, {"bytes": "é"}]
    assert seen["state"] == {"a": {"repr": "{1, 2}"}, "3": [{"bytes": "ÿ"}, None]}
    assert seen["client"] == ["127.0.0.1", 50000]


# errors


@pytest.mark.parametrize(
    ("path", "status"), [("", 200), ("/", 200), ("/nonsense", 404), ("/before/", 404), ("/after/x", 404)]
)
async def test_errors_lists_itself_and_knows_no_other(path, status):
    start, body = await answer(errors.app, http("GET", f"/m{path}", root_path="/m"))
    assert start["status"] == status
    assert re.findall(r"before|after|silent", body["body"].decode()) == ["before", "after", "silent"]


# lifespan, which only one exhibit speaks


async def test_lifespan_state_refuses_a_lifespan_without_a_state_before_it_receives():
    scope = lifespan()
    del scope["state"]
    with pytest.raises(KeyError):
        await answer(APPS["lifespan_state"], scope)
