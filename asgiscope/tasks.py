"""Who speaks in a conversation, and what a call leaves running: for asyncio and for trio."""

import asyncio
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, ContextVar
from threading import get_ident
from typing import Any
from weakref import ref


class Mark:
    """What a call puts into its context, so that all that is begun in it can be told by it."""

    __slots__ = ("__weakref__", "tap")
    tap: Any


mark: ContextVar[Mark | None] = ContextVar("asgiscope", default=None)


def current_task_here() -> Callable[[], Any]:
    """A function that returns the task that calls it, in the library that is running here.

    It raises RuntimeError in a thread that runs nothing.
    """
    if asyncio._get_running_loop() is not None:
        return asyncio.current_task
    if "trio" in sys.modules:
        current_task: Callable[[], Any] = sys.modules["trio"].lowlevel.current_task
        with suppress(RuntimeError):
            current_task()
            return current_task
    return nobody


def nobody() -> None:
    return None


def is_cancellation(error: BaseException) -> bool:
    """Whether this is how asyncio or trio ends a task, or Python a coroutine that nobody awaits any more."""
    trio = sys.modules.get("trio")
    return isinstance(error, asyncio.CancelledError | GeneratorExit) or (
        trio is not None and isinstance(error, trio.Cancelled)
    )


def name_of(task: Any) -> str:
    """The name of a task of asyncio or trio."""
    if task is None:
        return "no task"
    return str(task.get_name() if hasattr(task, "get_name") else task.name)


def thread_name() -> str:
    """The name of a thread that runs no event loop."""
    return f"thread {get_ident()}"


def left_running(seen: ref[Mark]) -> list["asyncio.Task[Any]"]:
    """The tasks that run on in the context of a call that has ended, and that nobody has cancelled.

    A task keeps the context that it began in, and with it the mark: where the mark is gone, so are they all.
    """
    if seen() is None or asyncio._get_running_loop() is None:
        return []
    return [task for task in asyncio.all_tasks() if not task.cancelling() and mark_of(task) is seen()]


def mark_of(task: "asyncio.Task[Any]") -> Mark | None:
    """The mark in the context of a task. Before Python 3.12, that is the first context that it refers to."""
    if sys.version_info >= (3, 12):
        return task.get_context().get(mark)
    contexts = (held for held in gc.get_referents(task) if type(held) is Context)
    return next(contexts, Context()).get(mark)
