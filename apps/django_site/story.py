"""What a twin tells about itself: its docstring, with the lines of Django it quotes looked up.

A docstring here is a title, paragraphs, and quotations of the form

    django/core/handlers/asgi.py: body_file = await self.read_body(receive)

which give the file and how a line of it begins. They give no number, for it is another in every
version: each is looked for in the Django that is running, so that what a page says about Django can be
checked where it is read.
"""

import functools
import inspect
import re
from pathlib import Path
from typing import NamedTuple

import django
from django.utils.html import escape
from django.utils.safestring import mark_safe

# Files are named from the directory that holds the packages, as in the text of the docstrings.
PACKAGES = Path(django.__file__).parents[1]
CODE = re.compile(r"`([^`]+)`")
QUOTE = re.compile(r"    (?P<file>(?:django|channels|channels_redis)/[\w/]+\.py): (?P<code>.+)")


class Quote(NamedTuple):
    """A line of Django; `number` is None where the running version does not have it exactly once."""

    file: str
    number: int | None
    code: str


class Passage(NamedTuple):
    """A paragraph as HTML, or the quotations that stand between two."""

    text: str
    quotes: list[Quote]


class Story(NamedTuple):
    """The title of a twin and what follows it."""

    title: str
    passages: list[Passage]


def story(told: object) -> Story:
    """The story in the docstring of a view, or of a module of them."""
    title, *blocks = (inspect.getdoc(told) or "").split("\n\n")
    return Story(title.rstrip("."), [_passage(block) for block in blocks])


def _passage(block: str) -> Passage:
    quotes = [quote for line in block.splitlines() if (quote := QUOTE.fullmatch(line))]
    if quotes:
        return Passage("", [_found(quote["file"], quote["code"]) for quote in quotes])
    text = escape(" ".join(block.split()))
    # The docstrings are this project's own, and what a browser could take for markup has just been escaped.
    return Passage(mark_safe(CODE.sub(r"<code>\1</code>", text)), [])  # noqa: S308


@functools.cache
def _found(file: str, beginning: str) -> Quote:
    lines = (PACKAGES / file).read_text(encoding="utf-8").splitlines()
    found = [
        Quote(file, number, line.strip())
        for number, line in enumerate(lines, start=1)
        if line.lstrip().startswith(beginning)
    ]
    return found[0] if len(found) == 1 else Quote(file, None, beginning)
