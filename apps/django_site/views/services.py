"""Outside services.

Much of the time of a site is spent on waiting for another's. An async view can wait for many answers at once;
one that is not waits for one after the other, and a thread waits with it. All of these ask the same service,
by clients that are opened and closed with the site.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from .. import outside
from ..decorators import complaints, parameters
from ..forms import Films, FilmsApi
from .streams import nothing

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
TITLES = {
    1: ("The General", 1926),
    2: ("Metropolis", 1927),
    3: ("Sunrise", 1927),
    4: ("M", 1931),
    5: ("City Lights", 1931),
    6: ("Modern Times", 1936),
    7: ("Casablanca", 1942),
    8: ("Rashomon", 1950),
    9: ("Tokyo Story", 1953),
    10: ("Seven Samurai", 1954),
    11: ("Pather Panchali", 1955),
    12: ("Vertigo", 1958),
}
TROUBLES = ("refused", "unavailable", "slow", "garbage")
SLOW = 30  # seconds: longer than anybody waits

# The requests for a film that are being answered, in this process.
answering: set[HttpRequest] = set()


@require_safe
async def films_api(request: HttpRequest) -> JsonResponse:
    """The service itself: a view that answers in JSON, as slowly and as badly as it is told to.

    It is here so that the project has something to ask when it runs alone. Who leaves does not keep it busy:
    Django cancels the view where it sleeps.

        django/core/handlers/asgi.py: async def listen_for_disconnect(self, receive):

    JSON is made by a response of its own, which insists on a dict unless told otherwise:

        django/http/response.py: if safe and not isinstance(data, dict):
    """
    return JsonResponse({"films": list(TITLES)})


@require_safe
@cache_control(no_store=True)
@parameters(FilmsApi)
async def film_api(
    request: HttpRequest, n: int, delay: float, trouble: int, seed: int, attempt: int, capacity: int
) -> HttpResponse:
    """One film. Its story is told on the page of all."""
    if n not in TITLES:
        return JsonResponse({"error": "films are 1 to 12"}, status=404)
    dice = hashlib.sha256(f"{seed} {n} {attempt}".encode()).digest()
    kind = TROUBLES[dice[1] % len(TROUBLES)] if dice[0] * 100 < trouble * 256 else None
    if kind == "refused" or len(answering) >= capacity:
        return JsonResponse({"error": "too many requests"}, status=429, headers={"Retry-After": "1"})
    answering.add(request)
    try:
        await asyncio.sleep(SLOW if kind == "slow" else delay)
    finally:
        answering.discard(request)
    if kind == "unavailable":
        return JsonResponse({"error": "down for a moment"}, status=503)
    title, year = TITLES[n]
    response = JsonResponse({"title": title, "year": year})
    if kind == "garbage":
        response.content = response.content[: len(response.content) // 2]
    return response


@require_safe
@cache_control(no_store=True)
@parameters(Films)
async def films(
    request: HttpRequest, limit: int, at_once: int, patience: float, **asked: float
) -> HttpResponse:
    """Films from an outside service, asked for side by side.

    The group owns the tasks, a semaphore says how many of them may ask at once, and each attempt has a limit
    and, where that may help, another after it. There is no line here about a client that leaves: Django
    cancels the view where it waits, the group cancels what is in it, and the requests are called off.

        django/core/handlers/asgi.py: async def listen_for_disconnect(self, receive):

    Two more pages ask for the same films one by one. `films/sequential` is what becomes of a loop if only
    `await` is put into it: the loop of the server goes on, the view does not. `films/sync` is a view without
    any: Django calls it in a thread, which it holds until the last film is there, even if the client is not.

        django/core/handlers/base.py: wrapped_callback = sync_to_async(
    """
    if response := outside.unavailable(request):
        return response
    client, url = outside.scope_of(request)["state"]["films.async"], outside.address(request) or ""
    began, gate = time.monotonic(), asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(outside.afilm(client, url, number, asked, patience, began, gate))
            for number in range(1, limit + 1)
        ]
    return outside.table([task.result() for task in tasks], began)


@require_safe
@cache_control(no_store=True)
@parameters(Films)
async def films_sequential(
    request: HttpRequest, limit: int, at_once: int, patience: float, **asked: float
) -> HttpResponse:
    """One film after the other, in a coroutine. The story is told with `films`."""
    if response := outside.unavailable(request):
        return response
    client, url = outside.scope_of(request)["state"]["films.async"], outside.address(request) or ""
    began, gate = time.monotonic(), asyncio.Semaphore(1)
    numbers = range(1, limit + 1)
    came = [await outside.afilm(client, url, number, asked, patience, began, gate) for number in numbers]
    return outside.table(came, began)


@require_safe
@cache_control(no_store=True)
def films_sync(request: HttpRequest) -> HttpResponse:
    """One film after the other, in a thread. The story is told with `films`."""
    form = Films({**{name: field.initial for name, field in Films.base_fields.items()}, **request.GET.dict()})
    if not form.is_valid():
        return HttpResponseBadRequest(complaints(form), content_type=TEXT)
    if response := outside.unavailable(request):
        return response
    asked = form.cleaned_data
    limit, patience, _ = asked.pop("limit"), asked.pop("patience"), asked.pop("at_once")
    client, url = outside.scope_of(request)["state"]["films.sync"], outside.address(request) or ""
    began = time.monotonic()
    numbers = range(1, limit + 1)
    return outside.table(
        [outside.film(client, url, number, asked, patience, began) for number in numbers], began
    )


BEGINNING = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Films</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem } td { padding-right: 2rem }</style>
<h1>Films</h1>
<table>
<tr><th>film<th>asked<th>came
"""


@require_safe
@cache_control(no_store=True)
@parameters(Films)
async def progressive(
    request: HttpRequest, limit: int, at_once: int, patience: float, **asked: float
) -> HttpResponseBase:
    """The page first, and the films after it, in the same response.

    What the generator yields is sent at once, so the beginning has left before the first film is asked for.

        django/core/handlers/asgi.py: async for part in content:

    The tasks are in no group: a generator may be closed at its `yield`, and a TaskGroup around one turns that
    into an error. `finally` calls them off.
    """
    if response := outside.unavailable(request):
        return response
    client, url = outside.scope_of(request)["state"]["films.async"], outside.address(request) or ""

    async def page() -> AsyncIterator[str]:
        yield BEGINNING
        began, gate, came = time.monotonic(), asyncio.Semaphore(at_once), 0
        tasks = [
            asyncio.create_task(outside.afilm(client, url, number, asked, patience, began, gate))
            for number in range(1, limit + 1)
        ]
        try:
            for task in asyncio.as_completed(tasks):
                film = await task
                came += film.title is not None
                text = film.title or f"film {film.number} did not come: {', '.join(film.attempts)}"
                times = f"{film.asked:.2f} s", f"{film.done:.2f} s"
                yield format_html("<tr><td>{}<td>{}<td>{}\n", text, *times)
        finally:
            for one in tasks:
                one.cancel()
        summary = f"{came} of {limit} films came in {time.monotonic() - began:.2f} s"
        if came < limit:
            logger.warning("progressive: %s", summary)
        yield f"</table>\n<p>{summary}, {at_once} at once\n"

    return StreamingHttpResponse(nothing() if request.method == "HEAD" else page())
