"""A case: one experiment, as data, and what is concluded from what it shows.

    Case(
        "http.scope.method.uppercase/1",
        "a method in small letters is handed on in capitals",
        over=(1,),
        client=Bytes(b"get {target} HTTP/1.1\\r\\nhost: {host}\\r\\n\\r\\n"),
        app=HELLO,
        outcomes=(
            keeps(Scope(method="GET")),
            differs("it refuses the request", NotCalled(), Status(400, 501)),
        ),
    )

The id is that of the clause it proves, with a suffix; it stays for good. The outcomes are tried in order, and
the first whose checks all hold is the verdict. If none does, the server breaks the clause, and the reason is
what does not hold of the first outcome in which it would keep it. `lab.checks` has the checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from asgiscope.contract import CLAUSES, Clause, Party
from asgiscope.contract.scope import is_older, spec_version

from .evidence import Evidence
from .script import Step
from .wire import Start


class Verdict(StrEnum):
    """What is concluded of a server from a case."""

    KEEPS = "keeps"
    BREAKS = "breaks"
    DIFFERS = "differs"  # allowed, but worth knowing
    UNSUPPORTED = "unsupported"  # the server says so itself
    BROKEN_OFF = "broken off"  # a crash, a hang, a time-out
    FLAKY = "flaky"  # held twice, it has shown two things


class Check(Protocol):
    """What must be seen."""

    def __call__(self, evidence: Evidence) -> str | None:
        """None if it is seen, or else a sentence about what is seen instead."""


class Outcome(NamedTuple):
    """What a case may show, and what that means. `means` is a sentence about the server."""

    verdict: Verdict
    means: str
    checks: Sequence[Check]


class Conclusion(NamedTuple):
    """The verdict on one server, and why."""

    verdict: Verdict
    why: str


def keeps(*checks: Check) -> Outcome:
    """The clause is kept if all of these hold."""
    return Outcome(Verdict.KEEPS, "", checks)


def differs(means: str, *checks: Check) -> Outcome:
    """It is allowed, and worth knowing, if all of these hold."""
    return Outcome(Verdict.DIFFERS, means, checks)


def breaks(means: str, *checks: Check) -> Outcome:
    """The clause is broken in this particular way if all of these hold."""
    return Outcome(Verdict.BREAKS, means, checks)


def unsupported(means: str, *checks: Check) -> Outcome:
    """The server says that it does not do this, if all of these hold."""
    return Outcome(Verdict.UNSUPPORTED, means, checks)


@dataclass(frozen=True)
class Case:
    """One experiment.

    `over` are the versions of HTTP it can be held over. `client` is what the client does, an action of
    `lab.wire`. `app` is what the application does. `extension` and `spec_version` are what a server has to
    offer or announce for the case to be about it. `start` is how the server has to be
    started, where that matters. `fresh` wants a server process of its own; `sensitive` is
    the kind of harm it does, where the bytes that do it are not to be published, and the suffix of such a
    case says no more than `sensitive-1`. `alone` keeps a case that is a burden to the server apart from all
    others. `settles` is how long its application may go on behind its client before it is said to, where that
    is what the case is about.
    """

    id: str
    says: str
    client: Any
    app: Sequence[Step]
    outcomes: Sequence[Outcome]
    over: Sequence[int] = (1,)
    extension: str | None = None
    spec_version: tuple[int, int] | None = None
    start: Start | None = None
    fresh: bool = False
    limit: float = 10.0  # seconds until it is broken off
    settles: float = 0.0  # seconds, besides those of the probe
    sensitive: str = ""
    alone: bool = False

    @property
    def clause(self) -> Clause:
        """The clause that it proves."""
        return CLAUSES[self.id.rpartition("/")[0]]

    def concludes(self, evidence: Evidence) -> Conclusion:
        """What follows from what was seen."""
        if lacks := self.lacks(evidence):
            return Conclusion(Verdict.UNSUPPORTED, lacks)
        if evidence.error:
            return Conclusion(Verdict.BROKEN_OFF, evidence.error)
        blamed = judged(self.clause.id, evidence)
        if blamed:
            return Conclusion(Verdict.BREAKS, blamed)
        missing: list[str] = []
        for outcome in self.outcomes:
            failures = [failure for check in outcome.checks if (failure := failing(check, evidence))]
            if not failures:
                return Conclusion(outcome.verdict, outcome.means)
            if outcome.verdict is Verdict.KEEPS:
                missing += failures
        return Conclusion(Verdict.BREAKS, missing[0])

    def lacks(self, evidence: Evidence) -> str | None:
        """What the case is about and the server does not claim: an extension, a version, or the whole."""
        if evidence.unsupported:
            return evidence.unsupported
        if evidence.version == 2 and evidence.scope.get("method") == "CONNECT":
            return "It hands WebSockets over HTTP/2 on as requests with the method CONNECT."
        if evidence.lane is None:
            return None
        if self.extension is not None and self.extension not in (evidence.scope.get("extensions") or {}):
            return f"It does not offer {self.extension}."
        if self.spec_version is not None:
            announced = spec_version(evidence.scope)
            if is_older(announced or "2.0", ".".join(map(str, self.spec_version))):
                if announced is None:
                    return "It announces no version of the specification, which stands for 2.0."
                return f"It announces version {announced} of the specification."
        return None


def failing(check: Check, evidence: Evidence) -> str | None:
    """What a check says. Evidence may be of any type where a server is wrong, and then a check cannot read
    it."""
    try:
        return check(evidence)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        return f"What was seen cannot be compared: {type(error).__name__}: {error}."


def judged(clause: str, evidence: Evidence) -> str | None:
    """What the judge of the contract says of the server about this clause, if it has found anything."""
    for conversation in evidence.conversations:
        for violation in conversation.violations:
            if violation.clause == clause and violation.party in (Party.SERVER, Party.BOTH):
                return violation.message
    return None
