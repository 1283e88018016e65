"""Threads for what is not async in a request, lent instead of made.

Django makes a thread for every request that calls a function which is not async, and every request does: the
receivers of its signals are such functions. asgiref calls them, and takes an executor of yours instead of
making one. Here that is a `Lent`, one for each request. It has no thread until it is called, then borrows one
of a `Pool`, and gives it back when the request is over, at the latest.

At the latest, because a thread that a request keeps while it waits does nothing: a thousand open streams
would be a thousand of them. What decides is what a call may leave on its thread for the next call of the
request to find. `whole_request` assumes the worst, as Django does. For `while_connected` that is a connection
to a database, which belongs to its thread, with its transaction and with what has not been fetched yet.

The limit is on threads that run code. Requests wait for their turn in the order in which they asked, and
those that only wait for something else do not count. The queue is no longer than there are open requests, of
which the server allows so many; a client that leaves loses its place.
"""

import asyncio
import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.db import close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]

PATIENCE = 10.0  # seconds for sync code to end when the site does


Connections = list[BaseDatabaseWrapper]


def connected() -> Connections:
    """The connections to databases that are open in this thread."""
    return [one for one in connections.all(initialized_only=True) if one.connection is not None]


def in_transaction(left: Connections) -> bool:
    """Whether one of the connections is in the middle of a transaction."""
    return any(one.in_atomic_block for one in left)


def whole_request(left: Connections) -> bool:
    """Keep the thread from the first call of a request to its end, as Django does."""
    return True


def while_connected(left: Connections) -> bool:
    """Keep the thread as long as a call has left a connection open there.

    Not for code with a `threading.local`: what that keeps from one call to the next, as some middleware keeps
    the user, another request would find.
    """
    return bool(left)


class Lent(Executor):
    """The executor of one request: its calls are run one after the other, on a thread of the pool."""

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.thread: ThreadPoolExecutor | None = None
        self.calls: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.is_busy = False  # a call runs, or waits for its turn
        self.is_urgent = False
        self.is_over = False
        self._own: ThreadPoolExecutor | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function as soon as a thread is free, and return what becomes of it."""
        if not self.is_over:
            return self.pool.call(self, partial(fn, *args, **kwargs))
        # A task that the view has started and that outlives the request. Nobody says when it ends, so it has
        # a thread of its own, as it would without the pool, which ends when nobody can call it any more.
        self._own = self._own or ThreadPoolExecutor(1)
        return self._own.submit(fn, *args, **kwargs)

    def end(self) -> None:
        """The request is over: give the thread back as soon as nothing runs there."""
        self.pool.end(self)


class Pool:
    """Threads that run the calls of requests, so many of them at once.

    After each call, `keep` is told which connections are open on the thread, and says whether the request has
    to have the same thread again. Idle threads stay for the next, no more of them than may run.
    """

    def __init__(self, size: int, keep: Callable[[Connections], bool] = whole_request) -> None:
        self.size, self.keep = size, keep
        # A thread is an executor of one: Python joins those at the end of the program, should the server be
        # one that runs no lifespan.
        self.threads: set[ThreadPoolExecutor] = set()
        self.idle: list[ThreadPoolExecutor] = []
        self.waiting: deque[Lent] = deque()
        self.running = 0
        self._lock = threading.Lock()
        self._returned = threading.Condition(self._lock)

    def call(self, lent: Lent, function: Callable[[], Any]) -> Future[Any]:
        """Call the function in turn. A future that is cancelled before is not called."""
        future: Future[Any] = Future()
        with self._lock:
            lent.calls.append((future, function))
            if not lent.is_busy:
                lent.is_busy = True
                self._queue(lent)
        return future

    def end(self, lent: Lent) -> None:
        """Take the thread back. If a call is running there, that ends first."""
        with self._lock:
            lent.is_over = True
            if lent.thread is not None and not lent.is_busy:
                lent.thread.submit(self._clear, lent.thread)
                lent.thread = None

    def close(self, patience: float) -> None:
        """Join all threads. Those still in use after so many seconds are left to end by themselves."""
        until = time.monotonic() + patience
        while True:
            with self._lock:
                self._returned.wait_for(lambda: self.idle or not self.threads, until - time.monotonic())
                if not self.idle:
                    break
                thread = self.idle.pop()
                self.threads.remove(thread)
            thread.submit(close_connections)
            thread.shutdown()
        if self.threads:
            logger.warning("%d threads are still in use after %g s", len(self.threads), patience)

    def _queue(self, lent: Lent) -> None:
        """Put a request where its turn is. The lock is held."""
        # An open transaction may have locked what all who have a turn wait for. It does not wait for them.
        (self.waiting.appendleft if lent.is_urgent else self.waiting.append)(lent)
        self._go_on()

    def _go_on(self) -> None:
        """Run what waits, as far as it may. The lock is held."""
        while self.waiting and (self.running < self.size or self.waiting[0].is_urgent):
            lent = self.waiting.popleft()
            # The one that was used last: its memory is warm, and the others may not be needed any more.
            thread = lent.thread or (self.idle.pop() if self.idle else ThreadPoolExecutor(1))
            try:
                thread.submit(self._run, lent, thread, lent.thread is None)
            except RuntimeError as error:  # The machine has no more threads to give.
                lent.is_busy = False
                while lent.calls:
                    future, _ = lent.calls.popleft()
                    if future.set_running_or_notify_cancel():
                        future.set_exception(error)
            else:
                lent.thread = thread
                self.threads.add(thread)
                self.running += 1

    def _run(self, lent: Lent, thread: ThreadPoolExecutor, is_new: bool) -> None:
        """Make the next call of a request, on its thread."""
        future, function = lent.calls.popleft()
        tell: Callable[[], None] | None = None
        if future.set_running_or_notify_cancel():
            try:
                if is_new:
                    # What Django does at the beginning of a request, and has done on another thread perhaps.
                    close_old_connections()
                tell = partial(future.set_result, function())
            except BaseException as error:  # Whoever awaits the future is told of it.
                tell = partial(future.set_exception, error)
        left = connected()
        keeps, is_urgent = self.keep(left), in_transaction(left)
        with self._lock:
            self.running -= 1
            lent.is_busy, lent.is_urgent = bool(lent.calls), is_urgent
            if lent.is_busy:
                self._queue(lent)
            elif lent.is_over or not keeps:
                lent.thread = None
                if left:
                    thread.submit(self._clear, thread)
                else:
                    self._put(thread)
            self._go_on()
        # Last, so that whoever goes on from here finds the thread given back, and nothing held on to.
        del function
        if tell is not None:
            tell()
        # An error knows this frame, and the frame shall not know the error.
        del future, tell

    def _clear(self, thread: ThreadPoolExecutor) -> None:
        """Clear up after a request, on the thread, and put it to the idle ones."""
        try:
            # What Django does at the end of a request, and had no occasion for if the request has failed.
            # What is in the middle of a transaction cannot be put right, so such a thread is not used again.
            close_old_connections()
            is_clean = not in_transaction(connected())
        except Exception:
            logger.exception("a connection to the database could not be closed")
            is_clean = False
        with self._lock:
            self._put(thread, is_clean)

    def _put(self, thread: ThreadPoolExecutor, is_clean: bool = True) -> None:
        """Put a thread to the idle ones, or end it. The lock is held."""
        if is_clean and len(self.idle) < self.size:
            self.idle.append(thread)
        else:
            self.threads.remove(thread)
            thread.submit(close_connections)
            thread.shutdown(wait=False)
        self._returned.notify_all()


def close_connections() -> None:
    """Close the connections of this thread, which ends."""
    try:
        connections.close_all()
    except Exception:
        logger.exception("a connection to the database could not be closed")


class Threads:
    """An ASGI application around Django: sync code of a request runs on threads of the pool."""

    def __init__(self, app: Application, pool: Pool) -> None:
        self.app = app
        self.pool = pool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hold one conversation. Raises what the application raises."""
        lent = Lent(self.pool)

        async def conversation() -> None:
            # Django enters a context, too, with no executor, which does nothing inside of this one. This one
            # is never left: it belongs to this task and to those that come from it, and goes with the last of
            # them.
            context: Any = ThreadSensitiveContext(executor=lent)
            await context.__aenter__()
            await self.app(scope, receive, send)

        try:
            await asyncio.create_task(conversation())
        finally:
            lent.end()


# Nothing in this project keeps anything in a `threading.local`: every page is as it should be when each call
# is made on another thread.
pool = Pool(settings.DJANGO_THREADS, while_connected)


def can_lend(context: type = ThreadSensitiveContext) -> bool:
    """Whether asgiref takes an executor, as it does since 3.13."""
    return "executor" in inspect.signature(context).parameters


def lending(app: Application, context: type = ThreadSensitiveContext) -> Application:
    """The application with threads of the pool; as it is, where DJANGO_THREADS is 0 or asgiref takes none."""
    if settings.DJANGO_THREADS == 0:
        return app
    if not can_lend(context):
        logger.warning("Django makes a thread for every request: asgiref before 3.13 takes none that is lent")
        return app
    return Threads(app, pool)


@asynccontextmanager
async def threads(state: dict[str, Any]) -> AsyncIterator[None]:
    """Join the threads with the site. They are made when they are needed."""
    try:
        yield
    finally:
        await asyncio.to_thread(pool.close, PATIENCE)
