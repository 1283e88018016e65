"""Twenty requests at once to one page, and who ran when: as JSON, and as a drawing.

Middleware by hand. It answers what ends in `/waterfall`, and hands on everything else. The application behind
it has a page that lists ways to take a second, as JSON, and below it a page for each, which says where that
was, and when: `apps/raw_asgi/blocking.py` is such an application.

The twenty are calls of that application, made in tasks on this event loop, each with a scope, a `receive` and
a `send` of its own. To an application that is what requests are, and every time here is the one at which the
application said something. A client on this loop would be stopped together with what it measures, and one
elsewhere would measure sockets, too. They are what is left out, with the server that reads from them and with
its other workers, who may be free while this one is not.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from apps.drawing import drawing

Scope = dict[str, Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

COUNT = 20
TICK = 0.01  # seconds between two looks at the clock from the event loop
LATE = 0.005  # seconds; a look that is less late than this was on time

TEXT = b"text/plain; charset=utf-8"
KINDS = {
    "/waterfall": b"text/html; charset=utf-8",
    "/waterfall.json": b"application/json",
    "/waterfall.svg": b"image/svg+xml",
}

# A waterfall can stop the whole site for as long as it lasts, so there is one at a time.
turn = asyncio.Lock()
BUSY = "There is one waterfall at a time, and another one has not ended: try again in a while.\n"

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Twenty requests at once</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem; line-height: 1.2; margin-bottom: 0 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem }
  dt { font-family: ui-monospace, monospace }
  dd { margin: 0 }
  iframe { width: 100%; aspect-ratio: 960 / 590; border: 0 }
</style>
<h1>Twenty requests at once</h1>
<p>Each takes a second. How long do all of them take, and who has to wait meanwhile? Choose a way. Those that
hold the event loop hold up every page of this site, for twenty seconds.</p>
"""


def page(ways: dict[str, str]) -> str:
    """The page that draws the waterfall of the way that one chooses."""
    link = '<dt><a href="waterfall.svg?way={0}" target="drawing">{0}</a></dt><dd>{1}</dd>\n'
    rows = "".join(link.format(escape(way), escape(about)) for way, about in ways.items())
    return f'{PAGE}<dl>\n{rows}</dl>\n<iframe name="drawing" title="The drawing"></iframe>\n'


class Call:
    """A conversation with the application about one request; once `left` is set, the client has left."""

    def __init__(self, app: Application, scope: Scope, left: asyncio.Event) -> None:
        self.start = time.monotonic()
        self.first_byte = self.end = 0.0
        self.status, self.body = 0, b""
        self._unsaid = [{"type": "http.request"}]
        self._left = left
        self.task = asyncio.create_task(self._hold(app, scope))

    async def _hold(self, app: Application, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Event:
        if self._unsaid:
            return self._unsaid.pop()
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self.first_byte, self.status = time.monotonic(), event["status"]
        else:
            self.body += event.get("body", b"")
            self.end = time.monotonic()


async def calls(app: Application, scope: Scope, count: int, left: asyncio.Event) -> list[Call]:
    """So many calls of the application at once, when all have ended. Raises what one of them has raised."""
    made = [Call(app, scope, left) for _ in range(count)]
    tasks = [call.task for call in made]
    try:
        await asyncio.wait(tasks)
    finally:
        # Whoever cancels this wait does not cancel the calls. They are told what a server would tell them.
        left.set()
        await asyncio.wait(tasks)
    for error in filter(None, [task.exception() for task in tasks]):
        raise error
    return made


async def watch(stalls: list[tuple[float, float]]) -> None:
    """Look at the clock again and again, and note when that should have been and how late it was."""
    while True:
        due = time.monotonic() + TICK
        try:
            await asyncio.sleep(TICK)
        finally:
            # The last look may be one that was due and is cancelled before it comes.
            if (late := time.monotonic() - due) > LATE:
                stalls.append((due, late))


async def fall(app: Application, scope: Scope, left: asyncio.Event) -> tuple[int, dict[str, Any] | str]:
    """Ask for the page of the scope twenty times at once: what became of it, or how it was refused."""
    stalls: list[tuple[float, float]] = []
    watcher = asyncio.create_task(watch(stalls))
    try:
        made = await calls(app, scope, COUNT, left)
    finally:
        watcher.cancel()
        await asyncio.wait({watcher})
    for call in made:
        if call.status != 200:
            return call.status, call.body.decode()

    zero = made[0].start
    lanes = []
    for call in made:
        did = json.loads(call.body)
        times = {"start": call.start, "began": did["began"], "ended": did["ended"]}
        times |= {"first_byte": call.first_byte, "end": call.end}
        lane = {name: round(at - zero, 4) for name, at in times.items()}
        lanes.append({**lane, **{name: did[name] for name in ("process", "thread", "held")}})
    return 200, {
        "total": max(lane["end"] for lane in lanes),
        "latest": max((round(late, 4) for _, late in stalls), default=0.0),
        "stalls": [{"due": round(due - zero, 4), "late": round(late, 4)} for due, late in stalls],
        "requests": lanes,
    }


class Waterfall:
    """An ASGI application around another one, whose list of ways is at the path `at` below its mount."""

    def __init__(self, app: Application, at: str = "") -> None:
        self.app = app
        self.at = at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one conversation. Raises what the application raises."""
        path = scope["path"] if scope["type"] == "http" else ""
        kind = KINDS.get(path.removeprefix(scope.get("root_path", "") + self.at))
        if kind is None:
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 405, "headers": headers})
            await send({"type": "http.response.body"})
            return
        while (event := await receive()).get("more_body"):
            pass
        if event["type"] == "http.disconnect":
            return

        left = asyncio.Event()
        gone = asyncio.ensure_future(receive())
        gone.add_done_callback(lambda _: left.set())
        try:
            # HEAD asks for nothing that would be worth stopping the site for.
            status, body = (200, "") if scope["method"] == "HEAD" else await self._answer(scope, kind, left)
            if gone.done():
                return
        finally:
            gone.cancel()
        headers = [(b"content-type", kind if status == 200 else TEXT), (b"cache-control", b"no-store")]
        if body == BUSY:
            headers.append((b"retry-after", b"20"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    async def _answer(self, scope: Scope, kind: bytes, left: asyncio.Event) -> tuple[int, str]:
        base = scope.get("root_path", "") + self.at
        # What the twenty ask for is another page. Of the headers, only the host is theirs, too.
        host = [(name, value) for name, value in scope["headers"] if name.lower() == b"host"]
        inner = {
            **scope,
            "headers": host,
            "extensions": {},
            "raw_path": None,
            "path": base,
            "query_string": b"",
        }
        [listed] = await calls(self.app, inner, 1, asyncio.Event())
        ways: dict[str, str] = json.loads(listed.body)
        if kind == KINDS["/waterfall"]:
            return 200, page(ways)

        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        way = query.pop("way", "")
        if way not in ways:
            return 400, f"way is one of {', '.join(ways)}\n"
        if turn.locked():
            return 503, BUSY
        async with turn:
            inner |= {"path": f"{base}/{way}", "query_string": urlencode(query).encode()}
            status, fallen = await fall(self.app, inner, left)
        if isinstance(fallen, str):
            return status, fallen
        fallen = {"way": way, "about": ways[way], **fallen}
        return 200, json.dumps(fallen, indent=2) + "\n" if kind == KINDS["/waterfall.json"] else drawing(
            fallen
        )
