"""A conversation as lines for a terminal: what was said, when, from which line of code, and what that broke.

    print(render(conversation))

Time runs from top to bottom. What the application receives goes to the right, and what it sends to the left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from .contract import CLAUSES, Level, Violation
from .conversation import Conversation, Cut, Event, Lane, Line, Opaque
from .difference import lanes_diff
from .export.credentials import masked, masked_fields
from .export.message import target_of
from .sources import INSTALLED, PACKAGE
from .terminal import LEVELS, coloured, cut, plain, printable, relative, wrapped

LONG = 10_000_000  # nanoseconds: an `await` that took longer is worth a word
VALUE = 48  # characters of a value
ALIKE = 6  # events in a row that are alike and are shown one by one
FIRST = 3  # of more than that, how many are shown before the rest is counted

AT = 9  # columns of the time
MARGIN = AT + 14  # columns before the type of an event
ENDS = {"return": "returned", "raise": "raised", "cancel": "was cancelled", "open": "goes on"}


def render(
    conversation: Conversation, colour: bool = False, width: int = 100, *, secrets: bool = False
) -> str:
    """The timeline of a conversation, so far; of stacked recorders, one lane after another.

    `width` is in columns; a value is cut, a path or a word may be longer. Credentials are masked, unless
    `secrets`.
    """
    return "\n".join(Timeline(colour, width, secrets=secrets).conversation(conversation))


class Part(NamedTuple):
    """Some text of a line, and how it looks."""

    text: str
    styles: tuple[str, ...] = ()


class Timeline:
    """Writes conversations, as a whole or piece by piece; `mark` begins every line that has a time."""

    def __init__(self, colour: bool, width: int, *, secrets: bool = False, mark: str = "") -> None:
        self.paint = coloured if colour else plain
        self.width = width
        self.secrets = secrets
        self.mark = mark
        self.margin = " " * (len(mark) + MARGIN)

    def conversation(self, conversation: Conversation) -> Iterator[str]:
        """The lines of a conversation, so far."""
        lanes = conversation.lanes
        for number, lane in enumerate(lanes, 1):
            if len(lanes) > 1:
                yield self.title(f"lane {number} of {len(lanes)}: {lane.name}")
            yield from self.lane(lane)
        shown = conversation if self.secrets else masked(conversation)
        if len(lanes) > 1 and (differences := lanes_diff(shown)):
            yield self.title("from lane to lane")
            for difference in differences:
                yield from wrapped(str(difference), self.width, " " * 4, " " * 6)

    def lane(self, lane: Lane) -> Iterator[str]:
        """The lines of a lane."""
        found: dict[int | None, list[Violation]] = {}
        kept = {event.index for event in lane.events}
        for violation in lane.violations:
            found.setdefault(violation.event if violation.event in kept else None, []).append(violation)
        ended = lane.outcome.at
        yield from self.opening(lane)
        yield from self.events(lane, [one for one in lane.events if ended is None or one.at <= ended], found)
        yield from self.ending(lane)
        yield from self.events(
            lane, [one for one in lane.events if ended is not None and one.at > ended], found
        )
        yield from self.violations(found.get(None, ()))

    def events(
        self, lane: Lane, events: Sequence[Event], found: Mapping[int | None, Sequence[Violation]]
    ) -> Iterator[str]:
        """Events, each with what it broke; of many that are alike, the first ones and the last."""
        tasks = len({event.task for event in lane.events}) > 1
        gap = dropped_before(lane)

        def look(event: Event) -> Any:
            """What is the same of two events that are alike; no two are that broke something."""
            broken = event.index in found or event.error is not None or event is gap
            return (event.direction, event.type, event.line, event.task, event.index if broken else None)

        for _, group in groupby(events, look):
            alike = list(group)
            for event in alike if len(alike) <= ALIKE else alike[:FIRST]:
                if event is gap:
                    yield self.counted(f"{lane.dropped:,} events were not kept")
                yield from self.event(event, task=tasks, late=lane.outcome.how == "open")
                yield from self.violations(found.get(event.index, ()) if event.index is not None else ())
            if len(alike) > ALIKE:
                yield self.counted(f"{len(alike) - FIRST - 1:,} more of these{volume(alike)}")
                yield from self.event(alike[-1], task=tasks)

    def title(self, text: str) -> str:
        return self.paint(f"-- {printable(text)} ".ljust(min(self.width, 60), "-"), "dim")

    def opening(self, lane: Lane) -> Iterator[str]:
        """What the conversation is about: its scope."""
        scope = lane.scope if self.secrets else masked_fields(lane.scope)
        start = scope.get("method", "WebSocket" if scope.get("type") == "websocket" else scope.get("type"))
        target = f" {target_of(scope)}" if "path" in scope else ""
        about = [f"HTTP/{scope['http_version']}"] if "http_version" in scope else []
        about += [f"{key}={short(scope[key])}" for key in ("root_path", "subprotocols") if scope.get(key)]
        if isinstance(scope.get("extensions"), dict) and scope["extensions"]:
            names = [str(name).removeprefix("http.response.") for name in scope["extensions"]]
            about.append(f"offers {', '.join(names)}")
        yield self.line([Part(f"{self.mark}{start}{target}", ("bold",))])
        for line in wrapped("  ".join(about), self.width, " " * AT) if about else ():
            yield self.paint(line, "dim")
        yield from self.headers(scope.get("headers"), " " * AT)

    def event(self, event: Event, *, task: bool = False, late: bool = False) -> Iterator[str]:
        """What an event says; with `task`, who says it, and with `late`, whether that is not over."""
        fields = dict(event.fields) if self.secrets else masked_fields(event.fields)
        receives = event.direction == "receive"
        arrow = Part(f"{'→ receive' if receives else '← send':<9}  ", ("cyan" if receives else "magenta",))
        kind = Part(
            short(fields.pop("type")) if event.type is None and "type" in fields else event.type or "-",
            ("bold",),
        )
        fields.pop("type", None)
        headers = fields.pop("headers", None)
        parts = [Part(f"{key}={short(value)}" if key else short(value)) for key, value in fields.items()]
        if task:
            parts.insert(0, Part(f"[{event.task}]", ("blue",)))
        if event.held is not None and event.held >= LONG:
            parts.append(Part(f"{'waited' if receives else 'was held'} {clock(event.held)}", ("yellow",)))
        elif event.held is None and late:
            parts.append(Part("and waits", ("yellow",)))
        yield from self.placed(
            [Part(f"{self.mark}{clock(event.at):>{AT}}  ", ("dim",)), arrow, kind], parts, event
        )
        yield from self.headers(headers, self.margin)
        if event.error is not None:
            yield from self.said(f"raised {event.error}", "red")

    def placed(self, start: list[Part], parts: Sequence[Part], event: Event) -> Iterator[str]:
        """The first lines of an event: to the left what it says, to the right who says it."""
        places = [place(event.outside)] if event.outside else []
        if event.line not in (None, event.outside) and not event.line.file.startswith(PACKAGE):
            places.append(f"{'by ' if places else ''}{place(event.line)}")
        if places and length(start) + 2 + len(places[0]) > self.width:
            places.insert(0, "")
        rows = [start, *([Part(self.margin)] for _ in places[1:])]
        row = 0
        for part in parts:
            right = len(places[row]) + 2 if row < len(places) else 0
            if length(rows[row]) + 2 + len(part.text) + right > self.width and (
                row == 0 or len(rows[row]) > 1
            ):
                row += 1
                rows += [[Part(self.margin)]] if row == len(rows) else []
            rows[row].append(Part(f"{'' if len(rows[row]) == 1 else '  '}{part.text}", part.styles))
        for row, where in enumerate(places):
            rows[row].append(
                Part(" " * max(2, self.width - length(rows[row]) - len(where)) + where, ("dim",))
            )
        yield from map(self.line, rows)

    def headers(self, headers: Any, margin: str) -> Iterator[str]:
        """Headers, one to a line; what are none, as they are."""
        if headers is None:
            return
        if not isinstance(headers, list | tuple):
            yield self.paint(f"{margin}headers={short(headers)}", "dim")
            return
        for pair in headers:
            match pair:
                case (bytes() as name, bytes() as value):
                    text = f"{name.decode('latin-1')}: {value.decode('latin-1')}"
                case _:
                    text = repr(pair)
            yield self.paint(margin + cut(printable(text), self.width - len(margin)), "dim")

    def violations(self, violations: Iterable[Violation]) -> Iterator[str]:
        """The clauses that were broken, and what to do instead."""
        for (name, level), group in groupby(violations, lambda one: (one.clause, one.level)):
            clause, colour = CLAUSES[name], LEVELS[level]
            yield f"{self.margin}{self.paint(level.value, 'bold', colour)} {self.paint(name, 'bold')}"
            for violation in group:
                yield from self.said(violation.message, colour, indent=2)
            if level is not Level.NOTE:
                source = "Implied by:" if clause.implied else "The clause:"
                yield from self.said(f"{source} {clause.says} ({clause.section})", indent=2)
                yield from self.said(f"Instead: {violation.remedy}", "green", indent=2)

    def said(self, text: str, *styles: str, indent: int = 0) -> Iterator[str]:
        margin = self.margin + " " * indent
        for line in wrapped(text, self.width, margin):
            yield margin + self.paint(line.removeprefix(margin), *styles)

    def counted(self, text: str) -> str:
        return self.paint(f"{' ' * (len(self.mark) + AT)}  ...        {text}", "dim")

    def ending(self, lane: Lane) -> Iterator[str]:
        """How the call of the application ended."""
        outcome = lane.outcome
        at = clock(outcome.at) if outcome.at is not None else ""
        colour = {"raise": "red", "cancel": "yellow"}.get(outcome.how, "green")
        time = f"{self.mark}{at:>{AT}}  "
        text = f"■ {ENDS[outcome.how]} {outcome.error or ''}".rstrip()
        first, *rest = wrapped(text, self.width, " " * len(time), self.margin)
        yield self.line([Part(time, ("dim",)), Part(first.lstrip(), (colour,))])
        yield from (self.paint(line, colour) for line in rest)
        after = lane.scope_after
        if after is not None and (changed := [key for key in after if after[key] != lane.scope.get(key)]):
            now = after if self.secrets else masked_fields(after)
            yield from self.said(
                "The scope was left with " + ", ".join(f"{key}={short(now[key])}" for key in changed)
            )
        if outcome.how == "raise" and lane.scope.get("type") == "lifespan" and not lane.events:
            yield from self.said("That is how an application says that it has no lifespan.", "dim")
            return
        for line in own_frames(outcome.traceback or ""):
            yield f"{' ' * (len(self.mark) + AT + 2)}{self.paint(printable(line), 'dim')}"

    def line(self, parts: Sequence[Part]) -> str:
        return "".join(self.paint(printable(part.text), *part.styles) for part in parts).rstrip()


def length(parts: Sequence[Part]) -> int:
    return sum(len(part.text) for part in parts)


def short(value: Any) -> str:
    """A value in a line; of a long string what it begins with, and how long it is."""
    match value:
        case Opaque():
            return cut(value.repr, VALUE)
        case Cut() | bytes() | str():
            kept, size = value if isinstance(value, Cut) else (value, len(value))
            if isinstance(value, Cut) or size > VALUE:
                unit = "bytes" if isinstance(kept, bytes) else "characters"
                return f"{kept[:VALUE]!r}... ({size:,} {unit})"
    return cut(repr(value), 2 * VALUE)


def clock(nanoseconds: int) -> str:
    """A time for people."""
    milliseconds = nanoseconds / 1e6
    if milliseconds < 100:
        return f"{milliseconds:.2f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"


def place(line: Line) -> str:
    """A line of source, as it is written here: from this directory, or from where packages are installed."""
    file = relative(line.file)
    for name in INSTALLED:
        file = file.rpartition(f"{name}/")[2]
    return f"{file}:{line.line} in {line.function.rpartition('<locals>.')[2]}"


def dropped_before(lane: Lane) -> Event | None:
    """The event before which some were not kept."""
    numbered = [event for event in lane.events if event.index is not None] if lane.dropped else []
    return next((later for one, later in pairwise(numbered) if later.index != (one.index or 0) + 1), None)


def volume(events: Sequence[Event]) -> str:
    """How long the bodies of events are in all."""
    bodies = [event.fields.get(key, b"") for event in events for key in ("body", "bytes")]
    size = sum(
        body.length if isinstance(body, Cut) else len(body)
        for body in bodies
        if isinstance(body, bytes | Cut)
    )
    return f"; {size:,} bytes in all" if size else ""


def own_frames(traceback: str) -> Iterator[str]:
    """The lines of a traceback, without those of this package."""
    ours = False
    for line in traceback.splitlines():
        if line.startswith('  File "'):
            ours = line.startswith(f'  File "{PACKAGE}')
        elif not line.startswith("    "):
            ours = False
        if not ours:
            yield line
