"""The site as it is composed: everything at its place, through httpx as a client and by hand as a server."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import apps.raw_asgi
from apps.catalogue import CATALOGUE, CHAPTERS
from asgi import application
from asgiscope.testing import ASGITransport
from tests.conversation import answer, http, websocket

RAW = {exhibit.raw: exhibit for exhibit in CATALOGUE}
DJANGO = {exhibit.django: exhibit for exhibit in CATALOGUE}

# What a plain GET is answered by those that are not just read; and there is no lifespan in these tests.
STATUS = {
    "/raw/echo": 405,
    "/raw/long_poll": 204,
    "/raw/websocket_echo": 426,
    "/raw/websocket_denial": 426,
    "/raw/chat": 426,
    "/raw/chat_workers": 426,
    "/raw/lifespan_state": 503,
    "/raw/films": 503,
    "/raw/readings": 503,
    "/raw/progressive": 503,
    "/raw/jobs": 503,
    "/django/films": 503,
    "/django/progressive": 503,
    "/django/echo": 405,
    "/django/long_poll": 204,
}
# These ask the database.
ASKING = {"/django/readings", "/django/jobs"}
DATABASE = pytest.mark.django_db(transaction=True)
QUERY = {"stream": "?n=1", "long_poll": "?wait=0.01", "event_loop": "?stay=0.01"}
# These have no end: their client leaves when it knows how they begin.
ENDLESS = {"timer", "sse"}


def browser(**changes):
    """A client of the site, in process; the changes are made to every scope, from what it was."""

    async def app(scope, receive, send):
        changed = {key: change(scope) for key, change in changes.items()}
        await application({**scope, **changed}, receive, send)

    return httpx.AsyncClient(transport=ASGITransport(app), base_url="http://testserver")


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[DATABASE] if path in ASKING else []) for path in [*RAW, *DJANGO]]
)
async def test_entry_of_the_catalogue_answers(path):
    slug = path.rpartition("/")[2]
    async with browser() as client, client.stream("GET", path + QUERY.get(slug, "")) as response:
        if slug not in ENDLESS:
            await response.aread()
    assert response.status_code == STATUS.get(path, 200)
    if response.status_code == 200:
        assert "content-type" in response.headers


def test_catalogue_lists_every_exhibit_and_no_other():
    folder = Path(apps.raw_asgi.__file__).parent
    slugs = [exhibit.slug for exhibit in CATALOGUE]
    assert sorted(slugs) == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert len(slugs) == len(set(slugs))


async def test_front_page_shows_the_whole_catalogue_in_reading_order():
    async with browser() as client:
        page = (await client.get("/")).text
    assert re.findall(r'href="(/raw/\w+)"', page) == list(RAW)
    assert re.findall(r'href="(/django/\w+)"', page) == list(DJANGO)
    read = re.findall(r'href="/__asgiscope__/exhibits/(\w+)">(.*?)</a>', page)
    assert read == [(exhibit.slug, exhibit.title) for exhibit in CATALOGUE]
    assert re.findall(r"<h2>(.*)</h2>", page) == list(CHAPTERS)


async def links(client, path):
    """What the page at the path links to on this site."""
    page = (await client.get(path)).text
    found = [urlsplit(link) for link in re.findall(r'(?:href|src)="([^"]+)"', page)]
    return [link.path for link in found if not link.netloc and link.path]


@DATABASE
@pytest.mark.parametrize("start", ["/", "/django/", "/__asgiscope__/exhibits/hello"])
async def test_link_leads_somewhere(start):
    async with browser() as client:
        found = await links(client, start)
        assert len(found) >= (10 if "exhibits" in start else len(CATALOGUE))
        missing = [link for link in found if (await client.head(link)).status_code in (404, 500)]
    assert missing == []


@pytest.mark.parametrize("state", [{}, {"state": {}}], ids=["without a state", "with a state"])
@pytest.mark.parametrize(
    ("root_path", "path"), [("/x/", "/x/"), ("/x/", "/"), ("/", "/"), ("/x", "/x"), ("/x", "/x/")]
)
async def test_front_page_is_found_however_the_server_writes_root_path(root_path, path, state):
    scope = http(target=path, root_path=root_path, **state)
    start, _ = await answer(application, scope)
    assert start["status"] == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"path": lambda scope: "/mount" + scope["path"]}, id="and is in the path, as with uvicorn"
        ),
        pytest.param({}, id="and is not in the path, as with hypercorn"),
    ],
)
@DATABASE
async def test_site_below_a_root_path_links_within_it(changes):
    async with browser(root_path=lambda scope: "/mount", **changes) as client:
        scope = (await client.get("/raw/inspect_scope")).json()
        assert scope["root_path"] == "/mount/raw/inspect_scope"
        assert scope["path"] == "/mount/raw/inspect_scope"

        for path in ("/", "/django/"):
            found = await links(client, path)
            assert len(found) >= len(CATALOGUE)
            assert [link for link in found if not link.startswith("/mount/")] == []
            answers = [await client.head(link.removeprefix("/mount")) for link in found]
            assert [a.url.path for a in answers if a.status_code in (404, 500)] == []

        hint = (await client.get("/raw/early_hints")).text
        assert "href=/mount/raw/early_hints/style.css>" in hint
        response = await client.get("/django")
        assert (response.status_code, response.headers["location"]) == (301, "/mount/django/")
        assert (await client.get("/nowhere")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/raw",
        "/raw/",
        "/raw/nowhere",
        "/raw/hello2",
        "/rawer/hello",
        "/RAW/hello",
        "//raw/hello",
        "/raw//hello",
        "/raw/./hello",
        "/djangology",
        "/django/nowhere",
        "/favicon.ico",
        "/é",
        "/\0",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_path_to_nowhere_is_not_found(path, method):
    # httpx would tidy some of them up, so they are put into the scope as they are.
    async with browser(path=lambda scope: path) as client:
        assert (await client.request(method, "/")).status_code == 404


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_front_page_is_only_read(method):
    async with browser() as client:
        response = await client.request(method, "/")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


async def test_front_page_answers_head_as_it_answers_get_without_the_page():
    get, head = [await answer(application, http(method, "/")) for method in ("GET", "HEAD")]
    assert get[0] == head[0]
    assert not head[1].get("body")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/raw", "/djangology"])
async def test_websocket_to_nowhere_is_refused(path):
    connect = {"type": "websocket.connect"}
    assert await answer(application, websocket(path), connect) == [{"type": "websocket.close"}]
    offering = websocket(path, extensions={"websocket.http.response": {}})
    start, _ = await answer(application, offering, connect)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/django", "/django/chat", "/django/hello", "/django/chat/tea/milk"])
async def test_websocket_to_nowhere_in_django_is_refused(path):
    # There is nothing to log in for, and that is found out first: so it is 403 for all who have not.
    scope = websocket(path, [(b"origin", b"http://testserver")])
    events = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}
    assert await answer(application, scope, *events) == [{"type": "websocket.close"}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/raw/chat/tea", "/raw/chat_workers/tea", "/django/chat/tea"])
async def test_chat_lets_nobody_in_who_has_not_logged_in(path):
    scope = websocket(path, [(b"origin", b"http://testserver"), (b"cookie", b"sessionid=")])
    connect = {"type": "websocket.connect"}
    assert await answer(application, scope, connect) == [{"type": "websocket.close"}]
    start, body = await answer(application, {**scope, "extensions": {"websocket.http.response": {}}}, connect)
    assert (start["status"], body["body"]) == (403, b"Only members are let in: log in first.\n")


async def test_site_counts_from_its_start_to_its_shutdown(asgi_client):
    async with asgi_client(application) as client:
        for n in (1, 2):
            response = await client.get("/raw/lifespan_state")
            assert response.text == f"visit {n} since this process has started\n"


async def test_site_raises_on_a_scope_that_it_does_not_know():
    with pytest.raises(ValueError, match="x-unknown"):
        await answer(application, {"type": "x-unknown", "asgi": {"version": "3.0"}})
