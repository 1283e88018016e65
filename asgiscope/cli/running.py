"""How a command calls an application: what it prints goes elsewhere, and what it leaves running is left."""

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TypeVar

from ..check.legacy import legacy_findings, single_callable
from ..recorder import Application

T = TypeVar("T")

PATIENCE = 1.0  # seconds, for what should have ended


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Let what an application prints, by whatever way, go where errors go: stdout is for the report."""
    sys.stdout.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)


def run_to_end(main: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, in a loop of its own; tasks that do not end when cancelled are left."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(heard)

    async def end_tasks() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        tasks.add(asyncio.create_task(loop.shutdown_asyncgens()))
        await asyncio.wait(tasks, timeout=PATIENCE)

    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(end_tasks())
        loop.close()


def heard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say what went wrong in the loop, but for the exception of a task that nobody asked for it.

    Where clients leave that is how tasks of an application end, and no news to the reader of a report.
    """
    if context["message"] != "Task exception was never retrieved":
        loop.default_exception_handler(context)


def of_asgi_3(app: Application) -> Application:
    """The application as ASGI 3 calls it, if it is one of ASGI 2."""
    return single_callable(app) if any(legacy_findings(app)) else app


def leave_soon(status: int) -> None:
    """End the process although threads of the application go on, if they do."""
    sys.stdout.flush()
    timer = threading.Timer(PATIENCE, os._exit, [status])
    timer.daemon = True
    timer.start()
