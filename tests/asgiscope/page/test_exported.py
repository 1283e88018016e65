"""The gallery as files."""

import re
from html import unescape
from posixpath import dirname, join, normpath

import pytest

from asgiscope.page.exhibits import Exhibit
from asgiscope.page.exported import Recorded, classic, exported
from asgiscope.recorder import Recorder
from tests.asgiscope.page.watching import hello
from tests.conversation import answer, http

SCRIPT = "</script><script>window.hacked=1</script>"
SOURCE = '''\
"""An exhibit.

    scope http GET /one
    return

Try it:

    curl http://localhost:8000/one
"""
'''
ATTRIBUTE = re.compile(r' (?:href|src)="([^"]*)"')


async def held(path):
    """A conversation about a path."""
    conversations = []
    await answer(Recorder(hello, conversations.append), http(path, query_string=SCRIPT.encode()))
    return conversations[0]


@pytest.fixture
async def written(tmp_path):
    """All files of a gallery with an exhibit that has a twin, and one that has none."""
    file = tmp_path / "one.py"
    file.write_text(SOURCE)
    one = Exhibit("one", "One", "All", "/one", str(file), twin="/two")
    alone = Exhibit("alone", "Alone", "All", "/alone", str(file))
    recorded = [
        Recorded(one, await held("/one"), await held("/two")),
        Recorded(alone, await held("/alone"), None),
    ]
    return dict(exported("A <name>", "About it.", recorded))


def test_files_are_pages_conversations_scripts_and_sources(written):
    assert {
        "index.html", "clauses.html", "exhibits/one.html", "exhibits/alone.html", "conversations/one.html",
        "conversations/one-twin.html", "conversations/one.curl.txt", "compare/one.html", "static/page.css",
        "static/compare.js", "sources/1.js",
    } <= written.keys()  # fmt: skip
    assert "compare/alone.html" not in written


def test_all_links_lead_to_files_from_wherever_they_are(written):
    for name, text in written.items():
        if name.endswith(".html"):
            links = [unescape(link).partition("#")[0] for link in ATTRIBUTE.findall(text)]
            ours = [link for link in links if link and "://" not in link]
            assert ours
            assert {normpath(join(dirname(name), link)) for link in ours} <= written.keys()


def test_pages_load_no_module_and_fetch_nothing(written):
    for name, text in written.items():
        if name.endswith(".html"):
            assert 'type="module"' not in text
        elif name.startswith("static/") and name.endswith(".js"):
            assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)


def test_pages_are_read_without_scripts(written):
    assert "http.response.start" in written["conversations/one.html"].partition("<script type=")[0]
    assert "only in B" in written["compare/one.html"]


def test_sources_are_there_before_the_script_that_shows_them(written):
    page = written["conversations/one.html"]
    assert 0 < page.index("../sources/1.js") < page.index("../static/offline_conversation.js")


def test_exhibit_leads_to_its_conversations(written):
    page = written["exhibits/one.html"]
    for file in ("conversations/one.html", "conversations/one-twin.html", "compare/one.html"):
        assert f'href="../{file}"' in page


def test_script_from_the_wire_is_text_in_every_file(written):
    assert "window.hacked" in written["conversations/one.html"]
    assert "<script>" not in "".join(text for name, text in written.items() if name.endswith(".html"))


async def test_source_of_what_was_recorded_is_left_out_on_request(tmp_path):
    file = tmp_path / "one.py"
    file.write_text(SOURCE)
    recorded = [Recorded(Exhibit("one", "One", "All", "/one", str(file)), await held("/one"), None)]
    assert not [name for name, _ in exported("A", "", recorded, source=False) if name.startswith("sources/")]


def test_imported_modules_stand_before_those_that_import_them():
    text = classic("compare")
    assert text.index("const timeline_js") < text.index("const compare_js")
    assert "const { Timeline, duration, element } = timeline_js;" in text
