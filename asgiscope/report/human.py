"""Findings for people: which line, what happened, what the clause says, what to do instead."""

from collections.abc import Iterable, Iterator

from ..check import Finding
from ..contract import CLAUSES, Level, Party
from ..terminal import LEVELS, Paint, printable, relative, wrapped
from .checked import Checked, line_of
from .excerpt import excerpt

NAMED = 4  # scenarios
INDENT = "  "


def lines(checked: Checked, paint: Paint, columns: int, *, verbose: bool = False) -> Iterator[str]:
    """The report, line by line; with `verbose`, notes are as long as the rest."""
    notes = checked.of(Level.NOTE, Level.MAY)
    for finding in [*checked.of(Level.MUST), *checked.of(Level.SHOULD), *(notes if verbose else ())]:
        yield from full(checked, finding, paint, columns)
        yield ""
    if notes and not verbose:
        for finding in notes:
            yield from brief(finding, paint, columns)
        yield ""
    yield from summary(checked, paint, columns)


def full(checked: Checked, finding: Finding, paint: Paint, columns: int) -> Iterator[str]:
    """All that is known of a finding."""
    clause = CLAUSES[finding.clause]
    colour = LEVELS[finding.level]
    binds = f" (binds {finding.party.value})" if finding.party is not Party.APPLICATION else ""
    yield (
        paint(finding.level.value, "bold", colour) + " " + paint(finding.clause, "bold") + paint(binds, "dim")
    )
    if (line := line_of(finding)) is not None:
        yield f"{INDENT}{relative(line.file)}:{line.line}{f' in {line.function}' if line.function else ''}"
        rows = list(excerpt(line.file, line.line))
        gutter = max((len(str(number)) for number, _ in rows if number), default=0)
        for number, text in rows:
            text = paint(text, colour) if number is None else printable(text)
            label = f"{number or '':>{gutter}} |"
            yield f"{INDENT}  {paint(label, 'dim')} {text}"
    yield from wrapped(finding.message, columns, INDENT)
    source = "Implied by:" if clause.implied else "The clause:"
    yield from wrapped(f"{source} {clause.says} ({clause.section})", columns, INDENT)
    yield INDENT + paint(clause.url, "dim")
    yield from painted(wrapped(f"Instead: {finding.remedy}", columns, INDENT), paint, "green")
    yield from wrapped(f"In {scenarios(finding)}", columns, INDENT)
    yield f"{INDENT}Alone: {paint(checked.alone(finding), 'cyan')}"


def brief(finding: Finding, paint: Paint, columns: int) -> Iterator[str]:
    """A finding that is no more than a note."""
    at = f" at {relative(finding.file)}:{finding.line}" if finding.file else ""
    first, *rest = wrapped(f"note {finding.clause}{at}: {finding.message}", columns, "", INDENT)
    yield paint("note", LEVELS[Level.NOTE]) + first.removeprefix("note")
    yield from rest


def scenarios(finding: Finding) -> str:
    """In which scenarios something was found."""
    names, count = finding.scenarios, len(finding.scenarios)
    if count == 1:
        return f"the scenario {names[0]!r}."
    more = f" and {count - NAMED} more" if count > NAMED else ""
    return f"{count} scenarios: {', '.join(names[:NAMED])}{more}."


def summary(checked: Checked, paint: Paint, columns: int) -> Iterator[str]:
    """How many of each there are, and what else the application did."""
    if checked.refusal is not None:
        told = f": {checked.refusal}" if checked.refusal else ", and does not say why"
        yield from painted(
            wrapped(f"The application refused to start{told}. A server would have stopped here.", columns),
            paint, "yellow",
        )  # fmt: skip
    if checked.raised:
        first = checked.raised[0]
        outcome = first.conversation.outcome
        at = f" at {relative(outcome.line.file)}:{outcome.line.line}" if outcome.line else ""
        error = (outcome.error or "").rstrip(".")
        text = (
            f"The application raised in {count(len(checked.raised), 'scenario')}, first in "
            f"{first.scenario.name!r}: {error}{at}. To raise breaks no clause; a server answers 500."
        )
        yield from painted(wrapped(text, columns), paint, "yellow")
    found = []
    for level, colour in ((Level.MUST, "red"), (Level.SHOULD, "yellow")):
        number = len(checked.of(level))
        found.append(paint(f"{number} {level.value}", *(("bold", colour) if number else ())))
    found.append(count(len(checked.of(Level.NOTE, Level.MAY)), "note"))
    clean = "" if checked.of(Level.MUST, Level.SHOULD) else paint("  no clause is broken", "green")
    yield f"{count(len(checked.scenarios), 'scenario')}: {', '.join(found)}{clean}"


def painted(lines: Iterable[str], paint: Paint, *styles: str) -> Iterator[str]:
    for line in lines:
        text = line.lstrip()
        yield line[: len(line) - len(text)] + paint(text, *styles)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
