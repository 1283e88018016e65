"""The films of an outside service: how the views of `views/services.py` ask for one, and show them."""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
ATTEMPTS = 3
BACKOFF = 0.1  # seconds before the second attempt, and twice as many before the third
LONGEST_PAUSE = 5.0  # seconds, whatever the service says in Retry-After
# The service was not able to, and may be soon. Any other status would be the same again.
WORTH_ANOTHER = {429, 502, 503, 504}
LOOPBACK = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}

Parameters = Mapping[str, float]
"""What the service is to do, in its own words: delay, trouble, seed, capacity."""


@asynccontextmanager
async def clients(state: dict[str, Any]) -> AsyncIterator[None]:
    """Open a client for async views and one for the others, and close them at the end.

    Raises ImproperlyConfigured where FILMS_API_URL is no URL.
    """
    try:
        url = httpx.URL(settings.FILMS_API_URL or "http://localhost")
        if url.scheme not in ("http", "https") or not url.host:
            raise httpx.InvalidURL("no address of a service on the web")
    except httpx.InvalidURL as error:
        raise ImproperlyConfigured(
            f"FILMS_API_URL is no URL such as http://localhost:8001: {error}"
        ) from None
    # Over TLS the two sides agree on HTTP/2 by themselves. In clear text nobody asks, so that the client has
    # to know beforehand, and then it speaks nothing else.
    options: dict[str, Any] = {
        "http1": not settings.FILMS_API_HTTP2,
        "http2": True,
        "verify": ssl.create_default_context(),
    }
    async with httpx.AsyncClient(**options) as for_async_views:
        with httpx.Client(**options) as for_others:
            state["films.async"], state["films.sync"] = for_async_views, for_others
            yield


def scope_of(request: HttpRequest) -> dict[str, Any]:
    """The scope of a request; an empty one under WSGI."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return scope


def address(request: HttpRequest) -> str | None:
    """The URL of the service: FILMS_API_URL, or on this site; None where that is on no loopback address."""
    if url := settings.FILMS_API_URL:
        return str(url).rstrip("/")
    scope = scope_of(request)
    # The server's own address, which no client has a say in, as it has in the header Host.
    host, port = scope.get("server") or (None, None)
    if host not in LOOPBACK:
        return None
    return f"{scope.get('scheme', 'http')}://{LOOPBACK[host]}:{port}{reverse('films_api')}"


def unavailable(request: HttpRequest) -> HttpResponse | None:
    """The answer where no film can be asked for, which says why; None where they can."""
    why = None
    if "films.async" not in scope_of(request).get("state", {}):
        why = "No client to ask with: this server runs no lifespan.\n"
    elif address(request) is None:
        why = "This site is on no port of 127.0.0.1: FILMS_API_URL has to say where films are.\n"
    return HttpResponse(why, status=503, content_type=TEXT) if why else None


class Verdict(NamedTuple):
    """What became of an attempt: the title if the film has come, a word, and whether to try again."""

    title: str | None
    word: str
    pause: float | None  # seconds until it is worth another attempt; None: it is not


def verdict(answer: httpx.Response | Exception, attempt: int) -> Verdict:
    """What an answer means, or the exception in its place. Nothing here waits: any view may call it."""
    # What has been refused together should not come back together, so the pause is a little random.
    pause = BACKOFF * 2 ** (attempt - 1) * random.uniform(1, 2)  # noqa: S311 - no secret depends on it
    match answer:
        case TimeoutError() | httpx.TimeoutException():
            return Verdict(None, "timeout", pause)
        case Exception():
            return Verdict(None, type(answer).__name__, pause)
    if answer.status_code == 200:
        try:
            film = answer.json()
            # It may hold half a character, which JSON can say and UTF-8 cannot.
            title = f"{film['title']} ({film['year']})".encode(errors="replace").decode()
            return Verdict(title, "200", None)
        except (ValueError, KeyError, TypeError, RecursionError):
            # The service calls it a success, and to ask again would hardly make it another.
            return Verdict(None, "200, not a film", None)
    if answer.status_code not in WORTH_ANOTHER:
        return Verdict(None, str(answer.status_code), None)
    if (after := answer.headers.get("retry-after", "")).isdecimal():
        pause = min(float(after), LONGEST_PAUSE)
    return Verdict(None, str(answer.status_code), pause)


class Film(NamedTuple):
    """A line of the table; `asked` and `done` are seconds since its beginning."""

    number: int
    title: str | None
    asked: float
    done: float
    attempts: list[str]


def film(
    client: httpx.Client, url: str, number: int, parameters: Parameters, patience: float, began: float
) -> Film:
    """Ask for a film, once. The thread waits."""
    asked = time.monotonic() - began
    answer: httpx.Response | Exception
    try:
        answer = client.get(f"{url}/{number}", params=parameters, timeout=patience)
    except httpx.RequestError as error:
        answer = error
    title, word, _ = verdict(answer, 1)
    return Film(number, title, asked, time.monotonic() - began, [word])


async def afilm(
    client: httpx.AsyncClient,
    url: str,
    number: int,
    parameters: Parameters,
    patience: float,
    began: float,
    gate: asyncio.Semaphore,
) -> Film:
    """Ask for a film, and again where that may help. The loop goes on meanwhile."""
    first, title, attempts = None, None, []
    for attempt in range(1, ATTEMPTS + 1):
        answer: httpx.Response | Exception
        try:
            # The limit is for the attempt as a whole: those of httpx hold for every single read.
            async with gate, asyncio.timeout(patience):
                first = time.monotonic() - began if first is None else first
                answer = await client.get(
                    f"{url}/{number}", params={**parameters, "attempt": attempt}, timeout=None
                )
        except (TimeoutError, httpx.RequestError) as error:
            answer = error
        title, word, pause = verdict(answer, attempt)
        attempts.append(word)
        if pause is None:
            break
        # The gate is open in the meantime: others can pass while this one waits.
        if attempt < ATTEMPTS:
            await asyncio.sleep(pause)
    return Film(number, title, first or 0.0, time.monotonic() - began, attempts)


def table(films: Sequence[Film], began: float) -> HttpResponse:
    """The films as a page of text. 502 if none of them has come, or 504 if nothing else has, either."""
    took = time.monotonic() - began
    came = sum(film.title is not None for film in films)
    lines = [
        f"{film.title or f'film {film.number}':24}{film.asked:6.2f} s {film.done:6.2f} s"
        f"  {', '.join(film.attempts)}"
        for film in films
    ]
    status, summary = 200, f"{came} of {len(films)} films came in {took:.2f} s"
    if came < len(films):
        logger.warning("films: %s", summary)
    if came == 0:
        status = 504 if all(film.attempts[-1] == "timeout" for film in films) else 502
        summary = f"The service that has the films, FILMS_API_URL or this site, has given none.\n{summary}"
    text = "\n".join([f"{'':24}{'asked':>8}{'done':>9}", *lines, summary, ""])
    headers = {"Server-Timing": f"films;dur={took * 1000:.1f}"}
    return HttpResponse(text, status=status, headers=headers, content_type=TEXT)
