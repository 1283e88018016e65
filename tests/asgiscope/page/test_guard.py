"""Who may see the page: its own pages and the person at this machine, and nobody else."""

import pytest

from asgiscope.page import watch
from asgiscope.page.guard import POLICY
from tests.asgiscope.page.watching import ROOT, hello, watched
from tests.conversation import answer, http

ANSWERS = ("", "/live", "/conversations/1", "/conversations/1/drawn", "/conversations/1/har")


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"host": "evil.example"}, id="a name that was made to point here"),
        pytest.param({"host": "evil.example:8000"}, id="the same with a port"),
        pytest.param({"host": "localhost.evil.example"}, id="a name that begins like ours"),
        pytest.param({"host": "evil-localhost"}, id="a name that ends like ours"),
        pytest.param({"host": "127.0.0.1.evil.example"}, id="a name that begins like our address"),
        pytest.param({"host": "localhost@evil.example"}, id="a user before the name"),
        pytest.param({"host": "192.168.0.10"}, id="an address of another machine"),
        pytest.param({"host": "[::2]"}, id="another one"),
        pytest.param({"host": "0.0.0.0"}, id="an address that some systems take for this machine"),
        pytest.param({"host": ""}, id="no name"),
        pytest.param({"origin": "http://evil.example"}, id="a script of another site"),
        pytest.param({"origin": "http://localhost:3000"}, id="a script of another port"),
        pytest.param({"origin": "null"}, id="a script of nobody"),
        pytest.param({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, id="an image"),
        pytest.param({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, id="a sister's script"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
            id="a frame",
        ),
    ],
)
async def test_others_are_told_nothing(path, headers):
    async with watched() as (_, client):
        await client.get("/secret")
        response = await client.get(f"{ROOT}{path}", headers=headers)
    assert response.status_code == 403
    assert "secret" not in response.text
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        pytest.param("http://localhost:8000", {}, id="a command line"),
        pytest.param("http://LOCALHOST", {}, id="the name in capitals"),
        pytest.param("http://127.0.0.1:8000", {}, id="the address"),
        pytest.param("http://127.8.8.8:8000", {}, id="another address of this machine"),
        pytest.param("http://[::1]:8000", {}, id="the address of IPv6"),
        pytest.param("http://localhost", {"origin": "http://localhost"}, id="a script of ours"),
        pytest.param("https://localhost:8443", {"origin": "https://localhost:8443"}, id="over TLS"),
        pytest.param("http://localhost", {"sec-fetch-site": "none"}, id="a bookmark"),
        pytest.param("http://localhost", {"sec-fetch-site": "same-origin"}, id="a link of ours"),
        pytest.param(
            "http://localhost",
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
            id="a link of another site, which a person follows",
        ),
    ],
)
async def test_pages_of_ours_and_whoever_sits_here_are_answered(base, headers):
    async with watched(base=base) as (_, client):
        response = await client.get(ROOT, headers=headers)
    assert response.status_code == 200


async def test_other_names_can_be_allowed():
    async with watched(base="http://Workshop.local:8000", hosts=["workshop.Local"]) as (_, client):
        assert (await client.get(ROOT)).status_code == 200
        assert (await client.get(ROOT, headers={"host": "kitchen.local"})).status_code == 403


async def test_form_of_another_site_is_refused_even_as_a_visit():
    headers = {"origin": "null", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    async with watched() as (_, client):
        response = await client.post(f"{ROOT}/run", headers=headers, json={"method": "GET", "target": "/"})
        assert response.status_code == 403
        assert "GET /" not in (await client.get(ROOT)).text


async def test_two_names_are_no_name():
    scope = {**http(path=ROOT, headers=[(b"host", b"localhost"), (b"host", b"localhost")])}
    sent = []

    async def send(event):
        sent.append(event)

    await watch(hello)(scope, None, send)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200),
        ("/conversations/1", 200),
        ("/conversations/1/json", 200),
        ("/conversations/999", 404),
        ("/static/page.css", 200),
        ("/static/absent.css", 404),
        ("/clauses", 200),
        ("/nothing", 404),
        ("/run", 405),
        ("/conversations/1/source?file=/etc/passwd", 404),
    ],
)
async def test_every_answer_says_what_a_browser_may_do_with_it(path, status):
    async with watched() as (_, client):
        await client.get("/")
        # The number of a conversation counts those of the whole process.
        newest = (await client.get(f"{ROOT}/")).text.partition('data-id="')[2].partition('"')[0]
        response = await client.get(ROOT + path.replace("/1", f"/{newest}"))
    assert response.status_code == status
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


def test_policy_lets_nothing_in_the_text_run():
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        pytest.param(("127.0.0.1", 5000), [], 200, id="this machine"),
        pytest.param(("::1", 5000), [], 200, id="this machine over IPv6"),
        pytest.param(("::ffff:127.0.0.1", 5000), [], 200, id="this machine over both"),
        pytest.param(("192.168.0.10", 5000), [], 403, id="another machine"),
        pytest.param(("fe80::1", 5000), [], 403, id="another machine over IPv6"),
        pytest.param(("nobody", 5000), [], 403, id="no address"),
        pytest.param(None, [], 403, id="a proxy on a Unix socket"),
        pytest.param(
            ("127.0.0.1", 5000), [(b"x-forwarded-for", b"1.2.3.4")], 403, id="a proxy on this machine"
        ),
        pytest.param(("127.0.0.1", 5000), [(b"forwarded", b"for=1.2.3.4")], 403, id="a proxy by the RFC"),
    ],
)
async def test_other_machines_are_told_nothing_whatever_name_they_give(client, headers, status):
    scope = {**http("GET", ROOT, headers), "client": client, "server": ("127.0.0.1", 8000)}
    scope["headers"] = [(b"host", b"localhost"), *headers]
    start, *_ = await answer(watch(hello), scope)
    assert start["status"] == status


async def test_other_machine_may_ask_by_a_name_that_is_allowed():
    scope = {**http("GET", ROOT), "client": ("192.168.0.10", 5000), "headers": [(b"host", b"workshop.local")]}
    start, *_ = await answer(watch(hello, hosts=["workshop.local"]), scope)
    assert start["status"] == 200
