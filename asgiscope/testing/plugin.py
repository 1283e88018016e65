"""The pytest plugin: fixtures that hold conversations, and tests that fail where the application is wrong.

    async def test_hello(asgi_client):
        async with asgi_client(app) as client:
            assert (await client.get("/")).text == "Hello, world!"

What a fixture gives is a function that returns an async context manager. It works under pytest-asyncio, under
anyio's plugin, or in a test that runs its own event loop, and in fixtures as it does in tests. Nothing is
imported before one of them is used.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from fnmatch import fnmatchcase
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..conversation import Conversation
    from .call import Calls

LEVELS = ("must", "should", "note")
Opener = Callable[..., AbstractAsyncContextManager[Any]]


OPTIONS: dict[str, dict[str, Any]] = {
    "--asgi-strict": {
        "action": "store_true",
        "help": "raise a must that is broken where it is broken, in the application",
    },
    "--asgi-level": {
        "choices": LEVELS,
        "default": "must",
        "help": "the least that fails a test when it is broken (default: must)",
    },
    "--asgi-trace": {
        "action": "store_true",
        "help": "print the conversations of a test that fails, with source lines",
    },
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> None:
    """Add the options when all plugins have theirs: asgion has an --asgi-strict, too, and it is the same."""
    group = parser.getgroup("asgi", "conversations with ASGI applications")
    for name, option in OPTIONS.items():
        with suppress(ValueError):
            group.addoption(name, **option)
    parser.addini(
        "asgi_known",
        type="linelist",
        help="clauses, or patterns of them, that are known to be broken and fail no test",
    )


class Held:
    """The conversations of one test."""

    def __init__(self, config: pytest.Config) -> None:
        self.strict: bool = config.getoption("asgi_strict", False)
        level: str = config.getoption("asgi_level", "must")
        self.known: list[str] = config.getini("asgi_known")
        self.levels = LEVELS[: LEVELS.index(level) + 1]
        self.calls: list[Calls] = []
        self.told: set[str] = set()

    def with_app(self, app: Any) -> "Calls":
        """The calls of an application that this test makes."""
        from .call import Calls

        calls = Calls(app, strict=self.strict)
        self.calls.append(calls)
        return calls

    def conversations(self) -> "Iterator[Conversation]":
        for calls in self.calls:
            yield from calls.broken
            yield from calls.conversations

    def faults(self) -> list[str]:
        """What the application has broken, as far as nobody has been told of it."""
        if not self.calls:
            return []
        from ..contract import Party

        faults: dict[str, None] = {}
        for conversation in self.conversations():
            for number, lane in enumerate(conversation.lanes if conversation.violations else ()):
                for violation in lane.violations:
                    # The server of the outermost lane is this package; that of another one is middleware.
                    by_server = violation.party is Party.SERVER and number == 0
                    known = any(fnmatchcase(violation.clause, one) for one in self.known)
                    if violation.level in self.levels and not by_server and not known:
                        line = lane.line_of(violation)
                        faults[f"{violation}\n  At {line}" if line else str(violation)] = None
        new = [fault for fault in faults if fault not in self.told]
        self.told.update(new)
        return new

    def left_running(self) -> Iterator[str]:
        """The calls that nobody has ended."""
        for calls in self.calls:
            for call in calls.running:
                yield f"{call.name} is still running when the test is over{call.at()}."
            for lost in calls.lost:
                yield f"{lost}: it was still running when its event loop was closed."


HELD = pytest.StashKey[Held]()


@pytest.fixture
def asgi_held(request: pytest.FixtureRequest) -> Iterator[Held]:
    """What the other fixtures of this plugin share in a test. It is torn down after all that use them."""
    held = request.node.stash[HELD] = Held(request.config)
    yield held
    wrong = [*held.faults(), *held.left_running()]
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


@pytest.fixture
def asgi_client(asgi_held: Held) -> Opener:
    """A client of an application: `async with asgi_client(app) as client`.

    The application is started, and stopped behind the block, unless `lifespan=False`. `library` is httpx or
    httpx2: the one that is installed, if nothing is said. The other arguments are those of
    asgiscope.testing.ASGITransport and of the library's AsyncClient.
    """

    @asynccontextmanager
    async def client_of(
        app: Any,
        *,
        lifespan: bool = True,
        library: ModuleType | None = None,
        base_url: str = "http://testserver",
        **options: Any,
    ) -> AsyncIterator[Any]:
        from contextlib import AsyncExitStack
        from inspect import signature

        from .library import any_library
        from .lifespans import lifespan as started
        from .transport import ASGITransport

        calls = asgi_held.with_app(app)
        own = {name: options.pop(name) for name in signature(ASGITransport).parameters if name in options}
        async with AsyncExitStack() as stack:
            if lifespan:
                state = await stack.enter_async_context(started(app, calls=calls))
                own.setdefault("state", state)
            transport = ASGITransport(app, **own, calls=calls)
            client = (library or any_library()).AsyncClient(transport=transport, base_url=base_url, **options)
            yield await stack.enter_async_context(client)

    return client_of


@pytest.fixture
def asgi_websocket(asgi_held: Held) -> Opener:
    """A WebSocket: `async with asgi_websocket(app, "/chat") as socket`; see asgiscope.testing.websocket."""

    def socket_of(app: Any, target: str = "/", **options: Any) -> AbstractAsyncContextManager[Any]:
        from .sockets import websocket

        return websocket(app, target, calls=asgi_held.with_app(app), **options)

    return socket_of


@pytest.fixture
def asgi_lifespan(asgi_held: Held) -> Opener:
    """A lifespan: `async with asgi_lifespan(app) as state`; see asgiscope.testing.lifespan."""

    def lifespan_of(app: Any, **options: Any) -> AbstractAsyncContextManager[Any]:
        from .lifespans import lifespan

        return lifespan(app, calls=asgi_held.with_app(app), **options)

    return lifespan_of


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that has passed, if its application has not."""
    yield
    held = item.stash.get(HELD, None)
    faults = held.faults() if held is not None else ()
    if faults:
        pytest.fail("\n\n".join(faults), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a test that has failed what its application has broken, and what has been said."""
    report = yield
    held = item.stash.get(HELD, None)
    if held is None or not report.failed:
        return report
    report.sections += [("ASGI violation", fault) for fault in held.faults()]
    if item.config.getoption("asgi_trace", False):
        from ..timeline import render

        report.sections += [("ASGI conversation", render(one)) for one in held.conversations()]
    return report
