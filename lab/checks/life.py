"""What may be looked for in the whole life of a server."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asgiscope.conversation import Lane

from ..evidence import Answer, Evidence
from .events import OS_ERRORS

AT_ONCE = 0.5  # seconds: what takes longer is no pause of the machine between two calls


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


def no_state(evidence: Evidence) -> str | None:
    """The lifespan has no state."""
    found = lifespans(evidence)
    return "The lifespan has a state." if not found or "state" in found[0].scope else None


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


def in_one_place(evidence: Evidence) -> str | None:
    """The lifespan and all requests were in one process, thread and event loop."""
    places = dict.fromkeys(evidence.where)
    return None if len(places) == 1 else f"The calls were in {len(places)} places: {'; '.join(places)}."


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
    early = [one for one in evidence.conversations if is_request(one.scope) and one.started < ready[0]]
    return f"{len(early)} requests came before lifespan.startup.complete." if early else None


def nothing_after_shutdown(evidence: Evidence) -> str | None:
    """When the application is told to shut down, no request is running, and none comes any more."""
    told = moments(evidence, "lifespan.shutdown")
    if not told:
        return "The lifespan was never told to shut down."
    running = [
        one
        for one in evidence.conversations
        if is_request(one.scope) and last(one.outermost, one.started) > told[0]
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


def came_to_its_end(evidence: Evidence) -> str | None:
    """The lifespan has returned, so that nobody has ended the process before."""
    found = lifespans(evidence)
    how = found[0].outcome.how if found else "not there"
    return (
        None if how == "return" else f"The call with the lifespan is {how} in the end, and has not returned."
    )


def states(evidence: Evidence) -> list[Mapping[str, Any]]:
    """The states that requests and other connections got, in the order of time."""
    return [lane.scope["state"] for lane in requests(evidence) if "state" in lane.scope]


@dataclass(frozen=True)
class StateHas:
    """The state of every request has these keys, and no others."""

    keys: frozenset[str]

    def __call__(self, evidence: Evidence) -> str | None:
        wrong = [sorted(found) for found in states(evidence) if found.keys() != self.keys]
        return f"A request got a state with {wrong[0]}, not {sorted(self.keys)}." if wrong else None


@dataclass(frozen=True)
class SharesList:
    """A list in the state of the lifespan is the same one for all requests: in the end it has something of
    each."""

    key: str

    def __call__(self, evidence: Evidence) -> str | None:
        sizes = [len(found.get(self.key, ())) for found in states(evidence)]
        if sizes and max(sizes) == len(sizes):
            return None
        return f"The list {self.key!r} had the lengths {sizes}, so that it is not one list."


def state_everywhere(evidence: Evidence) -> str | None:
    """The lifespan and the requests have a state, or none has."""
    has = {("state" in lane.scope) for lane in (*lifespans(evidence), *requests(evidence))}
    return None if len(has) == 1 else "Some of the calls have a state, and some have none."


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
    return [error.partition(":")[0].rpartition(".")[2] for error in errors if error]


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
