"""An application for uvicorn that answers as hello does, after some work."""

from apps.raw_asgi import hello


async def app(scope, receive, send):
    sum(range(20_000))
    await hello.app(scope, receive, send)
