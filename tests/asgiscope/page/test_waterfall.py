"""The page on which waterfalls are drawn."""

import json
import re

import pytest

from asgiscope.conversation import Conversation, Lane, Outcome, Stall
from asgiscope.page import Waterfalls
from tests.asgiscope.page.watching import ROOT, watched

GIVEN = Waterfalls({"By <hand>": "/raw"}, tiles="/tiles", count=7, hint="See `<b>`.")


async def test_page_leads_to_what_it_draws_also_without_scripts():
    async with watched(waterfalls=GIVEN) as (_, client):
        page = (await client.get(f"{ROOT}/waterfall")).text
    assert '<a href="/raw/waterfall">By &lt;hand&gt;</a>' in page
    assert '<a href="/tiles">The pictures</a>' in page
    assert "See <code>&lt;b&gt;</code>." in page
    data = json.loads(re.search(r'id="waterfalls">(.*?)</script>', page)[1])
    assert data == {"ways": [["By <hand>", "/raw"]], "tiles": "/tiles", "count": 7}


async def test_page_is_below_the_mount_of_the_site():
    async with watched(waterfalls=GIVEN) as (watching, client):

        async def mounted(scope, receive, send):
            await watching({**scope, "root_path": "/site"}, receive, send)

        client._transport.app = mounted
        page = (await client.get(f"/site{ROOT}/waterfall")).text
    assert '"/site/raw"' in page
    assert 'href="/site/tiles"' in page


@pytest.mark.parametrize("given", [{}, {"waterfalls": GIVEN}], ids=["nothing", "waterfalls"])
async def test_header_leads_there_where_there_is_something_to_draw(given):
    async with watched(**given) as (_, client):
        page = (await client.get(f"{ROOT}/")).text
        response = await client.get(f"{ROOT}/waterfall")
    assert (f'href="{ROOT}/waterfall"' in page) == bool(given)
    assert response.status_code == (200 if given else 404)


async def test_stalls_are_told_once_by_the_clock_of_unix():
    stall = Stall(at=500_000_000, length=60_000_000, line=None, stack=(), by=None)
    lane = Lane("app", {"type": "http"}, [], Outcome("return", 1), [], stalls=[stall])
    async with watched() as (watching, client):
        # Both were going on when the loop was held.
        watching.journal.begin(Conversation(1, 1000.0, [lane]))
        watching.journal.begin(Conversation(2, 1000.0, [lane]))
        assert (await client.get(f"{ROOT}/stalls")).json() == [[1000.5, 0.06]]
