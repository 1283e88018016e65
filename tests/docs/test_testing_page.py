"""What docs/testing.md says of frameworks, and the tests that it shows do not."""

import threading
from contextlib import nullcontext

import anyio
import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.test import AsyncClient, override_settings
from django.urls import path

import apps.django_site.asgi  # noqa: F401 (it sets Django up)
from asgiscope.testing import ASGITransport, StillRunning
from tests.asgiscope.testing.loops import on_both_loops
from tests.docs.pages import module

thread = sync_to_async(threading.get_ident)


async def name_thread(request):
    return HttpResponse(f"{await thread()}")


urlpatterns = [path("", name_thread)]


@override_settings(ROOT_URLCONF=__name__)
async def test_request_has_a_thread_of_its_own_and_one_of_the_client_of_django_has_not():
    theirs = await AsyncClient().get("/")
    assert int(theirs.content) == await thread()
    transport = ASGITransport(get_asgi_application())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        ours = await client.get("/")
    assert int(ours.content) != await thread()


class Silent:
    async def get(self):
        await anyio.sleep_forever()


async def silent():
    return Silent()


@pytest.mark.parametrize(
    ("spec_version", "ends"),
    [
        pytest.param("2.4", pytest.raises(StillRunning), id="at its next send, and not before"),
        pytest.param("2.3", nullcontext(), id="at once, from a server of an older version"),
    ],
)
@on_both_loops
async def test_response_of_fastapi_ends_when_the_client_has_left(spec_version, ends):
    page = module("testing.md", "test_prices.py")
    page.app.dependency_overrides[page.exchange] = silent
    transport = ASGITransport(page.app, spec_version=spec_version)
    client = httpx.AsyncClient(transport=transport, base_url="http://testserver")
    with ends:
        async with client, client.stream("GET", "/prices"):
            pass
