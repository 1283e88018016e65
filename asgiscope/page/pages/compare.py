"""Two conversations side by side: what is different, their times on one clock, and the events of both."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...conversation import Conversation
from ...terminal import clock as time
from ...timeline import render
from ..compare import name_of
from .layout import Frame, layout

COMPARE = """\
<h1>Side by side</h1>
<div class="sides">
<p class="one"><span class="letter">A</span> <a class="code" href="{one}">{name}</a></p>
<p class="other"><span class="letter">B</span> <a class="code" href="{other}">{other_name}</a></p>
</div>
{clock}
<table class="facts">
<thead><tr><th></th><th>A</th><th>B</th></tr></thead>
<tbody>
{facts}</tbody>
</table>
<div id="compare">
<div class="texts"><pre class="text">{text}</pre><pre class="text">{other_text}</pre></div>
</div>
<h2>What is different</h2>
<p class="faint">From A to B: <b class="sign">+</b> is only in B, <b class="sign">−</b> only in A, and
<b class="sign">~</b> differs. The times are nobody's intention, and are not among it.</p>
{differences}
<p><a href="{json}">all of it as JSON</a></p>
<script type="application/json" id="compared">{data}</script>
"""

CHOOSE = """\
<h1>Compare</h1>
<p>With which other conversation is <a class="code" href="{root}/conversations/{id}">{name}</a> compared?</p>
{rows}
"""

SIGNS = {"-": "−"}
WORDS = {"+": "only in B", "-": "only in A", "~": "differs"}


def compare(frame: Frame, both: Sequence[Conversation], compared: Mapping[str, Any]) -> str:
    """Two conversations as text, which a script replaces by two drawings."""
    one, other = (f"{escape(frame.root)}/conversations/{found.id}" for found in both)
    name, other_name = (escape(name) for name in compared["names"])
    text, other_text = (escape(render(found)) for found in both)
    body = COMPARE.format(
        one=one,
        other=other,
        name=name,
        other_name=other_name,
        clock=clock(compared["lanes"]),
        facts="".join(facts(compared["facts"])),
        text=text,
        other_text=other_text,
        differences=listed(compared["differences"]),
        json=f"{escape(frame.root)}/compare/{both[0].id}/{both[1].id}/json",
        data=embedded(compared),
    )
    return layout(
        frame,
        "Side by side",
        body,
        styles=["timeline", "compare"],
        scripts=["compare"],
        current=f"{frame.root}/",
    )


def embedded(data: object) -> str:
    """Data that a script finds in the page; no value of it can end the element that it stands in."""
    return json.dumps(data).replace("<", r"\u003c")


def facts(rows: Iterable[tuple[str, str, str, bool]]) -> Iterator[str]:
    """What is asked first."""
    for what, one, other, differs in rows:
        sign = '<b class="sign" title="differs">~</b> ' if differs else ""
        yield (
            f"<tr{' class=differs' if differs else ''}><th scope=row>{sign}{escape(what)}</th>"
            f"<td>{escape(one)}</td><td>{escape(other)}</td></tr>\n"
        )


def listed(differences: Sequence[tuple[str, str]]) -> str:
    """The differences, one in a line."""
    if not differences:
        return "<p>Nothing.</p>"
    rows = "".join(
        f'<li><b class="sign" title="{WORDS[sign]}">{SIGNS.get(sign, sign)}</b> {escape(text)}</li>\n'
        for sign, text in differences
    )
    return f'<ul class="differences code">\n{rows}</ul>'


def clock(lanes: Sequence[Mapping[str, Any]]) -> str:
    """Both on one clock, which begins for each when its scope has arrived."""
    longest = max(
        [1, *(row["at"] for lane in lanes for row in lane["rows"]), *(lane["took"] or 0 for lane in lanes)]
    )
    parts = []

    def x(at: int) -> str:
        return f"{4 + 94 * at / longest:.2f}%"

    for number, (letter, lane) in enumerate(zip("AB", lanes, strict=True)):
        y = 22 + 40 * number
        ended = lane["took"] if lane["took"] is not None else longest
        parts.append(
            f'<text x="0" y="{y + 4}" class="letter">{letter}</text>'
            f'<line class="axis" x1="4%" x2="{x(ended)}" y1="{y}" y2="{y}"/>'
        )
        for row in lane["rows"]:
            if row["kind"] == "stall":
                end = min(row["at"] + row["held"], longest)
                parts.append(f'<line class="stall" x1="{x(row["at"])}" x2="{x(end)}" y1="{y}" y2="{y}"/>')
            elif row["kind"] in ("receive", "send"):
                # What the application receives stands above the line, and what it sends below.
                edge = y - 11 if row["kind"] == "receive" else y + 11
                parts.append(
                    f'<line class="{row["kind"]}{" changed" if row["sign"] else ""}" x1="{x(row["at"])}" '
                    f'x2="{x(row["at"])}" y1="{y}" y2="{edge}"><title>{escape(row["type"])}, '
                    f"{time(row['at'])}</title></line>"
                )
    return (
        '<svg class="clock" width="100%" height="104" role="img" '
        f'aria-label="Both on one clock of {time(longest)}">{"".join(parts)}'
        f'<text x="4%" y="98">0</text><text x="98%" y="98" class="end">{time(longest)}</text></svg>'
    )


def choose(
    frame: Frame, found: Conversation, twins: Sequence[Conversation], others: Sequence[Conversation]
) -> str:
    """What a conversation can be compared with: of its twin first, then of others, each the newest first."""
    rows = ""
    for title, conversations in (("Its twin", twins), ("Another", others)):
        if conversations:
            rows += f"<h2>{title}</h2>\n<ul class=choices>\n"
            rows += "".join(choice(frame, found, other) for other in conversations) + "</ul>\n"
    body = CHOOSE.format(
        root=escape(frame.root),
        id=found.id,
        name=escape(name_of(found)),
        rows=rows or "<p>There is no other one yet.</p>",
    )
    return layout(frame, "Compare", body, styles=["compare"], current=f"{frame.root}/")


def choice(frame: Frame, found: Conversation, other: Conversation) -> str:
    took = other.outcome.at
    return (
        f'<li><a class="code" href="{escape(frame.root)}/compare/{found.id}/{other.id}">'
        f"{escape(name_of(other))}</a> "
        f'<span class="faint">{"open" if took is None else time(took)}</span></li>\n'
    )
