"""Two conversations side by side."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from apps.django_site.asgi import application as django
from apps.django_site.views import answers
from apps.raw_asgi.echo import app as echo
from asgiscope.page.compare import MARK, MOST, compared
from asgiscope.page.exhibits import Exhibit
from tests.asgiscope.page.watching import ROOT, watched

SCRIPT = "</script><script>window.hacked=1</script>"
EXHIBITS = [Exhibit("one", "One", "All", "/one", __file__, twin="/two")]


async def site(scope, receive, send):
    """Two ways to answer: /one with two pieces while it reads, /two with one and a header in capitals."""
    if scope["path"].startswith("/one"):
        await receive()
        headers = [(b"content-type", b"text/plain"), (b"x-one", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hel", "more_body": True})
        await send({"type": "http.response.body", "body": b"lo"})
        return
    if scope["path"].startswith("/many"):
        await send({"type": "http.response.start", "status": 200})
        for _ in range(MOST):
            await send({"type": "http.response.body", "body": b"1", "more_body": True})
        await send({"type": "http.response.body"})
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def both(one, other, **request):
    """What is compared of two requests."""
    async with watched(site) as (watching, client):
        await client.get(one, **request)
        await client.get(other, **request)
        return compared(*(watching.journal.find(found.id) for found in watching.journal.conversations))


def signs(lane):
    return [(row["type"], row["sign"]) for row in lane["rows"] if row["kind"] in ("receive", "send")]


async def test_same_request_to_the_same_differs_in_nothing():
    told = await both("/two", "/two")
    assert told["differences"] == []
    assert {sign for lane in told["lanes"] for _, sign in signs(lane)} == {""}
    assert [text for what, *text in told["facts"] if what == "events sent"] == [["2", "2", False]]


async def test_events_are_marked_where_they_differ():
    told = await both("/one", "/two")
    assert [dict(signs(lane))["http.response.start"] for lane in told["lanes"]] == ["~", "~"]
    # A body that came in other pieces is one difference, and stands where the body begins.
    assert signs(told["lanes"][0])[-2:] == [("http.response.body", "~"), ("http.response.body", "")]
    assert told["pairs"]


async def test_header_in_other_capitals_is_one_difference():
    told = await both("/one", "/two")
    lines = [text for _, text in told["differences"] if "ontent" in text]
    assert lines == ["event 1, send http.response.start: capitals of b'content-type' -> b'Content-Type'"]
    assert ("-", "event 1, send http.response.start: header b'x-one': b'1'") in told["differences"]


async def test_what_the_page_puts_into_a_request_is_no_difference():
    async with watched(site) as (watching, client):
        for token in ("one", "two"):
            await client.get("/two", headers={MARK.decode(): token})
        told = compared(*(watching.journal.find(one.id) for one in watching.journal.conversations))
    assert told["differences"] == []


async def test_facts_say_when_the_first_byte_left_and_who_reads_the_body():
    facts = {what: rest for what, *rest in (await both("/one", "/two"))["facts"]}
    assert all(text.endswith(" ms") for text in facts["the first byte left after"][:2])
    assert facts["the request body is read"] == ["by the code that answers"] * 2 + [False]
    assert facts["events sent"] == ["3", "2", True]


async def reads(request):
    return PlainTextResponse(await request.body())


@pytest.mark.parametrize(
    ("app", "views", "says"),
    [
        pytest.param(
            Starlette(routes=[Route("/echo", reads, methods=["POST"])]),
            [__file__],
            "by the framework, as the view asks for it",
            id="Starlette",
        ),
        pytest.param(django, [answers.__file__], "by the framework, and not by the view", id="Django"),
        pytest.param(django, [], "by a framework", id="views that are not known"),
        pytest.param(echo, [__file__], "by the code that answers", id="by hand"),
    ],
)
async def test_reader_of_the_body_is_told(app, views, says):
    async with watched(app) as (watching, client):
        assert (await client.post("/echo", content=b"hello")).status_code == 200
        [found] = watching.journal.conversations
    facts = compared(found, found, views)["facts"]
    assert [rest for what, *rest in facts if what == "the request body is read"] == [[says, says, False]]


async def test_many_events_are_compared_up_to_a_limit():
    told = await both("/many", "/many")
    assert {len(lane["rows"]) for lane in told["lanes"]} == {MOST}
    assert all(lane["dropped"] == 2 for lane in told["lanes"])


async def test_page_has_both_as_text_and_says_what_differs():
    async with watched(site) as (watching, client):
        await client.get("/one")
        await client.get("/two")
        one, other = (found.id for found in watching.journal.conversations)
        page = (await client.get(f"{ROOT}/compare/{one}/{other}")).text
        data = (await client.get(f"{ROOT}/compare/{one}/{other}/json")).json()
    assert page.count('<pre class="text">') == 2
    assert "capitals of b&#x27;content-type&#x27;" in page
    embedded = re.search(r'<script type="application/json" id="compared">(.*?)</script>', page)[1]
    assert json.loads(embedded) == data


async def test_choices_begin_with_the_twin():
    async with watched(site, exhibits=EXHIBITS) as (watching, client):
        for path in ("/one/a?q=1", "/other", "/one/b", "/two/a"):
            await client.get(path)
        ids = [found.id for found in watching.journal.conversations]
        page = (await client.get(f"{ROOT}/compare/{ids[0]}")).text
        from_twin = (await client.get(f"{ROOT}/compare/{ids[3]}")).text
    twins, others = page.split("<h2>Another</h2>")
    assert [int(id) for id in re.findall(rf"compare/{ids[0]}/(\d+)", twins)] == [ids[3]]
    assert [int(id) for id in re.findall(rf"compare/{ids[0]}/(\d+)", others)] == [ids[2], ids[1]]
    assert f"compare/{ids[3]}/{ids[0]}" in from_twin.split("<h2>Another</h2>")[0]


@pytest.mark.parametrize("path", ["compare/999999", "compare/999999/999998", "compare/999999/999998/json"])
async def test_conversation_that_is_not_there_is_not_compared(path):
    async with watched(site) as (_, client):
        assert (await client.get(f"{ROOT}/{path}")).status_code == 404


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"url": f"/one/{SCRIPT}"}, id="the path"),
        pytest.param({"url": f"/one?{SCRIPT}"}, id="the query"),
        pytest.param({"headers": {"x-script": SCRIPT}}, id="a header"),
        pytest.param({"method": "X<script>"}, id="the method"),
        pytest.param({"url": f"/one/{'a' * 9000}?{'b' * 9000}"}, id="a path and a query that are cut"),
    ],
)
async def test_script_is_text_side_by_side(request_):
    async with watched(site, exhibits=EXHIBITS) as (watching, client):
        for path in ("/one", "/two"):
            await client.request(**{"method": "GET", "url": path, **request_})
        one, other = (found.id for found in watching.journal.conversations)
        for path in (f"compare/{one}/{other}", f"compare/{one}"):
            page = (await client.get(f"{ROOT}/{path}")).text
            assert "<script>" not in page
            assert page.count("</script>") == page.count("<script ")


async def test_credentials_are_not_compared():
    async with watched(site) as (watching, client):
        for secret in ("in-the-first", "in-the-second"):
            await client.get("/two", headers={"authorization": f"Bearer {secret}", "cookie": f"a={secret}"})
        one, other = (found.id for found in watching.journal.conversations)
        page = (await client.get(f"{ROOT}/compare/{one}/{other}")).text
    assert "in-the-" not in page
