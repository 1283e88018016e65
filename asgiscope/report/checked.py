"""The result of a check, as all reports need it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..check import Finding
from ..check.server import LEAVING, Held
from ..check.watchdog import Blocked
from ..contract import Level
from ..conversation import Line


@dataclass(frozen=True)
class Checked:
    """What was found of a target. `command` are the words of the command that was typed, without `--only`."""

    target: str
    findings: Sequence[Finding]
    held: Sequence[Held]
    command: Sequence[str]
    strict: bool = False

    def of(self, *levels: Level) -> list[Finding]:
        """The findings of some levels."""
        return [one for one in self.findings if one.level in levels]

    @cached_property
    def failures(self) -> list[Finding]:
        """The findings that make the check fail."""
        return self.of(Level.MUST, Level.SHOULD) if self.strict else self.of(Level.MUST)

    @cached_property
    def scenarios(self) -> list[str]:
        """The names of the scenarios that were held, and of those in which something was found."""
        named = [held.scenario.name for held in self.held]
        return list(dict.fromkeys([*named, *(name for one in self.findings for name in one.scenarios)]))

    @cached_property
    def raised(self) -> list[Held]:
        """Where the application raised of its own accord: not because the client left, nor made to by us."""
        return [
            held
            for held in self.held
            if held.conversation.outcome.how == "raise"
            and not is_refused(held)
            and not held.sent_later
            and not any(event["type"] in LEAVING for event in held.given)
            and Blocked.__name__ not in (held.conversation.outcome.error or "")
        ]

    @cached_property
    def refusal(self) -> str | None:
        """What the application said when it refused to start, if it did."""
        for held in self.held:
            for event in held.sent if held.scenario.name == "lifespan" else ():
                if isinstance(event, dict) and event.get("type") == "lifespan.startup.failed":
                    return str(event.get("message", ""))
        return None

    def alone(self, finding: Finding) -> str:
        """The command that reproduces a finding alone."""
        return shlex.join([*self.command, "--only", finding.scenario])


def is_refused(held: Held) -> bool:
    """Whether the application does not speak the protocol, which it says by raising before anything else."""
    return held.scenario.scope["type"] != "http" and not held.conversation.events


def line_of(finding: Finding) -> Line | None:
    """Where a finding comes from."""
    if finding.file is None or finding.line is None:
        return None
    return Line(finding.file, finding.line, finding.function or "")
