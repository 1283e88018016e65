"""What `asgiscope check` says of the frameworks: what they really do, and nothing else."""

import ast
import asyncio
import gc
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from asgiref.sync import ThreadSensitiveContext

from asgiscope.check import Request, check
from tests.docs.pages import PAGES

from . import channels_apps, django_apps, fastapi_apps, litestar_apps, quart_apps, starlette_apps
from .departures import DEPARTURES

APPS = {
    "Django": (django_apps, "site described"),
    "Starlette": (
        starlette_apps,
        "hello nobody post stream endless long_poll watching file not_modified memory described state "
        "middleware",
    ),
    "FastAPI": (fastapi_apps, "hello post stream websocket dependency background described"),
    "Channels": (channels_apps, "hello sync groups cookies greeting origins"),
    "Quart": (quart_apps, "hello post stream sse socket described"),
    "Litestar": (litestar_apps, "hello post stream sse socket listener described"),
}
FORM = Request("POST", "/", ((b"content-type", b"application/x-www-form-urlencoded"),), b"a=1")
# What is asked for beside GET and POST of "/".
ASKED = {
    ("Django", "site"): [
        "GET /long_poll?wait=0.1",
        "GET /hello",
        "GET /stream?n=3&delay=0.01",
        "GET /files/hello.py",
    ],
    ("Django", "described"): [FORM],
}
AT_ONCE = 2  # applications: more would only wait for one another
TIMEOUT = 2.0  # seconds, for those who wait until the client leaves
ROW = re.compile(
    r"^\| `(?P<clause>[\w.-]+)` \| (?P<level>must|should) \| `(?P<file>[^`]+)`, `(?P<function>[^`]+)`: "
    r"`(?P<code>[^`]+)` \| [^|]+ \| `(?P<shown_by>[^`]+)` \|$",
    re.MULTILINE,
)


def departures(framework):
    """What the framework does, in the version that is installed."""
    installed = tuple(map(int, version(framework).split(".")[:2]))
    for one in DEPARTURES:
        if one.framework == framework and (
            not one.until or installed < tuple(map(int, one.until.split(".")))
        ):
            yield one


# What Django says of a file, and leaves open, and what Quart leaves unfinished when its call is cancelled.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
@pytest.mark.filterwarnings("ignore:[Uu]nclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore:.*ASGIWebsocketConnection:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("framework", APPS)
async def test_framework_departs_as_the_table_says_and_in_no_other_way(framework):
    module, names = APPS[framework]
    # A hundred calls of Django at once, each in a thread of its own, are enough.
    room = asyncio.Semaphore(1 if framework == "Django" else AT_ONCE)
    outcomes = []

    async def checked(name):
        async with room:
            asked = ASKED.get((framework, name), ())
            # In a thread of its own: what others have left in asgiref's one thread is not the framework's.
            async with ThreadSensitiveContext():
                findings = await check(
                    getattr(module, name),
                    requests=asked,
                    timeout=TIMEOUT,
                    heard=lambda held: outcomes.append((name, held.scenario.name, held.conversation.outcome)),
                )
        return {one for one in findings if one.level in ("must", "should")}

    found = dict(zip(names.split(), await asyncio.gather(*map(checked, names.split())), strict=True))
    gc.collect()  # What is left behind is warned of now, where it is known of.
    assert {name: {(one.level, one.clause) for one in findings} for name, findings in found.items()} == {
        name: {(one.level, one.clause) for one in departures(framework) if one.is_found_in(name)}
        for name in found
    }, [one for one in outcomes if one[1] == "get"]
    for one in departures(framework):
        scenarios = {name for each in found[one.app] if each.clause == one.clause for name in each.scenarios}
        if one.only not in scenarios:  # among a hundred others it may be late, and alone it is not
            async with ThreadSensitiveContext():
                asked = ASKED.get((framework, one.app), ())
                alone = await check(getattr(module, one.app), requests=asked, only=one.only, timeout=TIMEOUT)
            scenarios = {name for each in alone if each.clause == one.clause for name in each.scenarios}
        assert one.only in scenarios, one.clause


@pytest.mark.parametrize(
    "departure",
    [pytest.param(one, id=f"{name}-{one.clause}") for name in APPS for one in departures(name)],
)
def test_line_stands_in_the_function(departure):
    package, _, rest = departure.file.partition("/")
    file = Path(find_spec(package).submodule_search_locations[0]) / rest
    assert departure.code in source_of(file, departure.function)


def source_of(file, function):
    """The source of a function, by its name with dots."""
    text = file.read_text(encoding="utf-8")
    node = ast.parse(text)
    for name in function.split("."):
        node = next(each for each in ast.walk(node) if getattr(each, "name", None) == name)
    return ast.get_source_segment(text, node)


def test_page_tells_of_every_departure_and_of_no_other():
    told = [
        (section.partition("\n")[0], *row.groups())
        for section in PAGES["departures.md"].split("\n## ")
        for row in ROW.finditer(section)
    ]
    known = [
        (one.framework, one.clause, one.level, one.file, one.function, one.code, one.shown_by)
        for one in DEPARTURES
    ]
    assert sorted(told) == sorted(known)
