"""Middleware: a function that is given the next one, and returns one to put in its place.

The next is the view, or another middleware; either is asked with a request and answers with a response,
so a middleware can stand in settings.MIDDLEWARE for all views or, as here, as a decorator on one.
Each is async, and says so: in front of an async view Django needs no thread for it.
"""

import re
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.decorators import async_only_middleware

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
