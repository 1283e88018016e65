"""What is asked becomes a command line, or one sentence."""

import shlex
from dataclasses import replace

import pytest

from servers import LAUNCHERS, Options, OptionsError
from servers.command import check, command_line, notes

TLS = "--certfile .local/localhost.pem --keyfile .local/localhost-key.pem"


@pytest.mark.parametrize(
    ("name", "asked", "command"),
    [
        pytest.param(
            "uvicorn",
            {},
            "uvicorn asgi:application --host 127.0.0.1 --port 8000 --timeout-graceful-shutdown 5",
            id="nothing but the defaults",
        ),
        pytest.param(
            "hypercorn",
            {"http": 3, "tls": True},
            f"hypercorn asgi:application --worker-class uvloop --bind 127.0.0.1:8000 {TLS}"
            " --quic-bind 127.0.0.1:8000 --graceful-timeout 5",
            id="HTTP/3 with TLS",
        ),
        pytest.param(
            "daphne",
            {"tls": True, "host": "::1"},
            r"daphne asgi:application --endpoint 'ssl:port=8000:interface=\:\:1"
            ":certKey=.local/localhost.pem:privateKey=.local/localhost-key.pem'",
            id="an IPv6 address in a Twisted endpoint",
        ),
        pytest.param(
            "gunicorn",
            {"uds": "/a path/socket", "app": "apps.raw_asgi.hello:app", "grace": 1},
            "gunicorn apps.raw_asgi.hello:app --worker-class asgi --no-control-socket"
            " --bind 'unix:/a path/socket' --graceful-timeout 1",
            id="a path with a space in it",
        ),
        pytest.param(
            "granian",
            {"http": 1, "root_path": "/site", "workers": 2, "host": "::1"},
            "granian asgi:application --interface asgi --host ::1 --port 8000 --http 1"
            " --url-path-prefix /site --workers 2 --workers-kill-timeout 5",
            id="root_path and workers",
        ),
    ],
)
def test_options_become_the_command_a_person_would_type(name, asked, command):
    assert command_line(LAUNCHERS[name], Options(port=8000, **asked)) == shlex.split(command)


@pytest.mark.parametrize(
    ("name", "asked", "sentence"),
    [
        pytest.param("uvicorn", {"http": 3}, "does not speak HTTP/3, only HTTP/1.1 and HTTP/2", id="HTTP/3"),
        pytest.param(
            "daphne", {"http": 2}, "speaks HTTP/2 only over TLS: add --tls", id="no HTTP/2 in clear"
        ),
        pytest.param(
            "hypercorn", {"http": 3}, "speaks HTTP/3 only over TLS: add --tls", id="no HTTP/3 in clear"
        ),
        pytest.param("daphne", {"workers": 2}, "is a single process", id="no workers"),
        pytest.param("uvicorn", {"workers": 0}, "1 or more, not 0", id="too few workers"),
        pytest.param("uvicorn", {"uds": "s", "tls": True}, "leave out --tls or --uds", id="TLS on a socket"),
        pytest.param("uvicorn", {"root_path": "site"}, "begins with a slash", id="root_path without a slash"),
        pytest.param(
            "uvicorn", {"root_path": "/site/"}, "and ends without", id="root_path with one too many"
        ),
        pytest.param("uvicorn", {"app": "asgi"}, "named as module:attribute", id="no attribute"),
        pytest.param("uvicorn", {"port": 65536}, "0 to 65535, not 65536", id="no such port"),
    ],
)
def test_what_a_server_does_not_have_is_refused_in_a_sentence(name, asked, sentence):
    with pytest.raises(OptionsError, match=sentence) as refused:
        check(LAUNCHERS[name], Options(**asked))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("packages", "asked", "sentence"),
    [
        pytest.param(
            {1: ("no_such_server", "nor_this")},
            {},
            "cannot be started: install what it needs by pip install no_such_server nor_this.",
            id="the server",
        ),
        pytest.param(
            {1: (), 2: ("no_such_library",)},
            {"http": 2},
            "cannot speak HTTP/2 yet: install what it needs by pip install no_such_library.",
            id="what it needs for a version",
        ),
    ],
)
def test_what_is_not_installed_is_named_with_how_to_install_it(packages, asked, sentence):
    with pytest.raises(OptionsError) as refused:
        check(replace(LAUNCHERS["uvicorn"], packages=packages), Options(**asked))
    assert str(refused.value) == f"uvicorn {sentence}"


def test_who_asks_for_something_with_a_catch_is_told_the_catch():
    hypercorn = LAUNCHERS["hypercorn"]
    assert notes(hypercorn, Options()) == []
    assert notes(hypercorn, Options(http=3, workers=2)) == [
        hypercorn.lacks["--http 3"],
        hypercorn.lacks["--workers"],
    ]
