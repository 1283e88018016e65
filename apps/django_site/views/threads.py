"""How many threads it takes to wait."""

import asyncio
import contextvars
import threading
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ..decorators import asgi_only, parameters
from ..forms import Threads as Form
from ..threads import PATIENCE, Application, Pool, Threads, can_lend, while_connected, whole_request

TEXT = "text/plain; charset=utf-8"

# A crowd can be a thousand threads, so there is one at a time.
turn = asyncio.Lock()


@require_safe
@asgi_only
@cache_control(no_store=True)
@parameters(Form)
async def threads(request: ASGIRequest, views: int) -> HttpResponse:
    """A thread for each request, also for one that only waits.

    An async view needs no thread, and a thousand of them that wait have a thousand all the same. What has
    called something on a thread keeps it to the end, and Django has, before it comes to the view: the
    receivers of its signals are functions, as are the hooks of its middleware.

        django/core/handlers/asgi.py: async with ThreadSensitiveContext():
        django/core/handlers/asgi.py: await signals.request_started.asend(
        django/db/__init__.py: signals.request_started.connect(close_old_connections)

    The thread is made for the request, and ends with it. asgiref also takes one that is lent, and threads.py
    of this project lends: that saves the making. It saves the keeping, too, where it is known what a call
    leaves on its thread. In this project that is a connection to the database, which Django keeps for each
    thread.

        django/db/utils.py: thread_critical = True

    A view that has asked the database has a connection until its response is closed, and keeps its thread.
    This page opens so many views that wait, and counts: without threads lent, with one lent to each request,
    and as this site does it, with one lent as long as there is a connection.

        django/http/response.py: signals.request_finished.send(sender=self._handler_class)
    """
    if request.method == "HEAD":
        return HttpResponse(content_type=TEXT)
    if turn.locked():
        busy = "Somebody else is counting: try again in a moment.\n"
        return HttpResponse(busy, status=503, headers={"Retry-After": "5"}, content_type=TEXT)
    async with turn:
        lines = [f"{views} async views wait, and this process has so many more threads:\n"]
        django = ASGIHandler()
        lines.append(f"{await crowd(django, request, views):5}  by Django\n")
        for keep in (whole_request, while_connected) if can_lend() else ():
            pool = Pool(settings.DJANGO_THREADS or 32, keep)
            try:
                more = await crowd(Threads(django, pool), request, views)
            finally:
                await asyncio.to_thread(pool.close, PATIENCE)
            lines.append(f"{more:5}  lent, {keep.__name__}\n")
    return HttpResponse(lines, content_type=TEXT)


async def threads_wait(request: HttpRequest) -> HttpResponse:
    """One of the views that wait. Somebody who asks for it alone has nobody to wait for."""
    barrier = getattr(request, "scope", {}).get("threads.barrier")
    if barrier is not None:
        await barrier.wait()
        await barrier.wait()
    return HttpResponse("Here.\n", content_type=TEXT)


async def crowd(app: Application, request: ASGIRequest, views: int) -> int:
    """How many more threads there are while so many views are waiting."""
    everyone = asyncio.Barrier(views + 1)
    scope = {
        **request.scope,
        "method": "GET",
        "path": reverse("threads-wait"),
        "headers": [(name, value) for name, value in request.scope["headers"] if name == b"host"],
        "threads.barrier": everyone,
    }
    before = set(threading.enumerate())
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(views):
            # A context of its own: in that of this page it would be a part of this request, and share its
            # thread.
            group.create_task(ask(app, scope), context=contextvars.Context())
        await everyone.wait()
        more = len(set(threading.enumerate()) - before)
        await everyone.wait()
    return more


async def ask(app: Application, scope: dict[str, Any]) -> None:
    """Be a client that stays until it has its answer."""
    said = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return said.pop() if said else await asyncio.get_running_loop().create_future()

    async def send(event: dict[str, Any]) -> None:
        """Nobody reads the answer."""

    await app(scope, receive, send)
