"""What docs/beside-django.md says of `manage.py runserver`, and of what takes its place."""

import pytest

from tests.docs.pages import free_port, printed, typed

ASK_FOR_A_STYLESHEET = """
import asyncio
import httpx
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from mysite.asgi import application as django

async def main():
    for app in (django, ASGIStaticFilesHandler(django)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            print((await client.get("http://localhost/static/admin/css/base.css")).status_code)

asyncio.run(main())
"""


@pytest.fixture
async def project(tmp_path):
    async with typed("django-admin startproject mysite .", tmp_path) as process:
        assert await printed(process) == []
    return tmp_path


async def test_runserver_never_opens_asgi_py(project):
    (project / "mysite" / "asgi.py").write_text("raise SystemExit('opened')")
    ready = "Quit the server with CONTROL-C."
    async with typed(f"python manage.py runserver --noreload {free_port()}", project) as server:
        assert (await printed(server, [f"...{ready}"]))[-1] == ready


async def test_static_files_are_served_by_a_wrapper_around_django(project):
    (project / "ask.py").write_text(ASK_FOR_A_STYLESHEET)
    async with typed("python ask.py", project) as process:
        assert (await printed(process))[-2:] == ["404", "200"]
