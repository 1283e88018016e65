"""The project as an ASGI application: `uvicorn apps.django_site.asgi:application`.

Django itself speaks HTTP. What else a server may ask for is answered beside it.
"""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.django_site.settings")

# This sets Django up. What follows may import models, and does.
django = get_asgi_application()

from .consumers import Chat  # noqa: E402
from .lifespan import lifespan  # noqa: E402
from .members import members_only, own_pages_only  # noqa: E402
from .threads import lending  # noqa: E402

# A URLRouter raises where it has no route, and leaves it to the server to make something of that. So the last
# route takes all, and refuses. A room is named as a group of Channels may be.
websockets = URLRouter(
    [
        re_path(r"^chat/(?P<room>[-a-zA-Z0-9_]{1,40})$", Chat.as_asgi()),
        re_path("", WebsocketDenier.as_asgi()),
    ]
)

application = ProtocolTypeRouter(
    {
        "lifespan": lifespan,
        "http": lending(django),
        "websocket": own_pages_only(members_only(websockets)),
    }
)
