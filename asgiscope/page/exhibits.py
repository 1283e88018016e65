"""What a gallery shows: exhibits, each a file of Python that is read as a page.

A file is read as its author has written it. The docstring of the module is its introduction, with what is
indented in it set apart: a conversation, which begins with `scope`, or commands. A run of comments that have
lines of their own is a paragraph, and stands beside the code below it.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class Exhibit:
    """An application to be read, and tried.

    `path` is where it answers, below the path of the site, and `file` its source. `twin` is where its
    counterpart answers; with `instead`, there is none, and a page is there that says why. `twin_file` and
    `twin_lines`, the first and the last, are the counterpart's source.
    """

    slug: str
    title: str
    chapter: str
    path: str
    file: str
    twin: str | None = None
    instead: bool = False
    twin_file: str | None = None
    twin_lines: tuple[int, int] = (1, 0)


class Block(NamedTuple):
    """A part of an introduction: a paragraph is one text, and of the others each line is one."""

    kind: Literal["paragraph", "transcript", "commands"]
    lines: tuple[str, ...]


class Section(NamedTuple):
    """Paragraphs, and the code beside them: the numbers of its first and its last line."""

    prose: tuple[str, ...]
    first: int
    last: int


class Reading(NamedTuple):
    """A file as it is read: `trial` is the part of the introduction from `Try it` on."""

    title: str
    introduction: tuple[Block, ...]
    trial: tuple[Block, ...]
    sections: tuple[Section, ...]

    @property
    def transcripts(self) -> list[tuple[str, ...]]:
        """The conversations in the introduction."""
        return [block.lines for block in self.introduction if block.kind == "transcript"]


def reading(file: str) -> Reading:
    """A file, read. Raises OSError where it cannot be read, and SyntaxError where it is no Python."""
    return read(file, Path(file).stat().st_mtime_ns)


@lru_cache(maxsize=128)
def read(file: str, changed: int) -> Reading:
    """A file as it was when it was last changed."""
    source = Path(file).read_text(encoding="utf-8")
    module = ast.parse(source)
    docstring = ast.get_docstring(module) or ""
    first = module.body[0].end_lineno or 0 if docstring else 0
    title, *rest = blocks(docstring) or [Block("paragraph", ("",))]
    tries = next((n for n, block in enumerate(rest) if block.lines[0].startswith("Try it")), len(rest))
    return Reading(" ".join(title.lines), tuple(rest[:tries]), tuple(rest[tries:]), sections(source, first))


def blocks(text: str) -> list[Block]:
    """What stands between empty lines: paragraphs, and what is indented."""
    found = []
    for part in filter(str.strip, text.split("\n\n")):
        lines = part.strip("\n").splitlines()
        if not part.startswith("    "):
            found.append(Block("paragraph", (" ".join(line.strip() for line in lines),)))
            continue
        kind: Literal["transcript", "commands"] = (
            "transcript" if part.startswith("    scope ") else "commands"
        )
        found.append(Block(kind, tuple(line[4:] for line in lines)))
    return found


def sections_of(file: str, after: int, until: int) -> tuple[Section, ...]:
    """The sections of a part of a file."""
    return sections(Path(file).read_text(encoding="utf-8"), after, until)


def sections(source: str, after: int = 0, until: int | None = None) -> tuple[Section, ...]:
    """The sections of what follows the first `after` lines, up to the line `until`."""
    lines = source.splitlines()[:until]
    comments = comments_of(source)
    found: list[Section] = []
    numbers = range(after + 1, len(lines) + 1)
    prose: tuple[str, ...] = ()
    for is_prose, run in groupby(numbers, key=lambda number: number in comments):
        run_of = list(run)
        if is_prose:
            prose = tuple(paragraphs(comments[number] for number in run_of))
            continue
        while run_of and not lines[run_of[0] - 1].strip():
            del run_of[0]
        while run_of and not lines[run_of[-1] - 1].strip():
            del run_of[-1]
        if run_of or prose:
            found.append(Section(prose, run_of[0], run_of[-1]) if run_of else Section(prose, 1, 0))
        prose = ()
    if prose:
        found.append(Section(prose, 1, 0))
    return tuple(found)


def comments_of(source: str) -> dict[int, str]:
    """The comments that have a line of their own, by its number; an empty line between two is no code."""
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
    }


def paragraphs(lines: Iterator[str]) -> Iterator[str]:
    """The paragraphs that a run of comments has: an empty one stands between two."""
    for is_empty, run in groupby(lines, key=lambda line: not line):
        if not is_empty:
            yield " ".join(run)
