"""A Django project in one file; `python -m tests.asgiscope.hop_stack` prints its conversations as JSON."""

import asyncio

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings

from asgiscope.hops import watch_hops
from asgiscope.recorder import Recorder

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="not a secret",  # noqa: S106
    MIDDLEWARE=[f"{__name__}.outermost", f"{__name__}.synchronous", f"{__name__}.innermost"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    LOGGING_CONFIG=None,
)

import django  # noqa: E402 - the settings come first
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.dispatch import Signal, receiver  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.decorators import async_only_middleware, sync_only_middleware  # noqa: E402

django.setup()
sold = Signal()


class Item(models.Model):
    name = models.CharField(max_length=10)

    class Meta:
        app_label = "shop"


@async_only_middleware
def outermost(get_response):
    async def before(request):
        return await get_response(request)  # outermost

    return before


@sync_only_middleware
def synchronous(get_response):
    def between(request):
        return get_response(request)  # synchronous

    return between


@async_only_middleware
def innermost(get_response):
    async def behind(request):
        return await get_response(request)  # innermost

    return behind


async def asynchronous_view(request):
    return HttpResponse()


def synchronous_view(request):
    return HttpResponse()


def failing_view(request):
    raise LookupError("no such item")


async def orm(request):
    await sync_to_async(create_table)()  # table
    await Item.objects.acreate(name="tea")  # create
    return HttpResponse(str([item.name async for item in Item.objects.all()]))  # all


def create_table():
    with connection.schema_editor() as editor:
        editor.create_model(Item)


async def signal(request):
    await sold.asend(None)  # signal
    return HttpResponse()


@receiver(sold)
def hears(**named):
    pass


urlpatterns = [
    path(view.__name__, view) for view in (asynchronous_view, synchronous_view, failing_view, orm, signal)
]


async def main():
    seen = []
    transport = httpx.ASGITransport(Recorder(get_asgi_application(), seen.append))
    with watch_hops():
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            for pattern in urlpatterns:
                await client.get(f"/{pattern.pattern}")
    for conversation in seen:
        print(conversation.to_json())


if __name__ == "__main__":
    asyncio.run(main())
