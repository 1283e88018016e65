"""What the pages of docs/ show is what happens, command by command."""

import re
from contextlib import aclosing

import pytest

from tests.conversation import keeps
from tests.docs.pages import PAGES, ROOT, File, follow, steps


@pytest.mark.parametrize("page", [page for page in PAGES if any(steps(PAGES[page]))])
async def test_page_shows_what_its_commands_print(page, tmp_path):
    async with aclosing(follow(page, tmp_path)) as commands:
        async for command, lines in commands:
            assert keeps(lines, command.promise), "\n".join(["", f"$ {command.line}", *lines])


@pytest.mark.parametrize("page", PAGES)
def test_file_on_a_page_has_a_name(page):
    assert all(step.name for step in steps(PAGES[page]) if isinstance(step, File))


@pytest.mark.parametrize("page", PAGES)
def test_page_links_to_files_that_are_there(page):
    targets = re.findall(r"\]\(([^):#]+)", PAGES[page])
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_contents_list_every_page():
    assert set(re.findall(r"\]\((\w[^/)]+\.md)\)", PAGES["README.md"])) == set(PAGES) - {"README.md"}
