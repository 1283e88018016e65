"""The site over real sockets: every exhibit, on every server, by every way to reach it."""

import asyncio
import base64
import hashlib
import json
import re
import uuid
from typing import NamedTuple

import pytest
import websockets

from apps.catalogue import CATALOGUE
from servers import LAUNCHERS
from servers.process import ROOT
from tests.servers.clients import ask, trusting
from tests.servers.members import REDIS_URL, entered, members, need_redis
from tests.servers.ways import WAYS, options_for

SITE = "asgi:application"
HELLO = (ROOT / "apps/raw_asgi/hello.py").read_bytes()
MUCH = bytes(300_000)

EVERYWHERE = pytest.mark.parametrize(("name", "tls", "version"), WAYS)
OVER_HTTP_1 = pytest.mark.parametrize(
    ("name", "tls"), [pytest.param(*way.values[:2], id=way.id) for way in WAYS if way.values[2] == 1]
)


@pytest.fixture(scope="module")
def cookies(tmp_path_factory):
    """Those of the members. The servers of this module are started with the database that knows them."""
    with pytest.MonkeyPatch.context() as environment:
        database = f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.sqlite3'}"
        environment.setenv("DATABASE_URL", database)
        environment.setenv("REDIS_URL", REDIS_URL)
        yield members(database, "Ann", "Bob", "Cid")


@pytest.fixture
def site(cookies, started, name, tls):
    """The site, on the server of this name."""
    return started(name, options_for(name, SITE, tls=tls))


async def asked(site, version, path, **details):
    """The answer to a request, made so that every server understands it."""
    # Over HTTP/2, uvicorn hears only by an empty DATA frame that a request without a body is over.
    return await ask(site, version, path, empty_data=site.launcher.name == "uvicorn", **details)


class Case(NamedTuple):
    """A request, and what is expected of the answer: its status, and a pattern that its body matches."""

    path: str
    status: int
    body: bytes
    method: str = "GET"
    headers: tuple = ()
    sent: bytes = b""


CASES = {
    "front page": Case("/", 200, rb"(?s)<!doctype html>.*/raw/hello.*"),
    "nothing there": Case("/nothing", 404, rb"Not found\n"),
    "hello": Case("/raw/hello", 200, rb"Hello, world!\n"),
    "hello by HEAD": Case("/raw/hello", 200, rb"", method="HEAD"),
    "hello by DELETE": Case("/raw/hello", 405, rb"", method="DELETE"),
    "inspect_scope": Case("/raw/inspect_scope?a=%C3%A9", 200, rb'(?s)\{\n  "[a-z]+": .*"a=%C3%A9".*\}\n?'),
    "headers": Case(
        "/raw/headers",
        200,
        rb"(?s).*x-twice: one\n.*x-twice: two\n.*cookie a = 1\ncookie b = 2\n",
        headers=(("x-twice", "one"), ("x-twice", "two"), ("cookie", "a=1; b=2")),
    ),
    "echo": Case("/raw/echo", 200, rb"\0{300000}", method="POST", sent=MUCH),
    "errors": Case("/raw/errors", 200, rb"before\nafter\nsilent\n"),
    "errors, before": Case("/raw/errors/before", 500, rb"(?s).*"),
    "stream": Case("/raw/stream?n=3&delay=0", 200, rb"chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n"),
    "stream without sense": Case("/raw/stream?n=many", 400, rb".+\n"),
    "long_poll": Case("/raw/long_poll?wait=0.01", 204, rb""),
    "timer, elapsed": Case(
        "/raw/timer/elapsed?tick=0.02+0.01", 200, rb"0\.02 s, 0\.01 s, all at once: .* s\n"
    ),
    "blocking": Case("/raw/blocking", 200, rb'(?s)\{\n  "async": .*\}\n'),
    "blocking, a way": Case("/raw/blocking/async?seconds=0.01", 200, rb'\{"way": "async", .*\}\n'),
    "blocking, twenty": Case(
        "/raw/blocking/waterfall.svg?way=async&seconds=0.01", 200, rb"(?s)<svg .*</svg>\n"
    ),
    "event_loop": Case("/raw/event_loop?stay=0.01", 200, rb"(?s)1\. A coroutine .* have stayed\n.*away\n"),
    "upload": Case(
        "/raw/upload",
        200,
        rb'\{"received": 300000, "sha256": "%s"\}\n' % hashlib.sha256(MUCH).hexdigest().encode(),
        method="POST",
        sent=MUCH,
    ),
    "files": Case("/raw/files/hello.py", 200, re.escape(HELLO)),
    "files, a range": Case(
        "/raw/files/hello.py", 206, re.escape(HELLO[4:14]), headers=(("range", "bytes=4-13"),)
    ),
    "files, a range behind the end": Case(
        "/raw/files/hello.py", 416, rb"", headers=(("range", "bytes=999999-"),)
    ),
    "files, up a folder": Case("/raw/files/../../asgi.py", 404, rb".*\n"),
    "readings, without PostgreSQL": Case("/raw/readings", 503, rb"Start PostgreSQL, .+\n"),
    "threads": Case("/raw/threads", 200, rb"(?s)made for each request .* threads: 6\n.*"),
    "films_api": Case("/raw/films_api/2?delay=0", 200, rb'\{"title": "Metropolis", "year": 1927\}'),
    "films without sense": Case("/raw/films?limit=0", 400, rb"limit is 1 to 12, .+\n"),
    "progressive without sense": Case("/raw/progressive?limit=0", 400, rb"limit is 1 to 12, .+\n"),
    "trailers, not wanted": Case("/raw/trailers", 200, rb"What is .*\nis said .*\n"),
    "early_hints": Case("/raw/early_hints", 200, rb"<!doctype html>.*\n"),
    "early_hints, the style": Case("/raw/early_hints/style.css", 200, rb"body \{.*\}\n"),
    "server_push": Case("/raw/server_push", 200, rb"<!doctype html>.*\n"),
    "debug_info": Case("/raw/debug_info", 200, rb"Hello\n"),
    "tls_info": Case("/raw/tls_info", 200, rb'(?s)\{\n  "tls": null,.*'),
    "websocket_echo by HTTP": Case("/raw/websocket_echo", 426, rb"This is a WebSocket.*\n"),
    "websocket_denial by HTTP": Case("/raw/websocket_denial", 426, rb"This is a WebSocket.*\n"),
    "chat by HTTP": Case("/raw/chat", 426, rb"This is a WebSocket.*\n"),
    "chat_workers by HTTP": Case("/raw/chat_workers", 426, rb"This is a WebSocket.*\n"),
    "middleware": Case(
        "/raw/middleware", 200, rb"THIS IS REQUEST ABC\.\n", headers=(("x-request-id", "abc"),)
    ),
    "tiles": Case("/raw/tiles", 200, rb"(?s)<!doctype html>.*199\.svg.*"),
    "tiles, one": Case("/raw/tiles/7.svg?delay=0", 200, rb"<svg .*</svg>\n"),
    "wsgi": Case("/raw/wsgi?a=1", 200, rb"(?s)Hello from a thread!\n.*QUERY_STRING = a=1\n.*"),
    "cgi": Case(
        "/raw/cgi/x?a=1", 200, rb"(?s)Hello from process.*\nHello\?\n", method="POST", sent=b"Hello?"
    ),
    "Django": Case("/django/hello", 200, rb"Hello, world!\n"),
    "Django, a body": Case("/django/echo", 200, rb"\0{300000}", method="POST", sent=MUCH),
    "Django, not there": Case("/django/nothing", 404, rb"(?s).*"),
}


# What a server or client is known not to do. A case that fails and is not here is a failure, and so is a case
# that is here and passes.
KNOWN = {
    ("hypercorn", 3, "hello by HEAD"): "aioquic, the client, wants a body as long as content-length says",
    ("hypercorn", 3, "errors, before"): "its error response holds a connection header",
    ("hypercorn", 3, "Django"): "the header names of Django are not lower-case",
    ("hypercorn", 3, "Django, a body"): "the header names of Django are not lower-case",
    ("hypercorn", 3, "Django, not there"): "the header names of Django are not lower-case",
}


def every_case():
    """Each case by each way; those that are known to fail are marked."""
    cases = []
    for way in WAYS:
        name, _, version = way.values
        for about, case in CASES.items():
            reason = KNOWN.get((name, version, about))
            marks = pytest.mark.xfail(reason=reason, strict=True) if reason else ()
            cases.append(pytest.param(*way.values, case, id=f"{way.id}, {about}", marks=marks))
    return cases


@pytest.mark.parametrize(("name", "tls", "version", "case"), every_case())
async def test_exhibit_answers(site, version, case):
    answer = await asked(site, version, case.path, method=case.method, headers=case.headers, body=case.sent)
    assert answer.status == case.status
    assert re.fullmatch(case.body, answer.body)
    assert answer.ended


def test_every_exhibit_is_tried():
    tried = {"/".join(re.split("[/?]", case.path)[:3]) for case in CASES.values()}
    # The answers of these are not alike, or do not end: they have tests of their own below.
    assert {exhibit.raw for exhibit in CATALOGUE} - tried == {"/raw/sse", "/raw/lifespan_state", "/raw/jobs"}


@EVERYWHERE
async def test_job_is_begun_where_there_is_a_lifespan(site, version):
    answer = await asked(site, version, "/raw/jobs?steps=1&pause=0.01", method="POST", body=b"x")
    assert answer.status == (202 if site.launcher.lifespan else 503)


@EVERYWHERE
@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("/raw/timer?tick=0.01", rb"0\.\d s\n", id="timer"),
        pytest.param("/raw/sse?every=0.01", rb"id: \d+\nevent: tick\ndata: \d+\n\n", id="sse"),
    ],
)
async def test_endless_answer_comes_as_it_is_made(site, version, path, line):
    def has_three(answer):
        return len(re.findall(line, answer.body)) >= 3

    answer = await asked(site, version, path, until=has_three)
    assert answer.status == 200
    assert has_three(answer)
    assert not answer.ended


@EVERYWHERE
async def test_news_reach_who_waits_for_them(site, version):
    waiting = asyncio.create_task(asked(site, version, "/raw/long_poll?wait=10"))
    told = b"delivered to 0 waiting\n"
    while told == b"delivered to 0 waiting\n":
        told = (await asked(site, version, "/raw/long_poll", method="POST", body=b"News!")).body
    assert told == b"delivered to 1 waiting\n"
    assert (await waiting).body == b"News!"


@pytest.mark.parametrize(
    ("name", "tls", "version"),
    # By the other ways the client is left to wait, as the rows say.
    [
        way
        for way in WAYS
        if way.values[0] != "daphne" and (way.values[0], way.values[2] > 1) != ("hypercorn", True)
    ],
)
async def test_failure_after_the_start_breaks_the_answer_off(site, version):
    answer = await asked(site, version, "/raw/errors/after")
    assert (answer.status, answer.ended) == (200, False)
    assert b"so far, so good\n".startswith(answer.body)


@EVERYWHERE
async def test_repeated_response_header_stays_two(site, version):
    answer = await asked(site, version, "/raw/headers")
    cookies = [value.partition(";")[0] for name, value in answer.headers if name == "set-cookie"]
    assert cookies == ["first=1", "second=2"]


@EVERYWHERE
async def test_trailers_hints_and_pushes_arrive_where_they_are_offered(site, name, version):
    offered = {name for name, where in LAUNCHERS[name].extensions.items() if version in where}

    def is_whole(answer):
        # Over HTTP/3, hypercorn does not end a response with trailers.
        return bool(answer.trailers) and version == 3

    answer = await asked(site, version, "/raw/trailers", headers=[("te", "trailers")], until=is_whole)
    digest = hashlib.sha256(answer.body).digest()
    wanted = {"content-digest": f"sha-256=:{base64.b64encode(digest).decode()}:"}
    assert answer.trailers == (wanted if "http.response.trailers" in offered else {})

    answer = await asked(site, version, "/raw/early_hints")
    link = "</raw/early_hints/style.css>; rel=preload; as=style"
    assert [hint["link"] for hint in answer.hints] == [link] * ("http.response.early_hint" in offered)

    answer = await asked(site, version, "/raw/server_push")
    assert answer.pushed == ["/raw/server_push/style.css"] * ("http.response.push" in offered)


@EVERYWHERE
async def test_counter_is_there_where_the_server_holds_a_lifespan(site, name, version):
    answer = await asked(site, version, "/raw/lifespan_state")
    assert answer.status == (200 if LAUNCHERS[name].lifespan else 503)


def connected(site, path, **details):
    """A WebSocket over HTTP/1.1."""
    tls = trusting(["http/1.1"]) if site.options.tls else None
    return websockets.connect(site.url.replace("http", "ws", 1) + path, ssl=tls, **details)


@OVER_HTTP_1
async def test_websocket_echoes_and_closes_as_it_is_told(site, name):
    async with connected(site, "/raw/websocket_echo", subprotocols=["chat", "echo"]) as client:
        assert client.subprotocol == "echo"
        for message in ("Hello?", b"\x00\xff"):
            await client.send(message)
            assert await client.recv() == message
        await client.send("close 3001 so long")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await client.recv()
        # Daphne leaves the reason away.
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (3001, "so long" * (name != "daphne"))


@OVER_HTTP_1
async def test_websocket_is_refused_with_a_reason_where_that_is_offered(site, name):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connected(site, "/raw/websocket_denial")
    assert refused.value.response.status_code == 403
    has_reason = b"Nobody gets in here" in refused.value.response.body
    assert has_reason == ("websocket.http.response" in LAUNCHERS[name].extensions)


@pytest.fixture
def rooms():
    """Two rooms that are nobody else's, and of which Redis forgets what was said."""
    with need_redis() as store:
        names = [f"test-{uuid.uuid4().hex}" for _ in range(2)]
        yield names
        store.delete(*(f"chat:{name}" for name in names))


async def said(socket):
    """The next that somebody says."""
    while "text" not in (message := json.loads(await socket.recv())):
        pass
    return message["from"], message["text"]


@OVER_HTTP_1
@pytest.mark.parametrize("chat", ["/raw/chat", "/raw/chat_workers", "/django/chat"])
async def test_members_of_a_room_hear_each_other(site, name, cookies, rooms, chat):
    tea, coffee = rooms
    async with (
        entered(site, f"{chat}/{tea}", cookies["Ann"]) as ann,
        entered(site, f"{chat}/{tea}", cookies["Bob"]) as bob,
        entered(site, f"{chat}/{coffee}", cookies["Cid"]) as cid,
    ):
        await bob.send('{"text": "Hello!"}')
        for member in (ann, bob):
            assert await said(member) == ("Bob", "Hello!")
        await cid.send('{"text": "Alone?"}')
        assert await said(cid) == ("Cid", "Alone?")
        await bob.send("Hello!")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await bob.recv()
        # Daphne makes 1011 of any code that is not an application's own.
        assert closed.value.rcvd.code == (1011 if name == "daphne" else 1007)


@OVER_HTTP_1
@pytest.mark.parametrize("chat", ["/raw/chat", "/raw/chat_workers", "/django/chat"])
@pytest.mark.parametrize("cookie", ["", "sessionid=of-nobody"], ids=["no session", "a session of nobody"])
async def test_who_is_no_member_is_not_let_in(site, chat, cookie):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await entered(site, f"{chat}/tea", cookie)
    assert refused.value.response.status_code == 403
