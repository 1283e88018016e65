"""A request and its answer.

Django makes a request object of the scope and the body, and events of the response object it gets back.
"""

import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ..decorators import asgi_only

TEXT = "text/plain; charset=utf-8"
CHUNK = 64 * 1024  # bytes


@require_safe
async def hello(request: HttpRequest) -> HttpResponse:
    """A response is one return value.

    The view sees no event. Django has read the request before it is called, and turns what it
    returns into the two events of the exhibit:

        django/core/handlers/asgi.py: await self.send_response(response, send)

    Their content differs in a detail: Django gives header names the case you wrote them in, where
    the specification wants them lower-case. And it treats HEAD as it treats GET, body and all; to
    leave the body out is up to the server.
    """
    return HttpResponse("Hello, world!\n", content_type=TEXT)


class Marking(json.JSONEncoder):
    """JSON in which bytes, and what JSON cannot say at all, are marked."""

    def default(self, o: object) -> object:
        return {"bytes": o.decode("latin-1")} if isinstance(o, bytes) else {"repr": repr(o)}


@require_safe
@asgi_only
async def inspect_scope(request: ASGIRequest) -> HttpResponse:
    """The scope, and the request that Django makes of it.

    `request.scope` is the dict that the server gave. Beside it stands what Django reads out of it:
    `path` is split at `root_path` into SCRIPT_NAME and PATH_INFO, and META looks as it did in WSGI,
    for code that expects it so:

        django/core/handlers/asgi.py: # WSGI-expecting code will need these for a while
    """
    seen = {
        "scope": request.scope,
        "request": {
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "path_info": request.path_info,
            "script_name": request.script_name,
            "GET": request.GET,
            "COOKIES": request.COOKIES,
            "headers": dict(request.headers),
            "META": request.META,
        },
    }
    return JsonResponse(seen, encoder=Marking, json_dumps_params={"indent": 2})


@require_safe
async def headers(request: HttpRequest) -> HttpResponse:
    """Headers are a mapping: what came twice is one line.

    Django joins repeated headers with a comma, and drops names with an underscore, for in META
    they could pass for names with a hyphen.

        django/core/handlers/asgi.py: self.META.update({name: ",".join(value)

    HTTP/2 lets a client split the cookie header, and there a comma is wrong. Django 5.2 uses one all
    the same, so that the first cookie swallows the second; Django 6.1 joins them with a semicolon.

    In the response cookies have a place of their own, so that each can be a header of its own.

        django/core/handlers/asgi.py: for c in response.cookies.values():
    """
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"cookie {name} = {value}" for name, value in request.COOKIES.items()]
    response = HttpResponse("\n".join(lines) + "\n", content_type=TEXT)
    response.set_cookie("first", "1", samesite="Lax")
    response.set_cookie("second", "2", samesite="Lax")
    return response


@require_safe
@asgi_only
async def tls_info(request: ASGIRequest) -> HttpResponse:
    """What the server knows of the TLS connection, out of the scope.

    Django itself asks only whether there is TLS at all, and believes the scheme of the scope; who
    wants to know more finds the extension where the server put it.

        django/core/handlers/asgi.py: return self.scope.get("scheme") or super()._get_scheme()
    """
    tls = (request.scope.get("extensions") or {}).get("tls")
    if tls is None:
        why = f"the server offers no tls extension; the scheme is {request.scheme}"
        found: dict[str, object] = {"tls": None, "why": why}
    else:
        found = {"tls": {**tls, "client_cert_chain": list(tls.get("client_cert_chain") or ())}}
    return JsonResponse(found, encoder=Marking, json_dumps_params={"indent": 2})


@csrf_exempt
@require_POST
async def echo(request: HttpRequest) -> StreamingHttpResponse:
    """The body comes back in pieces, but only after all of it has come.

    Before Django calls a view it has read the request to its end, however long that is, into a file
    that moves from memory to disk when it grows. A gigabyte passes through in constant memory here,
    too, by way of the disk, and the client hears its first byte when it has sent its last.

        django/core/handlers/asgi.py: body_file = await self.read_body(receive)
        django/core/handlers/asgi.py: body_file = tempfile.SpooledTemporaryFile(
    """
    # A disk has no event loop, so a thread reads: not the one of the request, for its order is no matter.
    read = sync_to_async(request.read, thread_sensitive=False)

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await read(CHUNK):
            yield piece

    return StreamingHttpResponse(pieces(), content_type="application/octet-stream")


@require_safe
async def errors(request: HttpRequest) -> HttpResponse:
    """No exception of a view reaches the server, but that of a stream does.

    Around the view and around each middleware Django puts a function that turns exceptions into
    responses, 500 for those it does not know; the server learns nothing of it.

        django/core/handlers/exception.py: response = await get_response(request)

    Returning without an answer ends in the same place: Django raises in the view's name.

        django/core/handlers/base.py: "%s didn't return an HttpResponse object. It returned None "

    A generator runs outside of all that, when the start has left. What it raises goes through to the
    server; on its way it skips the end of the response, so no `request_finished` is sent and what the
    response was to close stays open until it is forgotten.

        django/core/handlers/asgi.py: async for part in content:
    """
    return HttpResponse("before\nafter\nsilent\n", content_type=TEXT)


@require_safe
async def error(request: HttpRequest, when: str) -> HttpResponseBase:
    """One of the errors. Their story is told where they are listed."""

    async def broken() -> AsyncIterator[str]:
        yield "so far, so good\n"
        raise RuntimeError("raised after the response started")

    match when:
        case "before":
            raise RuntimeError("raised before the response started")
        case "after":
            return StreamingHttpResponse(broken(), content_type=TEXT)
        case "silent":
            return None  # type: ignore[return-value]  # this is what the page is about
    return HttpResponseNotFound("There is: before, after, silent\n", content_type=TEXT)
