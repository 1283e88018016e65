"""A file of Python, read as a page."""

from pathlib import Path

import pytest

from apps.catalogue import CATALOGUE
from asgiscope.page.exhibits import Section, blocks, reading, sections

FOLDER = Path(__file__).parents[3] / "apps/raw_asgi"
SOURCE = '''\
r"""A title
over two lines.

One paragraph,
in two lines.

    scope http GET /
    return

    uvicorn app:app

Try it:

    curl http://localhost:8000/
"""

import os


# Why this
# is so.
#
# And more.
async def app(scope, receive, send):
    text = """
# no comment, but text
"""
    # About the end.

    return text  # not a paragraph
'''


@pytest.fixture
def read(tmp_path):
    file = tmp_path / "app.py"
    file.write_text(SOURCE)
    return reading(str(file))


def test_introduction_has_paragraphs_conversations_and_commands(read):
    assert read.title == "A title over two lines."
    assert [tuple(block) for block in read.introduction] == [
        ("paragraph", ("One paragraph, in two lines.",)),
        ("transcript", ("scope http GET /", "return")),
        ("commands", ("uvicorn app:app",)),
    ]
    assert read.transcripts == [("scope http GET /", "return")]


def test_what_is_to_be_tried_stands_apart(read):
    assert [block.kind for block in read.trial] == ["paragraph", "commands"]
    assert read.trial[1].lines == ("curl http://localhost:8000/",)


def test_comments_are_paragraphs_beside_the_code_below_them(read):
    lines = SOURCE.splitlines()
    shown = [(one.prose, lines[one.first - 1].strip(), lines[one.last - 1].strip()) for one in read.sections]
    assert shown == [
        ((), "import os", "import os"),
        (("Why this is so.", "And more."), "async def app(scope, receive, send):", '"""'),
        (("About the end.",), "return text  # not a paragraph", "return text  # not a paragraph"),
    ]


def test_comment_with_nothing_below_it_is_shown_all_the_same():
    assert sections("x = 1\n# The end.\n") == (Section((), 1, 1), Section(("The end.",), 1, 0))


def test_part_of_a_file_is_read_by_itself():
    assert sections("a\n# of b\nb\n# of c\nc\n", after=1, until=3) == (Section(("of b",), 3, 3),)


def test_file_without_a_docstring_has_no_introduction(tmp_path):
    file = tmp_path / "app.py"
    file.write_text("x = 1\n")
    assert reading(str(file)).sections == (Section((), 1, 1),)
    assert reading(str(file)).introduction == ()


def test_file_that_was_changed_is_read_again(tmp_path):
    file = tmp_path / "app.py"
    file.write_text('"""Before."""\n')
    assert reading(str(file)).title == "Before."
    file.write_text('"""After that."""\n')
    assert reading(str(file)).title == "After that."


def test_paragraphs_have_no_indentation_left():
    [block] = blocks("one\n  two")
    assert block.lines == ("one two",)


@pytest.mark.parametrize("slug", [exhibit.slug for exhibit in CATALOGUE])
def test_every_line_of_an_exhibit_is_in_its_page_once(slug):
    file = FOLDER / f"{slug}.py"
    read = reading(str(file))
    assert read.transcripts
    assert read.trial
    shown = [number for one in read.sections for number in range(one.first, one.last + 1)]
    assert len(set(shown)) == len(shown)
    lines = file.read_text().splitlines()
    after = lines.index('"""') + 1
    code = {
        number
        for number, line in enumerate(lines, 1)
        if number > after and line.strip() and not line.lstrip().startswith("#")
    }
    assert code <= set(shown)
    assert not any(lines[number - 1].lstrip().startswith("#") for number in shown)
