"""One request on several servers, as a table."""

import asyncio
import json
import re

import pytest

from asgiscope.page import beside
from asgiscope.page.beside import NotARequestError, asked_for
from asgiscope.page.servers import ANSWER, SAID, SCOPE, sections, told
from asgiscope.recorder import Recorder
from tests.asgiscope.page.watching import ROOT, hello, watched
from tests.conversation import answer, http

SCRIPT = "<script>window.hacked=1</script>"
FORM = {"method": "GET", "target": "/", "headers": "host: localhost", "body": "", "http": "1"}


async def heard(name, answered=None, error=None, **scope):
    """What is returned of a server that gives such a scope to an application."""
    conversations = []
    await answer(Recorder(hello, conversations.append), http("/", **scope))
    data = [json.loads(one.to_json()) for one in conversations]
    return {"server": name, "version": "1", "answer": answered, "conversations": data, "error": error}


def table(*servers):
    """The rows that differ, by section: what each server says, and which of them say what is unusual."""
    return {
        section.title: {
            row.what: ([cell.text for cell in row.cells], [not cell.usual for cell in row.cells])
            for row in section.rows
            if row.differs
        }
        for section in sections([told(one) for one in servers])
    }


async def test_key_that_one_server_does_not_have_is_marked_there():
    servers = [await heard("a"), await heard("b"), await heard("c", extensions={"tls": {}})]
    assert table(*servers)[SCOPE]["extensions: tls"] == ([None, None, "{}"], [False, False, True])


async def test_type_of_a_port_is_told_and_the_port_is_not():
    servers = [await heard("a", client=("::1", 1)), await heard("b", client=("::1", 2)),
               await heard("c", client=("::1", "3")), await heard("d", client=["::1", 4])]  # fmt: skip
    texts = ["('::1', <int>)", "('::1', <int>)", "('::1', <str>)", "['::1', <int>]"]
    assert table(*servers)[SCOPE]["client"] == (texts, [False, False, True, True])


async def test_nothing_is_usual_where_no_two_servers_agree():
    servers = [await heard("a", scheme="http"), await heard("b", scheme="https")]
    assert table(*servers)[SCOPE]["scheme"] == (["'http'", "'https'"], [True, True])


async def test_order_of_headers_and_their_capitals_are_told():
    one, other = [(b"a", b"1"), (b"b", b"2")], [(b"b", b"2"), (b"A", b"1")]
    servers = [await heard("a", headers=one), await heard("b", headers=one), await heard("c", headers=other)]
    rows = table(*servers)[SCOPE]
    assert rows["order of the headers"][0] == ["host, a, b", "host, a, b", "host, b, a"]
    assert rows["header a"] == (["a: 1", "a: 1", "A: 1"], [False, False, True])
    assert "header b" not in rows


async def test_server_that_told_nothing_has_a_column_and_no_difference():
    silent = {
        "server": "b",
        "version": None,
        "answer": None,
        "conversations": [],
        "error": "It did not start.",
    }
    assert table(await heard("a"), silent, await heard("c")) == {SCOPE: {}, SAID: {}}


async def test_date_is_no_difference_and_another_server_is():
    def answered(date, server):
        headers = [["date", date], ["server", server]]
        return {"status": 200, "http_version": "HTTP/1.1", "headers": headers, "size": 1}

    servers = [await heard("a", answered("Mon", "a")), await heard("b", answered("Tue", "b"))]
    assert list(table(*servers)[ANSWER]) == ["header server"]


async def test_clauses_that_the_server_breaks_are_told():
    [rows] = [
        section.rows
        for section in sections([told(await heard("a", client=("::1", "1")))])
        if section.title == SAID
    ]
    [broken] = [row.cells[0].text for row in rows if row.what == "clauses the server breaks"]
    assert broken == "http.scope.client.port"


async def test_credentials_are_masked_in_the_table():
    headers = [["set-cookie", "a=hidden"]]
    answered = {"status": 200, "http_version": "HTTP/1.1", "headers": headers, "size": 1}
    servers = [await heard("a", answered, headers=[(b"authorization", b"Bearer hidden")])]
    assert "hidden" not in repr(sections([told(one) for one in servers]))


async def test_form_is_answered_with_the_table():
    asked = []

    async def servers(*request):
        asked.append(request)
        return [await heard("a"), await heard("b", http_version="2")]

    async with watched(servers=servers) as (_, client):
        empty = (await client.get(f"{ROOT}/servers?target=/x")).text
        form = {
            **FORM,
            "method": "POST",
            "headers": "host: a\r\nX-One: 1\r\n",
            "body": "one\r\ntwo",
            "http": "2",
        }
        page = (await client.post(f"{ROOT}/servers", data=form)).text
    assert 'value="/x"' in empty
    assert "<table" not in empty
    assert asked == [("POST", "/", [("host", "a"), ("X-One", "1")], b"one\ntwo", 2)]
    assert re.search(r'<tr class="some"><th scope="row">http_version</th>', page)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"method": "GET /"}, "one word", id="a method of two words"),
        pytest.param({"target": "http://other.example/"}, "one slash", id="a target elsewhere"),
        pytest.param({"target": "//other.example/"}, "one slash", id="a target that begins a host"),
        pytest.param({"target": "/\r\nhost: other"}, "one slash", id="a target of two lines"),
        pytest.param({"target": "/é"}, "one slash", id="a target that is not ASCII"),
        pytest.param({"target": f"{ROOT}/conversations"}, "not recorded", id="the page itself"),
        pytest.param({"http": "3"}, "1 or 2", id="a version that is not offered"),
        pytest.param({"headers": "no header"}, "name: value", id="a line that is no header"),
        pytest.param({"headers": "a: b\x00"}, "name: value", id="a header with a control character"),
        pytest.param({"headers": "a: b\n" * 51}, "no more than 50", id="too many headers"),
    ],
)
async def test_what_is_no_request_is_not_sent(change, says):
    async def servers(*request):
        raise AssertionError("it was sent")

    async with watched(servers=servers) as (_, client):
        response = await client.post(f"{ROOT}/servers", data=FORM | change)
    assert response.status_code == 400
    assert says in response.text


def test_target_below_a_name_that_begins_like_that_of_the_page_is_another():
    assert asked_for(FORM | {"target": f"{ROOT}2"}, ROOT)[1] == f"{ROOT}2"
    with pytest.raises(NotARequestError):
        asked_for(FORM | {"target": f"{ROOT}?a"}, ROOT)


async def test_servers_are_asked_one_request_at_a_time():
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def servers(*request):
        begun.set()
        await go_on.wait()
        return [await heard("a")]

    async with watched(servers=servers) as (_, client):
        first = asyncio.create_task(client.post(f"{ROOT}/servers", data=FORM))
        await asyncio.wait_for(begun.wait(), 30)
        second = await client.post(f"{ROOT}/servers", data=FORM)
        go_on.set()
        assert (await first).status_code == 200
        assert second.status_code == 503
        assert "retry-after" in second.headers
        assert (await client.post(f"{ROOT}/servers", data=FORM)).status_code == 200


async def test_servers_that_take_too_long_are_not_waited_for_and_go_on(monkeypatch):
    monkeypatch.setattr(beside, "LIMIT", 0.01)
    go_on = asyncio.Event()

    async def servers(*request):
        await go_on.wait()
        return []

    async with watched(servers=servers) as (watching, client):
        assert (await client.post(f"{ROOT}/servers", data=FORM)).status_code == 504
        assert (await client.post(f"{ROOT}/servers", data=FORM)).status_code == 503
        go_on.set()
        assert await watching.asking == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"origin": "https://evil.example"}, 403, id="a page elsewhere"),
        pytest.param({"origin": "null"}, 403, id="a page that hides where it is"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="a form elsewhere"),
        pytest.param({"host": "evil.example"}, 403, id="another name for this machine"),
        pytest.param({"content-type": "text/plain"}, 400, id="what is no form"),
    ],
)
async def test_other_pages_start_no_servers(headers, status):
    async def servers(*request):
        raise AssertionError("they were started")

    async with watched(servers=servers) as (_, client):
        response = await client.post(f"{ROOT}/servers", data=FORM, headers=headers)
    assert response.status_code == status


async def test_script_is_text_in_the_form_and_in_the_table():
    async def servers(*request):
        headers = [(SCRIPT.encode(), SCRIPT.encode())]
        answered = {"status": 200, "http_version": SCRIPT, "headers": [[SCRIPT, SCRIPT]], "size": 0}
        return [await heard(SCRIPT, answered, SCRIPT, headers=headers, scheme=SCRIPT)]

    async with watched(servers=servers) as (_, client):
        form = FORM | {"target": f"/{SCRIPT}", "body": SCRIPT, "headers": f"a: {SCRIPT}"}
        page = (await client.post(f"{ROOT}/servers", data=form)).text
        again = (await client.get(f"{ROOT}/servers", params={"target": SCRIPT, "body": SCRIPT})).text
    assert "window.hacked" in page
    assert "<script>" not in page + again


async def test_page_without_servers_says_so():
    async with watched() as (_, client):
        response = await client.get(f"{ROOT}/servers")
        front = await client.get(f"{ROOT}/")
    assert response.status_code == 404
    assert "/servers" not in front.text
