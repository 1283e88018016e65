"""The three kinds of middleware, and stacks of them that are put together as Django does it.

Each notes in which thread it runs, on the way in and on the way out.
"""

import threading
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import (
    async_only_middleware,
    sync_and_async_middleware,
    sync_only_middleware,
)

GetResponse = Callable[[HttpRequest], Any]


def note(request: HttpRequest, who: str) -> None:
    """Note in the request who runs, and in which thread."""
    request.META.setdefault("kinds.noted", []).append((threading.current_thread().name, who))


@async_only_middleware
def only_async(get_response: GetResponse) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    """Middleware that Django cannot call without a loop."""

    async def middleware(request: HttpRequest) -> HttpResponse:
        note(request, "only_async")
        response: HttpResponse = await get_response(request)
        note(request, "only_async")
        return response

    return middleware


@sync_only_middleware
def only_sync(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that Django calls in a thread, as it does with all that say nothing of themselves."""

    def middleware(request: HttpRequest) -> HttpResponse:
        note(request, "only_sync")
        response: HttpResponse = get_response(request)
        note(request, "only_sync")
        return response

    return middleware


@sync_and_async_middleware
def either(get_response: GetResponse) -> GetResponse:
    """Middleware that is of the kind of what it is given."""

    async def as_async(request: HttpRequest) -> HttpResponse:
        note(request, "either")
        response: HttpResponse = await get_response(request)
        note(request, "either")
        return response

    def as_sync(request: HttpRequest) -> HttpResponse:
        note(request, "either")
        response: HttpResponse = get_response(request)
        note(request, "either")
        return response

    return as_async if iscoroutinefunction(get_response) else as_sync


async def async_view(request: HttpRequest) -> HttpResponse:
    """A view that runs where Django does."""
    note(request, "async_view")
    return HttpResponse()


def sync_view(request: HttpRequest) -> HttpResponse:
    """A view that Django calls in a thread."""
    note(request, "sync_view")
    return HttpResponse()


VIEWS = (async_view, sync_view)
STACKS = (
    (),
    (only_async,),
    (either,),
    (only_sync,),
    (only_sync, only_sync),
    (either, only_sync),
    (only_sync, either),
    (only_sync, only_async, only_sync),
)


def stack(view: GetResponse, *middleware: Any) -> GetResponse:
    """A view behind middleware, the outermost first, as Django puts settings.MIDDLEWARE together.

    What is returned is async.
    """
    adapt: Any = BaseHandler().adapt_method_mode

    async def get_view_response(request: HttpRequest) -> HttpResponse:
        # What finds and calls the view is async, whatever the view is.
        note(request, "Django")
        response: HttpResponse = await adapt(True, view)(request)
        note(request, "Django")
        return response

    get_response: GetResponse = get_view_response
    is_async = True
    for kind in reversed(middleware):
        # One that can be either becomes what stands behind it.
        becomes_async = kind.async_capable and (is_async or not kind.sync_capable)
        get_response = kind(adapt(becomes_async, get_response, is_async))
        is_async = becomes_async
    outermost: GetResponse = adapt(True, get_response, is_async)
    return outermost


async def way(view: GetResponse, *middleware: Any) -> tuple[int, str]:
    """How often a request changes threads on its way through a stack and back, and all who see it pass."""
    request = HttpRequest()
    note(request, "server")
    await stack(view, *middleware)(request)
    note(request, "server")
    threads = [
        f"{thread}: {', '.join(who for _, who in noted)}"
        for thread, noted in groupby(request.META["kinds.noted"], key=lambda one: one[0])
    ]
    return len(threads) - 1, " → ".join(threads)


async def table() -> str:
    """Every view behind every stack, a line for each."""
    lines = []
    for view in VIEWS:
        for middleware in STACKS:
            hops, passed = await way(view, *middleware)
            name = " > ".join(one.__name__ for one in (*middleware, view))
            lines.append(f"{name}: {hops} hops\n    {passed}\n")
    return "".join(lines)
