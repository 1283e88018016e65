"""What Django makes of the conversation, event by event: the claims that the twins' stories make."""

import asyncio
import gc
import json
import threading
from contextlib import AsyncExitStack, contextmanager

import django
import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.signals import request_finished, request_started
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from apps.django_site.asgi import application
from apps.django_site.views import streams
from asgiscope.testing import ASGITransport
from router import Router
from tests.conversation import PATIENCE, call, http, lifespan, one_who_leaves, websocket

ROUTER = Router({"/django": application})


async def site(scope, receive, send):
    """The site, but with header names in lower case: the one demand of `call` that Django never meets."""

    async def send_lowered(event):
        if "headers" in event:
            event = {**event, "headers": [(name.lower(), value) for name, value in event["headers"]]}
        await send(event)

    await ROUTER(scope, receive, send_lowered)


async def verbatim(scope):
    """What Django sends in answer to a request without a body, to the letter."""
    said, sent = [{"type": "http.request"}], []

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        sent.append(event)

    await ROUTER(scope, receive, send)
    return sent


# What Django does and HTTP asks not to; each has a test below.
DEPARTURES = {"http.semantics.content-length.forbidden", "http.semantics.head-body"}


async def events(scope, *pieces):
    """What the site sends in answer to a request with a body in these pieces."""
    async with call(site, scope, departures=DEPARTURES) as client:
        for piece in pieces:
            await client.says("http.request", body=piece, more_body=True)
        await client.says("http.request")
        return await client.returns()


def body(sent):
    return b"".join(event.get("body", b"") for event in sent)


@contextmanager
def signals():
    """A list of the signals that Django sends around a request while the block runs."""
    order = []

    def started(**_):
        order.append("request_started")

    def finished(**_):
        order.append("request_finished")

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        yield order
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)


async def until(condition):
    """Wait until the condition holds, which something in the loop or in a thread will bring about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for gives no sign of its own
            await asyncio.sleep(0)


async def test_hello_is_the_two_events_with_headers_in_the_case_they_were_written():
    headers = [
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"X-Frame-Options", b"DENY"),
        (b"Content-Length", b"14"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Referrer-Policy", b"same-origin"),
        (b"Cross-Origin-Opener-Policy", b"same-origin"),
    ]
    assert await verbatim(http(target="/django/hello")) == [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": b"Hello, world!\n", "more_body": False},
    ]


async def test_a_stream_is_a_body_event_for_each_piece_and_an_empty_last_one():
    start, *pieces = await events(http(target="/django/stream?n=2&delay=0"))
    assert start["status"] == 200
    assert b"content-length" not in dict(start["headers"])
    assert pieces == [
        {"type": "http.response.body", "body": b"chunk 1 of 2\n", "more_body": True},
        {"type": "http.response.body", "body": b"chunk 2 of 2\n", "more_body": True},
        {"type": "http.response.body"},
    ]


async def test_sse_sends_what_was_missed_and_a_comment_after_silence():
    headers = [(b"last-event-id", b"0")]
    async with call(site, http("GET", "/django/sse?every=60&heartbeat=0.01", headers)) as client:
        await client.says("http.request")
        assert (b"content-type", b"text/event-stream") in (await client.hears())["headers"]
        replayed = [await client.hears() for _ in range(streams.REPLAYED)]
        numbers = [int(event["body"].split()[1]) for event in replayed]
        assert numbers == list(range(numbers[0], numbers[0] + streams.REPLAYED))
        assert replayed[0]["body"] == b"id: %d\nevent: tick\ndata: %d\n\n" % (numbers[0], numbers[0])
        assert (await client.hears())["body"] == b": still here\n\n"
        await client.says("http.disconnect")
        await client.returns()


async def test_no_view_runs_before_the_last_piece_of_the_body_has_come():
    said = [
        {"type": "http.request", "body": b"one ", "more_body": True},
        {"type": "http.request", "body": b"two", "more_body": False},
    ]

    async def receive():
        if not said:
            await asyncio.Event().wait()
        order.append("receive")
        return said.pop(0)

    async def send(event):
        order.append(event.get("body", event["type"]))

    with signals() as order:
        await site(http("POST", "/django/echo"), receive, send)
    assert order == [
        *("receive", "receive", "request_started"),
        *("http.response.start", b"one two", "http.response.body", "request_finished"),
    ]


async def test_an_upload_that_has_not_ended_is_nothing_yet():
    async with call(site, http("POST", "/django/upload", [(b"content-length", b"6")])) as uploading:
        await uploading.says("http.request", body=b"abc", more_body=True)
        assert body(await events(http(target="/django/upload"))) == b'{"uploads": []}'
        await uploading.says("http.request", body=b"def")
        assert body(await uploading.returns()).startswith(b'{"received": 6')


async def test_a_client_that_leaves_during_the_body_has_asked_for_nothing():
    with signals() as order:
        async with call(site, http("POST", "/django/echo")) as client:
            await client.says("http.request", body=b"abc", more_body=True)
            await client.says("http.disconnect")
            assert await client.returns() == []
    assert order == []


async def test_long_poll_hands_news_to_everyone_who_waits():
    async with (
        call(site, http(target="/django/long_poll")) as one,
        call(site, http(target="/django/long_poll")) as two,
    ):
        for client in (one, two):
            await client.says("http.request")
        await until(lambda: len(streams.waiting) == 2)
        answer = await events(http("POST", "/django/long_poll"), b"He", b"llo!")
        assert body(answer) == b"delivered to 2 waiting\n"
        assert [body(await client.returns()) for client in (one, two)] == [b"Hello!", b"Hello!"]
    assert streams.waiting == set()


@pytest.mark.parametrize("target", ["timer?tick=60", "sse?every=60", "stream?n=2&delay=10"])
async def test_a_client_that_leaves_ends_the_stream(target):
    before = asyncio.all_tasks()
    with signals() as order:
        async with call(site, http(target=f"/django/{target}")) as client:
            await client.says("http.request")
            assert (await client.hears())["type"] == "http.response.start"
            assert (await client.hears())["more_body"] is True
            await client.says("http.disconnect")
            assert await client.returns() == []
        assert asyncio.all_tasks() == before
    assert order == ["request_started", "request_finished"]


async def test_a_client_that_leaves_ends_the_wait():
    before = asyncio.all_tasks()
    with signals() as order:
        async with call(site, http(target="/django/long_poll")) as client:
            await client.says("http.request")
            await until(lambda: streams.waiting)
            await client.says("http.disconnect")
            assert await client.returns() == []
        assert streams.waiting == set()
        assert asyncio.all_tasks() == before
    assert order == ["request_started", "request_finished"]


async def test_a_generator_whose_piece_is_being_sent_hears_of_the_end_as_garbage(caplog):
    left = asyncio.Event()

    async def send(event):
        # The client has stopped reading, so there is no room; then it is gone.
        if event["type"] == "http.response.body":
            left.set()
            await asyncio.Event().wait()

    # So that the collector comes when the test says so.
    gc.disable()
    try:
        await site(http(target="/django/timer"), one_who_leaves(left), send)
        assert "timer: ended" not in caplog.text
        gc.collect()
        await until(lambda: "timer: ended" in caplog.text)
    finally:
        gc.enable()


async def test_every_open_stream_keeps_a_thread_that_django_has_made():
    def threads():
        return sum(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate())

    before = threads()
    app = Router({"/django": get_asgi_application()})
    client = httpx.AsyncClient(transport=ASGITransport(app), base_url="http://testserver")
    async with client, AsyncExitStack() as opened:
        for _ in range(5):
            await opened.enter_async_context(client.stream("GET", "/django/timer?tick=60"))
        assert threads() - before == 5
    assert threads() == before


began, may_end, ended = threading.Event(), threading.Event(), threading.Event()


def blocking(request):
    began.set()
    assert may_end.wait(PATIENCE)
    ended.set()
    return HttpResponse("nobody hears this")


urlpatterns = [path("blocking", blocking)]


async def test_a_view_in_a_thread_runs_to_its_end_though_the_client_has_left():
    with override_settings(ROOT_URLCONF=__name__):
        async with call(site, http(target="/django/blocking")) as client:
            await client.says("http.request")
            await until(began.is_set)
            await client.says("http.disconnect")
            may_end.set()
            assert await client.returns() == []
    assert ended.is_set()


@pytest.mark.parametrize("scope", [websocket("/django/chat"), lifespan()], ids=lambda scope: scope["type"])
async def test_what_is_not_http_is_refused_before_the_first_event(scope):
    async def silence(*_):
        raise AssertionError("Django was not to receive or send")

    with pytest.raises(ValueError, match="Django can only handle ASGI/HTTP connections"):
        await get_asgi_application()(scope, silence, silence)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Django 5.2 leaves the request's body open
async def test_an_error_in_a_stream_skips_the_end_of_the_response():
    with signals() as order:
        async with call(site, http(target="/django/errors/after")) as client:
            await client.says("http.request")
            assert (await client.hears())["type"] == "http.response.start"
            assert (await client.hears())["more_body"] is True
            with pytest.raises(RuntimeError, match="after the response started"):
                await client.hears()
    assert order == ["request_started"]
    # A task that has failed is held on to, and its error with it, for the rest of the turn.
    await asyncio.sleep(0)
    gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
async def test_an_oserror_of_send_goes_back_to_the_server():
    said = [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        raise OSError("the client has gone")

    with signals() as order, pytest.raises(OSError, match="the client has gone"):
        await site(http(target="/django/hello"), receive, send)
    assert order == ["request_started"]
    # A task that has failed is held on to, and its error with it, for the rest of the turn.
    await asyncio.sleep(0)
    gc.collect()


async def test_head_is_answered_with_a_body_for_the_server_to_drop():
    assert body(await verbatim(http("HEAD", "/django/hello"))) == b"Hello, world!\n"


@pytest.mark.parametrize("target", ["timer", "sse", "stream?n=1000&delay=10"])
async def test_head_of_what_takes_long_has_no_body_to_drop(target):
    assert (await events(http("HEAD", f"/django/{target}")))[1:] == [{"type": "http.response.body"}]


async def test_an_answer_that_can_have_no_body_has_a_length_all_the_same():
    [unheard, _] = await events(http(target="/django/long_poll?wait=0.01"))
    [unchanged, _] = await events(http("GET", "/django/files/hello.py", [(b"if-none-match", b"*")]))
    assert (unheard["status"], unchanged["status"]) == (204, 304)
    for event in (unheard, unchanged):
        assert (b"content-length", b"0") in event["headers"]


async def test_cookies_that_http2_has_split_are_whole_again_only_in_newer_django():
    split = [(b"cookie", b"a=1"), (b"cookie", b"b=2")]
    lines = body(await events(http("GET", "/django/headers", split, http_version="2"))).splitlines()
    cookies = [line for line in lines if line.startswith(b"cookie ")]
    if django.VERSION >= (6, 1):
        assert cookies == [b"cookie a = 1", b"cookie b = 2"]
    else:
        assert cookies == [b"cookie a = 1,b=2"]


async def test_a_content_length_that_is_not_lower_case_is_not_known():
    headers = [(b"Content-Length", b"1"), (b"Accept", b"*/*")]
    seen = body(await events(http("GET", "/django/inspect_scope", headers)))
    meta = json.loads(seen)["request"]["META"]
    assert "CONTENT_LENGTH" not in meta
    assert (meta["HTTP_CONTENT_LENGTH"], meta["HTTP_ACCEPT"]) == ("1", "*/*")


async def test_a_query_that_is_no_utf8_is_a_bad_request():
    [start, _] = await events(http(target="/django/hello", query_string=b"\xff"))
    assert start["status"] == 400


async def test_the_scope_is_left_as_it_was():
    scope = http("GET", "/django/hello", extensions={"tls": {}})
    copy = {**scope, "headers": list(scope["headers"]), "extensions": {"tls": {}}}
    await events(scope)
    assert scope == copy
