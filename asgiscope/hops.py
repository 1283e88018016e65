"""Hops between threads: what crosses asgiref's bridge while a conversation is open.

    with watch_hops():
        ...

    conversation.hops      each crossing with its caller's line, its thread, and what it took

Synchronous code in an asynchronous application runs in a thread, where `sync_to_async` brings it, and comes
back to the loop by `async_to_sync`. Django crosses for every synchronous middleware, view and signal, for
most of the ORM, and says nothing of it.

A crossing belongs to the conversation in whose context it is made, be that in a thread: asgiref takes the
context along. What is made in no conversation, or when that is over, is nobody's and is not noted.

What is watched are the two classes that all of these functions are objects of, however long ago they were
decorated. Only a bound method that somebody has kept from before is called past them.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial, update_wrapper
from sys import _getframe
from threading import RLock, current_thread
from time import perf_counter_ns
from types import FrameType, MethodType
from typing import Any, Literal

from asgiref.sync import AsyncToSync, SyncToAsync

from .bounded import NONE_YET, Bounded
from .conversation import Hop
from .sources import line_at, outside_of
from .tasks import is_cancellation, mark
from .writing import WritingTap, named_error

HOPS = 1_000  # that are kept of a lane
WRAPPED = 10  # functions around each other that are looked through for a name

lock = RLock()  # whoever holds it may be collecting garbage, and in that somebody may cross
watching = 0  # how many have asked


def watch_hops() -> ExitStack:
    """Note the crossings of all recorded conversations, from now on.

    What is returned is a context manager: at the end of its block, or when its `close()` is called, that is
    over, and asgiref is as it was.
    """
    global watching
    with lock:
        watching += 1
        for bridge in (TO_THREAD, TO_LOOP):
            bridge.install()
    watched = ExitStack()
    watched.callback(unwatch)
    return watched


def unwatch() -> None:
    global watching
    with lock:
        watching -= 1
        if not watching:
            for bridge in (TO_THREAD, TO_LOOP):
                bridge.remove()


class Crossing:
    """A hop as it is made. Times are those of the clock; what has not happened yet is None."""

    began = 0
    started: int | None = None
    finished: int | None = None
    ended: int | None = None
    thread: str | None = None
    how: Literal["open", "return", "raise", "cancel"] = "open"
    error: str | None = None

    def __init__(self, to: Literal["thread", "loop"], what: str, sensitive: bool, caller: FrameType) -> None:
        self.to = to
        self.what = what
        self.sensitive = sensitive
        self.place = caller.f_code, caller.f_lasti
        self.own = outside_of(caller)

    def begin(self) -> None:
        """It is made: note it in the conversation, if that is still open."""
        self.began = perf_counter_ns()
        tap = open_tap()
        if tap is not None:
            with lock:
                if tap.crossings is NONE_YET:
                    tap.crossings = Bounded(HOPS)
            tap.crossings.add(self)

    def start(self) -> None:
        """It has come to the thread that it goes to."""
        self.thread, self.started = current_thread().name, perf_counter_ns()

    def finish(self) -> None:
        """It goes back."""
        self.finished = perf_counter_ns()

    def end(self, error: BaseException | None = None) -> None:
        """It is back."""
        self.ended = perf_counter_ns()
        if error is None:
            self.how = "return"
        elif is_cancellation(error):
            self.how = "cancel"
        else:
            self.how, self.error = "raise", type(error).__name__
            # Its `str` is a stranger's: what that raises must not take the place of the error.
            with suppress(Exception):
                self.error = named_error(error)

    def hop(self, beginning: int) -> Hop:
        """The crossing as plain data, so far."""
        return Hop(
            at=self.began - beginning,
            to=self.to,
            what=self.what,
            sensitive=self.sensitive,
            thread=self.thread,
            waited=since(self.began, self.started),
            ran=since(self.started, self.finished),
            held=since(self.began, self.ended),
            how=self.how,
            error=self.error,
            line=line_at(self.place),
            outside=line_at(self.own),
        )


def since(earlier: int | None, later: int | None) -> int | None:
    return None if earlier is None or later is None else later - earlier


def open_tap() -> WritingTap | None:
    """The recorder's part in the conversation that this code belongs to, if it is open."""
    found = mark.get()
    return None if found is None else found.tap


class StandIn:
    """What stands in the place of a method of asgiref, and looks as it does.

    It is no coroutine function, even for one that is: the caller's line is there when it is called, and not
    when the answer is awaited, which may be in another task. `inspect` looks for flags in the `__code__`.
    """

    def __init__(self, original: Callable[..., Any], crossed: Callable[..., Any]) -> None:
        update_wrapper(self, original)
        self.__code__ = original.__code__
        self.__defaults__, self.__kwdefaults__ = original.__defaults__, original.__kwdefaults__
        self.original = original
        self.crossed = crossed

    def __get__(self, bridge: Any, owner: Any = None) -> Any:
        return self if bridge is None else MethodType(self, bridge)

    def __call__(self, bridge: Any, /, *args: Any, **kwargs: Any) -> Any:
        __traceback_hide__ = True
        if not watching or open_tap() is None:
            return self.original(bridge, *args, **kwargs)
        return self.crossed(self.original, bridge, _getframe(1), args, kwargs)


class Bridge:
    """A class of asgiref, and what stands in for its `__call__` while somebody watches."""

    def __init__(self, kind: Any, crossed: Callable[..., Any]) -> None:
        self.kind = kind
        self.crossed = crossed
        self.stand_in: StandIn | None = None

    def install(self) -> None:
        if self.stand_in is None:
            self.stand_in = StandIn(self.kind.__call__, self.crossed)
            self.kind.__call__ = self.stand_in

    def remove(self) -> None:
        # Whoever has put something else there since then calls the stand-in, which calls the original.
        if self.stand_in is not None and vars(self.kind)["__call__"] is self.stand_in:
            self.kind.__call__ = self.stand_in.original
            self.stand_in = None


# An object of these classes is shared by all that call it, and so each crossing has a copy of its own, whose
# one method that runs on the other side takes the time.


def copy_of(bridge: Any, **methods: Any) -> Any:
    """A copy of an object that has these methods in the place of its class's."""
    copy = object.__new__(type(bridge))
    vars(copy).update(vars(bridge), **methods)
    return copy


def to_thread(
    original: Any, bridge: Any, caller: FrameType, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What `SyncToAsync.__call__` returns, noted as it goes on."""
    sensitive = bool(getattr(bridge, "_thread_sensitive", False))
    crossing = Crossing("thread", called(bridge.func), sensitive, caller)

    def thread_handler(*given: Any, **named: Any) -> Any:
        __traceback_hide__ = True
        crossing.start()
        try:
            return bridge.thread_handler(*given, **named)
        finally:
            crossing.finish()

    async def there_and_back() -> Any:
        __traceback_hide__ = True
        crossing.begin()
        try:
            result = await original(copy_of(bridge, thread_handler=thread_handler), *args, **kwargs)
        except BaseException as error:
            crossing.end(error)
            raise
        crossing.end()
        return result

    return alike(there_and_back(), original)


def to_loop(
    original: Any, bridge: Any, caller: FrameType, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What `AsyncToSync.__call__` does, noted as it goes on."""
    __traceback_hide__ = True
    crossing = Crossing("loop", called(bridge.awaitable), False, caller)

    async def main_wrap(*given: Any, **named: Any) -> Any:
        crossing.start()
        try:
            return await bridge.main_wrap(*given, **named)
        finally:
            crossing.finish()

    crossing.begin()
    try:
        result = original(copy_of(bridge, main_wrap=alike(main_wrap, bridge.main_wrap)), *args, **kwargs)
    except BaseException as error:
        crossing.end(error)
        raise
    crossing.end()
    return result


def alike(one: Any, original: Any) -> Any:
    """A coroutine or a function that has the name of another one, for whoever prints it."""
    one.__name__, one.__qualname__ = original.__name__, original.__qualname__
    return one


def called(function: Any) -> str:
    """The name of what is called behind a bridge: of the innermost function, where they are wrapped."""
    for _ in range(WRAPPED):
        inner = function.func if isinstance(function, partial) else getattr(function, "__wrapped__", None)
        if inner is None:
            break
        function = inner
    return str(getattr(function, "__qualname__", type(function).__qualname__))


TO_THREAD = Bridge(SyncToAsync, to_thread)
TO_LOOP = Bridge(AsyncToSync, to_loop)
