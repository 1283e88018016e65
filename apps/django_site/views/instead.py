"""What Django does instead.

Django answers `http` alone, and of the events it can say there it says two: the start, and pieces of a body.
"""

from collections.abc import Callable
from typing import Any

import django
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..story import story


def told(request: HttpRequest, view: Callable[..., Any]) -> HttpResponse:
    """The page of a view that has nothing but its story."""
    context = {"story": story(view), "version": django.get_version()}
    return render(request, "instead.html", context)


@require_safe
async def trailers(request: HttpRequest) -> HttpResponse:
    """Trailers: nothing follows the body.

    The last event of a stream is an empty body, and a response has one set of headers, which leaves
    before the body does. There is no place for a header that is only known at the end.

        django/core/handlers/asgi.py: await send({"type": "http.response.body"})

    Instead, what depends on the whole body is computed before any of it is sent, by something that holds
    all of it: so ConditionalGetMiddleware makes its ETag, and leaves streams alone.

        django/utils/cache.py: if not response.streaming and response.content:
    """
    return told(request, trailers)


@require_safe
async def early_hints(request: HttpRequest) -> HttpResponse:
    """Early hints: a view speaks once.

    It is given the request, and not `send`. Until it returns, nothing leaves; what it returns is the
    final response, so there is no moment at which a 103 could be said.

        django/core/handlers/asgi.py: response = await self.run_get_response(request)

    Instead, a Link header in the final response can name what to preload. It comes with the page, and
    not while the page is being made, but there are proxies that remember it and hint the next time.
    """
    return told(request, early_hints)


@require_safe
async def server_push(request: HttpRequest) -> HttpResponse:
    """Server push: one request, one response.

    `send` goes no further than the method that turns a response into events, and that method knows no
    push. A second resource is always a second request.

        django/core/handlers/asgi.py: async def send_response(self, response, send):

    Instead, the page names its resources and the browser asks. Little is lost: Chrome and Firefox
    no longer accept a push.
    """
    return told(request, server_push)


@require_safe
async def debug_info(request: HttpRequest) -> HttpResponse:
    """Debug information: a signal, not an event.

    The first event Django sends is the start of the response, whatever the scope offers.

        django/core/handlers/asgi.py: "type": "http.response.start",

    Instead, its test client listens to a signal in the same process. While tests run, rendering a
    template sends it, and so a response in a test knows its templates and their context.

        django/test/utils.py: template_rendered.send(
    """
    return told(request, debug_info)


@require_safe
async def websocket_echo(request: HttpRequest) -> HttpResponse:
    """A WebSocket: an exception before the first event.

    Django looks at the type of the scope and raises. It has received nothing by then and sent nothing, so
    it is the server that refuses the handshake.

        django/core/handlers/asgi.py: if scope["type"] != "http":

    Instead, what goes one way is a stream, as in the twin of `sse`. What goes both ways is mounted beside
    Django, as in this site, or comes with the package Channels, which puts itself in front of Django.
    """
    return told(request, websocket_echo)


@require_safe
async def websocket_denial(request: HttpRequest) -> HttpResponse:
    """Refusing a WebSocket: always, and never with a reason.

    To refuse one is all Django can do, and it does so without a word to the client: the reason goes
    into an exception, which ends in the log of the server.

        django/core/handlers/asgi.py: "Django can only handle ASGI/HTTP connections, not %s."

    Instead, what it can refuse with a status and a body is a request, when a view raises PermissionDenied.

        django/core/handlers/exception.py: elif isinstance(exc, PermissionDenied):
    """
    return told(request, websocket_denial)


@require_safe
async def chat_workers(request: HttpRequest) -> HttpResponse:
    """A chat on several workers: heard in all of them, and nothing promised.

    With REDIS_URL, the groups of Channels reach every process. What becomes of a message there is told to
    nobody. All members in one process share a list in Redis; when a hundred messages wait in it, one more is
    counted and dropped.

        channels_redis/core.py: over_capacity = over_capacity + 1

    In the process each member has a queue. From a full one, the oldest message is taken away.

        channels_redis/core.py: # if we actually get into this code block, it likely means that

    The order is that of the clocks of those who send, and in one process may not be that in another.

        channels_redis/core.py: redis.call('ZADD', KEYS[i], current_time, ARGV[i])

    And what has been delivered is gone: who was away has missed it, and has no id to ask by.

    Instead, a project writes what must not be lost into its database, and lets the group say only that there
    is news. Or it keeps a log in Redis, as the exhibit does: that can be mounted beside Django, as on this
    site, behind the same session.
    """
    return told(request, chat_workers)


@require_safe
async def lifespan_state(request: HttpRequest) -> HttpResponse:
    """A lifespan: a start without an end.

    Django refuses the scope as it refuses a WebSocket, and a server takes that for "not supported".

        django/core/handlers/asgi.py: if scope["type"] != "http":

    Instead, every application of a project is told once that all is ready. The call cannot await, it is made
    for `manage.py check` as well, and there is no other for the end. What has to be open, such as the
    connection to a database, is opened when it is first used, and looked at before and after each request.

        django/apps/registry.py: app_config.ready()
        django/db/__init__.py: signals.request_finished.connect(close_old_connections)
    """
    return told(request, lifespan_state)
