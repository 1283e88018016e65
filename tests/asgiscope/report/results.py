"""A result of a check, made by hand, so that a report of it can be compared."""

from asgiscope.check import Finding
from asgiscope.contract import CLAUSES, Level
from asgiscope.report import Checked

STATUS, LEFT, NOTE = (
    "http.response.start.status.type",
    "http.disconnect.send-error-first",
    "general.app.threads-allowed",
)


def found(clause, *scenarios, level=None, message="It happened.", file=None, line=None, function=None):
    """A finding."""
    known = CLAUSES[clause]
    return Finding(
        clause, Level(level) if level else known.level, known.party, scenarios[0], message, known.remedy,
        file and str(file), line, function, scenarios,
    )  # fmt: skip


def checked(*findings, strict=False):
    """A result of which no conversation is kept."""
    return Checked("shop:app", findings, [], ["asgiscope", "check", "shop:app"], strict)
