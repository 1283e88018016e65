"""What may be looked for in the states of a lifespan and of what is served."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..evidence import Evidence
from .life import lifespans, requests


@dataclass(frozen=True)
class Stateless:
    """No call of this type has a state of this class."""

    kind: str
    of: type = object

    def __call__(self, evidence: Evidence) -> str | None:
        for one in evidence.conversations:
            scope = one.outermost.scope
            if scope.get("type") == self.kind and "state" in scope and isinstance(scope["state"], self.of):
                return f"A call of the type {self.kind} has a state."
        return None


def states(evidence: Evidence) -> list[Mapping[str, Any]]:
    """The states that requests and other connections got, in the order of time: those that are dicts."""
    found = [lane.scope.get("state") for lane in requests(evidence)]
    return [state for state in found if isinstance(state, Mapping)]


@dataclass(frozen=True)
class FewStates:
    """There are fewer states than that with this key, or with any, of requests and other connections."""

    number: int
    key: str | None = None

    def __call__(self, evidence: Evidence) -> str | None:
        found = [state for state in states(evidence) if self.key is None or self.key in state]
        return None if len(found) < self.number else f"There were {len(found)} states."


@dataclass(frozen=True)
class StateHas:
    """The state of every request has these keys, and no others but those that requests set."""

    keys: frozenset[str]
    set_by_requests: frozenset[str]

    def __call__(self, evidence: Evidence) -> str | None:
        found = [state.keys() - self.set_by_requests for state in states(evidence)]
        wrong = [sorted(map(str, keys)) for keys in found if keys != self.keys]
        return f"A request got a state with {wrong[0]}, not {sorted(self.keys)}." if wrong else None


@dataclass(frozen=True)
class StateHasNot:
    """No request got a state that has this key, which others have set in theirs."""

    key: str

    def __call__(self, evidence: Evidence) -> str | None:
        if any(self.key in state for state in states(evidence)):
            return f"A request got a state with {self.key!r}, which another one has set."
        return None


@dataclass(frozen=True)
class SharesList:
    """A list in the state of the lifespan is the same one for all requests that get it: in the end it has
    something of each."""

    key: str

    def __call__(self, evidence: Evidence) -> str | None:
        sizes = [len(state[self.key]) for state in states(evidence) if self.key in state]
        if sizes and max(sizes) == len(sizes):
            return None
        return f"The list {self.key!r} had the lengths {sizes}, so that it is not one list."


def state_everywhere(evidence: Evidence) -> str | None:
    """The lifespan and the requests have a state, or none has."""
    has = {("state" in lane.scope) for lane in (*lifespans(evidence), *requests(evidence))}
    return None if len(has) == 1 else "Some of the calls have a state, and some have none."
