"""What docs/gateways.md says of async views and middleware behind WSGI."""

import asyncio
import sys
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.test.utils import override_settings
from django.urls import path
from django.utils.module_loading import import_string

loops = []


async def view(request):
    loops.append(asyncio.get_running_loop())
    return HttpResponse("Hello!")


urlpatterns = [path("", view)]


def test_async_view_behind_wsgi_gets_an_event_loop_for_each_request():
    environ = {}
    setup_testing_defaults(environ)
    statuses = []
    with override_settings(ROOT_URLCONF=sys.modules[__name__], MIDDLEWARE=[], ALLOWED_HOSTS=["*"]):
        application = get_wsgi_application()
        for _ in range(2):
            answer = application(environ, lambda status, headers: statuses.append(status))
            assert b"".join(answer) == b"Hello!"
            answer.close()
    assert statuses == ["200 OK", "200 OK"]
    assert len(set(map(id, loops))) == 2
    assert all(loop.is_closed() for loop in loops)


def test_one_middleware_of_the_site_is_async_and_nothing_else(settings):
    found = map(import_string, settings.MIDDLEWARE)
    assert [one.__name__ for one in found if not one.sync_capable] == ["ServeStaticMiddleware"]
