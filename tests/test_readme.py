"""The README says what is so."""

import asyncio
import re
import xml.etree.ElementTree as ET
from itertools import groupby
from pathlib import Path

import pytest

import asgi
from apps.catalogue import CATALOGUE
from asgi import application
from servers.listing import abilities
from tests.conversation import http, line_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def part(name):
    """The lines between two marks in the README."""
    return re.search(rf"<!-- {name} -->\n(.*)<!-- /{name} -->", README, re.DOTALL)[1].splitlines()


def test_readme_lists_the_exhibits_as_the_catalogue_does():
    rows = []
    for chapter, exhibits in groupby(CATALOGUE, key=lambda exhibit: exhibit.chapter):
        rows.append(f"| **{chapter}** | | |")
        for slug, title, _, twin in exhibits:
            django = f"`/django/{slug}`" if twin else "–"
            rows.append(f"| {title} | [`{slug}`](apps/raw_asgi/{slug}.py) | {django} |")
    assert part("exhibits")[2:] == rows


def test_readme_says_of_the_servers_what_their_rows_say():
    rows = ["| " + " | ".join(row[:-1]) + " |" for row in abilities()]
    assert part("servers") == [rows[0], "|---" * 7 + "|", *rows[1:]]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_link_of_the_readme_leads_somewhere(link):
    assert (ROOT / link).exists()


async def test_test_of_the_readme_passes(asgi_client):
    [example] = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    names = {"asgi": asgi}
    exec(example, names)  # noqa: S102 (the README is ours)
    await names["test_timer_runs_until_the_client_leaves"](asgi_client)


@pytest.mark.parametrize(("panel", "target"), [(0, "/raw/hello"), (1, "/django/hello")])
async def test_picture_of_hello_shows_the_events_that_really_happen(panel, target):
    texts = [e for e in ET.parse(ROOT / "docs/hello.svg").iter() if e.tag.endswith("}text")]  # noqa: S314
    middle = max(float(e.get("x")) for e in texts) / 2
    side = [e for e in texts if (float(e.get("x")) > middle) == bool(panel)]
    drawn = [e.text for e in side if e.get("class") == "event"]
    details = " ".join(e.text for e in side)

    scope = http("GET", target)
    happened = [f"scope http GET {target}"]
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if not requests:
            happened.append("receive")
            await asyncio.Event().wait()
        happened.append("receive http.request")
        return requests.pop()

    async def send(event):
        first, *headers = line_of(event).split("\n    ")
        happened.append(f"send {event['type']}")
        assert first.removeprefix(f"{event['type']} ") in details
        assert all(header in details for header in headers[:2])

    async with asyncio.timeout(10):
        await application(scope, receive, send)
    assert drawn == happened
