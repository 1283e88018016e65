"""The threads of the site, with its own pages."""

import asyncio
import logging
import threading

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.asgi import get_asgi_application
from django.test import override_settings

from apps.catalogue import CATALOGUE
from apps.django_site import threads
from apps.django_site.asgi import application
from apps.django_site.threads import Threads, lending, while_connected
from tests.apps.lent import alive_in, client_of, lowered

DATABASE = pytest.mark.django_db(transaction=True)
QUERY = {"stream": "?n=1", "long_poll": "?wait=0.01", "event_loop": "?stay=0.01", "threads": "?views=1"}
ENDLESS = {"timer", "sse"}


async def calls(pool, *functions):
    """What the functions return, called in one request, one after the other."""

    async def app(scope, receive, send):
        found.extend([await sync_to_async(function)() for function in functions])

    found = []
    await Threads(app, pool)({}, None, None)
    return found


async def test_threads_are_joined_at_shutdown(asgi_client):
    async with asgi_client(lowered(application)) as client:
        assert (await client.get("/hello")).status_code == 200
        alive = alive_in(threads.pool)
        assert alive <= set(threading.enumerate())
        assert alive
    assert not alive & set(threading.enumerate())


@DATABASE
async def test_every_page_is_the_same_if_each_call_is_on_another_thread(pool_of):
    class Oldest(list):
        def pop(self):
            return super().pop(0)

    pool = pool_of(8, while_connected)
    pool.idle = Oldest()
    by_itself = lowered(get_asgi_application())
    elsewhere = Threads(by_itself, pool)
    # Eight threads, which take turns.
    everyone = threading.Barrier(8)
    await asyncio.gather(*(calls(pool, everyone.wait) for _ in range(8)))
    assert len(set(await calls(pool, *[threading.current_thread] * 8))) == 8
    async with client_of(by_itself) as one, client_of(elsewhere) as other:
        for slug in [exhibit.slug for exhibit in CATALOGUE if exhibit.slug not in ENDLESS]:
            target = f"/{slug}{QUERY.get(slug, '')}"
            expected, status = [(await client.get(target)).status_code for client in (one, other)]
            assert (slug, status) == (slug, expected)


async def test_page_counts_the_threads():
    async with client_of(application) as client:
        told = (await client.get("/threads?views=50")).text
    by_django, for_each, freed = [int(line.split()[0]) for line in told.splitlines()[1:]]
    assert (by_django, for_each) == (50, 50)
    assert freed < 50


class Asgiref312:
    """A context as it was before it took an executor."""

    def __init__(self):
        self.token = None


async def test_site_does_without_where_asgiref_takes_no_executor(caplog):
    with caplog.at_level(logging.WARNING):
        assert lending(application, Asgiref312) is application
    assert "asgiref before 3.13 takes none that is lent" in caplog.text


async def test_site_does_without_where_it_is_told_to():
    with override_settings(DJANGO_THREADS=0):
        assert lending(application) is application
    assert isinstance(lending(application, ThreadSensitiveContext), Threads)
