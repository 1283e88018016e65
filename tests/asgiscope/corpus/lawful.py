"""What the applications of the corpus do beside what they are about: little, and all of it lawful."""

import asyncio

START = {"type": "http.response.start", "status": 200}
END = {"type": "http.response.body"}
CONNECT, GONE = "websocket.connect", ("http.disconnect", "websocket.disconnect")
ACCEPT, CLOSE = {"type": "websocket.accept"}, {"type": "websocket.close"}
STARTED, STOPPED = {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}


def expect(scope, *types):
    """Raise NotImplementedError for a scope of any other type, as the specification asks."""
    if scope["type"] not in types:
        raise NotImplementedError(scope["type"])


def offers(scope, extension):
    """Whether the server offers an extension."""
    return extension in (scope.get("extensions") or {})


def takes_files(scope, extension):
    """Whether the server offers an extension that sends files, and the client wants a body."""
    return offers(scope, extension) and scope["method"] != "HEAD"


def spec_version(scope):
    """The version of its protocol that the server announces, or the first one."""
    return scope["asgi"].get("spec_version", "2.0")


def content(scope, body):
    """The body of a response, which HEAD does not get."""
    return b"" if scope["method"] == "HEAD" else body


def header(scope, name):
    """The value of a header of the request, or b''; a cookie may come in several pieces."""
    return b"; ".join(value for key, value in scope["headers"] if key.lower() == name)


async def read(receive):
    """The body of the request, or None if the client left before all of it had come."""
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        body += event.get("body", b"")
        if not event.get("more_body", False):
            return body


async def left(receive):
    """Return when the client has left; whatever else it says is not listened to."""
    while (await receive())["type"] not in GONE:
        pass


async def stop(*tasks):
    """Cancel the tasks, and wait until they have ended; what they raise is dropped."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
