"""The site as it is put before the world: its settings, its files, and what a load balancer asks it."""

import json
import os
import re
import subprocess
import sys

import httpx
import pytest

from apps.django_site.health import healthz, readyz
from asgi import application
from servers import LAUNCHERS, Options, running
from servers.process import ROOT
from tests.conversation import answer, http, lifespan

MANAGE = [sys.executable, ROOT / "apps/django_site/manage.py"]
PUBLIC = {"DJANGO_ALLOWED_HOSTS": "example.org,www.example.org", "DJANGO_SECRET_KEY": "0123456789" * 6}
NOBODY = "127.0.0.1:1"  # where nobody listens


def manage(*arguments, **environ):
    """What a command of Django ends with, in an environment that is changed by this."""
    return subprocess.run(  # noqa: S603 - the program is this project's own
        [*MANAGE, *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_public_site_passes_the_checks_of_django_for_deployment():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PUBLIC)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"DJANGO_ALLOWED_HOSTS": "example.org"}, "a public site is given a DJANGO_SECRET_KEY"),
        ({**PUBLIC, "DJANGO_DEBUG": "1"}, "DJANGO_DEBUG shows the world your settings"),
    ],
    ids=["without a key of its own", "with tracebacks"],
)
def test_public_site_does_not_start(environ, complaint):
    done = manage("check", **environ)
    assert done.returncode != 0
    assert complaint in done.stderr.splitlines()[-1]


@pytest.fixture
def public(monkeypatch):
    """The site as the world sees it, on a server whose TLS is somebody else's."""
    for name, value in {**PUBLIC, "ACCESS_LOG": "1"}.items():
        monkeypatch.setenv(name, value)
    assert manage("collectstatic", "--noinput").returncode == 0
    with running(LAUNCHERS["uvicorn"], Options(grace=1)) as server:
        yield server


def test_public_site_serves_hashed_files_and_sends_others_to_https(public):
    with httpx.Client(base_url=public.url, headers={"host": "example.org"}) as client:
        answered = client.get("/django/hello")
        assert (answered.status_code, answered.headers["location"]) == (
            301,
            "https://example.org/django/hello",
        )

        # uvicorn believes a proxy on this machine.
        client.headers["x-forwarded-proto"] = "https"
        login = client.get("/django/admin/login/")
        assert login.status_code == 200
        assert "Secure" in login.headers["set-cookie"]
        assert login.headers["strict-transport-security"] == "max-age=86400"
        [style] = re.findall(r'href="(/django/static/admin/css/base\.[0-9a-f]+\.css)"', login.text)
        file = client.get(style, headers={"x-request-id": "the-style"})
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
        assert client.get("/django/static/admin/css/nothing.css").status_code == 404
        assert client.get("/django/static/../settings.py").status_code == 404
        assert client.get("/django/hello", headers={"host": "elsewhere.example"}).status_code == 400
        assert client.get("/healthz", headers={"host": "10.0.0.1"}).status_code == 200
    logged = [json.loads(line) for line in public.output().splitlines() if line.startswith('{"request_id"')]
    assert [(line["path"], line["status"]) for line in logged if line["request_id"] == "the-style"] == [
        (style, 200)
    ]


async def test_files_of_the_admin_are_served_without_being_gathered():
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=application), base_url="http://testserver"
    ) as client:
        assert 'href="/django/static/admin/css/base.css"' in (await client.get("/django/admin/login/")).text
        file = await client.get("/django/static/admin/css/base.css")
    assert (file.status_code, file.headers["content-type"]) == (200, 'text/css; charset="utf-8"')


@pytest.mark.parametrize("app", [healthz, readyz], ids=lambda app: app.__name__)
async def test_question_of_health_is_only_read(app):
    start, _ = await answer(app, http("POST"))
    assert (start["status"], dict(start["headers"])[b"allow"]) == (405, b"GET, HEAD")
    with pytest.raises(ValueError, match="speaks http, not lifespan"):
        await app(lifespan(), None, None)


async def told(app, method="GET"):
    start, body = await answer(app, http(method))
    return start["status"], json.loads(body["body"])


async def test_process_that_runs_is_healthy():
    assert await told(healthz) == (200, {"status": "ok"})
    start, body = await answer(healthz, http("HEAD"))
    assert (start["status"], body["body"]) == (200, b"")


@pytest.mark.django_db(transaction=True)
async def test_site_is_ready_when_its_database_answers(settings):
    settings.REDIS_URL = ""
    assert await told(readyz) == (200, {"database": "ok"})


@pytest.mark.django_db(transaction=True)
async def test_site_whose_redis_is_down_is_not_ready(settings, caplog):
    settings.REDIS_URL = f"redis://:secret@{NOBODY}"
    assert await told(readyz) == (503, {"database": "ok", "redis": "does not answer"})
    assert "not ready: the redis does not answer" in caplog.text
    assert "secret" not in caplog.text


def test_site_whose_database_is_down_is_not_ready_and_serves_what_needs_none(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"postgres://nobody:secret@{NOBODY}/nothing")
    with running(LAUNCHERS["uvicorn"], Options(grace=1)) as server:
        ready = httpx.get(f"{server.url}/readyz", timeout=30)
        assert (ready.status_code, ready.json()) == (503, {"database": "does not answer"})
        for path in ("/healthz", "/raw/hello", "/django/hello"):
            assert httpx.get(server.url + path, timeout=30).status_code == 200
        assert "not ready: the database does not answer: OperationalError" in server.output()
        assert "secret" not in server.output()
