"""Tests that run on asyncio, and on trio."""

import inspect
from functools import partial, wraps

import anyio
import pytest

PATIENCE = 10  # seconds until a test gives up: long, because a loaded machine is slow, not wrong


def on_both_loops(test):
    """A test that is a coroutine, and is run twice."""

    async def in_time(arguments):
        with anyio.fail_after(PATIENCE):
            await test(**arguments)

    @pytest.mark.parametrize("loop", ["asyncio", "trio"])
    @wraps(test)
    def run(loop, **arguments):
        anyio.run(partial(in_time, arguments), backend=loop)

    signature = inspect.signature(test)
    loop = inspect.Parameter("loop", inspect.Parameter.KEYWORD_ONLY)
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), loop])
    return run
