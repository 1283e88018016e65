"""Every page of the site: readable by all, narrow and dark, with the keyboard alone, and by itself."""

import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from servers import LAUNCHERS, Options, running

ROOT = "/__asgiscope__"
PAGES = {
    "the gallery": "/",
    "an exhibit": f"{ROOT}/exhibits/hello",
    "an exhibit of WebSocket": f"{ROOT}/exhibits/chat",
    "live": f"{ROOT}/",
    "a conversation": f"{ROOT}/conversations/{{raw}}",
    "a conversation with Django": f"{ROOT}/conversations/{{django}}",
    "what to compare with": f"{ROOT}/compare/{{raw}}",
    "a comparison": f"{ROOT}/compare/{{raw}}/{{django}}",
    "the clauses": f"{ROOT}/clauses",
    "the waterfall": f"{ROOT}/waterfall",
    "the servers": f"{ROOT}/servers",
    # The lab has to have been run for it.
    **({"the matrix": f"{ROOT}/servers/matrix"} if Path("lab/results/latest.json").exists() else {}),
    "how fast they are": f"{ROOT}/servers/speed",
}
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


@pytest.fixture(scope="module")
def site():
    with running(LAUNCHERS["uvicorn"], Options()) as server:
        yield f"http://localhost:{server.options.port}"


@pytest.fixture(scope="module")
def address(site):
    """The address of a page, where two conversations have been held."""
    with httpx.Client(base_url=site, timeout=30) as client:
        numbers = {}
        for name in ("raw", "django"):
            client.get(f"/{name}/hello")
            numbers[name] = re.search(r'data-id="(\d+)"', client.get(f"{ROOT}/").text)[1]
    return lambda path: site + path.format(**numbers)


async def settled(page):
    """Wait until the scripts have made of the page what it is."""
    if await page.locator("#rows").count():
        await expect(page.locator("#rows svg").first).to_be_attached()
    else:
        await page.wait_for_load_state("networkidle")


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(address, tab, path, scheme):
    async with tab(address(path), color_scheme=scheme) as page:
        await settled(page)
        found = (await Axe().run(page)).response["violations"]
    serious = {
        one["id"]: [node["target"] for node in one["nodes"]][:5]
        for one in found
        if one["impact"] in ("serious", "critical")
    }
    assert serious == {}


@every_page
async def test_page_is_as_wide_as_the_window_at_400_pixels(address, tab, path):
    async with tab(address(path), viewport={"width": 400, "height": 700}) as page:
        await settled(page)
        width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 400


@every_page
async def test_page_is_dark_where_that_is_wished(address, tab, path):
    light = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    async with tab(address(path), color_scheme="dark") as page:
        assert max(await page.evaluate(light)) < 60
    async with tab(address(path), color_scheme="light") as page:
        assert min(await page.evaluate(light)) > 200


@every_page
async def test_nothing_moves_where_that_is_not_wished(address, tab, path):
    moving = """[...document.querySelectorAll("*")].filter((node) => {
        const style = getComputedStyle(node);
        return [style.transitionDuration, style.animationDuration].some((time) => parseFloat(time) > 0);
    }).length"""
    async with tab(address(path), reduced_motion="reduce") as page:
        await expect(page.locator("main")).to_be_visible()
        assert await page.evaluate(moving) == 0


@every_page
async def test_page_can_be_read_without_scripts(address, tab, path):
    async with tab(address(path), java_script_enabled=False) as page:
        assert len(await page.locator("main").inner_text()) > 60


async def test_violation_is_found_with_the_keyboard_alone(site, tab):
    async with httpx.AsyncClient(base_url=site, timeout=30) as client:
        await client.get("/django/hello")
    async with tab(f"{site}/") as page:

        async def tab_to(locator):
            for _ in range(60):
                if await locator.evaluate("(node) => node === document.activeElement"):
                    return
                await page.keyboard.press("Tab")
            raise AssertionError("the keyboard does not lead there")

        await tab_to(page.get_by_role("link", name="Live", exact=True))
        await page.keyboard.press("Enter")
        link = page.locator("#rows tbody a", has_text="/django/hello").first
        await expect(link).to_be_visible()
        await tab_to(link)
        await page.keyboard.press("Enter")
        timeline = page.get_by_role("listbox")
        await expect(timeline).to_be_visible()
        await tab_to(timeline)
        await page.keyboard.press("Home")
        for _ in range(20):
            if await page.locator('.row[aria-selected="true"] .mark').count():
                break
            await page.keyboard.press("ArrowDown")
        await expect(page.locator(".details")).to_contain_text("Instead: write header names in lower case")
