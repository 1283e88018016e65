"""Values as Python source, laid out as `ruff format` and `black` lay it out."""

import re
from collections.abc import Iterator
from typing import Any

from ..conversation import Cut, Opaque

WIDTH = 88
STEP = "    "

ESCAPED = re.compile(r"""\\.|["]""")
QUOTES = {"\\'": "'", '"': '\\"'}


def literal(value: Any, before: str = "", indent: str = "", after: str = "") -> str:
    """The source of a value that stands between `before` and `after` on a line that begins with `indent`.

    What does not fit on the line is spread over several, one item on each; a string over as many as it takes.
    """
    line = in_a_line(value)
    if len(indent + before + line + after) <= WIDTH:
        return f"{before}{line}{after}"
    inner = indent + STEP
    match value:
        case Cut() | Opaque():
            left, right = f"{type(value).__name__}(", ")"
            items = [literal(item, "", inner, ",") for item in value]
        case dict() if value:
            left, right = "{}"
            items = [literal(item, f"{in_a_line(key)}: ", inner, ",") for key, item in value.items()]
        case list() | tuple() if value:
            left, right = "[]" if isinstance(value, list) else "()"
            items = [literal(item, "", inner, ",") for item in value]
        case str() | bytes() if len(value) > 1:
            left, right = "()"
            items = [*map(in_a_line, pieces(value, WIDTH - len(inner)))]
        case _:
            return f"{before}{line}{after}"
    return "\n".join([f"{before}{left}", *(inner + item for item in items), f"{indent}{right}{after}"])


def in_a_line(value: Any) -> str:
    """The source of a value on one line, with double quotes where that is no harder to read."""
    match value:
        case str() | bytes():
            return double_quoted(repr(value))
        case Cut() | Opaque():
            return f"{type(value).__name__}({', '.join(map(in_a_line, value))})"
        case list():
            return f"[{', '.join(map(in_a_line, value))}]"
        case tuple():
            return f"({', '.join(map(in_a_line, value))}{',' if len(value) == 1 else ''})"
        case dict():
            return f"{{{', '.join(f'{in_a_line(key)}: {in_a_line(item)}' for key, item in value.items())}}}"
        case float() if value != value or value in (float("inf"), float("-inf")):
            return f'float("{value}")'
    return "..." if value is ... else repr(value)


def double_quoted(text: str) -> str:
    """A string in double quotes, unless they had to be escaped more often in it than the single ones."""
    start, inside = text.split("'", 1)[0], text[text.find("'") + 1 : -1]
    if text[-1] == '"' or inside.count('"') > ESCAPED.findall(inside).count("\\'"):
        return text
    return f'{start}"{ESCAPED.sub(lambda found: QUOTES.get(found[0], found[0]), inside)}"'


def pieces(value: Any, width: int) -> Iterator[Any]:
    """A string in pieces that fit into a width: all of it, or its lines, or parts of them."""
    whole = len(in_a_line(value)) <= width
    for line in [value] if whole else value.splitlines(keepends=True):
        start = 0
        while start < len(line):
            end = start + width
            while end - start > 1 and len(in_a_line(line[start:end])) > width:
                end -= 1 + (len(in_a_line(line[start:end])) - width) // 10
            yield line[start:end]
            start = end
