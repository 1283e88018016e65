"""The little that a test's end of a conversation needs of an event loop, for asyncio and for trio.

A call of an application is a task of its own, as on a server: it has a copy of the context that it was begun
in, and belongs to no task group of the test's.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from functools import partial
from typing import Any


def in_trio() -> bool:
    """Whether it is trio that runs here."""
    return asyncio._get_running_loop() is None and "trio" in sys.modules


def signal() -> tuple[Awaitable[object], Callable[[], object]]:
    """What one waits for here, once, and the function that ends the wait."""
    if in_trio():
        event = sys.modules["trio"].Event()
        return event.wait(), event.set
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    return future, partial(resolve, future)


def resolve(future: "asyncio.Future[None]") -> None:
    """Give a future its result, if nobody has given up waiting for it."""
    if not future.done():
        future.set_result(None)


def spawn(call: Coroutine[Any, Any, None], name: str, context: Context) -> Callable[[], object]:
    """Begin a task that raises nothing; return the function that cancels it.

    From Python 3.12 on, asyncio begins it at once, and an application that waits for nothing has ended when
    this returns.
    """
    if in_trio():
        trio = sys.modules["trio"]
        scope = trio.CancelScope()

        async def scoped() -> None:
            with scope:
                await call

        trio.lowlevel.spawn_system_task(scoped, name=name, context=context)
        return scope.cancel  # type: ignore[no-any-return]
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(call, loop=loop, name=name, context=context, eager_start=True).cancel
    return loop.create_task(call, name=name, context=context).cancel
