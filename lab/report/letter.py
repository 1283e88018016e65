"""A finding as a letter to those who can mend it: see docs/reporting.md."""

import platform
from collections.abc import Sequence

from ..case import Verdict
from ..known import FAULTS, known
from ..runner import Result
from .results import versions
from .text import conversation_of, wire_of

LETTER = """\
{how}

Title: {target}: {says}

Versions: {versions}; Python {python} on {system}
HTTP version: {http}
Clause: {clause} ({level}; {section}, {url})

{meaning}

What happens: {why}
{observations}
How to see it again:

    git clone THIS PROJECT; pip install -e '.[lab]'
    {command}
{evidence}
What would be right: {remedy}
"""

OPENLY = "PUBLIC: an issue in the tracker of {server}, unless one is there already: search it for the title."
PRIVATELY = (
    "PRIVATE ({harm}): do not open an issue. Send it the way that the security policy of {server} says; say "
    "nothing in public until its authors have answered, or have published a fixed version. The bytes are not "
    "here: give them to the authors with --replay, and to nobody else."
)


def about(results: Sequence[Result]) -> str:
    """A letter for each server that breaks the clause, or breaks off; or why there is nothing to report."""
    letters = [letter(one) for one in results if one.conclusion.verdict in FAULTS]
    flaky = [one for one in results if one.conclusion.verdict is Verdict.FLAKY]
    letters += [
        f"{one.target} shows two things, which is no finding yet: {one.conclusion.why}" for one in flaky
    ]
    return "\n\n".join(letters) or "There is nothing to report: no server breaks this clause here."


def letter(one: Result) -> str:
    """The letter about one result."""
    clause, found = one.case.clause, versions(one.target)
    server = next(iter(found), one.target)
    entry = known(one.target, one.case.id, one.version)
    told = "It was seen twice in a row."
    if entry:
        told = " ".join(filter(None, ("It is known here:", entry.reason, entry.confirmed, entry.link)))
    harm = one.case.sensitive
    return LETTER.format(
        how=PRIVATELY.format(harm=harm, server=server) if harm else OPENLY.format(server=server),
        target=one.target,
        says=one.case.says if not harm else clause.says,
        versions=", ".join(f"{name} {number}" for name, number in found.items()) or "unknown",
        python=platform.python_version(),
        system=platform.system(),
        http={1: "HTTP/1.1", 2: "HTTP/2", 3: "HTTP/3"}[one.version],
        clause=clause.id,
        level=clause.level,
        section=clause.section,
        url=clause.url,
        meaning=clause.says,
        why=one.conclusion.why,
        observations=told + "\n",
        command=one.again,
        evidence="" if harm else f"\n{indented(wire_of(one) + conversation_of(one))}\n",
        remedy=clause.remedy,
    )


def indented(lines: Sequence[str]) -> str:
    """The lines as a block of code."""
    return "\n".join(f"    {line}" for part in lines for line in part.splitlines())
