"""The Django project on its own: its commands, its settings, and what it is where there is no ASGI."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.utils.module_loading import import_string

from apps.django_site import asgi
from apps.django_site.middleware import upper_case
from apps.django_site.secret import secret_key

PROJECT = Path(asgi.__file__).parent
ROOT = PROJECT.parents[1]


def run(*command, cwd, **environ):
    """What a Python command prints; its environment is no more than it is given."""
    done = subprocess.run(  # noqa: S603 - the programs are this project's own
        [sys.executable, *command],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_manage_works_from_any_directory(tmp_path):
    assert "no issues" in run(PROJECT / "manage.py", "check", cwd=tmp_path)


def test_the_cgi_program_works_from_any_directory(tmp_path):
    request = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/hello",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    output = run(PROJECT / "cgi_program.py", cwd=tmp_path, **request)
    assert output.startswith("Status: 200 OK\n")
    assert output.endswith("\n\nHello, world!\n")


@pytest.mark.parametrize(("value", "debug"), [(None, False), ("0", False), ("1", True)])
def test_debug_is_off_unless_asked_for(value, debug):
    environ = {"DJANGO_SECRET_KEY": "x", **({"DJANGO_DEBUG": value} if value else {})}
    code = "from apps.django_site import settings; print(settings.DEBUG, settings.SECRET_KEY)"
    assert run("-c", code, cwd=ROOT, **environ) == f"{debug} x\n"


def test_workers_that_start_together_have_one_secret_key(tmp_path):
    code = f"""
from pathlib import Path
from apps.django_site.middleware import upper_case
from apps.django_site.secret import secret_key
print(secret_key(Path({str(tmp_path / ".local")!r})))
"""
    workers = [
        subprocess.Popen(  # noqa: S603 - as above
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    keys = {worker.communicate(timeout=30)[0] for worker in workers}
    [kept] = (tmp_path / ".local").iterdir()
    assert keys == {kept.read_text() + "\n"}
    assert len(kept.read_text()) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_secret_key_that_cannot_be_kept_says_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match=r"cannot be kept in .*set DJANGO_SECRET_KEY"):
        secret_key(tmp_path / "file")


def test_all_middleware_can_run_async():
    assert all(import_string(name).async_capable for name in settings.MIDDLEWARE)


async def pieces():
    yield "one "
    yield "two"


@pytest.mark.parametrize(
    ("response", "text"),
    [
        pytest.param(
            StreamingHttpResponse(pieces(), content_type="text/plain"), b"ONE TWO", id="async stream"
        ),
        pytest.param(
            StreamingHttpResponse(["one ", "two"], content_type="text/plain"), b"ONE TWO", id="stream"
        ),
        pytest.param(HttpResponse("one two", content_type="text/plain"), b"ONE TWO", id="whole"),
        pytest.param(HttpResponse("one two", content_type="text/html"), b"one two", id="no plain text"),
    ],
)
async def test_middleware_rewrites_text_of_every_kind(response, text):
    @upper_case
    async def view(request):
        return response

    changed = await view(HttpRequest())
    body = [piece async for piece in changed] if getattr(changed, "is_async", False) else list(changed)
    assert b"".join(body) == text


@pytest.mark.parametrize(
    "path", ["/inspect_scope", "/tls_info", "/timer", "/sse", "/long_poll", "/cgi", "/readings/export"]
)
def test_what_needs_asgi_says_so_under_wsgi(path):
    response = Client().get(path)
    assert response.status_code == 501
    assert b"uvicorn apps.django_site.asgi:application" in response.content


@pytest.mark.parametrize("path", ["/", "/hello", "/headers", "/middleware", "/tiles", "/wsgi", "/chat"])
def test_what_does_not_is_the_same_under_wsgi(path):
    assert Client().get(path).status_code == 200
