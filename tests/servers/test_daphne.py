"""Daphne: the whole site on it, and the project alone where `runserver` is Daphne, too."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest
import websockets

from servers import LAUNCHERS, Options, running
from servers.process import ROOT
from tests.servers.members import entered, members

DAPHNE = LAUNCHERS["daphne"]
RUNSERVER = replace(DAPHNE, command="apps.django_site.manage runserver --noreload", clear="{host}:{port}")

# What is started, with which DJANGO_DEBUG, where Django is mounted then, and below what the chats are.
SITES = {
    "the site": (DAPHNE, Options(), "0", "/django", ["/raw", "/django"]),
    "the project": (DAPHNE, Options(app="apps.django_site.asgi:application"), "0", "", [""]),
    "runserver": (RUNSERVER, Options(), "0", "", [""]),
    "runserver, to debug": (RUNSERVER, Options(), "1", "", [""]),
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("launcher", "options", "debug", "mount", "chats"), SITES.values(), ids=SITES)
async def test_daphne_serves_pages_the_files_of_the_admin_and_the_chats(
    launcher, options, debug, mount, chats, tmp_path, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.sqlite3'}")
    monkeypatch.setenv("DJANGO_DEBUG", debug)
    [cookie] = members(os.environ["DATABASE_URL"], "Ann").values()
    with running(launcher, options, timeout=60) as site:
        async with httpx.AsyncClient(base_url=site.url + mount, timeout=60) as client:
            for path, kind, part in (
                ("/hello", "text/plain", "Hello, world!\n"),
                ("/stream?n=2&delay=0", "text/plain", "chunk 2 of 2\n"),
                ("/admin/login/", "text/html", f'href="{mount}/static/admin/css/base.css"'),
                ("/static/admin/css/base.css", "text/css", "DJANGO Admin styles"),
                # Daphne runs no lifespan, and a page that needs what that opens says so.
                ("/films", "text/plain", "this server runs no lifespan"),
            ):
                answer = await client.get(path)
                assert answer.headers["content-type"].startswith(kind), path
                assert part in answer.text
        for chat in chats:
            async with asyncio.timeout(60), entered(site, f"{chat}/chat/tea", cookie) as ann:
                await ann.send('{"text": "Hello!"}')
                while (said := json.loads(await ann.recv())).get("text") != "Hello!":
                    pass
                assert said["from"] == "Ann"
            with pytest.raises(websockets.InvalidStatus, match="403"):
                await entered(site, f"{chat}/chat/tea", "sessionid=somebody")
        assert await asyncio.to_thread(site.stop)
        assert "Traceback" not in site.output()


@pytest.mark.parametrize(
    "program",
    [
        "import django; django.setup()",
        "import asgi",
        "from django.core.wsgi import get_wsgi_application as get; get()",
    ],
    ids=["any command", "ASGI", "WSGI"],
)
def test_what_is_not_runserver_imports_no_twisted(program):
    done = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", f"{program}; import sys; print('twisted' in sys.modules)"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "apps.django_site.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "False\n"
