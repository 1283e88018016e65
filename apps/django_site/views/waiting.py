"""Waiting.

While one waits, others can run, if the wait is an `await`. Everything that is async runs in one thread; what
is not gets a thread from Django, or has to be given one.
"""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from .. import acts
from ..decorators import asgi_only, complaints, parameters
from ..forms import Blocking, EventLoop
from ..pools import Pools, Report, compute, report, sleep
from .streams import nothing

TEXT = "text/plain; charset=utf-8"

WAYS = {
    "sync": "time.sleep in a view without async: in the thread of the request",
    "async": "await asyncio.sleep in an async view: holds nobody up",
    "wrong": "time.sleep in an async view: holds the event loop, and so everybody",
    "sensitive": "sync_to_async(time.sleep): in the thread of the request, as if the view were sync",
    "insensitive": "sync_to_async(…, thread_sensitive=False): in one of a few threads for the whole program",
    "to_thread": "asyncio.to_thread(time.sleep): in one of the same threads",
    "pool": "sync_to_async(…, thread_sensitive=False, executor=…): in a pool of twenty threads",
    "cpu": "computing in an async view: holds the event loop",
    "cpu_thread": "computing in the pool of threads: they take turns, and the loop is one of them",
    "cpu_process": "computing in a pool of processes: as many at once as there are processors",
}
POOLED = {"pool", "cpu_thread", "cpu_process"}


@require_safe
async def blocking(request: HttpRequest) -> HttpResponse:
    """Ten ways to take a second, and whom each holds up.

    A view without `async` is called in a thread, and holds up nobody else while there are threads. An async
    view is called on the event loop, and whatever it does there without `await` stops the whole process.

        django/core/handlers/base.py: wrapped_callback = sync_to_async(

    `sync_to_async` is thread-sensitive unless told otherwise: it uses the one thread that Django has given to
    the request. Two such calls of one request never run side by side, but those of two requests do. Where no
    context has been opened, as outside of a request, there is a single such thread for the whole process.

        django/core/handlers/asgi.py: async with ThreadSensitiveContext():

    When it is not thread-sensitive, it shares the threads of the event loop's default executor with Django
    itself and with `asyncio.to_thread`: four more than there are processors, and 32 at most. With two, twenty
    waits are four rounds. What needs more threads brings a pool of its own, opened in the lifespan. And in
    computing threads do not help, for they take turns; processes do.

        django/core/handlers/base.py: await sync_to_async(log_response, thread_sensitive=False)(
    """
    return JsonResponse(WAYS, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_safe
@cache_control(no_store=True)
def sync(request: HttpRequest) -> HttpResponse:
    """The way without async. The story of all is told on the page that lists them."""
    form = Blocking({"seconds": Blocking.base_fields["seconds"].initial, **request.GET.dict()})
    if not form.is_valid():
        return HttpResponseBadRequest(complaints(form), content_type=TEXT)
    if request.method == "HEAD":
        return JsonResponse({})
    return JsonResponse({"way": "sync", **sleep(form.cleaned_data["seconds"])})


@require_safe
@asgi_only
@cache_control(no_store=True)
@parameters(Blocking)
async def way(request: ASGIRequest, way: str, seconds: float) -> HttpResponse:
    """The ways that are async."""
    pools = request.scope.get("state", {}).get("pools")
    if way not in WAYS:
        return HttpResponseNotFound(f"Ways are {', '.join(WAYS)}\n", content_type=TEXT)
    if way in POOLED and pools is None:
        return HttpResponse("No pool: this server runs no lifespan.\n", status=503, content_type=TEXT)
    if way == "cpu_process" and multiprocessing.current_process().daemon:
        no_processes = "No processes: this server has made its worker a daemon, which starts none.\n"
        return HttpResponse(no_processes, status=503, content_type=TEXT)
    if request.method == "HEAD":
        return JsonResponse({})
    return JsonResponse({"way": way, **await take(way, seconds, pools)})


async def take(way: str, seconds: float, pools: Pools) -> Report:
    """Take that many seconds in this way."""
    match way:
        case "async":
            began = time.monotonic()
            await asyncio.sleep(seconds)
            return report(began, held=False)
        case "wrong":
            return sleep(seconds)
        case "sensitive":
            return await sync_to_async(sleep)(seconds)
        case "insensitive":
            return await sync_to_async(sleep, thread_sensitive=False)(seconds)
        case "to_thread":
            return await asyncio.to_thread(sleep, seconds)
        case "pool":
            return await sync_to_async(sleep, thread_sensitive=False, executor=pools.threads)(seconds)
        case "cpu_thread":
            return await sync_to_async(compute, thread_sensitive=False, executor=pools.threads)(seconds)
        case "cpu_process":
            # What goes to a process has to be pickled, and what sync_to_async makes of a function cannot be.
            return await asyncio.get_running_loop().run_in_executor(pools.processes, compute, seconds)
        case _:
            return compute(seconds)


# What could not be told any more to the last who left, in this process.
left = ["Nobody has left yet.\n"]


@require_safe
@asgi_only
@cache_control(no_store=True)
@parameters(EventLoop)
async def event_loop(request: HttpRequest, stay: float) -> StreamingHttpResponse:
    """The tasks of a view tell when they run.

    A view has no event loop of its own: it is a coroutine on that of the server, as Django is. What it starts
    beside itself, it has to end. The acts are played in a task, and a generator hands on what they tell.

        django/http/response.py: async for part in self.streaming_content:

    When the client leaves, Django cancels the task in which the generator waits. Of the task with the acts
    Django knows nothing: `finally` cancels it, and waits until it has ended.

        django/core/handlers/asgi.py: async def listen_for_disconnect(self, receive):

    A TaskGroup would do the same, but not around a `yield`: it belongs to the task that has entered it, and a
    generator may be closed by another. What the acts said last is kept for event_loop/left.
    """

    async def lines() -> AsyncIterator[str]:
        told: asyncio.Queue[str] = asyncio.Queue(maxsize=64)  # all there is to tell

        async def play() -> None:
            try:
                await acts.play(lambda line: told.put_nowait(f"{line}\n"), stay)
            finally:
                told.put_nowait("")

        playing = asyncio.create_task(play())
        try:
            while line := await told.get():
                yield line
        finally:
            # It may take asking twice: before Python 3.13, a group that fails in the very moment in which its
            # own task is cancelled forgets about it.
            while not playing.done():
                playing.cancel()
                await asyncio.wait({playing}, timeout=0.1)
            if playing.cancelled():
                left[:] = [told.get_nowait() for _ in range(told.qsize())]
            else:
                playing.result()

    return StreamingHttpResponse(nothing() if request.method == "HEAD" else lines(), content_type=TEXT)


@require_safe
@cache_control(no_store=True)
async def event_loop_left(request: HttpRequest) -> HttpResponse:
    """What the last one who left could not be told."""
    return HttpResponse(left, content_type=TEXT)
