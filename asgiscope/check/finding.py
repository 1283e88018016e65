"""What was found: a clause that an application broke, where, in which scenario, and what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..contract import Level, Party, Violation
from ..contract.clause import CLAUSES
from ..conversation import Line
from .server import LONG, Held, kind_of


@dataclass(frozen=True)
class Finding:
    """A clause that was broken. `scenario` is the first of the `scenarios` in which it was."""

    clause: str
    level: Level
    party: Party
    scenario: str
    message: str
    remedy: str
    file: str | None = None
    line: int | None = None
    function: str | None = None
    scenarios: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return {**vars(self), "scenarios": list(self.scenarios)}


def finding(scenario: str, violation: Violation, line: Line | None) -> Finding:
    """A finding from a violation."""
    return Finding(
        clause=violation.clause,
        level=violation.level,
        party=violation.party,
        scenario=scenario,
        message=violation.message,
        remedy=violation.remedy,
        file=line and line.file,
        line=line and line.line,
        function=line and line.function,
        scenarios=(scenario,),
    )


def of_clause(
    clause: str, scenario: str, message: str, line: Line | None, level: Level | None = None
) -> Finding:
    """A finding that no judge makes."""
    known = CLAUSES[clause]
    violation = Violation(clause, level or known.level, known.party, None, message, known.remedy)
    return finding(scenario, violation, line)


def findings_of(held: Held) -> Iterator[Finding]:
    """What was found in one scenario. The server there is ours, and what it breaks is nobody's business."""
    lane = held.conversation.outermost
    for violation, line in zip(lane.violations, lane.lines, strict=True):
        again = held.scenario.closed == "raises" and violation.clause.endswith(".closed-not-guaranteed")
        if violation.party is not Party.SERVER and not again:  # What is sent again and again is told below.
            yield finding(held.scenario.name, violation, line)
    for clause, message, level in endless(held):
        yield of_clause(clause, held.scenario.name, message, line_of(held), level)


def line_of(held: Held) -> Line | None:
    """The line that a scenario comes to: where the application raised, or else where it last spoke."""
    lane = held.conversation.outermost
    spoke = next((event.outside or event.line for event in reversed(lane.events)), None)
    return lane.outcome.line or spoke or held.home


def endless(held: Held) -> Iterator[tuple[str, str, Level | None]]:
    """The clauses that are broken by going on and on, with what happened."""
    protocol, outcome = held.scenario.scope["type"], held.conversation.outcome
    given, sent = {event["type"] for event in held.given}, {kind_of(event) for event in held.sent}
    if outcome.error and outcome.error.split(":")[0].endswith("Blocked"):
        yield "general.app.asyncio-coroutine", f"In the application {outcome.error.partition(': ')[2]}.", None
    elif held.sent_later >= LONG and held.scenario.closed == "silent":
        message = "The client has left, the server says nothing of it, and the application sends on and on."
        yield f"{protocol}.send.closed-not-guaranteed", message, None
    elif held.sent_later >= LONG:
        message = "The client has left, `send` raises OSError, and the application sends on and on."
        yield f"{protocol}.disconnect.send-error-first", message, None
    elif protocol == "lifespan":
        yield from endless_lifespan(held, given, sent)
    elif held.gave_up and protocol == "websocket" and held.asked_later < LONG:
        yield (
            "websocket.app.ends-with-socket",
            "The client has left, and the application has not ended.",
            None,
        )
    elif held.gave_up and protocol == "http":
        message = "The client has left, and the application has not ended. It may be busy."
        yield "general.app.lives-as-long-as-connection", message, Level.NOTE
    elif held.gave_up and protocol != "websocket":
        message = "The application has neither raised nor ended."
        yield "general.app.rejects-unknown-protocol", message, None


def endless_lifespan(held: Held, given: set[str], sent: set[str]) -> Iterator[tuple[str, str, Level | None]]:
    """The clauses that are broken by not answering in time; it may be that the time is too short."""
    if held.conversation.outcome.how != "cancel" or held.scenario.cancelled:
        return
    if not any(kind.startswith("lifespan.startup.") for kind in sent):
        message = "The application has neither answered 'lifespan.startup' in time, nor raised."
        yield "lifespan.app.unsupported-raises", message, None
    elif "lifespan.shutdown" in given and not any(kind.startswith("lifespan.shutdown.") for kind in sent):
        message = "The application has received 'lifespan.shutdown', and has not answered in time."
        yield "lifespan.shutdown.answered", message, Level.SHOULD


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, with all its scenarios; the musts first."""
    by_cause: dict[tuple[Any, ...], Finding] = {}
    for one in findings:
        cause = (one.clause, one.level, one.party, one.file, one.line)
        first = by_cause.setdefault(cause, one)
        scenarios = tuple(dict.fromkeys((*first.scenarios, *one.scenarios)))
        by_cause[cause] = Finding(**{**vars(first), "scenarios": scenarios})
    order = list(Level)
    return sorted(by_cause.values(), key=lambda one: order.index(one.level))
