"""Every twin, mounted as on the site, asked as a client asks: through httpx, in process."""

import asyncio
import gc
import hashlib
import json
import re

import django
import httpx
import pytest
from django.urls import reverse

from apps.catalogue import CATALOGUE
from apps.django_site.asgi import application
from apps.django_site.story import story
from apps.django_site.views import index
from router import Router

SITE = Router({"/django": application})
TWINS = {name: told for chapter in index.contents() for name, told in chapter.twins}
CHAPTERS = {chapter.intro.title: chapter.intro for chapter in index.contents()}


@pytest.fixture
async def client():
    transport = httpx.ASGITransport(app=SITE)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver/django/") as client:
        yield client


def test_every_exhibit_has_a_twin_by_its_name():
    assert set(TWINS) == {exhibit.slug for exhibit in CATALOGUE}
    assert [reverse(exhibit.slug) for exhibit in CATALOGUE] == [f"/{e.slug}" for e in CATALOGUE]


@pytest.mark.parametrize("told", [*TWINS.values(), *CHAPTERS.values()], ids=[*TWINS, *CHAPTERS])
def test_every_line_that_is_quoted_is_found_once_in_this_django(told):
    assert [quote for passage in told.passages for quote in passage.quotes if quote.number is None] == []


@pytest.mark.parametrize("name", TWINS)
def test_every_twin_quotes_the_line_that_makes_it_so(name):
    assert any(passage.quotes for passage in TWINS[name].passages)


def test_a_line_that_this_django_lacks_has_no_number():
    def view():
        """A title.

        A paragraph.

            django/core/handlers/asgi.py: await send({"type": "http.response.trailers"})
        """

    assert [quote.number for quote in story(view).passages[1].quotes] == [None]


async def test_the_index_links_every_twin_below_the_mount(client):
    page = (await client.get("")).text
    assert re.findall(r'<summary><a href="/django/(\w+)">', page) == list(TWINS)
    assert django.get_version() in page


async def test_the_mount_without_a_slash_leads_to_the_index(client):
    response = await client.get("http://testserver/django")
    assert (response.status_code, response.headers["location"]) == (301, "/django/")


@pytest.mark.parametrize("slug", [exhibit.slug for exhibit in CATALOGUE if not exhibit.twin])
async def test_a_twin_that_cannot_says_so_with_file_line_and_text(client, slug):
    page = (await client.get(slug)).text
    assert TWINS[slug].title in page
    assert re.search(r"<p>Instead, .+</p>", page)
    assert re.search(r"\w/[\w/]+\.py:\d+</span><br><code>", page)


async def test_hello(client):
    response = await client.get("hello")
    assert (response.status_code, response.content) == (200, b"Hello, world!\n")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_inspect_scope_shows_the_scope_and_what_django_makes_of_it(client):
    seen = (await client.get("inspect_scope?a=%C3%A9", headers={"x-two": "1"})).json()
    assert seen["scope"]["root_path"] == "/django"
    assert seen["scope"]["query_string"] == {"bytes": "a=%C3%A9"}
    assert [{"bytes": "x-two"}, {"bytes": "1"}] in seen["scope"]["headers"]
    request = seen["request"]
    assert (request["script_name"], request["path_info"]) == ("/django", "/inspect_scope")
    assert (request["GET"], request["META"]["HTTP_X_TWO"]) == ({"a": "é"}, "1")


async def test_headers_are_joined_and_cookies_are_set_one_by_one(client):
    sent = [("x-twice", "one"), ("x-twice", "two"), ("x_hidden", "no"), ("cookie", "a=1; b=2")]
    response = await client.get("headers", headers=sent)
    lines = response.text.splitlines()
    assert "X-Twice: one,two" in lines
    assert "hidden" not in response.text.lower()
    assert lines[-2:] == ["cookie a = 1", "cookie b = 2"]
    assert response.headers.get_list("set-cookie") == [
        "first=1; Path=/; SameSite=Lax",
        "second=2; Path=/; SameSite=Lax",
    ]


async def test_tls_info_says_why_there_is_none(client):
    answer = (await client.get("tls_info")).json()
    assert answer["tls"] is None
    assert "no tls extension" in answer["why"]


async def test_echo_gives_the_body_back(client):
    body = bytes(range(256)) * 1024
    response = await client.post("echo", content=body)
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [("errors", 200), ("errors/before", 500), ("errors/silent", 500), ("errors/other", 404)],
)
async def test_errors_are_answered_and_show_no_traceback(client, path, status):
    response = await client.get(path)
    assert response.status_code == status
    assert "Traceback" not in response.text


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Django 5.2 leaves the request's body open
async def test_an_error_in_a_stream_reaches_the_server(client):
    with pytest.raises(RuntimeError, match="after the response started"):
        await client.get("errors/after")
    # A task that has failed is held on to, and its error with it, for the rest of the turn.
    await asyncio.sleep(0)
    gc.collect()


async def test_stream(client):
    response = await client.get("stream?n=3&delay=0")
    assert response.text == "chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n"


@pytest.mark.parametrize("declared", [True, False], ids=["with a length", "without"])
async def test_upload_counts_and_hashes(client, declared):
    body = bytes(100_000)

    async def pieces():
        yield body

    response = await client.post("upload", content=body if declared else pieces())
    assert response.json() == {"received": 100_000, "sha256": hashlib.sha256(body).hexdigest()}


async def test_files_are_listed_and_served_whole_with_a_tag_and_a_date(client):
    assert "hello.py" in (await client.get("files")).text.splitlines()
    with pytest.warns(Warning, match="must consume synchronous iterators"):
        response = await client.get("files/hello.py", headers={"range": "bytes=0-3"})
    assert (response.status_code, len(response.content)) == (200, int(response.headers["content-length"]))

    for condition in [
        {"if-none-match": response.headers["etag"]},
        {"if-modified-since": response.headers["last-modified"]},
    ]:
        assert (await client.get("files/hello.py", headers=condition)).status_code == 304


@pytest.mark.parametrize(
    "path",
    ["files/nothing.py", "files/..%2fcatalogue.py", "files/%2e%2e/catalogue.py", "files/hello.py%00"],
)
async def test_files_serves_nothing_else(client, path):
    assert (await client.get(path)).status_code == 404


async def test_middleware_times_names_and_rewrites(client):
    response = await client.get("middleware", headers={"x-request-id": "abc-123"})
    assert response.text == "THIS IS REQUEST ABC-123.\n"
    assert response.headers["x-request-id"] == "abc-123"
    assert re.fullmatch(r"app;dur=\d+\.\d", response.headers["server-timing"])


@pytest.mark.parametrize("given", ["a b", "é".encode().decode("latin-1"), "x" * 65], ids=repr)
async def test_middleware_keeps_no_id_that_could_do_harm(client, given):
    response = await client.get("middleware", headers=[("x-request-id", given.encode("latin-1"))])
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


async def test_tiles_are_a_page_and_its_pictures(client):
    page = await client.get("tiles?delay=0")
    sources = re.findall(r'src="/django/([^"]+)"', page.text)
    assert (len(sources), sources[7]) == (200, "tiles/7.svg?delay=0.0")
    tile = await client.get(sources[7])
    assert (tile.headers["content-type"], tile.headers["cache-control"]) == ("image/svg+xml", "no-store")
    assert tile.text.startswith("<svg ")


async def test_wsgi_runs_in_a_thread(client):
    first, *lines = (await client.get("wsgi?a=1")).text.splitlines()
    assert first.startswith("Hello from ThreadPoolExecutor")
    assert lines[:3] == ["REQUEST_METHOD = GET", "SCRIPT_NAME = /django", "PATH_INFO = /wsgi"]


async def test_cgi_is_another_process_each_time(client):
    body = "Grüße\n".encode()
    first = await client.post("cgi?a=1", content=body, headers={"x-two": "ä".encode("latin-1")})
    second = await client.get("cgi")
    here = await client.get("cgi/program")
    processes = [re.match(r"Hello from process (\d+)!", r.text)[1] for r in (first, second, here)]
    assert len(set(processes)) == 3
    assert first.text.endswith("\n\nGrüße\n")
    for line in ["SCRIPT_NAME = /django", "QUERY_STRING = a=1", "CONTENT_LENGTH = 8", "HTTP_X_TWO = ä"]:
        assert line in first.text.splitlines()


async def test_cgi_hands_on_neither_a_proxy_nor_credentials(client):
    sent = {"proxy": "http://evil.example", "authorization": "Basic c2VjcmV0"}
    seen = (await client.get("cgi", headers=sent)).text
    assert "evil" not in seen
    assert "c2VjcmV0" not in seen


ALLOWED = {
    "readings": "GET, HEAD, POST",
    "jobs": "GET, HEAD, POST",
    "echo": "POST",
    "upload": "GET, HEAD, POST",
    "long_poll": "GET, POST",
    "cgi": "GET, POST",
    **dict.fromkeys(["errors/before", "files/hello.py", "tiles/7.svg"], "GET, HEAD"),
}


@pytest.mark.parametrize("path", [*TWINS, "", "errors/before", "files/hello.py", "tiles/7.svg"])
async def test_another_method_is_told_the_right_ones(client, path):
    response = await client.options(path)
    assert (response.status_code, response.headers["allow"]) == (405, ALLOWED.get(path, "GET, HEAD"))


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("stream?n=0", "n: Ensure this value is greater than or equal to 1. (1 to 1000)"),
        ("stream?n=1001", "(1 to 1000)"),
        ("stream?n=many", "n: Enter a whole number."),
        ("stream?n=", "n: This field is required."),
        ("stream?n=" + "9" * 5000, "n: Enter a whole number."),
        ("stream?delay=nan", "delay: Enter a number."),
        ("stream?delay=inf", "(0 to 10 seconds)"),
        ("timer?tick=0", "(0.01 to 60 seconds)"),
        ("sse?every=-1&heartbeat=x", "heartbeat: Enter a number."),
        ("long_poll?wait=61", "(0.01 to 60 seconds)"),
        ("tiles?delay=-1", "(0 to 10 seconds)"),
        ("tiles/7.svg?delay=-1", "(0 to 10 seconds)"),
        ("films?limit=13", "(1 to 12)"),
        ("films/sequential?at_once=0", "(1 to 12)"),
        ("films/sync?patience=x", "patience: Enter a number."),
        ("progressive?capacity=0", "(1 to 100 at once)"),
        ("films_api/2?trouble=101", "(0 to 100 percent)"),
    ],
    ids=lambda value: value[:30],
)
async def test_a_bad_parameter_is_told_what_is_right(client, path, complaint):
    response = await client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert complaint in response.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        pytest.param("GET", "sse", {"last-event-id": "x"}, b"", 400, id="an event id that is no number"),
        pytest.param("GET", "hello", {"host": "elsewhere.example"}, b"", 400, id="a foreign host"),
        pytest.param("POST", "upload", {}, bytes(10_000_001), 413, id="an upload that is too large"),
        pytest.param("POST", "upload", {"content-length": "9" * 5000}, b"", 200, id="no length at all"),
        pytest.param("POST", "long_poll", {}, bytes(65_537), 413, id="news that is too large"),
        pytest.param("POST", "long_poll", {}, b"\xff\x00", 400, id="news that is no text"),
        pytest.param("POST", "cgi", {}, bytes(65_537), 413, id="a body too large for a program"),
        pytest.param("GET", "tiles/200.svg", {}, b"", 404, id="a tile too many"),
        pytest.param("GET", "nothing", {}, b"", 404, id="no page"),
    ],
)
async def test_bad_input_gets_a_status_and_no_traceback(client, method, path, headers, body, status):
    response = await client.request(method, path, headers=headers, content=body)
    assert response.status_code == status
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path, marks=[pytest.mark.django_db(transaction=True)] if path in ("readings", "jobs") else []
        )
        for path in sorted(
            set(TWINS) - {"echo", "long_poll", "cgi", "films", "progressive"} | {"", "stream?n=1000&delay=10"}
        )
    ],
)
async def test_head_is_answered_at_once_and_with_the_type_of_get(client, path):
    response = await client.head(path)
    assert response.status_code == 200
    assert response.headers["content-type"]


async def test_json_of_a_tls_connection_is_whole():
    tls = {"tls_version": 772, "server_cert": None, "client_cert_chain": iter(())}

    async def secure(scope, receive, send):
        await SITE({**scope, "extensions": {"tls": tls}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=secure)) as client:
        answer = await client.get("https://testserver/django/tls_info")
    assert json.loads(answer.text) == {
        "tls": {"tls_version": 772, "server_cert": None, "client_cert_chain": []}
    }
