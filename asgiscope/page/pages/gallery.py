"""The contents: every exhibit in reading order, by chapter."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from ..exhibits import Exhibit, reading
from .layout import Frame, layout, prose

GALLERY = """\
<div class="cover">
<h1>{name}</h1>
{about}
</div>
<form class="bar" role="search" action="{home}">
<input type="search" name="q" id="search" value="{query}" placeholder="search: disconnect, more_body, 103 ..."
aria-label="search the exhibits">
<button>Search</button>
<span id="found" class="faint" role="status">{found}</span>
</form>
<div id="contents" class="chapters">
{chapters}</div>
"""


def gallery(frame: Frame, about: str, exhibits: Sequence[Exhibit], query: str = "") -> str:
    """The contents, or as much of them as has these words in its title, its prose or its code."""
    matching = [exhibit for exhibit in exhibits if matches(exhibit, query)]
    found = ""
    if query.strip():
        found = f"{len(matching)} of {len(exhibits)} exhibits"
    numbers = {exhibit.slug: number for number, exhibit in enumerate(exhibits, 1)}
    body = GALLERY.format(
        name=escape(frame.name),
        about="\n".join(f"<p>{prose(part)}</p>" for part in about.split("\n\n")),
        home=escape(frame.home),
        query=escape(query),
        found=found,
        chapters="".join(
            f"<div>\n{''.join(chapter_of(frame, chapter, numbers) for chapter in column)}</div>\n"
            for column in columns(matching)
        ),
    )
    return layout(frame, "Exhibits", body, scripts=["gallery"], current=frame.home)


def columns(exhibits: Sequence[Exhibit]) -> list[list[list[Exhibit]]]:
    """The chapters in two columns; what begins in the first half is in the first.

    A browser would find out by itself where they are even, and lay out all of them twice for it.
    """
    left: list[list[Exhibit]] = []
    right: list[list[Exhibit]] = []
    for _, chapter in groupby(exhibits, key=lambda exhibit: exhibit.chapter):
        is_left = sum(map(len, left)) < len(exhibits) / 2
        (left if is_left else right).append(list(chapter))
    return [column for column in (left, right) if column]


def chapter_of(frame: Frame, exhibits: Sequence[Exhibit], numbers: Mapping[str, int]) -> str:
    """A chapter, with its exhibits by their numbers."""
    rows = "".join(row(frame, exhibit, numbers[exhibit.slug]) for exhibit in exhibits)
    name = escape(exhibits[0].chapter)
    return f'<section class="chapter">\n<h2>{name}</h2>\n<ol>\n{rows}</ol>\n</section>\n'


def row(frame: Frame, exhibit: Exhibit, number: int) -> str:
    """An exhibit: its title leads to its page, and what stands beside it to where it answers."""
    path = f"{frame.root}/exhibits/{exhibit.slug}"
    site = frame.site
    links = f'<a class="code" href="{escape(site + exhibit.path)}">{escape(exhibit.slug)}</a>'
    if exhibit.twin is not None:
        words, kind = ("no twin", "no") if exhibit.instead else ("Django", "twin")
        links += f' <a class="{kind}" href="{escape(site + exhibit.twin)}">{words}</a>'
    return (
        f'<li><span class="n" aria-hidden="true">{number}</span>'
        f'<a class="title" href="{escape(path)}">{escape(exhibit.title)}</a>'
        f'<span class="links">{links}</span><p>{prose(reading(exhibit.file).title)}</p></li>\n'
    )


def matches(exhibit: Exhibit, query: str) -> bool:
    """Whether every word is somewhere in an exhibit."""
    words = query.lower().split()
    if not words:
        return True
    text = "\n".join(words_of(exhibit)).lower()
    return all(word in text for word in words)


def words_of(exhibit: Exhibit) -> Iterator[str]:
    """All that an exhibit says."""
    yield from (exhibit.title, exhibit.slug, exhibit.chapter)
    with open(exhibit.file, encoding="utf-8") as source:
        yield source.read()
