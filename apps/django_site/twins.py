"""Where the twins are written: which lines of which file answer for an exhibit."""

import inspect
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern

from .urls import urlpatterns


class Lines(NamedTuple):
    """A part of a file: the numbers of its first and of its last line."""

    file: str
    first: int
    last: int


def sources() -> dict[str, Lines]:
    """The view of each twin, by its name."""
    return dict(found())


def found() -> Iterator[tuple[str, Lines]]:
    for pattern in urlpatterns:
        if isinstance(pattern, URLPattern) and pattern.name:
            view = inspect.unwrap(pattern.callback)
            view = getattr(view, "view_class", view)
            lines, first = inspect.getsourcelines(view)
            yield pattern.name, Lines(inspect.getfile(view), first, first + len(lines) - 1)
