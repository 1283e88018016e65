"""One exhibit: its file as a page, with prose beside code, and what it takes to try it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..exhibits import Block, Exhibit, Reading, Section, reading, sections_of
from ..plan import VERSIONS
from ..shown import clauses_of, requests_of
from ..source import highlighted
from .clauses import listed
from .layout import Frame, layout, prose

EXHIBIT = """\
<p class="faint place">{chapter} <span aria-hidden="true">·</span> {number} of {count}</p>
<h1>{title}</h1>
<p class="lead">{lead}</p>
<p class="bar">{links}</p>
<div class="beside">
{introduction}</div>
<h2 id="run">Run it</h2>
{form}
<h2 id="source">Its source</h2>
<div class="beside literate">
{code}</div>
{twin}{clauses}
<nav class="turn" aria-label="next and previous">{previous}{next}</nav>
"""


def exhibit(frame: Frame, exhibits: Sequence[Exhibit], slug: str, origin: str, *, runs: bool) -> str | None:
    """The page of an exhibit; None where there is none of that name.

    `origin` is what stands in front of the paths in its commands, and `runs` whether conversations are
    recorded, so that there is something to see of a request that is made here.
    """
    number = next((n for n, one in enumerate(exhibits) if one.slug == slug), None)
    if number is None:
        return None
    one = exhibits[number]
    read = reading(one.file)
    trial = [replaced(block, frame, origin) for block in read.trial]
    body = EXHIBIT.format(
        chapter=escape(one.chapter),
        number=number + 1,
        count=len(exhibits),
        title=escape(one.title),
        lead=prose(read.title),
        links=" ".join(links(frame, one)),
        introduction="".join(pairs(read.introduction)),
        form=run(frame, one, read, trial, runs=runs),
        code="".join(literate(one.file, read.sections)),
        twin=twin(one),
        clauses=shown(read),
        previous=turn(frame, exhibits[number - 1], "prev", "Previous") if number else "<span></span>",
        next=turn(frame, exhibits[number + 1], "next", "Next") if number + 1 < len(exhibits) else "",
    )
    scripts = ["exhibit", "run"] if runs else ["exhibit"]
    styles = ["reading", "timeline"]
    return layout(frame, one.title, body, styles=styles, scripts=scripts, current=frame.home)


def links(frame: Frame, one: Exhibit) -> Iterator[str]:
    """Where it answers, and where its twin does."""
    yield '<a href="#run">Run it</a> <a href="#source">Its source</a>'
    yield f'<a class="code" href="{escape(frame.site + one.path)}">{escape(one.path)}</a>'
    if one.twin is not None and one.instead:
        yield f'<a href="{escape(frame.site + one.twin)}">What Django does instead</a>'
    elif one.twin is not None:
        yield f'<a class="code" href="{escape(frame.site + one.twin)}">{escape(one.twin)}</a>'


def pairs(blocks: Iterable[Block]) -> Iterator[str]:
    """Paragraphs, and beside them what follows them."""
    paragraphs: list[str] = []
    beside: list[str] = []
    for block in blocks:
        if block.kind == "paragraph":
            if beside:
                yield pair("".join(paragraphs), "".join(beside))
                paragraphs, beside = [], []
            paragraphs.append(f"<p>{prose(block.lines[0])}</p>")
        elif block.kind == "transcript":
            beside.append(transcript(block.lines))
        else:
            beside.append(commands(block.lines))
    if paragraphs or beside:
        yield pair("".join(paragraphs), "".join(beside))


def pair(left: str, right: str) -> str:
    return f'<div class="prose">{left}</div>\n<div class="code-side">{right}</div>\n'


def transcript(lines: Sequence[str]) -> str:
    """A conversation as it is written down, each line in the colour of who speaks."""
    kind = ""
    rows = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if line.startswith(" "):
            rows.append(f'<span class="say {kind} header">{escape(line)}\n</span>')
            continue
        kind = word if word in ("scope", "receive", "send") else "ends"
        event, _, fields = rest.partition(" ")
        rows.append(
            f'<span class="say {kind}"><span class="who">{escape(word)}</span> '
            f"<b>{escape(event)}</b> {escape(fields)}\n</span>"
        )
    return f'<pre class="transcript" tabindex="0" aria-label="a conversation">{"".join(rows)}</pre>'


def commands(lines: Sequence[str]) -> str:
    """Commands to be typed, each on its line."""
    return f'<pre class="commands" tabindex="0">{escape(chr(10).join(lines))}</pre>'


def replaced(block: Block, frame: Frame, origin: str) -> Block:
    """A block whose commands reach the site where it is."""
    address = f"{origin}{frame.site}/"
    return block._replace(
        lines=tuple(line.replace("http://localhost:8000/", address) for line in block.lines)
    )


def run(frame: Frame, one: Exhibit, read: Reading, trial: Iterable[Block], *, runs: bool) -> str:
    """The commands, and a form for a request of one's own, which scripts fill and send."""
    typed = f'<div class="beside">\n{"".join(pairs(trial))}</div>\n'
    if not runs:
        return typed
    requests = list(requests_of(read.transcripts)) or [{"type": "http", "method": "GET", "target": one.path}]
    given = escape(
        json.dumps({"path": one.path, "twin": one.twin, "requests": requests, "versions": VERSIONS})
    )
    return (
        f'<div id="builder" data-given="{given}"><noscript><p class="faint">Without scripts, a request is '
        f"made by the commands below.</p></noscript></div>\n{typed}"
    )


def literate(file: str, found: Iterable[Section], mark: str = "L") -> Iterator[str]:
    """Prose beside code. The number of each line is that in the file."""
    lines = highlighted(file) or []
    for section in found:
        left = "".join(f"<p>{prose(paragraph)}</p>" for paragraph in section.prose)
        rows = "".join(
            f'<span class="line" id="{mark}{number}" data-line="{number}">{lines[number - 1]}\n</span>'
            for number in range(section.first, section.last + 1)
        )
        right = f'<pre class="lines" tabindex="0" aria-label="code">{rows}</pre>' if rows else ""
        yield pair(left, right)


def twin(one: Exhibit) -> str:
    """The source of the twin, where it is known."""
    if one.twin_file is None or one.twin is None:
        return ""
    first, last = one.twin_lines
    title = "What Django does instead" if one.instead else "Its twin in Django"
    code = "".join(literate(one.twin_file, sections_of(one.twin_file, first - 1, last), "T"))
    return (
        f'<details class="part"><summary><h2>{title}</h2></summary>\n'
        f'<div class="beside literate">\n{code}</div>\n</details>\n'
    )


def shown(read: Reading) -> str:
    """The clauses that it keeps."""
    found = clauses_of(read.transcripts)
    if not found:
        return ""
    return (
        f'<h2 id="clauses">The clauses it keeps</h2>\n<p class="faint">These bind an application in what '
        f"this one says. Each opens.</p>\n{listed(found)}"
    )


def turn(frame: Frame, other: Exhibit, relation: str, words: str) -> str:
    """A link to the exhibit before or behind this one."""
    return (
        f'<a rel="{relation}" href="{escape(frame.root)}/exhibits/{escape(other.slug)}">'
        f'<span class="faint">{words}</span> {escape(other.title)}</a>'
    )
