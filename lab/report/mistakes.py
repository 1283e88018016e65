"""The second table of the page: what each server does with a wrong application, and what its client gets."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from asgiscope.contract import CLAUSES

TABLE = """\
<h2 id="wrong">What they do with a wrong application</h2>
<p>Each row is the counter-example of a clause, played as an application. A cell says what the server does
(it <b>raises</b> into the application, <b>logs</b>, or stays <b>quiet</b>), then what the client gets: a
status, a close code, or that it <b>waits</b> in vain. <b>!</b> is a server that does not
answer afterwards.</p>
<div class="across" tabindex="0" role="region" aria-label="Wrong applications">
<table class="report wrong">
<thead><tr><th scope="col">the clause that the application breaks</th>{heads}</tr></thead>
<tbody>
{rows}</tbody></table></div>
"""

# What a client gets, shorter: the first pattern that is found.
SHORT = (
    (re.compile(r"^rubbish"), "rubbish"),
    (re.compile(r"close (\d+)$"), r"\1"),
    (re.compile(r"^(\d+), (?:and )?(waits|cut|reset)"), r"\1 \2"),
    (re.compile(r"waits in vain$"), "waits"),
    (re.compile(r"^a reset$"), "reset"),
    (re.compile(r"^no answer"), "nothing"),
    (re.compile(r"^101.*no close frame"), "101 cut"),
    (re.compile(r"^does not serve"), "no start"),
    (re.compile(r"^serves"), "serves"),
    (re.compile(r"(\d{3}) with \d+ bytes$"), r"\1"),
)


def mistakes(wrong: Sequence[Mapping[str, Any]], order: Iterable[str]) -> str:
    """The table, its columns in this order; nothing if no wrong application was played."""
    if not wrong:
        return ""
    there = {one["target"] for one in wrong}
    targets = [target for target in order if target in there]
    heads = "".join(f'<th scope="col">{escape(target.replace("-", " ", 1))}</th>' for target in targets)
    return TABLE.format(heads=heads, rows="".join(rows(wrong, targets)))


def rows(wrong: Sequence[Mapping[str, Any]], targets: Sequence[str]) -> Iterator[str]:
    """A row for each clause."""
    numbers: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, one in enumerate(wrong):
        numbers[one["clause"]][one["target"]].append(number)
    for name, by_target in numbers.items():
        clause = CLAUSES.get(name)
        about = f"{escape(clause.says)} " if clause else ""
        cells = "".join(f"<td>{cell(by_target.get(target, []), wrong)}</td>" for target in targets)
        code = f'<code class="faint">{escape(name)}</code>'
        yield f'<tr id="wrong/{escape(name)}"><th scope="row">{about}{code}</th>{cells}</tr>\n'


def cell(numbers: Sequence[int], wrong: Sequence[Mapping[str, Any]]) -> str:
    """What one server does: once if it is the same over all versions of HTTP."""
    said = {number: short(wrong[number]) for number in numbers}
    if len(set(said.values())) == 1:
        said = dict(list(said.items())[:1])
    buttons = []
    for number, words in said.items():
        one = wrong[number]
        version = f"<small>{one['version']}</small> " if len(said) > 1 else ""
        harm = "" if one.get("survives", True) else "harm"
        buttons.append(
            f'<button type="button" class="{harm}" data-wrong="{number}">{version}{escape(words)}</button>'
        )
    return "".join(buttons)


def short(one: Mapping[str, Any]) -> str:
    """What a server does, and what its client gets, in a few letters."""
    if "skipped" in one:
        return "–"
    client = one["client"]
    for pattern, words in SHORT:
        if found := pattern.search(client):
            client = found.expand(words)
            break
    return f"{one['server'].partition(' ')[0]}, {client}{'' if one['survives'] else ' !'}"
