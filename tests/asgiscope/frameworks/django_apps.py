"""Django: this project's site, and a page of its own that says what it makes of a request."""

from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.http import JsonResponse
from django.urls import path

from apps.django_site.asgi import application as site

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


described = get_asgi_application()
described.request_class = Request
