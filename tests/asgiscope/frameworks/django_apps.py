"""Django alone: this project's site, and a page of its own that says what it makes of a request."""

from importlib import import_module

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.http import JsonResponse
from django.test import override_settings
from django.urls import path

import apps.django_site.asgi  # noqa: F401 (it says where the settings are)

__all__ = ["described", "site"]


async def describe(request):
    told = {
        "url": request.build_absolute_uri(),
        "client": request.META.get("REMOTE_ADDR"),
        "cookies": sorted(request.COOKIES),
        "form": request.POST,
    }
    return JsonResponse(told)


urlpatterns = [path("", describe)]


class Request(ASGIRequest):
    """A request for which this module has the paths, and not ROOT_URLCONF."""

    urlconf = __name__


# Without sessions and users: each hook of a middleware is a way to a thread and back, and a hundred requests
# at once have enough of them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
with override_settings(MIDDLEWARE=MIDDLEWARE):
    site = get_asgi_application()
    described = get_asgi_application()
import_module(settings.ROOT_URLCONF)  # which the first request would wait for
described.request_class = Request
