"""asgiscope watch: serve an application, and show each of its conversations as it is held."""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from operator import attrgetter
from typing import Any

from ..conversation import Conversation, Event, Hop, Stall
from ..hops import watch_hops
from ..recorder import Application, Recorder
from ..stalls import LIMIT
from ..target import CannotRun, load
from ..terminal import coloured, paint_for, width
from ..timeline import Timeline
from .arguments import add_target
from .running import of_asgi_3
from .trace import watching_stalls

DESCRIPTION = """\
Serve an application, and show its conversations: each as a timeline when it has ended, and what stays open
event by event; with each call between the event loop and a thread, and what held the loop. A page below
/__asgiscope__/ draws them beside the source, as they happen. It listens on this machine alone, unless --host
says otherwise."""

SHORT = 1_000_000_000  # nanoseconds: what lasts longer is shown as it goes on
LASTING = ("websocket", "lifespan")  # and so are these, from their beginning
GRACE = 1  # seconds that connections have to end, when the server is to stop

Serve = Callable[[Application, socket.socket], Coroutine[Any, Any, bool]]
"""Serve an application on a socket, until Ctrl-C; whether the application has started."""


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "watch",
        help="serve it, and show its conversations",
        description=DESCRIPTION,
        epilog="Ctrl-C ends it.",
    )
    add_target(parser)
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s, this machine alone")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s; 0 is any that is free")
    parser.add_argument(
        "--stall", type=float, default=LIMIT, metavar="SECONDS",
        help="how long the event loop may be held until that is told; default: %(default)g",
    )  # fmt: skip
    parser.add_argument(
        "--no-source", action="store_true", help="show no source code on the page of conversations"
    )
    parser.set_defaults(main=main)


def main(asked: argparse.Namespace) -> int:
    """Serve the target until Ctrl-C."""
    name, serve = server()
    app = of_asgi_3(load(asked.target, asked.app_dir, factory=asked.factory))
    with listening(asked.host, asked.port) as listener, watch_hops(), watching_stalls(asked.stall):
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"{asked.target} is watched at http://{shown}:{port} ({name}); Ctrl-C ends it.", flush=True)
        watcher = Watcher(paint_for(sys.stdout) is coloured)
        if find_spec("pygments"):
            from ..page import watch

            print(f"Its conversations are drawn at http://{shown}:{port}/__asgiscope__/", flush=True)
            app = watch(app, sink=watcher.begin, source=not asked.no_source, stall=asked.stall)
        else:
            print("To see them drawn in a browser, install 'asgiscope[page]'.", flush=True)
            app = Recorder(app, watcher.begin)
        try:
            started = asyncio.run(serve(app, listener))
        except KeyboardInterrupt:
            return 0
    if not started:
        raise CannotRun(f"{asked.target!r} did not start: what its lifespan said is shown above.")
    return 0


def server() -> tuple[str, Serve]:
    """The server that is installed: its name, and how it serves."""
    for name, serve in (("uvicorn", with_uvicorn), ("hypercorn", with_hypercorn)):
        if find_spec(name):
            return name, serve
    raise CannotRun("`watch` needs a server: install uvicorn, as in `pip install 'uvicorn[standard]'`.")


async def with_uvicorn(app: Application, listener: socket.socket) -> bool:
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", interface="asgi3", timeout_graceful_shutdown=GRACE)
    found = uvicorn.Server(config)
    try:
        await found.serve([listener])
    except SystemExit:  # as uvicorn has it, where the application does not start
        return False
    return found.started


async def with_hypercorn(app: Application, listener: socket.socket) -> bool:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from hypercorn.utils import LifespanFailureError

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    config.graceful_timeout = GRACE
    try:
        await serve(app, config)
    except LifespanFailureError:
        return False
    return True


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; raises CannotRun where it cannot."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = "there is no such port"
        if isinstance(error, OSError):
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise CannotRun(
            f"nobody can listen at {host}:{port}: {reason}; --port 0 finds a free port."
        ) from error


@dataclass
class Shown:
    """What is shown of a conversation that goes on: how many violations, and what has happened besides."""

    violations: int = 0
    beside: set[Hop | Stall] = field(default_factory=set)


@dataclass
class Watcher:
    """Prints conversations: `live` are those that are shown as they go on."""

    colour: bool
    live: dict[int, Shown] = field(default_factory=dict)

    def begin(self, conversation: Conversation) -> None:
        """Hear of a conversation that begins."""
        conversation.listeners.append(self.hear)
        if conversation.scope.get("type") in LASTING:
            self.open(conversation)

    def hear(self, conversation: Conversation, event: Event | None) -> None:
        """Show what is to be shown when an event was said, or when the end has come."""
        timeline = self.timeline(conversation)
        if conversation.id not in self.live:
            if event is not None and event.at > SHORT:
                self.open(conversation)
            elif event is None and conversation.outcome.how != "open":
                show(["", *timeline.conversation(conversation)])
        elif event is not None:
            self.show_new_hops_and_stalls(conversation, timeline)
            show(timeline.event(event))
            self.show_new_violations(conversation, timeline)
        elif conversation.outcome.how != "open":
            self.show_new_hops_and_stalls(conversation, timeline)
            show(timeline.ending(conversation.outermost))
            self.show_new_violations(conversation, timeline)
            del self.live[conversation.id]

    def open(self, conversation: Conversation) -> None:
        """Show what there is so far of a conversation, and from now on what comes."""
        timeline, lane = self.timeline(conversation), conversation.outermost
        self.live[conversation.id] = Shown()
        show(["", *timeline.opening(lane)])
        self.show_new_hops_and_stalls(conversation, timeline)
        for event in lane.events:
            show(timeline.event(event))
        self.show_new_violations(conversation, timeline)

    def show_new_violations(self, conversation: Conversation, timeline: Timeline) -> None:
        """Show what has been broken since that was last looked at."""
        violations = conversation.violations
        shown = self.live[conversation.id]
        show(timeline.violations(violations[shown.violations :]))
        shown.violations = len(violations)

    def show_new_hops_and_stalls(self, conversation: Conversation, timeline: Timeline) -> None:
        """Show what has ended, beside what was said, since that was last looked at."""
        shown = self.live[conversation.id]
        ended: list[Hop | Stall] = [hop for hop in conversation.hops if hop.how != "open"]
        ended += conversation.stalls
        for one in sorted(ended, key=attrgetter("at")):
            if one not in shown.beside:
                show(timeline.beside(one))
        shown.beside = set(ended)

    def timeline(self, conversation: Conversation) -> Timeline:
        return Timeline(self.colour, width(), mark=f"#{conversation.id} ", id=conversation.id)


def show(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
