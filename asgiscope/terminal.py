"""What a terminal is given: colours where it has some, lines that fit, and nothing that it would obey."""

import os
import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from .conversation import Line
from .sources import INSTALLED

WIDEST = 120  # columns: a longer line is hard to read
UNKNOWN_WIDTH = 100  # columns, where nobody says how many there are

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
LEVELS = {"must": "red", "should": "yellow", "may": "blue", "note": "blue"}

Paint = Callable[..., str]
"""`paint(text, "bold", "red")`: the text with styles, or as it is."""


def coloured(text: str, *styles: str) -> str:
    """The text with styles for a terminal."""
    codes = ";".join(STYLES[style] for style in styles)
    return f"\x1b[{codes}m{text}\x1b[0m" if text and codes else text


def plain(text: str, *styles: str) -> str:
    """The text without styles."""
    return text


def paint_for(stream: TextIO) -> Paint:
    """How to paint on a stream: in colours on a terminal, and as NO_COLOR and FORCE_COLOR have it."""
    if os.environ.get("NO_COLOR"):
        return plain
    if os.environ.get("FORCE_COLOR") or (stream.isatty() and os.environ.get("TERM") != "dumb"):
        return coloured
    return plain


def width() -> int:
    """How many columns a line may have."""
    return min(shutil.get_terminal_size((UNKNOWN_WIDTH, 24)).columns, WIDEST)


def wrapped(text: str, columns: int, first: str = "", rest: str | None = None) -> Iterator[str]:
    """The lines of a text: they begin with `first`, then with `rest` or as many spaces; words stay whole."""
    rest = " " * len(first) if rest is None else rest
    yield from textwrap.wrap(
        printable(text),
        max(columns, 40),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def cut(text: str, size: int) -> str:
    """A text that is no longer than so many characters."""
    return text if len(text) <= size else f"{text[: max(size, 8) - 3]}..."


def printable(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def relative(file: str) -> str:
    """A path as it is written here: from the working directory if it is below it."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def clock(nanoseconds: int) -> str:
    """A time for people."""
    milliseconds = nanoseconds / 1e6
    if milliseconds < 100:
        return f"{milliseconds:.2f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"


def place(line: Line) -> str:
    """A line of source, as it is written here: from this directory, or from where packages are installed."""
    file = relative(line.file)
    for name in INSTALLED:
        file = file.rpartition(f"{name}/")[2]
    return f"{file}:{line.line} in {line.function.rpartition('<locals>.')[2]}"
