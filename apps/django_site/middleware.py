"""Middleware: a function that is given the next one, and returns one to put in its place.

The next is the view, or another middleware; either is asked with a request and answers with a response,
so a middleware can stand in settings.MIDDLEWARE for all views or, as here, as a decorator on one.
Each is async, and says so: in front of an async view Django needs no thread for it.
"""

import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.decorators import async_only_middleware
from django.utils.deprecation import MiddlewareMixin

logger = logging.getLogger(__name__)

Response = HttpResponse | StreamingHttpResponse
GetResponse = Callable[[HttpRequest], Coroutine[Any, Any, Response]]


@async_only_middleware
def server_timing(get_response: GetResponse) -> GetResponse:
    """Say in Server-Timing how long the response took: until it is made, not until it is sent."""

    @wraps(get_response)
    async def middleware(request: HttpRequest) -> Response:
        began = time.perf_counter()
        response = await get_response(request)
        response["Server-Timing"] = f"app;dur={(time.perf_counter() - began) * 1000:.1f}"
        return response

    return middleware


@async_only_middleware
def request_id(get_response: GetResponse) -> GetResponse:
    """Give the request an id in its header X-Request-ID, unless it has one, and the response the same."""

    @wraps(get_response)
    async def middleware(request: HttpRequest) -> Response:
        # An id from outside is welcome if it is harmless. It goes into a header and into logs.
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        if not re.fullmatch(r"[\w-]{1,64}", given, re.ASCII):
            request.META["HTTP_X_REQUEST_ID"] = uuid.uuid4().hex
        response = await get_response(request)
        response["X-Request-ID"] = request.META["HTTP_X_REQUEST_ID"]
        return response

    return middleware


@async_only_middleware
def upper_case(get_response: GetResponse) -> GetResponse:
    """Rewrite the body of a text in capitals."""

    @wraps(get_response)
    async def middleware(request: HttpRequest) -> Response:
        response = await get_response(request)
        if not response["Content-Type"].startswith("text/plain"):
            return response
        if isinstance(response, StreamingHttpResponse):
            # The body is not there yet, and may never be all there. What can be replaced is its iterator.
            pieces = response.streaming_content
            response.streaming_content = (
                _upper(pieces) if isinstance(pieces, AsyncIterator) else map(bytes.upper, pieces)
            )
        else:
            response.content = response.content.upper()
        return response

    return middleware


async def _upper(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece.upper()


class DatabaseDown(MiddlewareMixin):
    """Answer 503 where the database does not answer: a page that needs it may be there in a moment.

    It is told of an exception of a view, and of no other moment of a request, so the pages that need no
    database pass by it. Django calls it in a thread.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer; None for an exception that is about something else."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("%s: the database does not answer: %s", request.path, exception)
        return HttpResponse(
            "The database does not answer. Ask again in a few seconds.\n",
            status=503,
            headers={"Retry-After": "5"},
            content_type="text/plain; charset=utf-8",
        )
