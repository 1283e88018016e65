"""The three kinds of middleware: where a request changes threads, on the page and in Django itself."""

import asyncio
import re
import threading
from pathlib import Path

import pytest
from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from apps.django_site import kinds
from apps.django_site.kinds import STACKS, VIEWS, async_view, either, only_async, only_sync, sync_view, way
from tests.conversation import PATIENCE, http, until

HOPS = {
    (async_view,): 0,
    (only_async, async_view): 0,
    (either, async_view): 0,
    (only_sync, async_view): 4,
    (only_sync, only_sync, async_view): 4,
    (either, only_sync, async_view): 4,
    (only_sync, either, async_view): 4,
    (only_sync, only_async, only_sync, async_view): 8,
    (sync_view,): 2,
    (only_async, sync_view): 2,
    (either, sync_view): 2,
    (only_sync, sync_view): 6,
    (only_sync, only_sync, sync_view): 6,
    (either, only_sync, sync_view): 6,
    (only_sync, either, sync_view): 6,
    (only_sync, only_async, only_sync, sync_view): 10,
}
BEHIND = [pytest.param(stack, id=" > ".join(one.__name__ for one in stack)) for stack in HOPS]

# What the views of this module have noted, and what those that wait are waiting for.
noted = []
waited_for = []


async def noting_async(request):
    response = await async_view(request)
    noted.append(request.META["kinds.noted"])
    return response


def noting_sync(request):
    response = sync_view(request)
    noted.append(request.META["kinds.noted"])
    return response


async def waiting(request):
    waited_for.append(asyncio.get_running_loop().create_future())
    await waited_for[-1]
    return HttpResponse()


urlpatterns = [path("async", noting_async), path("sync", noting_sync), path("waiting", waiting)]


async def asked(app, target):
    """Ask an application for a page, as a server does."""
    said = [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        assert event.get("status", 200) == 200

    await app(http(target=target), receive, send)


def django(*middleware):
    """Django with this middleware, and the views of this module."""
    with override_settings(MIDDLEWARE=[f"{kinds.__name__}.{one.__name__}" for one in middleware]):
        return get_asgi_application()


@pytest.mark.parametrize("stack", BEHIND)
async def test_request_changes_threads_where_two_kinds_meet(stack):
    *middleware, view = stack
    async with ThreadSensitiveContext():
        hops, _ = await way(view, *middleware)
    assert hops == HOPS[stack]


def test_page_shows_all_of_them():
    assert {(*middleware, view) for view in VIEWS for middleware in STACKS} == set(HOPS)


def test_documentation_says_of_some_what_the_page_says():
    page = (Path(__file__).parents[2] / "docs" / "django.md").read_text(encoding="utf-8")
    told = re.findall(r"^(\w+(?: > \w+)*): (\d+) hops$", page, re.MULTILINE)
    names = {" > ".join(one.__name__ for one in stack): str(hops) for stack, hops in HOPS.items()}
    assert told
    assert dict(told).items() <= names.items()


@pytest.mark.parametrize("stack", BEHIND)
async def test_stack_of_the_page_goes_where_that_of_django_goes(stack):
    *middleware, view = stack
    with override_settings(ROOT_URLCONF=__name__):
        noted.clear()
        await asked(django(*middleware), "/async" if view is async_view else "/sync")
    loop = threading.current_thread().name
    real = [(who, thread == loop) for thread, who in noted[0]]

    async with ThreadSensitiveContext():
        _, passed = await way(view, *middleware)
    ours = []
    for part in passed.split(" → "):
        thread, _, names = part.partition(": ")
        ours += [(who, thread == loop) for who in names.split(", ") if who not in ("server", "Django")]
    assert real == ours


@pytest.mark.parametrize(
    "middleware",
    [[], [only_async], [either], [only_sync]],
    ids=["none", "async", "either", "sync"],
)
async def test_every_request_has_a_thread_whatever_the_middleware(middleware):
    def threads():
        return sum(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate())

    waited_for.clear()
    before = threads()
    with override_settings(ROOT_URLCONF=__name__):
        app = django(*middleware)
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(asked(app, "/waiting"))
            await until(lambda: len(waited_for) == 5)
            assert threads() - before == 5
            for one in waited_for:
                one.set_result(None)
