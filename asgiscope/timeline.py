"""A conversation as lines for a terminal: what was said, when, from which line of code, and what that broke.

    print(render(conversation))

Time runs from top to bottom. What the application receives goes to the right, and what it sends to the left;
so do calls that go to a thread, and those that come back to the event loop.
"""

import linecache
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from .contract import CLAUSES, Level, Violation
from .conversation import Conversation, Cut, Event, Hop, Lane, Line, Opaque, Stall
from .difference import lanes_diff
from .export.credentials import masked, masked_fields
from .export.message import target_of
from .sources import PACKAGE
from .terminal import LEVELS, clock, coloured, cut, place, plain, printable, wrapped

LONG = 10_000_000  # nanoseconds: an `await` that took longer is worth a word
VALUE = 48  # characters of a value
BACK = 1_000_000  # nanoseconds: so is a way back from a thread that took longer
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


Moment = Event | Hop | Stall


class Timeline:
    """Writes conversations, as a whole or piece by piece; `mark` begins every line that has a time.

    `id` is that of the conversation: what others did in its time is told to be theirs.
    """

    def __init__(
        self, colour: bool, width: int, *, secrets: bool = False, mark: str = "", id: int | None = None
    ) -> None:
        self.paint = coloured if colour else plain
        self.width = width
        self.secrets = secrets
        self.mark = mark
        self.id = id
        self.margin = " " * (len(mark) + MARGIN)

    def conversation(self, conversation: Conversation) -> Iterator[str]:
        """The lines of a conversation, so far."""
        lanes = conversation.lanes
        self.id = conversation.id
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
        moments: list[Moment] = [*lane.events, *lane.hops, *lane.stalls]
        moments.sort(key=attrgetter("at"))
        yield from self.opening(lane)
        yield from self.moments(lane, [one for one in moments if ended is None or one.at <= ended], found)
        yield from self.ending(lane)
        yield from self.moments(lane, [one for one in moments if ended is not None and one.at > ended], found)
        yield from self.crossed(lane)
        yield from self.violations(found.get(None, ()))

    def moments(
        self, lane: Lane, moments: Sequence[Moment], found: Mapping[int | None, Sequence[Violation]]
    ) -> Iterator[str]:
        """Events, each with what it broke, hops and stalls; of many alike, the first ones and the last."""
        tasks = len({event.task for event in lane.events}) > 1
        gap = dropped_before(lane)

        def look(moment: Moment) -> Any:
            """What is the same of two that are alike; no two events are that broke something."""
            if isinstance(moment, Hop):
                return (moment.to, moment.what, moment.line, moment.how)
            if isinstance(moment, Stall):
                return (moment.line, moment.by)
            broken = moment.index in found or moment.error is not None or moment is gap
            return (moment.direction, moment.type, moment.line, moment.task, moment.index if broken else None)

        def shown(moment: Moment) -> Iterator[str]:
            if not isinstance(moment, Event):
                yield from self.beside(moment)
                return
            if moment is gap:
                yield self.counted(f"{lane.dropped:,} events were not kept")
            yield from self.event(moment, task=tasks, late=lane.outcome.how == "open")
            yield from self.violations(found.get(moment.index, ()) if moment.index is not None else ())

        for _, group in groupby(moments, look):
            alike = list(group)
            for moment in alike if len(alike) <= ALIKE else alike[:FIRST]:
                yield from shown(moment)
            if len(alike) > ALIKE:
                yield self.counted(f"{len(alike) - FIRST - 1:,} more of these{volume(alike)}")
                yield from shown(alike[-1])

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
        yield from self.placed([self.time(event), arrow, kind], parts, event.line, event.outside)
        yield from self.headers(headers, self.margin)
        if event.error is not None:
            yield from self.said(f"raised {event.error}", "red")

    def time(self, moment: Moment) -> Part:
        return Part(f"{self.mark}{clock(moment.at):>{AT}}  ", ("dim",))

    def beside(self, moment: Hop | Stall) -> Iterator[str]:
        """What was not said, and happened: a hop or a stall."""
        yield from self.hop(moment) if isinstance(moment, Hop) else self.stall(moment)

    def hop(self, hop: Hop) -> Iterator[str]:
        """A call that crossed from the event loop to a thread, or back."""
        arrow = Part(f"{'→ thread' if hop.to == 'thread' else '← loop':<9}  ", ("blue",))
        what = Part(hop.what.replace("<locals>.", ""), ("bold",))
        parts = [Part(taken(hop), ("yellow",) if (hop.waited or 0) >= LONG else ())]
        if hop.thread is not None:
            parts.append(Part(f"[{hop.thread}]", ("blue",)))
        if hop.how == "cancel":
            parts.append(Part("was cancelled", ("yellow",)))
        yield from self.placed([self.time(hop), arrow, what], parts, hop.line, hop.outside)
        if hop.error is not None:
            yield from self.said(f"raised {hop.error}", "red")

    def stall(self, stall: Stall) -> Iterator[str]:
        """A time in which the event loop did not turn."""
        if stall.line is None:
            by = "by C code or another thread, which kept the interpreter to itself"
        else:
            by = f"by {place(stall.line)}"
            if stall.by is None or stall.by != self.id:
                by += f", in conversation #{stall.by}" if stall.by is not None else ", in no conversation"
        time, held = self.time(stall), Part(f"▲ loop held {clock(stall.length)}", ("bold", "yellow"))
        first, *rest = wrapped(by, self.width, " " * length([time, held, Part(" ")]), self.margin)
        yield self.line([time, held, Part(f" {first.lstrip()}")])
        yield from rest
        if stall.line is not None and (source := linecache.getline(*stall.line[:2]).strip()):
            text = f"{stall.line.line} | {source}"
            yield self.paint(self.margin + cut(printable(text), self.width - len(self.margin)), "dim")
        if stall.stack and stall.stack[0] != stall.line:
            yield self.paint(f"{self.margin}in {printable(place(stall.stack[0]))}", "dim")

    def crossed(self, lane: Lane) -> Iterator[str]:
        """What the crossings of a lane have cost in all."""
        ways = [hop.held - hop.ran for hop in lane.hops if hop.held is not None and hop.ran is not None]
        if ways:
            hops = f"{len(ways):,} hop{'s' * (len(ways) > 1)}"
            yield self.counted(f"{hops} between threads took {clock(sum(ways))} on the way")
        for what, dropped in (("hops", lane.dropped_hops), ("stalls", lane.dropped_stalls)):
            if dropped:
                yield self.counted(f"{dropped:,} {what} were not kept")

    def placed(
        self, start: list[Part], parts: Sequence[Part], line: Line | None, outside: Line | None
    ) -> Iterator[str]:
        """The first lines of an event or a hop: to the left what it is, to the right who says or makes it."""
        places = [place(outside)] if outside else []
        if line not in (None, outside) and not line.file.startswith(PACKAGE):
            places.append(f"{'by ' if places else ''}{place(line)}")
        if places and length(start) + 2 + len(places[0]) > self.width:
            places.insert(0, "")
        rows = [start, *([Part(self.margin)] for _ in places[1:])]
        row = 0
        for part in parts:
            while len(rows[row]) > 1 or row < len(places):
                right = len(places[row]) + 2 if row < len(places) and places[row] else 0
                if length(rows[row]) + 2 + len(part.text) + right <= self.width:
                    break
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


def dropped_before(lane: Lane) -> Event | None:
    """The event before which some were not kept."""
    numbered = [event for event in lane.events if event.index is not None] if lane.dropped else []
    return next((later for one, later in pairwise(numbered) if later.index != (one.index or 0) + 1), None)


def taken(hop: Hop) -> str:
    """How long a hop took: to get there, to run, and back, if that is worth a word."""
    if hop.waited is None:
        return "waits" if hop.held is None else f"waited {clock(hop.held)}, and never ran"
    if hop.ran is None:
        return f"waited {clock(hop.waited)}, runs{' on' if hop.held is not None else ''}"
    text = f"waited {clock(hop.waited)}, ran {clock(hop.ran)}"
    back = (hop.held or 0) - hop.waited - hop.ran
    return f"{text}, came back in {clock(back)}" if back >= BACK else text


def volume(moments: Sequence[Moment]) -> str:
    """How long the bodies of events are in all, or how long hops and stalls took."""
    lasted = [one.held or 0 for one in moments if isinstance(one, Hop)]
    lasted += [one.length for one in moments if isinstance(one, Stall)]
    if lasted:
        return f"; {clock(sum(lasted))} in all"
    bodies = [
        one.fields.get(key, b"") for one in moments if isinstance(one, Event) for key in ("body", "bytes")
    ]
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
