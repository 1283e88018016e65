"""Bodies and files.

Django holds a body whole before it goes on: one that comes in, in memory or on disk; a file that goes out,
in memory.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    condition,
    require_http_methods,
    require_safe,
)

TEXT = "text/plain; charset=utf-8"
CHUNK = 64 * 1024  # bytes
LIMIT = 10_000_000  # bytes of one upload


# The uploads that are under way, as far as a view can know of them.
uploads: dict[HttpRequest, dict[str, int | None]] = {}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
async def upload(request: HttpRequest) -> HttpResponse:
    """A limit comes too late to spare the reading, and progress too late to be seen.

    The same limit and the same answers as the exhibit; but when this view looks at Content-Length, the
    body has arrived, been stored, and waits to be read a second time. Nobody sees an upload grow,
    for while it does there is no request yet. What is too large has to be stopped before Django, by a
    proxy or by an application that is mounted beside it.

        django/core/handlers/asgi.py: body_file = await self.read_body(receive)

    Django's own limit, DATA_UPLOAD_MAX_MEMORY_SIZE, is about memory: it guards `request.body` and forms,
    not the disk, and whoever reads the request as a file does not meet it.

        django/http/request.py: msg = "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE."
    """
    if request.method != "POST":
        return JsonResponse({"uploads": list(uploads.values())})

    try:
        declared = int(request.META["CONTENT_LENGTH"])
    except (KeyError, ValueError):
        declared = None
    received = 0
    uploads[request] = progress = {"received": received, "of": declared}
    sha256 = hashlib.sha256()
    read = sync_to_async(request.read, thread_sensitive=False)
    try:
        while max(received, declared or 0) <= LIMIT and (piece := await read(CHUNK)):
            sha256.update(piece)
            received += len(piece)
            progress["received"] = received
    finally:
        del uploads[request]
    if max(received, declared or 0) > LIMIT:
        return HttpResponse(f"an upload has at most {LIMIT} bytes\n", status=413, content_type=TEXT)
    return JsonResponse({"received": received, "sha256": sha256.hexdigest()})


def listed() -> dict[str, Path]:
    """The files that are served, by name. What is not in here is not there, whatever its path says."""
    return {path.name: path for path in settings.GALLERY.glob("*.py")}


def tag(request: HttpRequest, name: str) -> str | None:
    """The ETag of a file; None if there is no such file."""
    if name not in (found := listed()):
        return None
    stat = found[name].stat()
    return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def modified(request: HttpRequest, name: str) -> datetime | None:
    """When a file last changed; None if there is no such file."""
    found = listed()
    return datetime.fromtimestamp(found[name].stat().st_mtime, UTC) if name in found else None


@require_safe
async def files(request: HttpRequest) -> HttpResponse:
    """A file is a FileResponse: always the whole of it, and in memory before its first byte leaves.

    `condition` gives it a tag and a date and answers 304 where the client has it already. No range is
    answered: a client that asks for a part gets 200 and all of it, which HTTP allows. Nor does any
    extension for sending files come to use.

    A file is an iterator that is not async, and for those Django has one way under ASGI: it takes a
    list of all pieces, and warns you that it did.

        django/http/response.py: for part in await sync_to_async(list)(self.streaming_content):
    """
    return HttpResponse("\n".join(sorted(listed())) + "\n", content_type=TEXT)


@require_safe
@condition(etag_func=tag, last_modified_func=modified)
async def file(request: HttpRequest, name: str) -> FileResponse:
    """One of the files. Its story is told where they are listed."""
    found = listed()
    if name not in found:
        raise Http404(f"there is no file {name}")
    return FileResponse(found[name].open("rb"), content_type="text/plain; charset=utf-8")
