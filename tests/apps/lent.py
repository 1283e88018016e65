"""What the tests of lent threads share: pools that are looked after, and a gate to hold a thread at."""

import threading

import httpx

from apps.django_site.threads import Pool
from asgiscope.testing import ASGITransport
from tests.conversation import PATIENCE


class Pools:
    """Makes pools. In the end, each of them joins its threads, and has lost none."""

    def __init__(self):
        self.made = []

    def __call__(self, size, *keep):
        self.made.append(Pool(size, *keep))
        return self.made[-1]

    def close(self):
        for pool in self.made:
            alive = alive_in(pool)
            pool.close(PATIENCE)
            assert (pool.threads, pool.idle, pool.running, list(pool.waiting)) == (set(), [], 0, [])
            assert not alive & set(threading.enumerate())


def client_of(app):
    """A client of the application."""
    return httpx.AsyncClient(transport=ASGITransport(app), base_url="http://testserver", timeout=PATIENCE)


def lowered(app):
    """Django, but with the names of its headers in lower case, as they should be."""

    async def lowering(scope, receive, send):
        async def send_lowered(event):
            if "headers" in event:
                event = {**event, "headers": [(name.lower(), value) for name, value in event["headers"]]}
            await send(event)

        await app(scope, receive, send_lowered)

    return lowering


def alive_in(pool):
    """The threads of a pool."""
    return {thread for executor in pool.threads for thread in executor._threads}


class Gate:
    """A function for a thread, which comes as far as this and waits until it may go on."""

    def __init__(self):
        self.come, self.may_go = threading.Event(), threading.Event()

    def __call__(self):
        self.come.set()
        assert self.may_go.wait(PATIENCE)
