"""Both ends of a conversation that is listened to: what an application is given for `receive` and `send`.

A tap hands every event on as it is, at once and in order, and has it judged. What is wrong with the judge, or
with whoever listens, is logged and stops nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from threading import Lock
from time import perf_counter_ns, time
from traceback import TracebackException
from typing import TYPE_CHECKING, Any, Literal

from .bounded import NONE_YET, Bounded
from .contract import Level, Party, Violation, judge_of
from .contract.clause import breach
from .contract.judge import KEPT, NONE, Judge
from .contract.values import is_one_shot
from .conversation import Conversation, Event, Glimpse, Hop, Lane, Line, Outcome, Stall
from .copies import is_settled, snapshot
from .leaks import after_return, named, refused, returned, taken, unawaitable, wrong_call
from .log import log_violations, logger, quietly
from .sources import Place, home_of, line_at, raised_at
from .tasks import current_task_here, is_cancellation, name_of, thread_name
from .values import frozen

if TYPE_CHECKING:
    from .hops import Crossing
    from .recorder import Recorder

numbers = count(1)
NOTHING = object()
opening = Lock()


class ContractError(Exception):
    """A clause was broken, and the recorder is strict. `violation` says which, by whom and what to do."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


class NoJudge(Judge):
    """What takes the place of a judge that has failed: it counts events, and finds nothing."""

    def __init__(self, failed: Judge, counted: int) -> None:
        super().__init__({"type": failed.protocol}, failed.state)
        self.counted, self.violations = counted, failed.violations

    def receive(self, event: Any, by: Any = None, asked: int | None = None) -> Sequence[Violation]:
        self.counted += 1
        return NONE

    def send(self, event: Any, by: Any = None) -> Sequence[Violation]:
        self.counted += 1
        return NONE

    def end(self, how: Any) -> Sequence[Violation]:
        return NONE


class Tap:
    """One recorder's part in one conversation, as far as it judges it.

    `quick` is the judge that may not have looked at the scope yet, which its short cuts do without.
    """

    is_opened = False
    how: Literal["open", "return", "raise", "cancel"] = "open"
    ended: int | None = None
    error: TracebackException | None = None
    raised: Place | None = None
    scope_after: Any = None  # if it was left as something else
    crossings: "Bounded[Crossing]" = NONE_YET
    stalled: Bounded[Stall] = NONE_YET
    hides = False  # whether something was said that is not written down
    places: Mapping[int, Place] = {}  # of violations, by their number, that are no judge's; never changed

    def __init__(self, recorder: "Recorder", scope: Any, receive: Any, send: Any) -> None:
        headers = scope.get("headers") if type(scope) is dict else None
        if type(headers) is not list and is_one_shot(headers):
            scope = {**scope, "headers": list(headers)}
        self.recorder = recorder
        self.hide = recorder.hide
        self.scope = scope
        self.server_receive, self.server_send = receive, send
        self.before = before = snapshot(scope)
        self.quick = judge_of(before)
        self.can_wait = not recorder.strict and is_settled(before)  # to look at the scope
        self.here = current_task_here()
        self.task = self.here()
        self.began = perf_counter_ns()

    async def run(self) -> None:
        """Call the application, from the beginning of the conversation to its end."""
        how: Literal["return", "raise", "cancel"] = "cancel"
        result: Any = NOTHING
        self.begin()
        try:
            if not self.can_wait and self.judge.violations:
                self.strictly(self.judge.violations)
            result = self.recorder.app(self.scope, self.receive, self.send)
            result = await result
            how = "return"
        except BaseException as error:
            if not is_cancellation(error):
                how = "raise"
                self.has_raised(error, result)
            raise
        finally:
            found = len(self.quick.violations)
            self.how, self.ended = how, perf_counter_ns()
            self.end(how, result)
        if len(self.quick.violations) > found:
            self.strictly(self.quick.violations[found:])

    @property
    def judge(self) -> Judge:
        """The judge, when it has looked at the scope."""
        if not self.is_opened:
            with opening:  # It may be read in another thread.
                is_first, self.is_opened = not self.is_opened, True
            if is_first:
                try:
                    self.quick.open()
                except Exception:
                    self.unjudged(self.quick.counted)
        return self.quick

    def hidden(self, what: Any) -> Any:
        """A scope or an event as it is written down."""
        if self.hide is None or type(what) is not dict:
            return what
        try:
            written = self.hide(what)
        except Exception:
            logger.exception("`hide` failed: no more than the type is written down")
            written = {key: value for key, value in what.items() if key == "type"}
        if written is not what:
            self.hides = True
        return written

    def begin(self) -> None:
        """Begin a conversation, and show it to whoever reads it."""
        self.kept = self.hidden(self.before)
        self.conversation = conversation = Conversation(next(numbers), time(), [self])
        if self.recorder.sink is not None:
            quietly(self.recorder.sink, conversation)
        self.listeners = conversation.listeners

    def has_raised(self, error: BaseException, result: Any) -> None:
        """Note what the application has raised, or that what it returned cannot be awaited."""
        self.error = TracebackException.from_exception(error, lookup_lines=False)
        self.raised = raised_at(error.__traceback__)
        if isinstance(error, TypeError) and result is not NOTHING and not hasattr(result, "__await__"):
            message = f"The application returned {named(result):.100}, which cannot be awaited."
            self.found([breach("general.app.asyncio-coroutine", None, message)])

    def end(self, how: Literal["return", "raise", "cancel"], result: Any) -> None:
        """Judge how the call has ended."""
        if not self.quick.quick_end(how):
            try:
                self.judge.end(how)
            except Exception:
                self.unjudged(self.quick.counted)
        if result is not None and how == "return":
            self.found(returned(result))
        if self.conversation.taps[0] is self:
            if self.listeners:
                self.tell(None)
            if self.recorder.sink is None:
                self.log()
        self.task = None
        # It holds this tap: what refers to itself, only a garbage collector takes away.
        del self.conversation

    def log(self) -> None:
        """Log what was broken, where the recorder has no sink."""
        taps = [tap for tap in self.conversation.taps if isinstance(tap, Tap)]
        if any(tap.judge.violations for tap in taps):
            quietly(log_violations, self.conversation)

    def speaker(self) -> str | None:
        """The name of the task that speaks; None for the one that the application was called in."""
        try:
            task = self.here()
        except RuntimeError:
            return thread_name()
        return None if task is self.task else name_of(task)

    async def receive(self) -> Any:
        """What the application awaits for the next event."""
        asked = self.quick.counted
        try:
            event = await self.server_receive()
        except TypeError as error:
            self.found(unawaitable("receive", error))
            raise
        if self.quick.quick_receive(event) is None:
            violations = self.judge_receive(event, self.speaker(), asked)
            if violations:
                self.strictly(violations)
        return event

    async def send(self, event: Any = NOTHING, /, *more: Any, **named: Any) -> None:
        """What the application awaits to send an event."""
        if more or named or self.quick.quick_send(event) is None:
            await self.send_the_long_way(event, more, named)
            return
        try:
            await self.server_send(event)
        except Exception as error:
            self.send_raised(self.quick.counted - 1, event, (), error)
            raise

    async def send_the_long_way(self, event: Any, more: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Send an event of which the short cut knows nothing, whatever it is called with."""
        given = () if event is NOTHING else (event, *more)
        if named or len(given) != 1:
            self.strictly(self.found([wrong_call(len(given), len(named))]))
            await self.server_send(*given, **named)
            return
        event = listed(event)
        index = self.judge.counted
        violations = self.judge_send(event, self.speaker())
        if violations:
            self.strictly(violations)
        try:
            await self.server_send(event)
        except Exception as error:
            self.send_raised(index, event, violations, error)
            raise
        self.send_returned(index, event, violations)

    def judge_receive(self, event: Any, speaker: str | None, asked: int) -> Sequence[Violation]:
        """The violations of an event from the server."""
        index = self.judge.counted
        try:
            return self.judge.receive(event, speaker, asked)
        except Exception:
            return self.unjudged(index + 1)

    def judge_send(self, event: Any, speaker: str | None) -> Sequence[Violation]:
        """The violations of an event from the application."""
        index = self.judge.counted
        try:
            violations = self.judge.send(event, speaker)
        except Exception:
            violations = self.unjudged(index + 1)
        if self.how in ("return", "raise"):
            violations = [*violations, *self.found(after_return(index, event))]
        return violations

    def unjudged(self, counted: int) -> Sequence[Violation]:
        """The judge has failed, after so many events: that is nobody's concern but ours."""
        logger.exception("a judge failed: this is a bug of asgiscope; the conversation goes on without it")
        self.quick = NoJudge(self.quick, counted)
        return NONE

    def send_raised(self, index: int, event: Any, violations: Sequence[Violation], error: Exception) -> None:
        """Note that the server has raised out of `send`: because of the event, or as the client has left."""
        if not violations:
            self.found(unawaitable("send", error))
            self.found(refused(self.judge, index, event, error))
            self.judge.failed()

    def send_returned(self, index: int, event: Any, violations: Sequence[Violation]) -> None:
        """Note that the server has not raised out of `send`."""
        if violations and not self.judge.gone:
            self.found(taken(self.judge, index, event, violations))

    @property
    def violations(self) -> Sequence[Violation]:
        """What has been broken so far."""
        return self.judge.violations

    def found(self, violations: Iterable[Violation], place: Place | None = None) -> Sequence[Violation]:
        """Add violations that are not the judge's to find."""
        found = list(violations)
        for violation in found[: max(0, KEPT - len(self.judge.violations))]:
            if place is not None:
                self.places = {**self.places, len(self.judge.violations): place}
            self.judge.violations.append(violation)
        return found

    def strictly(self, violations: Sequence[Violation]) -> None:
        """Raise the first must of them, where the recorder is strict."""
        if self.recorder.strict:
            for violation in violations:
                if violation.level is Level.MUST:
                    raise ContractError(violation)

    def tell(self, event: Event | None) -> None:
        """Tell those who listen."""
        for listener in tuple(self.listeners):
            quietly(listener, self.conversation, event)

    def events(self) -> list[Event]:
        """The events so far: none, where they are only judged."""
        return []

    @property
    def hops(self) -> list[Hop]:
        """The crossings so far."""
        return [crossing.hop(self.began) for crossing in tuple(self.crossings.items)]

    @property
    def stalls(self) -> list[Stall]:
        """The stalls so far."""
        return list(self.stalled.items)

    def scope_read(self, scope: Any) -> Any:
        """A scope as plain data. Its state is hidden only here: it is the application's, not of this call."""
        read = frozen(scope, self.recorder.keep)
        if isinstance(read, dict) and isinstance(read.get("state"), dict):
            return {**read, "state": self.hidden(read["state"])}
        return read

    def read(self) -> Lane:
        """What has happened so far, as plain data."""
        events, ended = self.events(), self.ended
        scope, after = self.scope_read(self.kept), self.scope_read(self.scope_after)
        return Lane(
            name=self.recorder.name,
            scope=scope if isinstance(scope, dict) else {None: scope},
            scope_after=after,
            events=events,
            outcome=Outcome(
                how=self.how,
                at=None if ended is None else ended - self.began,
                error="".join(self.error.format_exception_only()).strip() if self.error else None,
                traceback="".join(self.error.format()) if self.error else None,
                line=line_at(self.raised),
            ),
            violations=list(self.violations),
            lines=self.lines(events),
            dropped=self.dropped(),
            hops=self.hops,
            dropped_hops=self.crossings.dropped,
            stalls=self.stalls,
            dropped_stalls=self.stalled.dropped,
        )

    @property
    def progress(self) -> tuple[int, str]:
        """How many events there have been, and how it goes: what changes whenever anything happens."""
        return self.quick.counted, self.how

    def glimpse(self, most: int) -> Glimpse:
        """The lane in short; it has no marks, as no event is kept."""
        lane = self.read()
        return lane.glimpse(most)._replace(events=self.quick.counted)

    @property
    def weight(self) -> int:
        """About how many bytes its events take: none are kept."""
        return 0

    def shorten(self, most: int) -> None:
        """Keep no more than so many events: none are kept anyway."""

    def dropped(self) -> int:
        """How many events were not kept."""
        return 0

    def lines(self, events: Sequence[Event]) -> list[Line | None]:
        """Where each violation comes from: where it was said, or else where the application last spoke."""
        by_index = {event.index: event.outside or event.line for event in events}
        last = next(
            (event.outside or event.line for event in reversed(events) if event.direction == "send"), None
        )
        home = home_of(self.recorder.app)
        lines: list[Line | None] = []
        for number, violation in enumerate(self.judge.violations):
            place = self.places.get(number)
            if place is not None:
                lines.append(line_at(place))
            elif violation.event is not None:
                lines.append(by_index.get(violation.event))
            elif violation.party is Party.APPLICATION:
                lines.append(last or home)
            else:
                lines.append(None if violation.party is Party.SERVER else home)
        return lines


def listed(event: Any) -> Any:
    """The event with headers and links that can be read twice; it is the same one, if they can."""
    if type(event) is not dict or not ("headers" in event or "links" in event):
        return event
    again = {key: list(event[key]) for key in ("headers", "links") if is_one_shot(event.get(key))}
    return {**event, **again} if again else event
