"""asgiscope trace: hold one conversation with an application, and show it as a timeline."""

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from ..check import Request
from ..check.scenario import Scenario, Step, body, connection, lifespans
from ..check.server import Lifespan, Server
from ..check.watchdog import watchdog
from ..contract import CLAUSES, Level, Party
from ..conversation import Conversation, Lane
from ..hops import watch_hops
from ..recorder import Application
from ..stalls import LIMIT, watch_stalls
from ..target import CannotRun, load
from ..terminal import coloured, paint_for, width
from ..timeline import render
from .arguments import Asked, add_target
from .running import of_asgi_3, run_to_end, stdout_to_stderr

DESCRIPTION = """\
Hold one conversation with an application, and show all that was said: when, by which line of its source, and
which clauses that broke; each call between the event loop and a thread, and what held the loop. It is started
before and stopped afterwards, as a server does."""

TIMEOUT = 10.0  # seconds


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "trace", help="one conversation with it, as a timeline", description=DESCRIPTION
    )
    add_target(parser)
    parser.add_argument(
        "request", nargs="?", default="GET /", metavar="REQUEST",
        help="'METHOD /PATH', 'WS /PATH' for a WebSocket, or LIFESPAN; default: '%(default)s'",
    )  # fmt: skip
    parser.add_argument(
        "--header", action="append", default=[], metavar="'NAME: VALUE'", help="a header; may be repeated"
    )
    parser.add_argument("--body", default="", metavar="TEXT", help="the body of the request")
    parser.add_argument(
        "--text",
        action="append",
        default=[],
        metavar="TEXT",
        help="a message for the WebSocket; may be repeated",
    )
    parser.add_argument(
        "--timeout", type=float, default=TIMEOUT, metavar="SECONDS",
        help="how long it may take until the client leaves; default: %(default)g",
    )  # fmt: skip
    parser.add_argument(
        "--stall", type=float, default=LIMIT, metavar="SECONDS",
        help="how long the event loop may be held until that is told; default: %(default)g",
    )  # fmt: skip
    parser.set_defaults(main=main)


def main(asked: argparse.Namespace) -> int:
    """Hold the conversation, and print it; 1 if a must was broken."""
    scenario = scenario_of(asked)
    with stdout_to_stderr():
        app = of_asgi_3(load(asked.target, asked.app_dir, factory=asked.factory))
        with watch_hops(), watching_stalls(asked.stall):
            conversation = of_the_application(run_to_end(held(app, scenario, asked.timeout)))
    print(render(conversation, paint_for(sys.stdout) is coloured, width()))
    return any(violation.level is Level.MUST for violation in conversation.violations)


def watching_stalls(limit: float) -> ExitStack:
    """Watch for stalls; raises CannotRun for a limit that is none."""
    try:
        return watch_stalls(limit)
    except ValueError as error:
        raise CannotRun(f"--stall: {error}.") from error


def scenario_of(asked: argparse.Namespace) -> Scenario:
    """The scenario that was typed."""
    kind, _, path = asked.request.strip().partition(" ")
    if asked.request.strip().upper() == "LIFESPAN":
        return next(lifespans())
    is_websocket = kind.upper() in ("WS", "WSS", "WEBSOCKET")
    if asked.text and not is_websocket:
        raise CannotRun("--text is a message for a WebSocket: ask for one by 'WS /PATH'.")
    if asked.body and is_websocket:
        raise CannotRun("a WebSocket has no body: send it a message by --text.")
    line = f"GET {path or '/'}" if is_websocket else asked.request
    request: Request = Asked(line, asked.header, asked.body).request()
    script = spoken(asked.text) if is_websocket else body(request.body)
    return Scenario(
        "trace", asked.request, connection("websocket" if is_websocket else "http", request), script,
        patience=asked.timeout,
    )  # fmt: skip


def spoken(texts: list[str]) -> tuple[Step, ...]:
    """What the client of a WebSocket does: it connects, says what it has to say, and closes."""
    return (
        Step({"type": "websocket.connect"}),
        *(Step({"type": "websocket.receive", "text": text}, after="websocket.accept") for text in texts),
        Step({"type": "websocket.disconnect", "code": 1000, "reason": ""}, after="websocket."),
    )


async def held(app: Application, scenario: Scenario, timeout: float) -> Conversation:
    """Hold a scenario with an application that has been started."""
    len(CLAUSES)  # They are read now, so that the times are the application's.
    with watchdog(timeout):
        if scenario.scope["type"] == "lifespan":
            return (await Server(scenario).hold(app, timeout)).conversation
        async with Lifespan(app, next(lifespans()), timeout) as lifespan:
            if lifespan.refusal is not None:
                print(f"asgiscope: the application refused to start: {lifespan.refusal}", file=sys.stderr)
            return (await Server(scenario, lifespan.state).hold(app, timeout)).conversation


def of_the_application(conversation: Conversation) -> Conversation:
    """The conversation without what the server broke: here it is ours, and a patient one."""

    def without(lane: Lane) -> Lane:
        pairs = zip(lane.violations, lane.lines, strict=True)
        kept = [(one, line) for one, line in pairs if one.party is not Party.SERVER]
        return replace(lane, violations=[one for one, _ in kept], lines=[line for _, line in kept])

    return Conversation(conversation.id, conversation.started, map(without, conversation.lanes))
