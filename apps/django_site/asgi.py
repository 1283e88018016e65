"""The project as an ASGI application: `uvicorn apps.django_site.asgi:application`.

Django itself speaks HTTP. What else a server may ask for is answered beside it.
"""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from .lifespan import lifespan

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.django_site.settings")

application = ProtocolTypeRouter({"lifespan": lifespan, "http": get_asgi_application()})
