"""What comes over the wire and wants more than to be looked at."""

import json

import pytest

from asgiscope.page import watch
from tests.asgiscope.page.watching import ROOT, hello, watched
from tests.conversation import answer, call, http, websocket

SCRIPT = "</script><script>window.hacked=1</script>"
TAKEN = ("", "/json", "/drawn", "/har", "/text", "/curl", "/test")


async def conversation(watching, client, **request):
    """The path of the page of a conversation, when a request was made."""
    await client.request(**{"method": "GET", "url": "/", **request})
    return f"{ROOT}/conversations/{watching.journal.conversations[-1].id}"


async def fail(scope, receive, send):
    raise RuntimeError(SCRIPT)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"url": f"/{SCRIPT}"}, id="the path"),
        pytest.param({"url": f"/?q={SCRIPT}"}, id="the query"),
        pytest.param({"headers": {"x-script": SCRIPT}}, id="a header"),
        pytest.param({"headers": {"cookie": f"{SCRIPT}={SCRIPT}"}}, id="a cookie"),
        pytest.param({"method": "POST", "content": SCRIPT}, id="a body"),
        pytest.param({"method": "X<script>"}, id="the method"),
    ],
)
async def test_script_is_text_on_every_page(request_):
    async with watched() as (watching, client):
        path = await conversation(watching, client, **request_)
        for page in (ROOT, path):
            response = await client.get(page)
            assert "text/html" in response.headers["content-type"]
            assert "<script>" not in response.text
        for taken in TAKEN[1:]:
            response = await client.get(f"{path}{taken}")
            assert "text/html" not in response.headers["content-type"]


async def test_script_in_an_exception_is_text():
    async with watched(fail) as (watching, client):
        with pytest.raises(RuntimeError):
            await client.get("/")
        path = f"{ROOT}/conversations/{watching.journal.conversations[-1].id}"
        page = (await client.get(path)).text
    assert "window.hacked" in page
    assert "<script>" not in page


async def test_script_in_a_frame_is_text():
    async with watched() as (watching, client):
        async with call(watching, websocket()) as server:
            await server.says("websocket.connect")
            await server.says("websocket.receive", text=SCRIPT)
            await server.says("websocket.disconnect", code=1000, reason=SCRIPT)
            await server.returns()
        path = f"{ROOT}/conversations/{watching.journal.conversations[-1].id}"
        page = (await client.get(path)).text
    assert "window.hacked" in page
    assert "<script>" not in page


@pytest.mark.parametrize("taken", TAKEN)
async def test_credentials_are_told_nowhere(taken):
    headers = {
        "authorization": "Bearer in-the-authorization",
        "proxy-authorization": "Basic in-the-proxy",
        "cookie": "session=in-the-cookie; theme=in-the-second",
        "x-api-key": "in-the-key",
        "referer": "http://localhost/?token=in-the-referer",
    }
    async with watched() as (watching, client):
        path = await conversation(watching, client, url="/?access_token=in-the-query&page=2", headers=headers)
        told = (await client.get(f"{path}{taken}")).text + (await client.get(ROOT)).text
    assert "page=2" in told
    assert "in-the" not in told
    assert "kept-in-the-answer" not in told


@pytest.mark.parametrize("taken", TAKEN)
async def test_credentials_are_told_nowhere_though_there_is_too_much_to_keep(taken):
    long = "x" * 5000
    headers = {
        "referer": f"http://localhost/?token=in-the-referer&{long}",
        "cookie": f"a=in-the-cookie{long}",
    }
    async with watched() as (watching, client):
        path = await conversation(watching, client, url=f"/?token=in-the-query&{long}", headers=headers)
        told = (await client.get(f"{path}{taken}")).text + (await client.get(ROOT)).text
    assert "in-the" not in told


@pytest.mark.parametrize("taken", TAKEN)
async def test_other_words_can_tell_what_is_secret(taken):
    async with watched(secrets=["tenant"]) as (watching, client):
        headers = {"x-tenant": "in-the-header", "x-plain": "seen"}
        path = await conversation(watching, client, url="/?my_tenant=in-the-query", headers=headers)
        told = (await client.get(f"{path}{taken}")).text + (await client.get(ROOT)).text
    assert "in-the" not in told
    assert "tenant" in told


@pytest.mark.parametrize(
    "path",
    [
        "/static/../watched.py",
        "/static/%2e%2e/watched.py",
        "/static/..%2fwatched.py",
        "/static/..\\watched.py",
        "/static//etc/passwd",
        "/static/..",
        "/static/.",
        "/static/page.css\0.js",
        "/static",
        "/static%2Fpage.css",
        "/conversations%2F1",
        "/conversations/٣",
        "/conversations/-1",
        "/conversations/1e3",
        f"/conversations/{'9' * 5000}",
        f"/conversations/{'9' * 15}",
        "/conversations/1/../../static",
        "/exhibits/..",
        "/exhibits/../../asgi",
    ],
)
async def test_path_leads_to_no_other_file_and_to_no_error(path):
    scope = {**http(path=f"{ROOT}{path}"), "headers": [(b"host", b"localhost")]}
    start, body = await answer(watch(hello), scope)
    assert start["status"] == 404
    assert b"import" not in body["body"]


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        json.__file__,
        "",
        f"{hello.__code__.co_filename}/../watching.py",
        f"{hello.__code__.co_filename}\0",
    ],
)
async def test_source_of_a_file_that_said_nothing_is_not_shown(file):
    async with watched() as (watching, client):
        path = await conversation(watching, client)
        response = await client.get(f"{path}/source", params={"file": file})
    assert response.status_code == 404


@pytest.mark.parametrize("shown", [True, False])
async def test_source_of_what_spoke_is_shown_unless_that_is_turned_off(shown):
    async with watched(source=shown) as (watching, client):
        path = await conversation(watching, client)
        file = hello.__code__.co_filename
        response = await client.get(f"{path}/source", params={"file": file})
        drawn = (await client.get(f"{path}/drawn")).json()
    assert (response.status_code == 200) is shown
    assert ("Hello, world!" in response.text) is shown
    assert (file in drawn["sources"]) is shown


async def test_page_is_not_recorded():
    async with watched() as (watching, client):
        for path in ("", "/", "/conversations/1", "/static/page.css", "/nothing", "/live?x"):
            await client.head(f"{ROOT}{path}")
        await client.get(ROOT, headers={"host": "evil.example"})
    assert watching.journal.begun == 0


async def test_path_that_only_begins_like_the_page_is_the_applications():
    async with watched() as (watching, client):
        response = await client.get(f"{ROOT}x")
    assert response.text == "Hello, world!\n"
    assert watching.journal.begun == 1
