"""The style sheets: a few sizes of type, and no others."""

import re
from importlib.resources import files

import pytest

SHEETS = {
    sheet.name: sheet.read_text(encoding="utf-8")
    for package in ("asgiscope.page", "lab.report")
    for sheet in (files(package) / "static").iterdir()
    if sheet.name.endswith(".css")
}
SIZE = re.compile(r"font(?:-size)?:(?: \d+)? ([^;/ }]+)")
SCALE = {"var(--title)", "var(--lead)", "1rem", "var(--small)", "var(--tiny)", "var(--mono)", "inherit"}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_type_has_the_sizes_of_the_scale(sheet):
    assert set(SIZE.findall(sheet)) <= SCALE


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_type_has_two_weights(sheet):
    assert set(re.findall(r"font(?:-weight)?: (\d{3})", sheet)) <= {"400", "600"}
