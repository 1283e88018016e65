"""A WebSocket that no browser opens, run from the page of an exhibit."""

import pytest
from playwright.async_api import expect

from servers import LAUNCHERS, Options, running

EXHIBIT = "/__asgiscope__/exhibits/websocket_echo"


@pytest.fixture(scope="module")
def site():
    with running(LAUNCHERS["uvicorn"], Options()) as server:
        yield f"http://localhost:{server.options.port}"


@pytest.fixture(scope="module")
def exact():
    """A server that tells of 1006 when a client has vanished, as not all do (docs/servers.md)."""
    with running(LAUNCHERS["hypercorn"], Options()) as server:
        yield f"http://localhost:{server.options.port}"


async def beside(page):
    """The form, when it has the client beside the server open it, and shows what that can be told to do."""
    form = page.locator("#builder")
    await form.get_by_label("opened").select_option("by a client beside the server")
    await form.locator("summary").click()
    return form


async def test_client_beside_the_server_vanishes_after_a_message(exact, tab):
    async with tab(f"{exact}{EXHIBIT}") as page:
        form = await beside(page)
        await form.get_by_label("headers").fill("Origin: https://elsewhere.example\nCookie: theme=dark")
        await form.get_by_label("how it leaves").select_option("without a close frame: it vanishes")
        await expect(form.get_by_label("code", exact=True)).to_be_hidden()
        await form.get_by_label("leave after messages of the server").fill("1")
        await page.get_by_role("button", name="Connect").click()
        await expect(page.locator(".result .said")).to_contain_text("HTTP/1.1 101, echo;")
        await expect(page.locator(".result .said")).to_contain_text("left after 1 of the server's messages")
        await expect(page.get_by_label("the answer", exact=True)).to_contain_text("← text Hello?")
        row = page.locator(".view .row.receive", has_text="websocket.disconnect")
        await expect(row).to_contain_text("code=1006")
        await page.get_by_role("link", name="Conversation").click()
        await expect(page.locator("main")).to_contain_text("https://elsewhere.example")
        await expect(page.locator("main")).to_contain_text("theme=***")


async def test_client_beside_the_server_closes_with_any_code(site, tab):
    async with tab(f"{site}{EXHIBIT}") as page:
        form = await beside(page)
        await form.get_by_label("code", exact=True).fill("4000")
        await form.get_by_label("reason").fill("the page is left")
        await form.get_by_label("frames of each message").fill("2")
        await page.get_by_role("button", name="Connect").click()
        await expect(page.locator(".result .said")).to_contain_text("closed with 4000")
        answer = page.get_by_label("the answer", exact=True)
        await expect(answer).to_contain_text("→ text Hel (3 bytes, to be continued)")
        await expect(answer).to_contain_text("→ continuation lo?")
        row = page.locator(".view .row.receive", has_text="websocket.disconnect")
        await expect(row).to_contain_text("code=4000  reason=the page is left")


async def test_what_the_browser_opens_offers_no_more_than_it_can(site, tab):
    async with tab(f"{site}{EXHIBIT}") as page:
        form = page.locator("#builder")
        await form.locator("summary").click()
        for name in ("headers", "how it leaves", "frames of each message", "trailers"):
            await expect(form.get_by_label(name)).to_be_hidden()
        await expect(form.get_by_label("leave after seconds")).to_be_visible()


async def test_refusal_of_a_handshake_is_shown_as_it_was_on_the_wire(site, tab):
    async with tab(f"{site}{EXHIBIT.replace('echo', 'denial')}") as page:
        await page.get_by_label("opened").select_option("by a client beside the server")
        await page.get_by_role("button", name="Connect").click()
        await expect(page.locator(".result .said")).to_contain_text("403 Forbidden; the server has refused")
        await expect(page.get_by_label("the answer", exact=True)).to_contain_text("Nobody gets in here")
