"""Tests that run on asyncio, and on trio, by a clock that nobody waits for.

It stands still while anything can run, and jumps to what is due next when nothing can. It does not see a
thread at work, so these tests are not for applications that wait for one.
"""

import asyncio
import inspect
from functools import partial, wraps
from selectors import DefaultSelector

import anyio
import pytest
import trio.testing

PATIENCE = 1000  # seconds by that clock: a test that waits for what never comes gives up at once


class Selector(DefaultSelector):
    """What an event loop waits with: instead of waiting until a timer is due, it moves the clock there."""

    now = 0.0

    def select(self, timeout=None):
        ready = super().select(0 if timeout else timeout)
        if timeout and not ready:
            self.now += timeout
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop of asyncio with this clock, which trio has as trio.testing.MockClock."""

    def __init__(self):
        self.clock = Selector()
        super().__init__(self.clock)

    def time(self):
        return self.clock.now


OPTIONS = {
    "asyncio": lambda: {"loop_factory": Loop},
    "trio": lambda: {"clock": trio.testing.MockClock(autojump_threshold=0)},
}


def on_both_loops(test):
    """A test that is a coroutine, and is run twice."""

    async def in_time(arguments):
        with anyio.fail_after(PATIENCE):
            await test(**arguments)

    @pytest.mark.parametrize("loop", OPTIONS)
    @wraps(test)
    def run(loop, **arguments):
        anyio.run(partial(in_time, arguments), backend=loop, backend_options=OPTIONS[loop]())

    signature = inspect.signature(test)
    loop = inspect.Parameter("loop", inspect.Parameter.KEYWORD_ONLY)
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), loop])
    return run
