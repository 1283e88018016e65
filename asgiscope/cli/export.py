"""asgiscope export: the gallery of a site as files, with a conversation recorded of each exhibit."""

import argparse
import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..check import Request
from ..check.scenario import Scenario, Step, body, connection, lifespans
from ..check.server import Lifespan, Server
from ..export.credentials import masked
from ..hops import watch_hops
from ..stalls import watch_stalls
from ..target import CannotRun, load
from .arguments import add_target
from .running import run_to_end, stdout_to_stderr
from .trace import of_the_application

if TYPE_CHECKING:
    from ..page import Watch
    from ..page.exhibits import Exhibit
    from ..page.exported import Recorded

DESCRIPTION = """\
Write the gallery of a site as files, to be published, or to be read without a server. TARGET is what watch()
has made with exhibits. Of each exhibit a conversation is recorded, and of its twin: the one that its
transcript begins with."""

TIMEOUT = 5.0  # seconds of a conversation until its client leaves
PATIENCE = 1.0  # seconds that it waits where nothing happens
START = 30.0  # seconds that the application gets to start, and to stop


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export", help="its gallery as files", description=DESCRIPTION
    )
    add_target(parser)
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to; it is made, or is empty")
    parser.set_defaults(main=main)


def main(asked: argparse.Namespace) -> int:
    """Record the conversations and write the files."""
    if find_spec("pygments") is None:
        raise CannotRun(
            "`export` colours source code: install what it needs by `pip install 'asgiscope[page]'`."
        )
    from ..page import Watch
    from ..page.exported import exported

    check_folder(asked.folder)
    with stdout_to_stderr():
        app = load(asked.target, asked.app_dir, factory=asked.factory)
        if not isinstance(app, Watch) or not app.exhibits:
            raise CannotRun(f"{asked.target!r} has no gallery: name what watch(app, exhibits=[...]) returns.")
        with watch_hops(), watch_stalls():
            recorded = run_to_end(all_recorded(app))
    here, count = f"{Path.cwd()}{os.sep}", 0
    for name, text in exported(app.name, app.about, recorded, source=app.source):
        file = asked.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # Where the site is on this disk is nothing to be published.
        file.write_text(text.replace(here, ""), encoding="utf-8")
        count += 1
    first = asked.folder / "index.html"
    print(f"{count} files for {len(recorded)} exhibits are in {asked.folder}: begin with {first}")
    return 0


def check_folder(folder: Path) -> None:
    """Raise CannotRun where files would be mixed with others."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CannotRun(f"{folder} is there and not empty: name another directory, or remove it.")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{folder} cannot be made: {error.strerror}.") from error


async def all_recorded(watch: "Watch") -> list["Recorded"]:
    """A conversation with each exhibit and with each twin, in one lifespan of the site."""
    from ..page.exported import Recorded

    found = []
    async with Lifespan(watch.app, next(lifespans()), START) as lifespan:
        if lifespan.refusal is not None:
            raise CannotRun(f"the application refused to start: {lifespan.refusal}")
        for exhibit in watch.exhibits:
            held = []
            for scenario in scenarios(exhibit):
                server = Server(scenario, lifespan.state)
                conversation = (await server.hold(watch.app, TIMEOUT)).conversation
                held.append(masked(of_the_application(conversation), watch.secret))
            found.append(Recorded(exhibit, held[0], held[1] if len(held) > 1 else None))
    return found


def scenarios(exhibit: "Exhibit") -> Iterator[Scenario]:
    """What is asked of an exhibit, and of its twin: of a page that stands in for one, the page."""
    from ..page.exhibits import reading
    from ..page.shown import requests_of

    asked = next(requests_of(reading(exhibit.file).transcripts), {"type": "http", "target": exhibit.path})
    yield scenario(asked, asked["target"])
    if exhibit.twin is not None:
        page = {"type": "http"} if exhibit.instead else asked
        rest = "" if exhibit.instead else asked["target"].removeprefix(exhibit.path)
        yield scenario(page, exhibit.twin + rest)


def scenario(asked: Mapping[str, Any], target: str) -> Scenario:
    """A request, as the page's form has it, to be held with the application."""
    pieces = [bytes_of(piece) for piece in asked.get("chunks", ())]
    headers = tuple(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.get("headers", ())
    )
    request = Request(asked.get("method", "GET"), target, headers, b"".join(pieces))
    is_websocket = asked["type"] == "websocket"
    scope = connection("websocket" if is_websocket else "http", request)
    if is_websocket:
        scope["subprotocols"] = list(asked.get("subprotocols", ()))
        script = spoken(asked.get("frames", ()))
    else:
        script = body(*(pieces or [b""]))
        if asked.get("leaves"):
            script += (Step({"type": "http.disconnect"}, after="http.response.body"),)
    return Scenario("export", target, scope, script, patience=PATIENCE)


def spoken(frames: Iterable[Mapping[str, str]]) -> tuple[Step, ...]:
    """What the client of a WebSocket does: it connects, says what it has to say, and closes."""
    said = ({"text": frame["text"]} if "text" in frame else {"bytes": bytes_of(frame)} for frame in frames)
    return (
        Step({"type": "websocket.connect"}),
        *(Step({"type": "websocket.receive", **one}, after="websocket.accept") for one in said),
        Step({"type": "websocket.disconnect", "code": 1000, "reason": ""}, after="websocket."),
    )


def bytes_of(piece: Mapping[str, str]) -> bytes:
    """A piece of a body as it is sent."""
    return base64.b64decode(piece["base64"]) if "base64" in piece else piece["text"].encode()
