"""Applications of Channels': each answers at "/"."""

from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer
from channels.layers import InMemoryChannelLayer, channel_layers
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from django.urls import path

import apps.django_site.asgi  # noqa: F401 (it sets Django up)

channel_layers.set("frameworks", InMemoryChannelLayer())


class Page(AsyncHttpConsumer):
    async def handle(self, body):
        text = b"" if self.scope["method"] == "HEAD" else self.text()
        await self.send_response(200, text, headers=[(b"content-type", b"text/plain")])

    def text(self):
        return b"Hello, world!\n"


class CookiesPage(Page):
    def text(self):
        return repr(sorted(self.scope["cookies"].items())).encode()


class GreetingPage(Page):
    async def send(self, message):
        if message["type"] == "http.response.start":
            CookieMiddleware.set_cookie(message, "greeting", "hello")
        await super().send(message)


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)


class EchoInThread(WebsocketConsumer):
    def receive(self, text_data=None, bytes_data=None):
        self.send(text_data=text_data, bytes_data=bytes_data)


class Cookies(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send(text_data=repr(sorted(self.scope["cookies"].items())), close=True)


class Welcome(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send(text_data="welcome", close=True)


class Chat(AsyncWebsocketConsumer):
    channel_layer_alias = "frameworks"
    groups = ("room",)

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "chat.message", "text": text_data or ""})

    async def chat_message(self, event):
        await self.send(text_data=event["text"])


def site(page=Page, socket=Echo):
    """An application of one page and one WebSocket."""
    return ProtocolTypeRouter(
        {
            "http": URLRouter([path("", page.as_asgi())]),
            "websocket": URLRouter([path("", socket.as_asgi())]),
        }
    )


hello = site()
sync = site(socket=EchoInThread)
groups = site(socket=Chat)
cookies = CookieMiddleware(site(CookiesPage, Cookies))
greeting = site(GreetingPage)
origins = ProtocolTypeRouter(
    {
        "http": URLRouter([path("", Page.as_asgi())]),
        "websocket": OriginValidator(URLRouter([path("", Welcome.as_asgi())]), ["http://localhost:8000"]),
    }
)
