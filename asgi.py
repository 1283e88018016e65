"""What is mounted where: raw ASGI applications and Django side by side, behind one router.

Any server takes it as it is:

    uvicorn asgi:application
    hypercorn asgi:application
"""

import os
from importlib import import_module
from pathlib import Path

from apps.access_log import AccessLog
from apps.catalogue import ABOUT, CATALOGUE
from apps.django_site.asgi import application as django
from apps.django_site.health import healthz, readyz
from apps.django_site.members import members_only
from apps.django_site.twins import sources
from apps.raw_asgi import blocking
from apps.waterfall import Waterfall
from asgiscope.page import Exhibit, Waterfalls, watch
from router import Application, Router
from servers.everywhere import ask_everywhere

folder = Path(__file__).parent / "apps/raw_asgi"
exhibits = {e.raw: import_module(f"apps.raw_asgi.{e.slug}").app for e in CATALOGUE}

site: Application = Router(
    {
        **exhibits,
        "/raw/chat": members_only(exhibits["/raw/chat"]),
        "/raw/chat_workers": members_only(exhibits["/raw/chat_workers"]),
        # Beside these two, a drawing of twenty requests to them at once.
        "/raw/blocking": Waterfall(blocking.app),
        "/django": Waterfall(django, "/blocking"),
        "/healthz": healthz,
        "/readyz": readyz,
    }
)

# Around all of it stands the page: its gallery is what "/" shows, and its recorder hears what is said.
twins = sources()
application: Application = watch(
    site,
    name="The raw ASGI explorer",
    about=ABOUT,
    # A site for the world tells it nothing of those who visit, unless it is told to.
    record=os.environ.get("ASGISCOPE", "0" if "DJANGO_ALLOWED_HOSTS" in os.environ else "1") != "0",
    exhibits=[
        Exhibit(
            e.slug, e.title, e.chapter, e.raw, f"{folder}/{e.slug}.py",
            twin=e.django, instead=not e.twin,
            twin_file=twins[e.slug].file, twin_lines=twins[e.slug][1:],
        )
        for e in CATALOGUE
    ],
    waterfalls=Waterfalls(
        {"By hand": "/raw/blocking", "Through Django": "/django/blocking"},
        tiles="/raw/tiles",
        hint="Browsers speak HTTP/2 over TLS alone: `python -m servers hypercorn --tls --port 8443`",
    ),
    servers=ask_everywhere,
    matrix=Path(__file__).parent / "lab/results/latest.json",
    speed=Path(__file__).parent / "lab/results/speed.json",
)  # fmt: skip
if os.environ.get("ACCESS_LOG") == "1":
    application = AccessLog(application)
