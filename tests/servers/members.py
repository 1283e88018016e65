"""Members of the site, who have an account in a database of their own and have logged in."""

import json
import os
import subprocess
import sys

import pytest
import redis
import websockets

from servers.process import ROOT
from tests.servers.clients import trusting

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")

MAKE = """
import json, sys, django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
cookies = {}
for name in sys.argv[1:]:
    # Without a password: to log in by one takes long, and is not what is tried.
    client = Client()
    client.force_login(get_user_model().objects.create_user(name))
    cookies[name] = "sessionid=" + client.cookies["sessionid"].value
print(json.dumps(cookies))
"""


def members(database, *names):
    """The cookie of each member, in a new database at this URL, which the site has to be started with."""
    made = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", MAKE, *names],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "apps.django_site.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def entered(site, path, cookie, **details):
    """A WebSocket over HTTP/1.1, from a page of the site, of the member who has the cookie."""
    return websockets.connect(
        site.url.replace("http", "ws", 1) + path,
        ssl=trusting(["http/1.1"]) if site.options.tls else None,
        origin=site.url,
        additional_headers={"cookie": cookie},
        compression=None,  # which would be most of the work
        **details,
    )


def need_redis():
    """A connection to Redis, or the test is skipped."""
    client = redis.Redis.from_url(REDIS_URL, decode_responses=True)
    try:
        client.ping()
    except redis.ConnectionError as error:
        client.close()
        pytest.skip(f"no Redis at {REDIS_URL}: {error}")
    return client
