"""The exhibits keep to what they teach: `asgiscope check` finds nothing in them."""

from importlib import import_module

import pytest

from apps.catalogue import CATALOGUE
from asgiscope.check import check


@pytest.mark.parametrize("slug", [exhibit.slug for exhibit in CATALOGUE])
async def test_exhibit_breaks_no_clause(slug):
    findings = await check(import_module(f"apps.raw_asgi.{slug}").app)
    assert [f"{one.level} {one.clause}: {one.message}" for one in findings if one.level != "note"] == []
