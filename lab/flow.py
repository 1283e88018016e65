"""What a piece of work finds, as a stream of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Tell = Callable[[T], None]


async def flow(work: Callable[[Tell[T]], Awaitable[None]]) -> AsyncIterator[T]:
    """Do the work, and yield what it tells, as soon as it does. Whoever stops asking ends the work.

    Raises what the work raises, behind all that it has told.
    """
    told: asyncio.Queue[T | None] = asyncio.Queue()  # it has an end: that of the work

    async def working() -> None:
        try:
            await work(told.put_nowait)
        finally:
            told.put_nowait(None)

    task = asyncio.create_task(working())
    try:
        while (found := await told.get()) is not None:
            yield found
    finally:
        task.cancel()
        await asyncio.wait({task})
    await task
