"""What the twin of `event_loop` tells: acts in which coroutines, tasks and futures say when they run.

All of it is asyncio, and nothing is Django's: so the acts are those of the exhibit, word for word.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

Tell = Callable[[str], None]


async def forever(name: str, tell: Tell) -> None:
    tell(f"{name}: waits")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        # A cancellation is an exception that is raised at the `await`. Whoever catches it passes it on.
        tell(f"{name}: cancelled where it waits")
        raise


async def coroutines(tell: Tell) -> None:
    tell("1. A coroutine runs when awaited, not when called.")

    async def double(n: int) -> int:
        tell("double: runs in the task of main")
        return 2 * n

    coroutine = double(21)
    tell("main: called double, and nothing of it has run")
    tell(f"main: has {await coroutine}")


async def tasks(tell: Tell) -> None:
    tell("2. Tasks take turns: each runs up to its next wait.")

    async def walk(name: str) -> None:
        tell(f"{name}: first step")
        await asyncio.sleep(0)
        tell(f"{name}: second step")

    a, b = asyncio.create_task(walk("a")), asyncio.create_task(walk("b"))
    tell("main: made two tasks, and neither has run")
    await asyncio.gather(a, b)


async def futures(tell: Tell) -> None:
    tell("3. A future is a result that somebody else will set.")

    async def read() -> None:
        tell("reader: awaits a future")
        tell(f"reader: has {await news!r}")

    news = asyncio.get_running_loop().create_future()
    # If you are cancelled between a task's beginning and its end, who ends it? A group does.
    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        await asyncio.sleep(0)
        tell("main: sets its result, and goes on")
        news.set_result("tea")
        tell("main: waits, and only now is it the turn of reader")


async def groups(tell: Tell) -> None:
    tell("4. A group ends whole: one fails, and all end.")

    async def fail() -> None:
        tell("hasty: raises")
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever("steady", tell))
            group.create_task(fail())
    except* ValueError:
        tell("main: the group raises what hasty has raised")


async def limits(tell: Tell) -> None:
    tell("5. A time limit cancels, and says TimeoutError.")
    try:
        async with asyncio.timeout(0.01):
            await forever("slow", tell)
    except TimeoutError:
        tell("main: TimeoutError")


async def shields(tell: Tell) -> None:
    tell("6. A shield keeps the work when the wait is cancelled.")

    async def save() -> None:
        tell("save: begins")
        await may_end.wait()
        tell("save: ends, all the same")

    may_end = asyncio.Event()
    saving = asyncio.create_task(save())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await asyncio.shield(saving)
        tell("main: its wait is cancelled")
    finally:
        # What is shielded from others is yours to end.
        may_end.set()
        await saving


async def leaving(tell: Tell, stay: float) -> None:
    tell("7. Who leaves cancels what was done for them.")
    tell(f"main: leave now, or stay for {stay:g} s")
    try:
        await asyncio.sleep(stay)
        tell("main: you have stayed")
    except asyncio.CancelledError:
        tell("main: cancelled where it waits, for you have left")
        raise
    finally:
        tell("main: finally, puts its things away")


async def play(tell: Tell, stay: float) -> None:
    """All acts, one after the other; the last one takes `stay` seconds."""
    for act in (coroutines, tasks, futures, groups, limits, shields):
        await act(tell)
    await leaving(tell, stay)
