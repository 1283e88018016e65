"""What is below the path of the page, and who answers it."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from . import beside, pages
from .answers import TEXT, answer, answer_json, stream
from .guard import headers_of
from .journal import read, summary
from .live import FIRST, WATCHERS, live
from .request import Request
from .running import run, runs
from .source import files_of, highlighted
from .taken import progress, taken

if TYPE_CHECKING:
    from .watched import Watch

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
STATIC = files("asgiscope.page") / "static"
READ = ("GET", "HEAD")

Handler = Callable[["Watch", Request], Awaitable[None]]


class Route(NamedTuple):
    """A pattern for the path, without the slash at its beginning, the methods, and who answers.

    What is `public` tells nothing of conversations and causes no requests, so that anybody may ask for it.
    """

    path: str
    methods: tuple[str, ...]
    handler: Handler
    public: bool = False


async def contents(watch: "Watch", request: Request) -> None:
    """The gallery's contents, all of them or what is searched for."""
    query = request.query.get("q", "")
    page = pages.gallery(watch.frame(request), watch.about, watch.exhibits, query)
    await answer(request.scope, request.send, page)


async def exhibit(watch: "Watch", request: Request) -> None:
    """An exhibit, to be read and tried."""
    scope, frame = request.scope, watch.frame(request)
    origin = f"{scope.get('scheme', 'http')}://{request.host or 'localhost:8000'}"
    page = pages.exhibit(frame, watch.exhibits, request.parts[1], origin, runs=watch.record)
    if page is None:
        await watch.absent(request, "There is no such exhibit.")
        return
    await answer(scope, request.send, page)


async def clauses(watch: "Watch", request: Request) -> None:
    """The clauses of the specification."""
    page = pages.clauses(watch.frame(request), request.query.get("q", ""))
    await answer(request.scope, request.send, page)


async def front(watch: "Watch", request: Request) -> None:
    """The conversations, newest first; scripts make the list grow."""
    rows = [summary(one) for one in islice(watch.journal.newest(), FIRST)]
    await answer(request.scope, request.send, pages.live(watch.frame(request), rows))


async def rows(watch: "Watch", request: Request) -> None:
    """The same as events: from `after` on, if that says how many had begun."""
    journal, after = watch.journal, request.number("after")
    if journal.watchers >= WATCHERS:
        text = f"{WATCHERS} pages are told already what happens: close one of them.\n"
        await answer(request.scope, request.send, text, TEXT, 503, {"retry-after": "5"})
        return
    journal.watchers += 1
    try:
        await stream(request.receive, request.send, live(journal, after))
    finally:
        journal.watchers -= 1


async def conversation(watch: "Watch", request: Request) -> None:
    """One conversation: its timeline, and what it can be taken away as.

    It may be long, so that a thread reads it, and the event loop has its turns meanwhile. Whoever knows how
    far it has come is told 204 while it has come no farther.
    """
    scope, send = request.scope, request.send
    found = watch.journal.held(int(request.parts[1]))
    what = request.parts[2] if len(request.parts) > 2 else ""
    if found is None:
        await watch.absent(request, "This conversation is not, or no longer, remembered.", "Not here")
    elif request.query.get("known") == progress(found):
        await answer(scope, send, "", status=204)
    elif what == "":
        page = await asyncio.to_thread(lambda: pages.conversation(watch.frame(request), read(found)))
        await answer(scope, send, page)
    else:
        try:
            text, kind = await asyncio.to_thread(taken, found, what, with_source=watch.source)
        except ValueError as error:
            await answer(scope, send, f"{error}\n", TEXT, 404)
        else:
            await answer(scope, send, text, kind)


async def source(watch: "Watch", request: Request) -> None:
    """The lines of a file that a conversation speaks of."""
    found = watch.journal.find(int(request.parts[1]))
    file = request.query.get("file", "")
    lines = None
    if watch.source and found is not None and file in files_of(found):
        lines = highlighted(file)
    if lines is None:
        await answer_json(request.scope, request.send, {"error": "this source is not shown here"}, 404)
        return
    await answer_json(request.scope, request.send, {"file": file, "lines": lines})


async def static(watch: "Watch", request: Request) -> None:
    """A style sheet, a script or a picture; a browser keeps it, and asks each time whether it is still so."""
    name = request.parts[-1]
    kind = TYPES.get(name[name.rfind(".") :])
    file = STATIC / name
    if kind is None or not file.is_file():
        await watch.absent(request, "There is no such file.")
        return
    data = file.read_bytes()
    tag = f'"{sha256(data).hexdigest()[:16]}"'
    known = tag in ", ".join(headers_of(request.scope).get("if-none-match", []))
    more = {"etag": tag, "cache-control": "no-cache"}
    await answer(request.scope, request.send, b"" if known else data, kind, 304 if known else 200, more)


FRONT = Route("", READ, contents, public=True)
"""The front page of a site that has exhibits."""

ROUTES = (
    Route("", READ, front),
    Route("live", ("GET",), rows),
    Route(r"conversations/[0-9]{1,15}(/(json|drawn|har|text|curl|test))?", READ, conversation),
    Route(r"conversations/[0-9]{1,15}/source", READ, source),
    Route("conversations", READ, beside.recorded),
    Route(r"compare/[0-9]{1,15}(/[0-9]{1,15}(/json)?)?", READ, beside.compare),
    Route("waterfall", READ, beside.waterfall),
    Route("stalls", READ, beside.stalls),
    Route("servers", (*READ, "POST"), beside.servers),
    Route("servers/matrix", READ, beside.matrix),
    Route("servers/speed", READ, beside.speed),
    Route("run", ("POST",), run),
    Route("runs", ("GET",), runs),
    Route(r"exhibits/\w+", READ, exhibit, public=True),
    Route("clauses", READ, clauses, public=True),
    Route(r"static/[\w.-]+", READ, static, public=True),
)

PLACES = (
    ("/", "Live"),
    ("/clauses", "Clauses"),
)
"""What the header leads to: paths below that of the page, and what they are called."""
