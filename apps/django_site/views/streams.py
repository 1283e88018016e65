"""Answers that take time.

Django watches for `http.disconnect` from the moment the request has been read. When it comes, the task
that runs the view, or that sends what the view returned, is cancelled.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ..decorators import asgi_only, parameters
from ..forms import LongPoll, Sse, Stream, Timer

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
REPLAYED = 100  # events; a client that has missed more does without the older ones
LIMIT = 64 * 1024  # bytes of one piece of news


async def nothing() -> AsyncGenerator[str]:
    """The body of an answer to HEAD.

    Django would send a body and leave it to the server to drop it. Of one that takes long, or has no
    end, that would be a waste.
    """
    return
    yield


@require_safe
@parameters(Stream)
async def stream(request: HttpRequest, n: int, delay: float) -> StreamingHttpResponse:
    """An async iterator is a response in pieces.

    What the generator yields becomes a body event at once. The last one is empty, for only from the end of
    the iterator does Django learn that there is no more.

        django/core/handlers/asgi.py: async for part in content:

    Parameters are checked by a form before the first piece, while there is still a status to give.
    """

    async def chunks() -> AsyncIterator[str]:
        for i in range(1, n + 1):
            yield f"chunk {i} of {n}\n"
            if i < n:
                await asyncio.sleep(delay)

    return StreamingHttpResponse(nothing() if request.method == "HEAD" else chunks(), content_type=TEXT)


@require_safe
@asgi_only
@cache_control(no_store=True)
@parameters(Timer)
async def timer(request: HttpRequest, tick: list[float]) -> StreamingHttpResponse:
    """A generator without an end: Django ends it when the client leaves.

    No line here asks whether anybody still listens. Django does, beside the view, and cancels the task that
    waits here.

        django/core/handlers/asgi.py: async def listen_for_disconnect(self, receive):

    Where it waits is not always here. In a wait of its own the generator sees CancelledError at once. But if
    Django was sending what it had yielded, Django closes only the iterator that it has put around this one,
    and the generator sees GeneratorExit when the response is garbage. `finally` hears of both.

        django/core/handlers/asgi.py: async with aclosing(aiter(response)) as content:

    A view that waits and then answers is cancelled where it waits. At timer/elapsed, one waits for several
    things at once: for as long as the longest of them.

    Each response lives in a context with a thread of its own, started when something in it is not async, such
    as the hooks of the middleware: a thousand open streams are a thousand threads. Here they are not, for
    this site lends its threads, as `threads` tells.

        django/core/handlers/asgi.py: async with ThreadSensitiveContext():
    """

    async def ticks() -> AsyncIterator[str]:
        began = time.monotonic()
        due = dict.fromkeys(range(len(tick)), 0.0)
        try:
            while True:
                # Several timers are one wait: for whichever is due first.
                n = min(due, key=due.__getitem__)
                which = f", every {tick[n]:g} s" if len(tick) > 1 else ""
                yield f"{time.monotonic() - began:.1f} s{which}\n"
                # Wait until the next tick is due, not for the length of one: delays do not add up.
                due[n] += tick[n]
                await asyncio.sleep(began + min(due.values()) - time.monotonic())
        finally:
            logger.info("timer: ended after %.1f s", time.monotonic() - began)

    return StreamingHttpResponse(nothing() if request.method == "HEAD" else ticks(), content_type=TEXT)


@require_safe
@cache_control(no_store=True)
@parameters(Timer)
async def elapsed(request: HttpRequest, tick: list[float]) -> HttpResponse:
    """How long several waits take at once. The story is told by `timer`."""
    began = time.monotonic()
    if request.method != "HEAD":
        await asyncio.gather(*map(asyncio.sleep, tick))
    each = "".join(f"{one:g} s, " for one in tick)
    return HttpResponse(f"{each}all at once: {time.monotonic() - began:.2f} s\n", content_type=TEXT)


@require_safe
@asgi_only
@cache_control(no_store=True)
@parameters(Sse)
async def sse(request: HttpRequest, every: float, heartbeat: float) -> HttpResponseBase:
    """Server-sent events are a stream with another content type.

    `EventSource` says in Last-Event-ID what it has seen. To Django that is a header like any other,
    and the rest is a generator.

        django/http/response.py: async for part in self.streaming_content:
    """
    newest = int(time.time() / every)
    try:
        seen = int(request.headers.get("Last-Event-ID", newest - 1))
    except ValueError:
        return HttpResponseBadRequest("Last-Event-ID: Enter a whole number.\n", content_type=TEXT)

    async def events() -> AsyncIterator[str]:
        # One that has missed more than is kept begins with the oldest there is, and one that claims to
        # have seen the future begins now.
        last = min(max(seen, newest - REPLAYED), newest)
        while True:
            for n in range(last + 1, int(time.time() / every) + 1):
                yield f"id: {n}\nevent: tick\ndata: {n}\n\n"
                last = n
            until_next = max((last + 1) * every - time.time(), 0)
            await asyncio.sleep(min(until_next, heartbeat))
            if heartbeat < until_next:
                # A comment, so that no proxy takes silence for death.
                yield ": still here\n\n"

    return StreamingHttpResponse(
        nothing() if request.method == "HEAD" else events(), content_type="text/event-stream"
    )


# Everyone who waits, in this process: another worker has a set of its own.
waiting: set[asyncio.Future[bytes]] = set()


@csrf_exempt
@require_http_methods(["GET", "POST"])
@asgi_only
@cache_control(no_store=True)
@parameters(LongPoll)
async def long_poll(request: HttpRequest, wait: float) -> HttpResponse:
    """A view that waits. Of the three things that can end the wait, it names two.

    News and the clock are here. The third, that the client leaves, is Django's: the view is cancelled
    where it waits, and `finally` takes it out of the set.

        django/core/handlers/asgi.py: async def listen_for_disconnect(self, receive):

    The answer without a body is a little too talkative: a 204 must not have a Content-Length, and
    CommonMiddleware gives it one all the same.

        django/middleware/common.py: if not response.streaming and not
    """
    if request.method == "POST":
        body = request.read(LIMIT + 1)
        if len(body) > LIMIT:
            return HttpResponse(f"news is at most {LIMIT} bytes\n", status=413, content_type=TEXT)
        try:
            body.decode()
        except UnicodeDecodeError:
            return HttpResponseBadRequest("news is text, in UTF-8\n", content_type=TEXT)
        # Nothing is awaited in between, so nobody can come or go while the news is handed round.
        heard = [news for news in waiting if not news.done()]
        for news in heard:
            news.set_result(body)
        return HttpResponse(f"delivered to {len(heard)} waiting\n", content_type=TEXT)

    news = asyncio.get_running_loop().create_future()
    waiting.add(news)
    try:
        async with asyncio.timeout(wait):
            return HttpResponse(await news, content_type=TEXT)
    except TimeoutError:
        return HttpResponse(status=204)
    finally:
        waiting.discard(news)
