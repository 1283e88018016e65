"""Which line of code speaks: its place is taken down while the code runs, and made a line when it is read."""

import os
import sysconfig
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, unwrap
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

from .conversation import Line

Place = tuple[CodeType, int]
"""A code object, and how far it had got in it."""

INSTALLED = ("site-packages", "dist-packages")
LIBRARY = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
PACKAGE = str(Path(__file__).parent) + os.sep
DEPTH = 100  # frames that are looked at
RESUMABLE = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR

# Files that are in no installed package, so that who wrote them reads the report; and files that are in one.
outside: set[str] = set()
inside: set[str] = set()
FILES_KEPT = 10_000


def is_outside(file: str) -> bool:
    """Whether a file is in no installed package, not in the standard library and not in this package."""
    if file in outside or file in inside:
        return file in outside
    found = not (
        file.startswith(("<", PACKAGE, *LIBRARY)) or any(part in Path(file).parts for part in INSTALLED)
    )
    known = outside if found else inside
    if len(known) < FILES_KEPT:
        known.add(file)
    return found


def outside_of(frame: FrameType | None) -> Place | None:
    """The nearest frame of a task, from this one up to the recorder's, whose code is in no installed package.

    Above the outermost coroutine of a task are the frames of the event loop, and of whoever runs it.
    """
    in_coroutine = False
    for _ in range(DEPTH):
        if frame is None:
            return None
        code = frame.f_code
        resumable = bool(code.co_flags & RESUMABLE)
        if in_coroutine and not resumable:
            return None
        in_coroutine = resumable
        if is_outside(code.co_filename):
            return code, frame.f_lasti
        if code.co_qualname == "Tap.run" and code.co_filename.startswith(PACKAGE):
            return None
        frame = frame.f_back
    return None


def line_at(place: Place | None) -> Line | None:
    """The line of a place."""
    if place is None:
        return None
    code, reached = place
    number = code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= reached < end and line is not None:
            number = line
    return Line(code.co_filename, number, code.co_qualname)


def raised_at(trace: TracebackType | None) -> Place | None:
    """The last place of a traceback that is in no installed package, or else the last place."""
    last = own = None
    while trace is not None:
        last = trace.tb_frame.f_code, trace.tb_lasti
        if is_outside(last[0].co_filename):
            own = last
        trace = trace.tb_next
    return own or last


def home_of(app: Any) -> Line | None:
    """Where an application is defined."""
    function = unwrap(app)
    for candidate in (function, getattr(function, "func", None), type(function).__call__):
        code = getattr(candidate, "__code__", None)
        if code is not None:
            return Line(code.co_filename, code.co_firstlineno, code.co_qualname)
    return None
