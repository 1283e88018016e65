"""Source code as HTML, with the numbers of its lines: what a timeline lights up.

Shown are only files that the page has a reason to show: the lines of a recorded conversation are in them, or
they are exhibits.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ..conversation import Conversation, Line

LARGEST = 1_000_000  # bytes of a file


def lines_of(conversation: Conversation) -> Iterator[Line]:
    """Every line of source that stands in a conversation."""
    for lane in conversation.lanes:
        for event in lane.events:
            yield from filter(None, (event.line, event.outside))
        yield from filter(None, [*lane.lines, lane.outcome.line])
        for hop in lane.hops:
            yield from filter(None, (hop.line, hop.outside))
        for stall in lane.stalls:
            yield from stall.stack


def files_of(conversation: Conversation) -> set[str]:
    """The files that a conversation speaks of."""
    return {line.file for line in lines_of(conversation)}


def highlighted(file: str) -> list[str] | None:
    """The lines of a Python file as HTML, or None where it cannot be read."""
    path = Path(file)
    try:
        if path.suffix != ".py" or path.stat().st_size > LARGEST:
            return None
        return coloured(file, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=64)
def coloured(file: str, changed: int) -> list[str]:
    """The lines of a file, as it was when it was last changed."""
    code = Path(file).read_text(encoding="utf-8", errors="replace")
    return highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
