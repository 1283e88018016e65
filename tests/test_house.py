"""Who may import whom: the arrows of the house, and nothing but the arrows."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Whom bench/ measures us beside.
PEERS = [
    "starlette", "channels", "django", "hypercorn", "uvicorn", "asgion", "httpx", "httpx2",
    "async_asgi_testclient", "asgi_lifespan", "httpx_ws", "anyio", "sniffio", "asgiref", "playwright",
]  # fmt: skip

# What the Django project is made with.
OF_THE_SITE = [
    "django", "asgiref", "channels", "environ", "redis", "servestatic", "httpx", "celery", "kombu",
    "django_tasks",
]  # fmt: skip

# A file belongs to the room with the longest name that it is in, and may import the standard library and
# what stands here. No exhibit imports another: each is read alone.
ROOMS = {
    "asgi.py": ["router", "apps", "asgiscope", "servers.everywhere"],
    "router.py": [],
    "apps": [],
    "apps/waterfall.py": ["apps.drawing"],
    "apps/raw_asgi": [],
    "apps/raw_asgi/films.py": ["httpx"],
    "apps/raw_asgi/progressive.py": ["aiohttp"],
    "apps/raw_asgi/chat_workers.py": ["redis"],
    "apps/raw_asgi/readings.py": ["asyncpg"],
    "apps/raw_asgi/wsgi.py": ["asgiref"],  # the exhibit is about this library
    "apps/raw_asgi/threads.py": ["asgiref"],
    "apps/django_site": ["apps.django_site", *OF_THE_SITE],
    "servers": ["servers", "cryptography"],  # which makes the certificate
    "servers/everywhere.py": ["servers", "httpx"],
    "asgiscope": ["asgiscope", "asgiref"],
    "asgiscope/contract": ["asgiscope.contract"],
    "asgiscope/testing": ["asgiscope", "httpx", "httpx2", "anyio", "pytest"],
    "asgiscope/cli/watch.py": ["asgiscope", "uvicorn", "hypercorn"],  # whichever is installed
    "asgiscope/page": ["asgiscope", "pygments"],
    "asgiscope/page/client2.py": ["asgiscope", "h2"],  # if it is installed
    "lab": ["lab", "servers", "asgiscope", "anyio", "h11", "h2", "wsproto", "aioquic"],
    "lab/inprocess.py": ["lab", "asgiscope", "httpx", "starlette"],  # which are what is asked there
    "bench": ["bench", "router", "apps", "servers", "asgiscope", *PEERS],
}

FILES = [
    file.relative_to(ROOT).as_posix()
    for file in sorted(ROOT.rglob("*.py"))
    if file.relative_to(ROOT).parts[0][0] != "." and not file.is_relative_to(ROOT / "tests")
]


def imported(source, file):
    """The full names of the modules that a file imports."""
    package = file.split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            # What follows `import` may be a module too.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def forbidden(source, file):
    """What a file imports and may not."""
    rooms = [room for room in ROOMS if f"{file}/".startswith(f"{room}/")]
    assert rooms, f"{file} is in no room: say in ROOMS what it may import"
    return [
        name
        for name in imported(source, file)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(f"{name}.".startswith(f"{allowed}.") for allowed in ROOMS[max(rooms, key=len)])
    ]


@pytest.mark.parametrize("file", FILES)
def test_file_imports_only_what_its_room_may(file):
    assert forbidden((ROOT / file).read_text(encoding="utf-8"), file) == []


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("asgiscope/contract/")])
def test_contract_has_no_event_loop(file):
    source = (ROOT / file).read_text(encoding="utf-8")
    assert not {"asyncio", "threading", "time", "socket"} & {
        name.partition(".")[0] for name in imported(source, file)
    }


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_there(room):
    assert (ROOT / room).exists()


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("apps/raw_asgi/x.py", "import asyncio, json", []),
        ("apps/raw_asgi/x.py", "from apps.raw_asgi.hello import app", ["apps.raw_asgi.hello.app"]),
        ("apps/raw_asgi/x.py", "import asgiref.sync", ["asgiref.sync"]),
        ("apps/raw_asgi/x.py", "def f():\n    from router import Router", ["router.Router"]),
        ("apps/django_site/views/x.py", "from ..forms import form; from . import index", []),
        ("apps/django_site/x.py", "from apps import raw_asgi", ["apps.raw_asgi"]),
        ("apps/django_site/x.py", "from ..raw_asgi import hello", ["apps.raw_asgi.hello"]),
        ("apps/django_site/x.py", "from asgiscope import Recorder", ["asgiscope.Recorder"]),
        ("servers/x.py", "import uvicorn", ["uvicorn"]),
        ("asgi.py", "import bench, router", ["bench"]),
    ],
)
def test_arrow_that_is_not_there_is_found(file, source, found):
    assert forbidden(source, file) == found
