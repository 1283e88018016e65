"""What the application of a case does: a list of steps, written as lines and played by the probe.

    receive all
    send http.response.start status=200
        content-type: text/plain
    send http.response.body body=b'one' more_body=True
    sleep 0.1
    send http.response.body body=b'two'
    receive http.disconnect
    return

`receive` awaits one event, `receive all` the rest of a request, `receive TYPE` whatever comes up to an event
of that type. `send` is written as in `asgiscope.contract.notation`, and `echo` receives the rest of a request
and sends its body. `sleep` takes seconds, `raise` raises Deliberate, and `return` may be left out. `set
key=value` changes the `state` of the scope, and `append key=value` a list in it. `push /below` pushes what is
below the path that was asked for, and nothing where the path is that already. `times 100 send ...` sends an
event that often. What a server raises out of `send` or `receive` goes through, as it does in most
applications; behind `try ` it stops nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from typing import Any, Literal, NamedTuple

import anyio

from asgiscope.contract.notation import event_of, words

ENDS = ("http.disconnect", "websocket.disconnect")


class Deliberate(Exception):
    """What an application raises because its script says so."""


class Step(NamedTuple):
    """One thing that an application does."""

    does: Literal["receive", "send", "echo", "push", "sleep", "set", "append", "raise", "return"]
    what: Any = None  # of `receive`: None, "all" or a type; of `send`, the event; of `sleep`, seconds
    times: int = 1
    tries: bool = False


def steps(text: str) -> tuple[Step, ...]:
    """The steps that the lines say. Raises ValueError for a line that says none."""
    lines: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith("    ") and lines and line.startswith(" " * (indent(lines[0]) + 4)):
            lines[-1] += "\n" + line.strip()
        else:
            lines.append(line)
    return tuple(step(line.strip()) for line in lines)


def indent(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())


def step(line: str) -> Step:
    """The step that a line says."""
    tries = line.startswith("try ")
    line = line.removeprefix("try ")
    times = 1
    if line.startswith("times "):
        _, number, line = line.split(" ", 2)
        times = int(number)
    does, _, rest = line.partition(" ")
    match does:
        case "send":
            return Step("send", event_of(rest), times, tries)
        case "receive":
            return Step("receive", rest or None, times, tries)
        case "push" if rest:
            return Step("push", rest, times, tries)
        case "sleep":
            return Step("sleep", float(rest))
        case "set" | "append":
            return Step(
                "set" if does == "set" else "append", {key: value for _, key, value in words(rest)}, 1, tries
            )
        case ("echo" | "raise" | "return") as alone if not rest:
            return Step(alone)
    raise ValueError(f"{line!r} is no step: see lab/script.py for those there are")


async def play(
    script: Sequence[Step],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Any], Awaitable[None]],
    scope: Any = None,
) -> None:
    """Do what the script says. Raises Deliberate, and what the server raises.

    `set` and `append` change the `state` of `scope`, and `push` reads its `path`; where there is none, they
    raise KeyError.
    """
    for does, what, times, tries in script:
        try:
            for _ in range(times):
                match does:
                    case "receive":
                        await receive_until(what, receive)
                    case "send":
                        await send(what)
                    case "echo":
                        pieces = [event.get("body", b"") for event in await receive_until("all", receive)]
                        await send({"type": "http.response.body", "body": b"".join(pieces)})
                    case "push" if not scope["path"].endswith(what):
                        path = path_of(scope) + what
                        await send({"type": "http.response.push", "path": path, "headers": []})
                    case "sleep":
                        await anyio.sleep(what)  # under trio, too
                    case "set":
                        scope["state"].update(deepcopy(what))
                    case "append":
                        for key, value in what.items():
                            scope["state"][key].append(value)
                    case "raise":
                        raise Deliberate("the script of this case says so")
                    case "return":
                        return
        except Deliberate:
            raise
        except Exception:
            if not tries:
                raise


def path_of(scope: Any) -> str:
    """The whole path that was asked for: some who mount an application take the root path out of it."""
    root, path = scope.get("root_path", ""), str(scope["path"])
    return path if path.startswith(root) else root + path


async def receive_until(what: str | None, receive: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Await one event, or those up to the one that is asked for; a disconnect is the last in any case."""
    events = []
    while True:
        event = await receive()
        events.append(event)
        kind = event.get("type")
        if what is None or kind == what or kind in ENDS:
            return events
        if what == "all" and not event.get("more_body"):
            return events
