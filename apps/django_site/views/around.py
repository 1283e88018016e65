"""Around the application.

What stands in front of a view, and what becomes of many of them side by side.
"""

import asyncio

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ..decorators import parameters
from ..forms import Tile
from ..kinds import table
from ..middleware import request_id, server_timing, upper_case

TEXT = "text/plain; charset=utf-8"
TILES = 200
SQUARE = '<path d="M0 0h9v9H0z" fill="hsl({hue} 60% 50%)"/>'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{SQUARE}</svg>\n'


@require_safe
@server_timing
@request_id
@upper_case
async def middleware(request: HttpRequest) -> HttpResponse:
    """Middleware sees a request and a response, no events.

    Three of them are around this view. What in ASGI is a `send` that looks at each event is here a line
    behind an `await`: by then the response is whole, and a stream is an iterator to put another around.

        django/core/handlers/base.py: mw_instance = middleware(adapted_handler)

    These three are async functions. The hooks of Django's own are not, and are called in a thread:

        django/utils/deprecation.py: self.process_response,

    What kind a middleware is, it says itself: async, or sync, which is what one is that says nothing, or
    either. Such a one becomes what stands behind it.

        django/core/handlers/base.py: elif not handler_is_async and middleware_can_sync:

    Where two that meet are of different kinds, Django puts an adapter between them, and a request changes
    threads there on its way in and again on its way out. `middleware/kinds` sends requests through stacks of
    all kinds and shows where they pass.

        django/core/handlers/base.py: adapted_handler = self.adapt_method_mode(
    """
    return HttpResponse(f"This is request {request.headers['X-Request-ID']}.\n", content_type=TEXT)


@require_safe
async def middleware_kinds(request: HttpRequest) -> HttpResponse:
    """Which threads a request passes. The story is told with `middleware`."""
    return HttpResponse(await table(), content_type=TEXT)


@require_safe
@cache_control(no_store=True)
@parameters(Tile)
async def tiles(request: HttpRequest, delay: float) -> HttpResponse:
    """Two hundred slow pictures, each a view that sleeps.

    They sleep on one event loop, so all of them take little longer than one, if only the client asks for
    all at once: over HTTP/1.1 a browser opens six connections, over HTTP/2 one is enough. A view without
    `async` would sleep in a thread instead, one for each request.

        django/core/handlers/base.py: if not iscoroutinefunction(wrapped_callback):
    """
    return render(request, "tiles.html", {"tiles": range(TILES), "delay": delay})


@require_safe
@cache_control(no_store=True)
@parameters(Tile)
async def tile(request: HttpRequest, n: int, delay: float) -> HttpResponse:
    """One tile. Its story is told on the page of all."""
    if n >= TILES:
        return HttpResponseNotFound(f"Tiles are 0.svg to {TILES - 1}.svg\n", content_type=TEXT)
    await asyncio.sleep(delay)
    return HttpResponse(SVG.format(hue=n * 360 // TILES), content_type="image/svg+xml")
