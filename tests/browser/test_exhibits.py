"""Every exhibit is run from its page, and what is seen there agrees with what its docstring promises."""

import re
from itertools import groupby

import httpx
import pytest
from playwright.async_api import expect

from apps.catalogue import CATALOGUE
from asgiscope.page.exhibits import reading
from servers import LAUNCHERS, Options, running
from tests.conversation import PATIENCE
from tests.servers.members import members

ROOT = "/__asgiscope__"
MEMBERS = ("chat", "chat_workers")  # answer those who have logged in
FAILS = {"errors", "readings", "websocket_denial"}  # what a browser says aloud when it is refused something


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('site')}/site.sqlite3"


@pytest.fixture(scope="module")
def cookies(database):
    return members(database, "Ann", "Ben")


@pytest.fixture(scope="module")
def site(database, cookies):
    with running(LAUNCHERS["uvicorn"], Options(), environment={"DATABASE_URL": database}) as server:
        yield f"http://localhost:{server.options.port}"


async def run(page):
    """Run what the form holds; the conversation when it has ended, as it is drawn."""
    await page.locator("#builder").get_by_role("button", name=re.compile("^(Run|Connect)$")).click()
    link = page.get_by_role("link", name=re.compile("^Conversation"))
    await expect(link).to_be_visible(timeout=20_000)
    await expect(page.locator(".view .row").first).to_be_visible()
    address = re.sub("//localhost", "//127.0.0.1", await link.evaluate("(link) => link.href"))
    async with httpx.AsyncClient() as client:
        for _ in range(10 * PATIENCE):
            drawn = (await client.get(f"{address}/drawn")).json()
            if drawn["lanes"][0]["how"] != "open":
                return drawn
            await page.wait_for_timeout(100)
    raise AssertionError("it has not ended")


def sent(lines):
    """The types that a transcript sends, each run of one type once."""
    types = [line.split()[1] for line in lines if line.startswith("send ")]
    return [type for type, _ in groupby(types)]


@pytest.mark.parametrize("exhibit", CATALOGUE, ids=lambda exhibit: exhibit.slug)
async def test_exhibit_does_on_its_page_what_its_docstring_promises(site, cookies, tab, exhibit):
    cookie = cookies["Ann"] if exhibit.slug in MEMBERS else None
    address = f"{site}{ROOT}/exhibits/{exhibit.slug}"
    async with tab(address, cookie=cookie, refused=exhibit.slug in FAILS) as page:
        drawn = await run(page)
        transcripts = reading(f"apps/raw_asgi/{exhibit.slug}.py").transcripts
        rows = [row["type"] for row in drawn["lanes"][0]["rows"] if row["kind"] == "send"]
        # Servers differ in what they offer, and of each there is a transcript.
        assert [type for type, _ in groupby(rows)] in [sent(lines) for lines in transcripts]
        await page.get_by_role("listbox").focus()
        await page.keyboard.press("Home")
        first = [*(row["type"] for row in drawn["lanes"][0]["rows"]), re.compile("^raised ")][0]
        await expect(page.locator(".view .row b").first).to_have_text(first)


async def test_exhibit_and_its_twin_are_run_side_by_side(site, tab):
    async with tab(f"{site}{ROOT}/exhibits/hello") as page:
        await page.get_by_role("button", name="Run both").click()
        await page.wait_for_url("**/compare/*/*")
        await expect(page.get_by_role("listbox")).to_have_count(2)
        await expect(page.locator("main")).to_contain_text("/raw/hello")
        await expect(page.locator("main")).to_contain_text("/django/hello")
        await expect(page.locator(".mark.sign").first).to_be_visible()


async def test_two_pages_chat_with_each_other(site, cookies, tab):
    async with (
        tab(f"{site}{ROOT}/exhibits/chat", cookie=cookies["Ann"]) as ann,
        tab(f"{site}{ROOT}/exhibits/chat", cookie=cookies["Ben"]) as ben,
    ):
        for page in (ann, ben):
            await page.locator("#builder summary").click()
            while await page.get_by_role("button", name="remove").count():
                await page.get_by_role("button", name="remove").first.click()
            await page.get_by_role("button", name="Connect").click()
            await expect(page.get_by_label("a message", exact=True)).to_be_visible()
        await ann.get_by_label("a message", exact=True).fill('{"text": "Is it hot?"}')
        await ann.get_by_role("button", name="Send", exact=True).click()
        await expect(ben.get_by_label("the answer", exact=True)).to_contain_text("Is it hot?")
        await expect(ben.locator(".view .row.send").last).to_contain_text("Is it hot?")
        await ben.get_by_label("a message", exact=True).fill('{"text": "Very."}')
        await ben.get_by_role("button", name="Send", exact=True).click()
        await expect(ann.get_by_label("the answer", exact=True)).to_contain_text("Very.")
        for page in (ann, ben):
            await page.get_by_role("button", name="Leave").click()
            await expect(page.locator(".result .said")).to_contain_text("Closed")
