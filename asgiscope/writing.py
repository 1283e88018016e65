"""The tap that writes a conversation down.

What costs time is put off until somebody reads. While the conversation goes on, an event is kept with its
times and with the places in the code that spoke, and no more is made of it.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from operator import itemgetter
from sys import _getframe
from threading import get_ident
from time import perf_counter_ns
from types import CodeType
from typing import Any, Literal
from weakref import ref

from asgiref.sync import markcoroutinefunction

from . import stalls
from .contract import Level, Violation
from .contract.clause import breach
from .conversation import Conversation, Event, Glimpse, status_of
from .copies import copied, is_simple, shortened, snapshot
from .leaks import (
    changes,
    differs,
    left_open,
    never_awaited,
    running,
    unawaitable,
    wrong_call,
)
from .sources import Place, line_at, outside, outside_of
from .tap import NOTHING, Tap, listed
from .tasks import Mark, mark, name_of
from .values import frozen

EVENTS = 10_000  # events that are kept of a lane; when there are more,
DROPPED = 5_000  # so many are dropped at a time, or half of what is kept, behind
FIRST = 1_000  # the first ones, or a tenth
EVENTS_IN_FULL = 16  # times as much as of one event is kept of a lane, before
KEPT_THEN = 256  # bytes are kept of each event
EVENT_ALONE = 700  # bytes that an event takes without its body, about

# Of these, something is the same object in the scope that middleware makes of the one it was given.
COPIED = ("asgi", "headers", "state", "extensions")

# A moment is an event as it is kept, in a list, which is made more quickly than anything else. These are its
# places. AT is None for a `send` whose answer nobody has awaited; CODE and REACHED are the place of the
# caller, and OWN is True where it is the nearest in no installed package, too; TASK is None for the task that
# the application was called in.
INDEX, AT, HELD, DIRECTION, EVENT, CODE, REACHED, OWN, TASK, ERROR = range(10)


class WritingTap(Tap):
    """A tap that writes the conversation down, and looks for what the call leaves behind."""

    left: "ref[Mark] | None" = None  # what the call has left in its context, when it has ended
    called_in: str | None = None  # the name of the task, when the call has ended
    state: int | None = None  # the identity of scope["state"], if no other connection has it
    watchdog: "stalls.Watchdog | None" = None
    most = EVENTS
    left_out = 0  # moments
    threads: frozenset[int] = frozenset()  # that have spoken beside the one it was called in
    files: Mapping[int, tuple[int, Any]] = {}  # by their identity, with the index of their last event

    def begin(self) -> None:
        self.keep = self.recorder.keep
        self.room = EVENTS_IN_FULL * self.keep  # bytes and characters that are kept in full
        self.moments: list[list[Any]] = []
        self.thread = get_ident()
        outer = mark.get()
        if outer is not None and outer.tap is not None and outer.tap.is_around(self.scope):
            self.hide = self.hide or outer.tap.hide
            self.kept = self.hidden(self.before)
            self.conversation = outer.tap.conversation
            self.conversation.taps.append(self)
            self.listeners = self.conversation.listeners
        else:
            super().begin()
            if stalls.limits:
                self.watchdog = stalls.opened(self)
        self.mark = Mark()
        self.mark.tap = self
        self.token = mark.set(self.mark)
        if type(self.scope) is dict and type(self.scope.get("state")) is dict:
            self.share_state(self.scope["state"])

    def is_around(self, scope: Any) -> bool:
        """Whether a call with this scope is a part of this one: what middleware between them made of it."""
        mine = self.scope
        return (
            isinstance(mine, dict)
            and isinstance(scope, dict)
            and mine.get("type") == scope.get("type")
            and any(mine.get(key) is scope.get(key) is not None for key in COPIED)
        )

    def share_state(self, state: dict[str, Any]) -> None:
        """Note whose state it is, which no other connection may have."""
        other = self.recorder.states.setdefault(id(state), self)
        if other is self:
            self.state = id(state)
        elif other.conversation is not self.conversation and self.judge.protocol in ("http", "websocket"):
            message = "The server gave this connection and another one the same dict as scope['state']."
            self.found([breach(f"{self.judge.protocol}.scope.state.copy", None, message)])

    def end(self, how: Literal["return", "raise", "cancel"], result: Any) -> None:
        conversation = self.conversation
        try:  # noqa: SIM105 - suppress() takes as long as the rest
            mark.reset(self.token)
        except ValueError:  # A call may be ended in another context than it was begun in.
            pass
        left = ref(self.mark)
        self.mark.tap = None
        del self.mark, self.token
        unsent = self.unsent()
        if unsent:
            self.quick.disordered = True  # What is missing at the end is missing because of that.
        if how != "cancel" and (unsent or left() is not None):
            self.left = left
            if left() is None or self.recorder.strict:
                self.look_back()
        if self.state is not None:
            del self.recorder.states[self.state]
        if self.files:
            self.found(left_open(self.files.values()))
            self.files = {}
        if differs(self.before, self.scope):
            self.found(changes(self.before, self.scope))
            self.scope_after = self.hidden(snapshot(self.scope))
        self.called_in = name_of(self.task)
        if self.watchdog is not None:
            self.watchdog.closed(self)
        super().end(how, result)
        if self.hides:
            self.let_go(conversation)

    def let_go(self, conversation: Conversation) -> None:
        """Leave nothing to the conversation but what was written down.

        The scope and the ends of the server are for whoever has `send` in his hands still, and so is this
        tap; in its place comes another one, without them.
        """
        judge = self.quick if self.kept is self.before else self.judge  # which looks before it is blinded
        judge.hide(self.kept, self.hidden)
        self.before = self.kept
        written = copy(self)
        del written.scope, written.server_receive, written.server_send
        conversation.taps[conversation.taps.index(self)] = written

    def look_back(self) -> None:
        """Look for the tasks that the call has left, and for what nobody awaited, if none is left who could.

        A server may leave a callback in the same context, so that this has to wait until somebody reads: to
        look for tasks takes time for each task that there is.
        """
        left, self.left = self.left, None
        if left is None or (left() is not None and self.found(running(left))) or self.how != "return":
            return
        for moment in self.unsent():
            self.found([never_awaited()], own_place(moment))

    def unsent(self) -> list[list[Any]]:
        """The moments of calls of `send` whose answer nobody has awaited."""
        return [moment for moment in self.moments if moment[AT] is None]

    @property
    def violations(self) -> Sequence[Violation]:
        self.look_back()
        return super().violations

    # What is called here is no coroutine function: its caller's line is looked up when it is called, and not
    # when the answer is awaited, which may be in another task. It says that it is one, as some ask.

    def receive(self) -> Any:
        frame = _getframe(1)
        code = frame.f_code
        return self.receiving(code, frame.f_lasti, code.co_filename in outside or outside_of(frame))

    def send(self, event: Any = NOTHING, /, *more: Any, **named: Any) -> Any:
        frame = _getframe(1)
        code = frame.f_code
        own = code.co_filename in outside or outside_of(frame)
        moment = [None, None, None, "send", None, code, frame.f_lasti, own, None, None]
        self.moments.append(moment)
        if more or named or event is NOTHING:
            return self.sending_wrongly(moment, () if event is NOTHING else (event, *more), named)
        return self.sending(moment, event)

    markcoroutinefunction(receive)
    markcoroutinefunction(send)

    async def receiving(self, code: CodeType, reached: int, own: Any) -> Any:
        asked, called = self.quick.counted, perf_counter_ns()
        try:
            event = await self.server_receive()
        except BaseException as error:
            held = perf_counter_ns() - called
            moment = [None, called, held, "receive", {}, code, reached, own, None, named_error(error)]
            moment[TASK] = self.speaker()
            self.found(unawaitable("receive", error), own_place(moment))
            self.moments.append(moment)
            self.written(moment)
            raise
        judge = self.quick
        index = judge.counted
        try:
            task = None if self.here() is self.task else self.speaker()
        except RuntimeError:
            task = self.speaker()
        violations: Sequence[Violation] = ()
        size = judge.quick_receive(event)
        if size is not None:
            self.room = room = self.room - size
            copy = event.copy() if room >= 0 and size <= self.keep else self.cut(event, size)
        else:
            violations = self.judge_receive(event, task, asked)
            copy = self.kept_of(event, violations)
        now = perf_counter_ns()
        moment = [index, now, now - called, "receive", copy, code, reached, own, task, None]
        self.moments.append(moment)
        if task is not None or self.listeners or index > self.most:
            self.written(moment)
        if violations:
            self.strictly(violations)
        return event

    async def sending(self, moment: list[Any], event: Any) -> None:
        judge = self.quick
        moment[INDEX] = index = judge.counted
        try:
            task = None if self.here() is self.task else self.speaker()
        except RuntimeError:
            task = self.speaker()
        moment[TASK] = task
        violations: Sequence[Violation] = ()
        size = judge.quick_send(event)
        if size:
            self.room = room = self.room - size
            moment[EVENT] = event.copy() if room >= 0 and size <= self.keep else self.cut(event, size)
        elif size == 0:
            moment[EVENT] = self.hidden(copied(event))
        else:
            event = listed(event)
            violations = self.judge_send(event, task)
            moment[EVENT] = self.kept_of(event, violations)
        moment[AT] = began = perf_counter_ns()
        if task is not None or self.listeners or index > self.most:
            self.written(moment)
        try:
            if violations:
                self.strictly(violations)
            await self.server_send(event)
        except BaseException as error:
            moment[ERROR] = named_error(error)
            if isinstance(error, Exception):
                self.send_raised(index, event, violations, error)
            raise
        finally:
            moment[HELD] = perf_counter_ns() - began
        if violations:
            self.send_returned(index, event, violations)

    async def sending_wrongly(self, moment: list[Any], given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Send what is no event, as the application has it."""
        moment[AT], moment[TASK] = perf_counter_ns(), self.speaker()
        said = [*map(self.hidden, given), {name: self.hidden(value) for name, value in named.items()}]
        moment[EVENT] = frozen(said, self.recorder.keep)
        self.written(moment)
        try:
            self.strictly(self.found([wrong_call(len(given), len(named))], own_place(moment)))
            await self.server_send(*given, **named)
        except BaseException as error:
            moment[ERROR] = named_error(error)
            raise
        finally:
            moment[HELD] = perf_counter_ns() - moment[AT]

    def kept_of(self, event: Any, violations: Sequence[Violation]) -> Any:
        """The event as it is now, whatever becomes of it; long strings are cut."""
        values = event.values() if isinstance(event, dict) else [event]
        size = sum(len(value) for value in values if isinstance(value, str | bytes))
        self.room -= size
        if not violations and is_simple(event):
            return self.hidden(self.cut(event, size))
        if type(event) is dict and "file" in event:
            self.files = {**self.files, id(event["file"]): (self.quick.counted - 1, event["file"])}
        return self.hidden(frozen(event, self.limit()))

    def cut(self, event: dict[str, Any], size: int) -> Any:
        """The same of an event that holds nothing but numbers, headers and strings, of this size in all."""
        self.room += max(0, size - self.keep)  # which is not kept
        limit = self.limit()
        if size <= limit:
            return copied(event)
        if "headers" in event:
            return frozen(event, limit)
        return shortened(event, limit)

    def limit(self) -> int:
        """How much is kept of a string, after all that is kept already."""
        return self.keep if self.room >= 0 else min(KEPT_THEN, self.keep)

    def written(self, moment: list[Any]) -> None:
        """Make room, note which thread speaks, and tell those who listen."""
        if len(self.moments) > self.most:
            self.leave_out(self.most // (EVENTS // DROPPED))
        thread = get_ident()
        if thread != self.thread and thread not in self.threads:
            self.hear(thread, moment)
        if self.listeners and self.ended is None:
            self.tell(self.event_of(moment))

    def leave_out(self, many: int) -> None:
        """Drop so many moments, behind the first ones."""
        first = self.most // (EVENTS // FIRST)
        del self.moments[first : first + many]
        self.left_out += many

    def shorten(self, most: int) -> None:
        """Keep no more than so many events from now on: a few of the first, and the newest."""
        self.most = most
        if len(self.moments) > most:
            self.leave_out(len(self.moments) - most)

    def hear(self, thread: int, moment: list[Any]) -> None:
        """Note that a thread speaks which has not spoken before."""
        self.threads |= {thread}
        message = f"The application called `{moment[DIRECTION]}` from another thread than it was called in."
        self.found([breach("general.app.threads-allowed", moment[INDEX], message, level=Level.NOTE)])

    def event_of(self, moment: list[Any]) -> Event:
        """A moment as plain data."""
        index, at, held, direction, event, code, reached, own, task, error = moment
        fields = frozen(event, self.recorder.keep)
        line = line_at((code, reached))
        return Event(
            index=index,
            at=at - self.began,
            held=held,
            direction=direction,
            fields=fields if isinstance(fields, dict) else {None: fields},
            line=line,
            outside=line if own is True else line_at(own),
            task=task or self.called_in or name_of(self.task),
            error=error,
        )

    @property
    def weight(self) -> int:
        """About how many bytes is kept: of bodies, and of what there is of an event besides."""
        full = EVENTS_IN_FULL * self.keep
        each = EVENT_ALONE + (KEPT_THEN if self.room < 0 else 0)
        return min(full, full - self.room) + each * len(self.moments)

    @property
    def progress(self) -> tuple[int, str]:
        """How many events there have been, and how it goes: what changes whenever anything happens."""
        return len(self.moments) + self.left_out, self.how

    def glimpse(self, most: int) -> Glimpse:
        """The lane in short, with no more than `most` marks."""
        moments = self.moments
        sent = (status_of(moment[DIRECTION], moment[EVENT]) for moment in tuple(moments))
        return Glimpse(
            scope=self.kept if isinstance(self.kept, dict) else {None: self.kept},
            events=len(moments) + self.left_out,
            status=next(filter(None, sent), None),
            marks=[
                (moment[AT] - self.began, moment[DIRECTION] == "receive")
                for moment in moments[:: len(moments) // most + 1]
                if moment[AT] is not None
            ],
            how=self.how,
            at=None if self.ended is None else self.ended - self.began,
        )

    def events(self) -> list[Event]:
        begun = [moment for moment in tuple(self.moments) if moment[AT] is not None]
        return [self.event_of(moment) for moment in sorted(begun, key=itemgetter(AT))]

    def dropped(self) -> int:
        return self.left_out


def own_place(moment: list[Any]) -> Place:
    """The nearest place of a moment that is in no installed package, or else its place."""
    own: Place | bool | None = moment[OWN]
    return own if isinstance(own, tuple) else (moment[CODE], moment[REACHED])


def named_error(error: BaseException) -> str:
    """An exception in a line."""
    return f"{type(error).__name__}: {error}"[:200]
