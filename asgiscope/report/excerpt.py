"""The source that a finding is about, and which part of it speaks."""

import ast
import linecache
from collections.abc import Iterator

LINES = 6  # of an expression that goes over several


def excerpt(file: str, number: int) -> Iterator[tuple[int | None, str]]:
    """The lines of the statement at a line, with their numbers; without one, the carets below the first.

    Nothing, where the source is not to be had.
    """
    lines = [line.rstrip("\n").expandtabs() for line in linecache.getlines(file)]
    if not 0 < number <= len(lines):
        return
    first = lines[number - 1]
    start, end, last = len(first) - len(first.lstrip()), len(first), number
    node = speaking(linecache.getlines(file), number)
    if node is not None and node.end_lineno is not None and node.end_col_offset is not None:
        start, last = len(before(first, node.col_offset)), node.end_lineno
        end = len(before(first, node.end_col_offset)) if last == number else end
    margin = min(len(line) - len(line.lstrip()) for line in lines[number - 1 : last] if line.strip())
    yield number, first[margin:]
    yield None, " " * (start - margin) + "^" * max(end - start, 1)
    for more in range(number + 1, min(last, number + LINES) + 1):
        yield more, lines[more - 1][margin:]
    if last > number + LINES:
        yield None, "..."


def speaking(lines: list[str], number: int) -> ast.Await | None:
    """The `await` at a line: the one that reaches farthest, where there are several."""
    try:
        tree = ast.parse("".join(lines).expandtabs())
    except (SyntaxError, ValueError):
        return None
    awaits = [node for node in ast.walk(tree) if isinstance(node, ast.Await) and node.lineno == number]
    return max(awaits, key=lambda node: (node.end_lineno or 0, -node.col_offset), default=None)


def before(line: str, offset: int) -> str:
    """What stands in a line before an offset in bytes, as the parser counts."""
    return line.encode()[:offset].decode(errors="ignore")
