"""A chat.

WebSockets come to a Django project with a package, Channels, which stands in front and hands on the rest.
"""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.generic import CreateView


@require_safe
@cache_control(private=True)
async def chat(request: HttpRequest, room: str = "tea") -> HttpResponse:
    """A chat: a consumer for each connection, and groups that join them.

    Where Django raises, a router of Channels tells WebSockets from requests (apps/django_site/asgi.py). A
    consumer is an object for one connection, with a method for each type of event.

        channels/consumer.py: handler_name = message["type"].replace(".", "_")

    Its member is Django's user, found by the cookie of the session before the first event, and not looked up
    again: who logs out is heard until the page is left.

        channels/auth.py: return CookieMiddleware(SessionMiddleware(AuthMiddleware(inner)))

    A room is a group of channels, and each connection has one: a queue for a hundred messages. The member who
    reads more slowly than the others write is not let go. What does not fit into the queue is dropped, and
    nobody hears of it.

        channels/layers.py: except ChannelFull:

    Before each message there is a trip to a thread, to see whether a connection to the database is too old.

        channels/consumer.py: await aclose_old_connections()

    This page speaks to the raw exhibits, too: the messages are the same.
    """
    user = await request.auser()
    member = user.get_username() if user.is_authenticated else None
    return render(request, "chat.html", {"room": room, "member": member})


class SignUp(RedirectURLMixin, CreateView[Any, UserCreationForm[Any]]):
    """A page on which a visitor becomes a member, and goes on as one to where it was meant to."""

    form_class = UserCreationForm
    template_name = "registration/signup.html"
    next_page = "index"

    def form_valid(self, form: UserCreationForm[Any]) -> HttpResponse:
        """Make the account, and log in with it."""
        response = super().form_valid(form)
        login(self.request, form.instance)
        return response
