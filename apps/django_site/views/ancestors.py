"""The ancestors.

Django is older than ASGI. It still speaks WSGI, and through it CGI.
"""

import asyncio
import os
import sys
import threading

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ..decorators import asgi_only

TEXT = "text/plain; charset=utf-8"
LIMIT = 64 * 1024  # bytes of a request body
TIMEOUT = 10  # seconds until a program has had its turn and answered
# Processes are costly: at most eight at a time, and further requests wait for their turn.
turns = asyncio.Semaphore(8)

VARIABLES = {
    *("GATEWAY_INTERFACE", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE"),
    *("REMOTE_ADDR", "REMOTE_HOST", "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"),
    *("CONTENT_LENGTH", "CONTENT_TYPE"),
}


@require_safe
def wsgi(request: HttpRequest) -> HttpResponse:
    """A view that is not async is what every view was under WSGI: a function in a thread.

    No adapter is needed, for Django has one inside. META is nearly the environ that such a view
    expects: what the server used to say about itself is missing.

        django/core/handlers/base.py: wrapped_callback = sync_to_async(

    The thread is one of the request's own, where all its code that is not async runs, or one that this site
    lends it. Should the client leave, nobody can stop a thread: the view runs to its end, and what it returns
    is thrown away.
    """
    names = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL", "wsgi.version")
    lines = [f"{name} = {request.META.get(name, '')}\n" for name in names]
    hello = f"Hello from {threading.current_thread().name}!\n"
    return HttpResponse([hello, *lines], content_type=TEXT)


def variables(request: HttpRequest) -> dict[str, str]:
    """The variables of RFC 3875, section 4.1, that META has; under CGI it is the whole environment."""
    # A header `proxy` would become HTTP_PROXY, which programs take for a setting of their own: a client
    # could send their requests wherever it likes. Credentials are not passed on either (4.1.18).
    private = ("HTTP_PROXY", "HTTP_AUTHORIZATION")
    return {
        name: value
        for name, value in sorted(request.META.items())
        if name in VARIABLES or (name.startswith("HTTP_") and name not in private)
    }


@csrf_exempt
@require_http_methods(["GET", "POST"])
@asgi_only
async def cgi(request: ASGIRequest) -> HttpResponse:
    """CGI: Django is started for one request, answers it, and ends.

    META has the variables already. They go into the environment of cgi_program.py, the body to its
    standard input, and what it prints is the response. Behind the standard library's CGIHandler stands
    the same project, as the WSGI application that Django still is, with the view `program`.

        django/core/wsgi.py: return WSGIHandler()

    Every request pays for the start of Python and the import of Django and of all that the project has in it.
    Without a process of its own, the same view answers at cgi/program.
    """
    body = request.read(LIMIT + 1)
    if len(body) > LIMIT:
        return HttpResponse(f"a body has at most {LIMIT} bytes\n", status=413, content_type=TEXT)
    environ = {
        **variables(request),
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "django_site",
        "SERVER_PROTOCOL": f"HTTP/{request.scope['http_version']}",
        # A mount is text, and PEP 3333 wants text as the bytes of its UTF-8.
        "SCRIPT_NAME": request.META["SCRIPT_NAME"].encode().decode("latin-1"),
        "PATH_INFO": reverse("program").removeprefix(request.META["SCRIPT_NAME"]),
        "CONTENT_LENGTH": str(len(body)),
    }
    try:
        async with asyncio.timeout(TIMEOUT), turns:
            status, output = await run(environ, body)
    except TimeoutError:
        return HttpResponse("the program took too long\n", status=504, content_type=TEXT)
    if status != 0:
        return HttpResponse("the program failed\n", status=502, content_type=TEXT)

    # What it printed is headers, an empty line and the body. `Status` is meant for the server: it becomes
    # the status of the response and goes no further (6.3.3).
    head, _, rest = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n"))
    return HttpResponse(rest, status=headers.pop("Status").split()[0], headers=headers)


async def run(environ: dict[str, str], body: bytes) -> tuple[int | None, bytes]:
    """Start the program, give it the body, and return its exit status and all that it printed."""
    # META has what the client said as Latin-1; as bytes again, nothing is lost on the way. A variable ends
    # at its first zero byte.
    added = {name: os.fsdecode(value.replace("\0", "").encode("latin-1")) for name, value in environ.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, settings.PROJECT / "cgi_program.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **added},
    )
    try:
        output, _ = await process.communicate(body)
    finally:
        # However this ends, by cancellation too, the process does not stay behind.
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, output


@csrf_exempt
@require_http_methods(["GET", "POST"])
def program(request: HttpRequest) -> HttpResponse:
    """What cgi_program.py answers with. Its story is told by `cgi`."""
    lines = [f"Hello from process {os.getpid()}!\n"]
    lines += [f"{name} = {value}\n" for name, value in variables(request).items()]
    if request.method == "POST":
        lines += ["\n", request.read(LIMIT).decode(errors="replace")]
    return HttpResponse(lines, content_type=TEXT)
