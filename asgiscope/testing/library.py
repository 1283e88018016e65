"""The client's library: httpx, or its successor httpx2. What is used of them is the same in both."""

import sys
from functools import cache
from importlib import import_module
from types import ModuleType

NAMES = ("httpx", "httpx2")


@cache
def library_of(kind: type) -> ModuleType:
    """The library that a class of requests is from, or a subclass of it."""
    names = [base.__module__.partition(".")[0] for base in kind.__mro__]
    return next(sys.modules[name] for name in names if name in NAMES)


def any_library() -> ModuleType:
    """The library that is in use; if none is yet, the one that is installed."""
    for name in NAMES:
        if name in sys.modules:
            return sys.modules[name]
    try:
        return import_module("httpx")
    except ModuleNotFoundError:
        return import_module("httpx2")
