"""How contestants are compared: they take turns in one run, and the fastest turn of each counts.

In each round every contestant takes its turn at every case. Noise only ever adds, so that the fastest turn is
the truest. The application by itself takes its turns like a contestant, and is taken off.
"""

import gc
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

Case = TypeVar("Case", bound=Hashable)

Turn = Callable[[int], float]
"""Make so many calls, and return what one of them took on the average, in nanoseconds."""


class Sample(NamedTuple, Generic[Case]):
    """A contestant in a case; without a name it is the application by itself."""

    case: Case
    name: str | None


def fastest(turns: Mapping[Case, Turn], rounds: int, length: float) -> dict[Case, float]:
    """The fastest of so many turns of each, in nanoseconds a call; a turn takes about `length` of them."""
    calls = {}
    for sample, turn in turns.items():
        turn(1)  # The first call may have something to compile.
        calls[sample] = max(1, int(length / turn(3)))
    best = dict.fromkeys(turns, float("inf"))
    gc.collect()
    gc.freeze()  # What is there already is not gone through again after each turn.
    gc.disable()
    try:
        for _ in range(rounds):
            for sample, turn in turns.items():
                best[sample] = min(best[sample], turn(calls[sample]))
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return best


def added(turns: Mapping[Sample[Case], Turn], rounds: int, length: float) -> dict[Sample[Case], float]:
    """What each contestant adds in each case, in nanoseconds; a turn takes about `length` of them."""
    times = fastest(turns, rounds, length)
    direct = {sample.case: time for sample, time in times.items() if sample.name is None}
    return {sample: time - direct[sample.case] for sample, time in times.items() if sample.name}


class Target(NamedTuple):
    """A claim: in each pair, the first measures at most, or at least, `bound` times what the second does."""

    claim: str
    pairs: Sequence[tuple[Hashable, Hashable]]
    relation: Literal["at most", "at least"]
    bound: float

    def value(self, measured: Mapping[Any, float]) -> float:
        """How many times as much the first measures, in the pair that speaks most against the claim."""
        worst = max if self.relation == "at most" else min
        return worst(measured[first] / measured[second] for first, second in self.pairs)

    def is_reached(self, measured: Mapping[Any, float]) -> bool:
        value = self.value(measured)
        return value <= self.bound if self.relation == "at most" else value >= self.bound
