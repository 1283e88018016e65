"""Who answers where several are looked at together: two conversations, many requests, every server."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ..conversation import Conversation
from . import pages
from .answers import answer, answer_json
from .compare import compared
from .journal import read, summary, word
from .matrix import matrix_of
from .request import Request, TooLargeError
from .running import scope_of
from .servers import sections, told
from .speed import speed_of

if TYPE_CHECKING:
    from .watched import Watch

Servers = Callable[[str, str, Sequence[tuple[str, str]], bytes, int], Awaitable[Sequence[Mapping[str, Any]]]]
"""Ask every server: the method, the target, the headers, the body, and the version of HTTP, 1 or 2.

It returns a mapping for each of them: the name of the `server`, its `version`, the `answer` with `status`,
`http_version`, `headers` and the `size` of its body, or None, the `conversations` as `Conversation.to_json`
has them, read, and an `error`, which is None or a sentence.
"""

CHOICES = 50  # conversations that one may be compared with
STALLS = 200  # conversations that are looked at for stalls
LIMIT = 240.0  # seconds until it is not waited any more for what servers have to tell
FIELDS = 10  # of a form
HEADERS = 50
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # as in RFC 9110, 5.6.2
TARGET = re.compile(r"/[!-~]{0,1999}")
VALUE = re.compile(r"[\t -~\xa0-\xff]*")


async def recorded(watch: "Watch", request: Request) -> None:
    """The newest conversations in short, as JSON."""
    rows = [summary(one) for one in islice(watch.journal.newest(), CHOICES)]
    await answer_json(request.scope, request.send, rows)


async def compare(watch: "Watch", request: Request) -> None:
    """Two conversations side by side, as a page or as JSON; of one alone, what it can be compared with."""
    found = [watch.journal.find(int(id)) for id in request.parts[1:3]]
    one, other = found[0], found[-1]
    frame = watch.frame(request)
    if one is None or other is None:
        text = "One of these conversations is not, or no longer, remembered."
        await watch.absent(request, text, "Not here")
    elif len(found) == 1:
        page = pages.choose(frame, one, *choices(watch, one))
        await answer(request.scope, request.send, page)
    else:
        views = {exhibit.twin_file for exhibit in watch.exhibits if exhibit.twin_file}
        data = await asyncio.to_thread(compared, one, other, views)
        if request.parts[-1] == "json":
            await answer_json(request.scope, request.send, data)
        else:
            page = await asyncio.to_thread(pages.compare, frame, (one, other), data)
            await answer(request.scope, request.send, page)


def choices(watch: "Watch", one: Conversation) -> tuple[list[Conversation], list[Conversation]]:
    """What a conversation may be compared with, the newest first: those with its twin, and others.

    Of the others, those with the same path stand before the rest.
    """
    kind, here = scope_of(one).get("type"), path_of(one)
    there = counterpart(watch, here)
    alike = [
        other
        for other in watch.journal.newest()
        if other.id != one.id and scope_of(other).get("type") == kind
    ]
    twins = [other for other in alike if path_of(other) == there]
    others = sorted(
        (other for other in alike if path_of(other) != there), key=lambda other: path_of(other) != here
    )
    return [*map(read, twins[:CHOICES])], [*map(read, others[:CHOICES])]


def path_of(conversation: Conversation) -> str:
    """Its path below the mount of the site; "" without one."""
    scope = scope_of(conversation)
    return word(scope.get("path")).removeprefix(word(scope.get("root_path")))


def counterpart(watch: "Watch", path: str) -> str | None:
    """The path of the twin of what is at a path, if there is one."""
    for exhibit in watch.exhibits:
        for here, there in ((exhibit.path, exhibit.twin), (exhibit.twin, exhibit.path)):
            if here and there and f"{path}/".startswith(f"{here}/"):
                return there + path.removeprefix(here)
    return None


async def waterfall(watch: "Watch", request: Request) -> None:
    """Many requests at once, drawn by a script."""
    if watch.waterfalls is None:
        await watch.absent(request, "This site has handed the page nothing to draw.", "No waterfall")
        return
    await answer(request.scope, request.send, pages.waterfall(watch.frame(request), watch.waterfalls))


async def stalls(watch: "Watch", request: Request) -> None:
    """When the event loop was held, and for how long, in seconds by the clock of Unix."""
    found = {
        (round(one.started + stall.at / 1e9, 3), round(stall.length / 1e9, 4))
        for one in islice(watch.journal.newest(), STALLS)
        for stall in one.stalls
    }
    await answer_json(request.scope, request.send, sorted(found))


class NotARequestError(ValueError):
    """What stands in a form is no request: a sentence for whoever has filled it in."""


async def servers(watch: "Watch", request: Request) -> None:
    """The form, and what every server has made of what it asks for; one at a time is asked."""
    scope, send, frame = request.scope, request.send, watch.frame(request)
    if watch.servers is None:
        await watch.absent(request, "This site has handed the page no servers to be asked.", "No servers")
        return
    found = await asyncio.to_thread(matrix_of, watch.matrix) if watch.matrix else None
    fast = await asyncio.to_thread(speed_of, watch.speed) if watch.speed else None
    heading = pages.heading(frame, found, fast=fast is not None) if found else ""
    fields = {"headers": f"host: {request.host or 'localhost'}\naccept: */*", **request.query}
    if scope["method"] != "POST":
        await answer(scope, send, pages.servers(frame, fields, matrix=heading))
        return

    status, error, tellings = 200, "", []
    try:
        fields = fields_of(scope, await request.body())
        asked = asked_for(fields, request.root)
        if watch.asking is not None and not watch.asking.done():
            status, error = (
                503,
                "Servers are asked one request at a time, and this one has to wait: try again.",
            )
        else:
            # Whoever gives up waiting does not stop it: what was started has to be stopped in its own time.
            watch.asking = asyncio.ensure_future(watch.servers(*asked))
            done, _ = await asyncio.wait({watch.asking}, timeout=LIMIT)
            if done:
                tellings = [told(one, watch.secret) for one in watch.asking.result()]
            else:
                status, error = 504, f"The servers have not told everything within {LIMIT:g} seconds."
    except OSError:
        return  # Nobody waits for an answer any more.
    except TooLargeError:
        status, error = 413, "This form is too long."
    except NotARequestError as wrong:
        status, error = 400, str(wrong)
    page = pages.servers(frame, fields, tellings, sections(tellings), error=error, matrix=heading)
    await answer(scope, send, page, status=status, more={"retry-after": "20"} if status == 503 else None)


def fields_of(scope: Mapping[str, Any], body: bytes) -> dict[str, str]:
    """The fields of a form. Raises NotARequestError."""
    kinds = [value for name, value in scope["headers"] if name.lower() == b"content-type"]
    if [kind.partition(b";")[0].strip().lower() for kind in kinds] != [b"application/x-www-form-urlencoded"]:
        raise NotARequestError("This takes a form, as browsers send it (application/x-www-form-urlencoded).")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:
        raise NotARequestError("This is not the form of this page.") from error


def asked_for(fields: Mapping[str, str], page: str) -> tuple[str, str, list[tuple[str, str]], bytes, int]:
    """The request in a form. Raises NotARequestError.

    It goes to the servers' own address, so that a target that names another one is none.
    """
    method, target, version = (fields.get(name, "") for name in ("method", "target", "http"))
    if not TOKEN.fullmatch(method):
        raise NotARequestError("A method is one word, such as GET.")
    if not TARGET.fullmatch(target) or target.startswith("//") or "#" in target:
        raise NotARequestError(
            "A path begins with one slash; what is not a printable ASCII character in it is percent-encoded."
        )
    if f"{target.partition('?')[0]}/".startswith(f"{page}/"):
        raise NotARequestError("The requests of this page are not recorded: ask for another path.")
    if version not in ("1", "2"):
        raise NotARequestError("The version of HTTP is 1 or 2.")
    headers = list(headers_in(fields.get("headers", "")))
    # A form has its lines end in CR LF (HTML, 4.10.21.8); they are typed, and meant, as one character.
    body = fields.get("body", "").replace("\r\n", "\n").encode()
    return method, target, headers, body, int(version)


def headers_in(text: str) -> Iterator[tuple[str, str]]:
    """The headers in a text, one in a line. Raises NotARequestError."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > HEADERS:
        raise NotARequestError(f"There are no more than {HEADERS} headers.")
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not TOKEN.fullmatch(name.strip()) or not VALUE.fullmatch(value.strip()):
            raise NotARequestError(f"{line[:100]!r} is no header: write 'name: value'.")
        yield name.strip(), value.strip()


async def matrix(watch: "Watch", request: Request) -> None:
    """The matrix of the lab."""
    found = await asyncio.to_thread(matrix_of, watch.matrix) if watch.matrix else None
    if found is None:
        await watch.absent(request, "The lab has not left any results where this page looks.", "No matrix")
        return
    page = await asyncio.to_thread(pages.matrix, watch.frame(request), found)
    await answer(request.scope, request.send, page)


async def speed(watch: "Watch", request: Request) -> None:
    """How fast the servers are."""
    found = await asyncio.to_thread(speed_of, watch.speed) if watch.speed else None
    if found is None:
        await watch.absent(request, "Nobody has left figures where this page looks.", "No figures")
        return
    await answer(request.scope, request.send, pages.speed(watch.frame(request), found))
