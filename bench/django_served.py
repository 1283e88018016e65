"""What `bench.threads` has served: Django with two views, by itself and with threads lent."""

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], DJANGO_THREADS=32, ROOT_URLCONF=__name__)
    django.setup()

from django.core.asgi import get_asgi_application

from apps.django_site.threads import lending

BODY = b"Hello, world!\n"


async def async_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, headers={"content-length": len(BODY)})


def sync_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, headers={"content-length": len(BODY)})


urlpatterns = [path("async", async_view), path("sync", sync_view)]

made = get_asgi_application()
lent = lending(made)
