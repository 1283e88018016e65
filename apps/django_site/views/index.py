"""The table of contents: every twin with its story, grouped by the modules they are told in."""

import sys
from itertools import groupby
from typing import NamedTuple

import django
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, get_resolver
from django.views.decorators.http import require_safe

from ..story import Story, story


class Chapter(NamedTuple):
    """A module of views: what its docstring says, and the twins in it by their names."""

    intro: Story
    twins: list[tuple[str, Story]]


def contents() -> list[Chapter]:
    """All twins, in the order of urls.py. A page whose path goes deeper belongs to the twin above it."""
    patterns = [
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern)
        and pattern.name
        and pattern.callback is not index
        and "/" not in str(pattern.pattern)
    ]
    return [
        Chapter(
            story(sys.modules[module]),
            [(pattern.name or "", story(pattern.callback)) for pattern in chapter],
        )
        for module, chapter in groupby(patterns, lambda pattern: pattern.callback.__module__)
    ]


@require_safe
async def index(request: HttpRequest) -> HttpResponse:
    """The table of contents."""
    context = {"chapters": contents(), "version": django.get_version()}
    return render(request, "index.html", context)
