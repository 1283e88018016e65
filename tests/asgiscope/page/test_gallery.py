"""The gallery: its contents, an exhibit, and the clauses. All of it is read without a script."""

import html
import re

import pytest

from asgiscope.contract import CLAUSES
from asgiscope.page import Exhibit
from asgiscope.page.pages.gallery import columns
from tests.asgiscope.page.watching import ROOT, watched

SOURCE = '''\
"""One & two: a <title>.

Some `code` in <b>prose</b>.

    scope http GET /one
    send http.response.start status=200
    return

Try it:

    curl http://localhost:8000/one
"""


# Why `this` is so, and not <i>that</i>.
async def app(scope, receive, send):
    x = "<script>"
'''
TWIN = "import this\n\n\ndef view(request):\n    # Of the twin.\n    return 1\n\n\ndef other():\n    pass\n"


@pytest.fixture
def exhibits(tmp_path):
    (tmp_path / "one.py").write_text(SOURCE)
    (tmp_path / "two.py").write_text(SOURCE.replace("/one", "/two"))
    (tmp_path / "twin.py").write_text(TWIN)
    one, two, twin = (str(tmp_path / f"{name}.py") for name in ("one", "two", "twin"))
    return [
        Exhibit("one", "The first & <b>best</b>", "Chapter <1>", "/one", one, "/twin", False, twin, (4, 6)),
        Exhibit("two", "The second", "Chapter <2>", "/two", two, "/why", instead=True),
    ]


async def test_contents_are_in_reading_order_by_chapter(exhibits):
    async with watched(exhibits=exhibits, name="A & B", about="Of `this`.\n\nOf that.") as (_, client):
        page = (await client.get("/")).text
    assert re.findall("<h2>(.*?)</h2>", page) == ["Chapter &lt;1&gt;", "Chapter &lt;2&gt;"]
    assert re.findall(r'class="title" href="([^"]+)"', page) == [
        f"{ROOT}/exhibits/one",
        f"{ROOT}/exhibits/two",
    ]
    assert re.findall(r'class="(?:twin|no)" href="([^"]+)">([^<]+)', page) == [
        ("/twin", "Django"),
        ("/why", "no twin"),
    ]
    assert "<h1>A &amp; B</h1>" in page
    assert "<p>Of <code>this</code>.</p>\n<p>Of that.</p>" in page
    assert "<b>best" not in page


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        pytest.param([5, 4, 3, 2, 3, 5, 4], [5, 4, 3, 2], [3, 5, 4], id="two that are even"),
        pytest.param([1, 9], [1, 9], [], id="a long one begins in the first half"),
        pytest.param([2], [2], [], id="one chapter"),
        pytest.param([], [], [], id="nothing"),
    ],
)
def test_chapters_stand_in_two_columns(sizes, left, right):
    exhibits = [
        Exhibit("one", "One", f"Chapter {n}", "/one", "one.py")
        for n, size in enumerate(sizes)
        for _ in range(size)
    ]
    found = [list(map(len, column)) for column in columns(exhibits)]
    assert found == [column for column in (left, right) if column]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["one", "two"]),
        ("SECOND", ["two"]),
        ("/two curl", ["two"]),
        ("async def", ["one", "two"]),
        ("chapter first", ["one"]),
        ("nowhere", []),
        ('"><script>', []),
    ],
)
async def test_search_looks_into_titles_prose_and_code(exhibits, query, found):
    async with watched(exhibits=exhibits) as (_, client):
        page = (await client.get("/", params={"q": query})).text
    assert re.findall(r'class="title" href="[^"]*/(\w+)"', page) == found
    assert f'value="{html.escape(query)}"' in page
    assert "<script>" not in page


async def test_front_page_is_the_applications_own_where_there_are_no_exhibits():
    async with watched() as (_, client):
        assert (await client.get("/")).text == "Hello, world!\n"
        page = (await client.get(ROOT)).text
    assert "Exhibits" not in page
    assert f'class="home" href="{ROOT}/"' in page


async def test_exhibit_has_its_prose_beside_its_code(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        page = (await client.get(f"{ROOT}/exhibits/one")).text
    assert '<p class="lead">One &amp; two: a &lt;title&gt;.</p>' in page
    assert "<p>Some <code>code</code> in &lt;b&gt;prose&lt;/b&gt;.</p>" in page
    assert "<p>Why <code>this</code> is so, and not &lt;i&gt;that&lt;/i&gt;.</p>" in page
    assert re.findall(r'id="L(\d+)"', page) == ["16", "17"]
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "Chapter &lt;1&gt;" in page


async def test_exhibit_has_the_view_of_its_twin_and_no_other(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        pages = [(await client.get(f"{ROOT}/exhibits/{slug}")).text for slug in ("one", "two")]
    assert re.findall(r'id="T(\d+)"', pages[0]) == ["4", "6"]
    assert "<p>Of the twin.</p>" in pages[0]
    assert 'id="T' not in pages[1]
    assert '<a href="/why">What Django does instead</a>' in pages[1]


async def test_exhibit_shows_its_conversation_and_the_clauses_it_keeps(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        page = (await client.get(f"{ROOT}/exhibits/one")).text
    [transcript] = re.findall('<pre class="transcript"[^>]*>(.*?)</pre>', page, re.DOTALL)
    lines = [" ".join(line.split()) for line in re.sub("<[^>]*>", "", transcript).splitlines()]
    assert lines == ["scope http GET /one", "send http.response.start status=200", "return"]
    clause = CLAUSES["http.response.start.once"]
    assert html.escape(clause.says, quote=False) in page
    assert html.escape(clause.remedy, quote=False) in page
    assert html.escape(clause.broken.strip()) in page


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("http://localhost:8123", "http://localhost:8123"),
        ("https://localhost", "https://localhost"),
    ],
)
async def test_commands_reach_the_server_that_shows_them(exhibits, base, origin):
    async with watched(exhibits=exhibits, base=base) as (_, client):
        page = (await client.get(f"{ROOT}/exhibits/one")).text
    assert f"curl {origin}/one" in page


async def test_name_that_a_client_gives_the_server_is_text(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        response = await client.get(f"{ROOT}/exhibits/one", headers={"host": '"><script>x'})
    assert response.status_code == 200
    assert "<script>" not in response.text


async def test_exhibits_lead_to_the_next_and_to_the_previous(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        pages = [(await client.get(f"{ROOT}/exhibits/{slug}")).text for slug in ("one", "two")]
    assert [re.findall(r'rel="(\w+)" href="[^"]*/(\w+)"', page) for page in pages] == [
        [("next", "two")],
        [("prev", "one")],
    ]


@pytest.mark.parametrize("slug", ["none", "One", "__init__"])
async def test_exhibit_that_is_none_is_not_found(exhibits, slug):
    async with watched(exhibits=exhibits) as (_, client):
        assert (await client.get(f"{ROOT}/exhibits/{slug}")).status_code == 404


async def test_gallery_is_read_by_whoever_reaches_it_and_says_nothing_of_conversations(exhibits):
    async with watched(exhibits=exhibits, base="http://site.example") as (_, client):
        for path in ("/", f"{ROOT}/exhibits/one", f"{ROOT}/clauses", f"{ROOT}/static/page.css"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get(ROOT)).status_code == 403


async def test_where_nothing_is_recorded_the_gallery_is_left(exhibits):
    async with watched(exhibits=exhibits, record=False) as (watching, client):
        assert (await client.get("/one")).text == "Hello, world!\n"
        page = (await client.get(f"{ROOT}/exhibits/one")).text
        assert (await client.get(ROOT)).status_code == 404
        front = (await client.get("/")).text
    assert watching.journal.begun == 0
    assert 'id="builder"' not in page
    assert "Live" not in front


@pytest.mark.parametrize("path", ["/", f"{ROOT}/exhibits/one", f"{ROOT}/clauses", f"{ROOT}/static/page.css"])
async def test_page_answers_head_without_a_body(exhibits, path):
    async with watched(exhibits=exhibits) as (_, client):
        get, head = await client.get(path), await client.head(path)
        post = await client.post(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD")


async def test_every_clause_is_listed_with_what_it_says():
    async with watched() as (_, client):
        page = (await client.get(f"{ROOT}/clauses")).text
    assert re.findall('<details class="clause" id="([^"]+)"', page) == list(CLAUSES)


@pytest.mark.parametrize(("query", "count"), [("http.response.start.once", 1), ("nowhere to be found", 0)])
async def test_clauses_are_searched(query, count):
    async with watched() as (_, client):
        page = (await client.get(f"{ROOT}/clauses", params={"q": query})).text
    assert page.count('class="clause"') == count


@pytest.mark.parametrize(
    "name", ["..%2fwatched.py", "%2e%2e/watched.py", "none.css", "page", "page.css%00", "__init__.py", ".css"]
)
async def test_static_files_are_those_of_the_page_and_no_others(name):
    async with watched() as (_, client):
        assert (await client.get(f"{ROOT}/static/{name}")).status_code == 404


async def test_static_file_that_a_browser_has_is_not_sent_again():
    async with watched() as (_, client):
        first = await client.get(f"{ROOT}/static/page.css")
        again = await client.get(f"{ROOT}/static/page.css", headers={"if-none-match": first.headers["etag"]})
        other = await client.get(f"{ROOT}/static/live.css", headers={"if-none-match": first.headers["etag"]})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert "content-length" not in again.headers
    assert other.status_code == 200


async def test_page_loads_nothing_from_elsewhere(exhibits):
    async with watched(exhibits=exhibits) as (_, client):
        for path in ("/", f"{ROOT}/exhibits/one", f"{ROOT}/clauses", ROOT):
            page = (await client.get(path)).text
            loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', page)
            assert loaded
            assert [url for url in loaded if not url.startswith(f"{ROOT}/static/")] == []
            assert not re.search(r"<style|<script(?![^>]*(?:src=|application/json))| style=| on\w+=", page)
            for url in loaded:
                assert (await client.get(url)).status_code == 200
