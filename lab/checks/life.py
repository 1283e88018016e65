"""What may be looked for in the whole life of a server."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from asgiscope.conversation import Event, Lane

from ..evidence import Answer, Evidence
from .events import CANCELS, OS_ERRORS, WAYS, class_of

AT_ONCE = 0.5  # seconds: what takes longer is no pause of the machine between two calls
CLOCK = 0.05  # seconds that the clock of the machine may step between two calls: nobody is blamed for that
ENDS = {**WAYS, "open": "went on"}


def lifespans(evidence: Evidence) -> list[Lane]:
    """What the application saw as lifespans."""
    found = [one.outermost for one in evidence.conversations]
    return [lane for lane in found if lane.scope.get("type") == "lifespan"]


def requests(evidence: Evidence) -> list[Lane]:
    """What it saw as anything else."""
    found = [one.outermost for one in evidence.conversations]
    return [lane for lane in found if lane.scope.get("type") != "lifespan"]


def types(lane: Lane, direction: str = "receive") -> list[str | None]:
    """The types of what was received, or sent."""
    return [event.type for event in lane.events if event.direction == direction and event.fields]


def no_lifespan(evidence: Evidence) -> str | None:
    """The server has never called the application with a lifespan."""
    return "The application was called with a lifespan." if lifespans(evidence) else None


def told(evidence: Evidence, kind: str, direction: str = "receive") -> list[Event]:
    """The events of a type that lifespans received, or sent."""
    events = [event for lane in lifespans(evidence) for event in lane.events if event.type == kind]
    return [event for event in events if event.direction == direction]


@dataclass(frozen=True)
class Untold:
    """No lifespan has received an event of this type."""

    kind: str

    def __call__(self, evidence: Evidence) -> str | None:
        return f"The lifespan received {self.kind}." if told(evidence, self.kind) else None


@dataclass(frozen=True)
class Untaken:
    """No lifespan has sent an event of this type, or the server has left before it took it. A `send` that
    raises has taken what it raises for."""

    kind: str

    def __call__(self, evidence: Evidence) -> str | None:
        for event in told(evidence, self.kind, "send"):
            if event.held is not None and class_of(event.error) not in CANCELS:
                return f"The server took {self.kind}."
        return None


def hears_nothing(evidence: Evidence) -> str | None:
    """No lifespan has received an event."""
    heard = [kind for lane in lifespans(evidence) for kind in types(lane)]
    return f"The lifespan received {heard[0]}." if heard else None


def asks_for_the_message(evidence: Evidence) -> str | None:
    """The server has failed for want of a message: it has printed that, or raised it out of `send`."""
    sent = [event for lane in lifespans(evidence) for event in lane.events if event.direction == "send"]
    errors = [event.error for event in sent if event.error]
    found = any("KeyError: 'message'" in text for text in (evidence.output, *errors))
    return None if found else "It does not miss the message."


def told_to_stop(evidence: Evidence) -> str | None:
    """Each lifespan that has started was told to shut down."""
    for lane in lifespans(evidence):
        if "lifespan.startup.complete" in types(lane, "send") and "lifespan.shutdown" not in types(lane):
            return f"The lifespan received {', '.join(map(str, types(lane)))}, and no lifespan.shutdown."
    return None


@dataclass(frozen=True)
class Lifespan:
    """There was one lifespan, and it received just these events."""

    receives: tuple[str, ...]

    def __call__(self, evidence: Evidence) -> str | None:
        found = lifespans(evidence)
        if len(found) != 1:
            return f"The application was called with {len(found)} lifespans, not one."
        received = types(found[0])
        if tuple(received) != self.receives:
            said = ", ".join(map(str, received)) or "nothing"
            return f"The lifespan received {said}, not {', '.join(self.receives) or 'nothing'}."
        return None


@dataclass(frozen=True)
class Serves:
    """The server has answered requests, or it has not."""

    it_does: bool = True

    def __call__(self, evidence: Evidence) -> str | None:
        found = evidence.life
        if found is None or found.served == self.it_does:
            return None
        return f"It {'answers' if found.served else 'does not answer'} requests."


def exits_by_itself(evidence: Evidence) -> str | None:
    """The server has ended before it was told to."""
    found = evidence.life
    return None if found and found.by_itself else "It runs on, until it is told to stop."


def exits_in_time(evidence: Evidence) -> str | None:
    """The server has ended by itself, or when it was told to, and not by force."""
    found = evidence.life
    return None if found and found.in_time else "It did not end when it was told to, and had to be killed."


@dataclass(frozen=True)
class Prints:
    """What the server prints has this in it."""

    text: str

    def __call__(self, evidence: Evidence) -> str | None:
        return None if self.text in evidence.output else f"It prints nothing of {self.text!r}."


@dataclass(frozen=True)
class PrintsNot:
    """What the server prints does not have this in it."""

    text: str

    def __call__(self, evidence: Evidence) -> str | None:
        return f"It prints {self.text!r}." if self.text in evidence.output else None


def places(evidence: Evidence, lifespan: bool) -> Counter[str]:
    """The processes, threads and event loops that lifespans were in, or what else was called, and how many
    were in each."""
    calls = zip(evidence.where, evidence.conversations, strict=True)
    return Counter(where for where, one in calls if is_request(one.scope) != lifespan)


def in_one_place(evidence: Evidence) -> str | None:
    """Each request was where there was a lifespan: in its process, thread and event loop."""
    begun, served = places(evidence, lifespan=True), places(evidence, lifespan=False)
    apart = [place for place in served if place not in begun]
    return f"Requests were in {apart[0]}, and the lifespan in {'; '.join(begun)}." if apart else None


def one_in_each_loop(evidence: Evidence) -> str | None:
    """Each event loop that had requests had one lifespan."""
    begun = places(evidence, lifespan=True)
    wrong = [place for place in places(evidence, lifespan=False) if begun[place] != 1]
    return f"In {wrong[0]}, which had requests, were {begun[wrong[0]]} lifespans." if wrong else None


def processes(evidence: Evidence, kind: str | None = None) -> Counter[str]:
    """The processes that the calls were in, or those of one type, and how many were in each."""
    calls = zip(evidence.where, evidence.conversations, strict=True)
    return Counter(where.partition(",")[0] for where, one in calls if kind in (None, one.scope.get("type")))


def lifespan_in_each_process(evidence: Evidence) -> str | None:
    """There were calls in several processes, and each has had one lifespan."""
    everywhere, begun = processes(evidence), processes(evidence, "lifespan")
    if without := everywhere.keys() - begun.keys():
        return f"Of {len(everywhere)} processes that called the application, {len(without)} had no lifespan."
    if len(everywhere) > 1 and begun.total() == len(begun):
        return None
    return f"There were {begun.total()} lifespans in {len(begun)} processes."


def uncalled(evidence: Evidence) -> str | None:
    """The application was not called as what it is, not even with a lifespan."""
    return "The application was called." if evidence.conversations else None


def second_call_at_once(evidence: Evidence) -> str | None:
    """Of an application of two callables, the second was called at once behind the first."""
    calls = zip(evidence.conversations, evidence.first_calls, strict=True)
    waits = [one.started - first for one, first in calls if first is not None]
    if not waits:
        return "It was not called as an application of two callables."
    return None if max(waits) < AT_ONCE else f"The second call came {max(waits):.1f} s behind the first."


def waited_for_startup(evidence: Evidence) -> str | None:
    """No request came to the application before it had said that it was ready."""
    ready = moments(evidence, "lifespan.startup.complete")
    if not ready:
        return "The lifespan has never been complete."
    served = [one for one in evidence.conversations if is_request(one.scope)]
    early = [one for one in served if one.started < ready[0] - CLOCK]
    return f"{len(early)} requests came before lifespan.startup.complete." if early else None


def did_not_wait(evidence: Evidence) -> str | None:
    """A request came before the application had said that it was ready."""
    return None if waited_for_startup(evidence) else "It has waited until its application was ready."


def nothing_after_shutdown(evidence: Evidence) -> str | None:
    """When the application is told to shut down, no request is running, and none comes any more."""
    stopping = moments(evidence, "lifespan.shutdown")
    if not stopping:
        return "The lifespan was never told to shut down."
    running = [
        one
        for one in evidence.conversations
        if is_request(one.scope) and last(one.outermost, one.started) > stopping[0] + CLOCK
    ]
    return f"{len(running)} requests were running after lifespan.shutdown." if running else None


def last(lane: Lane, started: float) -> float:
    """When a call was over, or what was the last of it that was seen."""
    return max([started, *(started + event.at / 1e9 for event in lane.events)])


def moments(evidence: Evidence, kind: str) -> list[float]:
    """When events of a type were, in Unix time."""
    return [
        one.started + event.at / 1e9
        for one in evidence.conversations
        if not is_request(one.scope)
        for event in one.events
        if event.type == kind
    ]


def is_request(scope: object) -> bool:
    """Whether a call is something else than a lifespan."""
    return isinstance(scope, Mapping) and scope.get("type") != "lifespan"


def lasts(evidence: Evidence) -> str | None:
    """A call with a lifespan had begun before the first request, and was not over before the last."""
    calls = [one for one in evidence.conversations if not is_request(one.scope)]
    served = [one for one in evidence.conversations if is_request(one.scope)]
    begun = min(one.started for one in calls)
    over = max(one.started + (at / 1e9 if (at := one.outermost.outcome.at) else inf) for one in calls)
    if early := [one for one in served if one.started < begun - CLOCK]:
        return f"{len(early)} requests came before the call with the lifespan."
    late = [one for one in served if last(one.outermost, one.started) > over + CLOCK]
    return f"{len(late)} requests were running after the call with the lifespan." if late else None


def came_to_its_end(evidence: Evidence) -> str | None:
    """The lifespan has returned, so that nobody has ended the process before."""
    found = lifespans(evidence)
    if not found:
        return "There was no call with a lifespan."
    how = found[0].outcome.how
    return None if how == "return" else f"The call with the lifespan {ENDS[how]}, and has not returned."


def no_websocket(evidence: Evidence) -> str | None:
    """The application was not called with a WebSocket."""
    found = [lane for lane in requests(evidence) if lane.scope.get("type") == "websocket"]
    return "The application was called with a WebSocket." if found else None


def websocket_is_told(evidence: Evidence) -> str | None:
    """The call with a WebSocket was told of its end."""
    for lane in requests(evidence):
        if lane.scope.get("type") == "websocket":
            if "websocket.disconnect" in types(lane):
                return None
            return f"The application was not told, and its call {ENDS[lane.outcome.how]}."
    return "The application was not called with a WebSocket."


def goes_on(evidence: Evidence) -> str | None:
    """The last request was answered, and the server has run until it was told to stop."""
    answer = evidence.answers[-1] if evidence.answers else Answer()
    if exits_by_itself(evidence) is None:
        return "The server has ended by itself."
    return (
        None if answer.status == 200 and answer.ended == "whole" else "It does not answer the next request."
    )


def own_errors(evidence: Evidence, kind: str) -> list[str]:
    """The classes of what `send` has raised in calls of this type."""
    calls = [lane for lane in requests(evidence) if lane.scope.get("type") == kind]
    errors = [event.error for lane in calls for event in lane.events if event.direction == "send"]
    return [class_of(error) for error in errors if error]


@dataclass(frozen=True)
class SendRaised:
    """A `send` in a call of this type has raised an OSError."""

    kind: str

    def __call__(self, evidence: Evidence) -> str | None:
        found = own_errors(evidence, self.kind)
        if any(error in OS_ERRORS for error in found):
            return None
        return f"What a send has raised is {', '.join(found)}." if found else "No send has raised."


@dataclass(frozen=True)
class SendRaisedNot:
    """No `send` in a call of this type has raised an OSError."""

    kind: str

    def __call__(self, evidence: Evidence) -> str | None:
        return "A send has raised an OSError." if SendRaised(self.kind)(evidence) is None else None
