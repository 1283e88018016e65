"""What stands around an application: the page below its path, and a recorder in front of everything else."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..conversation import Conversation
from ..export.credentials import hidden
from ..export.credentials import secrets as secrets_of
from ..hops import watch_hops
from ..recorder import Application, Recorder
from ..stalls import LIMIT, watch_stalls
from . import pages
from .answers import TEXT, Receive, Send, answer
from .beside import Servers
from .exhibits import Exhibit
from .guard import refusal
from .journal import KEPT, Journal
from .request import Request
from .routes import FRONT, PLACES, ROUTES, Route
from .waterfall import Waterfalls

PREFIX = "/__asgiscope__"
BODY = 4096  # bytes of a body that are kept of one event


class Watch:
    """An ASGI application around another one: it records its conversations and shows them below PREFIX.

    `hosts` are names of this machine besides localhost, by which the page may be asked for. With
    `source=False` no source code is shown of what is recorded. `secrets` are words: what has one of them in
    its name, a header, a field or a parameter, is recorded without its value, as it is with the usual ones.
    `kept` is how many conversations are remembered, `body` how many bytes of each body. `sink` hears of each
    conversation, too. With `record=False`, nothing is recorded, and no more is shown than the exhibits and
    the clauses.

    `exhibits` are a gallery, which is the front page of the site then; `name` is what stands above it, and
    `about` what it is about, in paragraphs.

    `waterfalls` are many requests at once, to be drawn. `servers` asks other servers for the same, and
    `matrix` is the file in which the lab has left its results, `speed` that with how fast the servers are.

    While the lifespan goes on, crossings to threads are noted, too, and stalls of the event loop from `stall`
    seconds on.
    """

    def __init__(
        self,
        app: Application,
        *,
        hosts: Collection[str] = (),
        source: bool = True,
        secrets: Collection[str] = (),
        kept: int = KEPT,
        body: int = BODY,
        sink: Callable[[Conversation], object] | None = None,
        record: bool = True,
        stall: float = LIMIT,
        exhibits: Iterable[Exhibit] = (),
        name: str = "asgiscope",
        about: str = "",
        waterfalls: Waterfalls | None = None,
        servers: Servers | None = None,
        matrix: Path | None = None,
        speed: Path | None = None,
    ) -> None:
        self.app = app
        self.journal = Journal(kept)
        self.secret = secrets_of(secrets)
        self.sink = sink
        self.record = record
        hide = partial(hidden, secret=self.secret)
        self.recorded = Recorder(app, self.begin, keep=body, hide=hide) if record else app
        self.hosts = frozenset(map(str.lower, hosts))
        self.source = source
        self.stall = stall
        self.exhibits = tuple(exhibits)
        self.name = name
        self.about = about
        self.waterfalls = waterfalls
        self.servers = servers
        self.matrix = matrix
        self.speed = speed
        self.asking: asyncio.Future[Sequence[Mapping[str, Any]]] | None = None  # what servers have to tell
        self.running = 0  # requests that are sent for the page at this moment

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            site = scope.get("root_path", "").rstrip("/")
            path = scope["path"].removeprefix(site)
            if path == PREFIX or path.startswith(f"{PREFIX}/"):
                parts = path.removeprefix(PREFIX).split("/")
                await self.show(scope, receive, send, site, tuple(filter(None, parts)))
                return
            if self.exhibits and path in ("", "/"):
                await self.handle(FRONT, Request(scope, receive, send, site + PREFIX, site, ()))
                return
        elif scope["type"] == "lifespan" and self.record:
            with watch_hops(), watch_stalls(self.stall):
                await self.recorded(scope, receive, send)
            return
        await self.recorded(scope, receive, send)

    def begin(self, conversation: Conversation) -> None:
        """Hear of a conversation that begins."""
        self.journal.begin(conversation)
        if self.sink is not None:
            self.sink(conversation)

    async def show(self, scope: Any, receive: Receive, send: Send, site: str, parts: tuple[str, ...]) -> None:
        """Answer a request to the page itself."""
        request = Request(scope, receive, send, site + PREFIX, site, parts)
        for route in ROUTES:
            if re.fullmatch(route.path, "/".join(parts)):
                await self.handle(route, request)
                return
        await self.absent(request, "There is no such page.")

    async def absent(self, request: Request, text: str, title: str = "Nothing here") -> None:
        """Say that what was asked for is not here, by a page and with the status 404."""
        page = pages.said(self.frame(request), title, text)
        await answer(request.scope, request.send, page, status=404)

    async def handle(self, route: Route, request: Request) -> None:
        """Let a route answer, if this request may ask it."""
        scope, send = request.scope, request.send
        if not route.public and (reason := refusal(scope, self.hosts)) is not None:
            await answer(scope, send, f"{reason}\n", TEXT, 403)
        elif not route.public and not self.record:
            await self.absent(request, "Nothing is recorded on this site.")
        elif scope["method"] not in route.methods:
            await answer(scope, send, "", TEXT, 405, {"allow": ", ".join(route.methods)})
        else:
            await route.handler(self, request)

    def frame(self, request: Request) -> pages.Frame:
        """What stands around the pages of this site."""
        root, site = request.root, request.site
        places = [(f"{root}{path}", words) for path, words in PLACES]
        if not self.record:
            places = [(f"{root}/clauses", "Clauses")]
        if self.exhibits:
            places.insert(0, (f"{site}/", "Exhibits"))
        if self.waterfalls is not None and self.record:
            places.append((f"{root}/waterfall", "Waterfall"))
        if self.servers is not None and self.record:
            places.append((f"{root}/servers", "Servers"))
        return pages.Frame(root, site, self.name, tuple(places), bool(self.exhibits))


def watch(app: Application, **options: Any) -> Watch:
    """Record an application's conversations and show them below `/__asgiscope__/`.

    The options are those of `Watch`.
    """
    return Watch(app, **options)
