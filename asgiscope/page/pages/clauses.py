"""Clauses of the specification, each with what it says, what to do instead, and what breaks it."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from ...contract import CLAUSES, Clause
from .layout import Frame, layout, prose

CLAUSE = """\
<details class="clause" id="{id}">
<summary><span class="mark {level}">{level}</span> {says}</summary>
<p class="faint"><code>{id}</code>, binds {party}. {written} <a href="{url}">{section}</a></p>
<p><b>Instead</b> {remedy}</p>
{broken}</details>
"""

PARTS = {
    "general": "Every application",
    "http": "HTTP",
    "websocket": "WebSocket",
    "lifespan": "Lifespan",
    "tls": "The TLS extension",
    "ext": "Other extensions",
}
"""What the first word of a clause's id is called."""

PARTIES = {
    "application": "the application",
    "server": "the server",
    "middleware": "middleware",
    "both": "both sides",
}


def clause(one: Clause) -> str:
    """One clause, which opens."""
    broken = ""
    if one.broken:
        broken = f'<pre class="text">{escape(one.broken.strip())}</pre>\n'
        broken = f"<p>The shortest conversation that breaks it:</p>\n{broken}"
    return CLAUSE.format(
        id=escape(one.id),
        level=one.level.value,
        says=prose(one.says),
        party=PARTIES[one.party.value],
        written="It follows from" if one.implied else "It is written in",
        url=escape(one.url),
        section=escape(one.section),
        remedy=prose(one.remedy),
        broken=broken,
    )


def listed(found: Iterable[Clause]) -> str:
    """Clauses below each other."""
    return "".join(map(clause, found))


def clauses(frame: Frame, query: str = "") -> str:
    """All clauses, or those that have these words in their id or in their text."""
    words = query.lower().split()
    found = [
        one
        for one in CLAUSES.values()
        if all(word in f"{one.id} {one.says} {one.remedy} {one.section}".lower() for word in words)
    ]
    parts = "".join(part(name, list(group)) for name, group in groupby(found, key=first_word))
    body = f"""\
<h1>Clauses</h1>
<p class="faint">What the specification of ASGI demands, and of whom. Recorded conversations are judged by
them; <code>asgiscope check</code> puts an application through all that it takes to break one.</p>
<form class="bar" role="search"><input type="search" name="q" id="search" value="{escape(query)}"
placeholder="search: status, more_body, server ..." aria-label="search the clauses">
<button>Search</button> <span id="found" class="faint" role="status">{len(found)} clauses</span></form>
<div id="contents">
{parts}</div>"""
    return layout(
        frame, "Clauses", body, styles=["reading"], scripts=["gallery"], current=f"{frame.root}/clauses"
    )


def first_word(one: Clause) -> str:
    return one.id.partition(".")[0]


def part(name: str, found: Sequence[Clause]) -> str:
    """The clauses of a part of the specification."""
    return f"<h2>{escape(PARTS.get(name, name))}</h2>\n{listed(found)}"
