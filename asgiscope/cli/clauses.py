"""asgiscope clauses: the rules of the specification, as this package knows them."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from ..contract import CLAUSES, Clause, Seen
from ..target import CannotRun
from ..terminal import LEVELS, Paint, cut, paint_for, width, wrapped

DESCRIPTION = """\
Show the clauses of the specification: whom each binds, how strongly, and where it is written. Of one alone,
show all that is known: what it says, what to do instead, and a conversation that breaks it."""

SLICES = {"ext": "extensions", "tls": "extensions"}  # what is not called by the first word of its clauses

LONGEST = 80  # columns of the name of a section
SECTION = 24  # columns: in fewer, a section is not named
NEAR = 3  # ids that may have been meant
ALIKE = 0.7  # of 1, from where on one may

SEEN = {
    Seen.CONVERSATION: "in the conversation: its scope and its events",
    Seen.CALL: "in the running call: its tasks and its objects",
    Seen.VARIATION: "by `asgiscope check`, which holds the same conversation in two ways",
    Seen.WIRE: "on a socket only: the other side of the server has to be looked at",
    Seen.NOWHERE: "nowhere",
}


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "clauses", help="the clauses of the specification", description=DESCRIPTION
    )
    parser.add_argument(
        "word", nargs="?", metavar="ID|WORD", help="the id of one, or what is to be in the id or in the text"
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    parser.set_defaults(main=main)


def main(asked: argparse.Namespace) -> int:
    """Print the clauses that are asked for."""
    clauses = matching(asked.word or "")
    if asked.json:
        print(json.dumps([{**clause._asdict(), "url": clause.url} for clause in clauses], indent=2))
        return 0
    paint = paint_for(sys.stdout)
    lines = alone(clauses[0], paint, width()) if len(clauses) == 1 else table(clauses, paint)
    print("\n".join(lines))
    return 0


def matching(word: str) -> Sequence[Clause]:
    """The clause of this id, or all that have the word in their id or in their text."""
    if word in CLAUSES:
        return [CLAUSES[word]]
    found = [
        clause
        for clause in CLAUSES.values()
        if word.lower() in f"{clause.id} {clause.says} {clause.remedy} {clause.section}".lower()
    ]
    if not found:
        near = nearest(word)
        which = f": is it {' or '.join(near)}?" if near else "."
        raise CannotRun(f"there is no clause {word!r}, and none that says so{which}")
    return found


def nearest(word: str) -> list[str]:
    """The ids that are much like a word, or begin like it."""

    def likeness(name: str) -> float:
        return max(SequenceMatcher(None, word, part).ratio() for part in (name, name[: len(word)]))

    best = sorted(CLAUSES, key=likeness, reverse=True)[:NEAR]
    return [name for name in best if likeness(name) > ALIKE]


def table(clauses: Sequence[Clause], paint: Paint) -> Iterator[str]:
    """The clauses in groups, one to a line."""
    longest = max(len(clause.id) for clause in clauses)
    room = width() - (longest + 25) if sys.stdout.isatty() else LONGEST
    group = ""
    for clause in clauses:
        first = clause.id.partition(".")[0]
        if SLICES.get(first, first) != group:
            yield from ("",) * bool(group)
            group = SLICES.get(first, first)
            yield paint(group, "bold")
        level = paint(f"{clause.level.value:<6}", LEVELS[clause.level])
        line = f"  {clause.id:<{longest}}  {level}  {clause.party.value:<11}  "
        yield line + paint(cut(clause.section, room), "dim") if room > SECTION else line.rstrip()
    yield ""
    yield f"{len(clauses)} clauses; asgiscope clauses ID shows all of one"


def alone(clause: Clause, paint: Paint, columns: int) -> Iterator[str]:
    """All that is known of a clause."""
    yield paint(clause.id, "bold")
    level = paint(clause.level.value, "bold", LEVELS[clause.level])
    binds = "server and application" if clause.party.value == "both" else clause.party.value
    since = f", since version {clause.since}" if clause.since else ""
    yield f"  {level}, binds {binds}{since}"
    yield f"  {clause.section}{' (it follows from what is written there)' if clause.implied else ''}"
    yield "  " + paint(clause.url, "dim")
    yield ""
    yield from wrapped(clause.says, columns, "  ")
    yield from (paint(line, "green") for line in wrapped(f"Instead: {clause.remedy}", columns, "  "))
    yield from wrapped(
        f"Seen {SEEN[clause.seen]}{f': {clause.unseen}' if clause.unseen else '.'}", columns, "  "
    )
    for heading, conversation in (("Broken by", clause.broken), ("Kept by", clause.kept)):
        if conversation:
            yield ""
            yield f"  {heading}:"
            yield from (f"      {line}" for line in conversation.strip().splitlines())
