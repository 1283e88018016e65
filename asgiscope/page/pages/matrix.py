"""The matrix of the lab as two tables, with a column for each server: a row for each case, and one for each
clause that an application breaks."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from ..matrix import Held, Matrix, Wrong, says
from .layout import Frame, layout

MATRIX = """\
<p class="faint place"><a href="{root}/servers">Servers</a></p>
<h1>Which server keeps which clause</h1>
<p>{summary}</p>
<form id="filters" class="bar">
<input name="text" type="search" placeholder="clause or reason" aria-label="clause or reason">
<select name="verdict" aria-label="verdict"><option value="">all cases</option>{verdicts}</select>
<select name="target" aria-label="server"><option value="">any server</option>{targets}</select>
<span id="status" class="faint" role="status"></span>
</form>
<p class="legend">{legend}</p>
<div class="across" tabindex="0" role="region" aria-label="The matrix">
<table class="matrix">
<thead><tr><th>the case, and its reasons</th>{columns}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</div>
{mistakes}"""

MISTAKES = """\
<h2 id="wrong">What they do with a wrong application</h2>
<p>Each row is the counter-example of a clause, played as an application. A cell says what the server does (it
<b>raises</b> into the application, <b>logs</b>, or stays <b>quiet</b>), then what its client gets: a
status, a close code, or that it <b>waits</b> in vain. <b>!</b> is a server that does not answer
afterwards.</p>
<div class="across" tabindex="0" role="region" aria-label="Wrong applications">
<table class="matrix wrong">
<thead><tr><th>the clause that the application breaks</th>{columns}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</div>
"""

SIGNS = {"keeps": "✓", "breaks": "✗", "differs": "≈", "unsupported": "–", "broken off": "!"}
VERSIONS = {1: "HTTP/1.1"}


def matrix(frame: Frame, found: Matrix) -> str:
    """All of it; scripts filter it."""
    body = MATRIX.format(
        root=escape(frame.root),
        summary=summary(found),
        verdicts="".join(f"<option>{escape(verdict)}</option>" for verdict in found.verdicts),
        targets="".join(f"<option>{escape(target)}</option>" for target in found.targets),
        legend=" ".join(f"<span>{mark(verdict)} {escape(verdict)}</span>" for verdict in found.verdicts),
        columns=columns(found.targets),
        rows="".join(rows(found)),
        mistakes=mistakes(found),
    )
    return layout(
        frame, "The matrix", body, styles=["servers"], scripts=["matrix"], current=f"{frame.root}/servers"
    )


def summary(found: Matrix) -> str:
    """How many there are, and when that was."""
    results = sum(found.verdicts.values())
    return (
        f"{len(found.cases)} cases, held with {len(found.targets)} configurations of servers on "
        f"{escape(found.made.partition('T')[0])}: {results} results."
    )


def rows(found: Matrix) -> Iterator[str]:
    """A row for each case; behind its name are the reasons for whatever is not as it should be."""
    for case, by_target in found.cases.items():
        verdicts = {one.verdict for held in by_target.values() for one in held}
        about = f'<p class="faint">{escape(says(case))}</p>' if says(case) else ""
        reasons = "".join(reason(target, by_target.get(target, ())) for target in found.targets)
        cells = "".join(
            f'<td data-target="{escape(target)}">{cell(by_target.get(target, ()))}</td>'
            for target in found.targets
        )
        yield (
            f'<tr data-verdicts="{escape("|".join(sorted(verdicts)))}"><th scope="row"><details>'
            f'<summary class="code">{escape(case)}</summary>{about}<ul>{reasons}</ul></details></th>'
            f"{cells}</tr>\n"
        )


def columns(targets: Mapping[str, str]) -> str:
    """The heads of the columns."""
    return "".join(
        f'<th scope="col" title="{escape(versions)}"><span>{escape(target)}</span></th>'
        for target, versions in targets.items()
    )


def mistakes(found: Matrix) -> str:
    """The second table; nothing where no wrong application was played."""
    there = {target for row in found.wrong.values() for target in row}
    targets = {target: versions for target, versions in found.targets.items() if target in there}
    if not targets:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(says(clause))} <span class="code faint">{escape(clause)}</span></th>'
        f"{''.join(f'<td>{done(by_target.get(target, ()))}</td>' for target in targets)}</tr>\n"
        for clause, by_target in found.wrong.items()
    )
    return MISTAKES.format(columns=columns(targets), rows=rows)


def done(all_of_them: tuple[Wrong, ...]) -> str:
    """What one target does: once if it is the same over all versions."""
    same = len({one.short for one in all_of_them}) == 1
    return "<br>".join(
        f'<span class="{"" if one.survives else "harm"}" title="{escape(f"{one.server}; {one.client}")}">'
        f"{'' if same else f'<small>{one.version}</small> '}{escape(one.short)}</span>"
        for one in (all_of_them[:1] if same else all_of_them)
    )


def reason(target: str, held: Iterable[Held]) -> str:
    """Why a target has the verdicts that it has."""
    return "".join(
        f"<li>{mark(one.verdict)} <b>{escape(target)}</b>, {version(one.version)}: "
        f"{escape(one.why or one.verdict)}{known(one)}</li>"
        for one in held
        if one.why or one.verdict != "keeps"
    )


def known(one: Held) -> str:
    """What is known of a result already."""
    return f' <span class="faint">Known: {escape(one.known)}</span>' if one.known else ""


def cell(held: tuple[Held, ...]) -> str:
    """The verdicts on one target: one sign where all versions have the same."""
    verdicts = dict.fromkeys(one.verdict for one in held)
    if len(verdicts) == 1:
        return mark(held[0].verdict)
    return " ".join(f'<span class="each">{one.version}{mark(one.verdict)}</span>' for one in held)


def mark(verdict: str) -> str:
    """A verdict as a sign, whose name is read aloud."""
    return (
        f'<span class="verdict {escape(verdict.replace(" ", "-"))}" role="img" '
        f'aria-label="{escape(verdict)}" title="{escape(verdict)}">{escape(SIGNS.get(verdict, "?"))}</span>'
    )


def version(number: int) -> str:
    return VERSIONS.get(number, f"HTTP/{number}")


def heading(frame: Frame, found: Matrix, *, fast: bool) -> str:
    """A sentence that leads there, and another to how fast they are, if there are figures."""
    counts: Mapping[str, int] = found.verdicts
    told = ", ".join(f"{mark(verdict)} {escape(verdict)} {count}" for verdict, count in counts.items())
    leads = f' <a href="{escape(frame.root)}/servers/speed">How fast they are</a> is another question.'
    return (
        f'<p><a href="{escape(frame.root)}/servers/matrix">Which server keeps which clause</a>: '
        f"{summary(found)} {told}.{leads if fast else ''}</p>\n"
    )
