"""One conversation in a browser: its timeline, the source beside it, and what can be taken away."""

import re

import httpx
import pytest
import websockets
from playwright.async_api import expect

ROOT = "/__asgiscope__"
SELECTED = '.row[aria-selected="true"]'


async def held(site, path="/plain"):
    """The address of the page of a conversation, when it has been held."""
    async with httpx.AsyncClient(base_url=site, timeout=30) as client:
        await client.get(path)
        page = (await client.get(f"{ROOT}/")).text
    newest = re.search(r'data-id="(\d+)"', page)[1]  # the first of the list
    return f"{site}{ROOT}/conversations/{newest}"


async def test_choosing_a_row_by_keyboard_lights_the_line_that_said_it(site, tab):
    async with tab(await held(site)) as page:
        await page.get_by_role("listbox").focus()
        await page.keyboard.press("Home")
        await expect(page.locator(SELECTED)).to_contain_text("http.request")
        await expect(page.locator(".line.lit")).to_have_text("    await receive()")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator(SELECTED)).to_contain_text("http.response.start")
        await expect(page.locator(".line.lit")).to_contain_text("http.response.start")
        await page.keyboard.press("End")
        await expect(page.locator(SELECTED)).to_contain_text("returned")
        await page.keyboard.press("ArrowUp")
        await expect(page.locator(".line.lit")).to_contain_text("http.response.body")
        await expect(page.locator(".details")).to_contain_text("Hello, world!")


async def test_pointing_at_a_line_chooses_the_row_that_it_said(site, tab):
    async with tab(await held(site)) as page:
        await page.locator(".line.spoke", has_text="http.response.body").hover()
        await expect(page.locator(SELECTED)).to_contain_text("http.response.body")
        await page.locator(".line.spoke", has_text="await receive()").hover()
        await expect(page.locator(SELECTED)).to_contain_text("http.request")


async def test_pointing_at_a_row_lights_its_line(site, tab):
    async with tab(await held(site)) as page:
        await page.locator(".row.receive").first.hover()
        await expect(page.locator(".line.lit")).to_have_text("    await receive()")
        await page.locator(".row.send").last.hover()
        await expect(page.locator(".line.lit")).to_contain_text("http.response.body")


async def test_conversation_can_be_played_paused_stepped_and_scrubbed(site, tab):
    async with tab(await held(site)) as page:
        rows = page.locator(".row")
        await page.get_by_role("button", name="one event back").click()
        await expect(page.locator(SELECTED)).to_contain_text("http.request")
        await expect(page.locator(".row.later")).not_to_have_count(0)
        await page.get_by_role("button", name="one event on").click()
        await expect(page.locator(SELECTED)).to_contain_text("http.response.start")
        await page.get_by_role("button", name="Play").click()
        await expect(page.locator(SELECTED)).to_contain_text("returned", timeout=20_000)
        await expect(page.get_by_role("button", name="Play")).to_be_visible()
        await page.get_by_role("slider").fill("0")
        await expect(page.locator(".row.later")).to_have_count(await rows.count())
        await page.get_by_role("slider").fill("1000")
        await expect(page.locator(".row.later")).to_have_count(0)


async def test_play_can_be_paused(site, tab):
    async with tab(await held(site, "/many")) as page:
        await page.get_by_role("listbox").focus()
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="Play")).to_be_visible()


async def test_ten_thousand_events_are_as_few_in_the_document_as_ten(site, tab):
    async with tab(await held(site, "/many")) as page:
        timeline = page.get_by_role("listbox")
        await timeline.focus()
        for key, shown in (("End", "returned"), ("Home", "http.request"), ("PageDown", "body=b'8\\n'")):
            await page.keyboard.press(key)
            await expect(page.locator(SELECTED)).to_contain_text(shown)
            assert await page.locator(".row").count() < 60
        # From the top to the bottom in a hundred steps, each drawn, and none that takes long.
        longest = await timeline.evaluate(
            """async (node) => {
                let longest = 0;
                for (let step = 0; step <= 100; step += 1) {
                    const began = performance.now();
                    node.scrollTop = (node.scrollHeight * step) / 100;
                    node.dispatchEvent(new Event("scroll"));
                    longest = Math.max(longest, performance.now() - began);
                    await new Promise(requestAnimationFrame);
                }
                return longest;
            }"""
        )
        assert longest < 500
        assert await page.locator(".row").count() < 60


async def test_socket_grows_while_it_is_looked_at(site, tab):
    async with websockets.connect(f"{site.replace('http', 'ws')}/talk") as socket:
        await socket.send("first")
        await socket.recv()
        async with tab(f"{site}{ROOT}/") as page:
            await page.get_by_role("link", name="websocket /talk").first.click()
            await expect(page.locator(".row", has_text="first")).to_have_count(2)
            await expect(page.locator(".row.end")).to_contain_text("goes on")
            chosen = await page.locator(SELECTED).get_attribute("aria-label")
            for word in ("second", "third"):
                await socket.send(word)
                await expect(page.locator(".row", has_text=word)).to_have_count(2)
            assert await page.locator(SELECTED).get_attribute("aria-label") == chosen
            await socket.close()
            await expect(page.locator(".row.end")).to_contain_text("returned")


async def test_address_of_a_conversation_can_be_given_to_others(site, tab):
    address = await held(site, "/plain?permanent=yes")
    async with tab(address) as page:
        heading = await page.locator("h1").inner_text()
        await page.reload()
        await expect(page.locator("h1")).to_have_text(heading)
    async with tab(address) as page:
        await expect(page.locator("h1")).to_have_text(heading)
        await expect(page.locator(".row.send").first).to_be_visible()


@pytest.mark.parametrize("what", ["curl", "HAR", "JSON", "text", "test"])
async def test_conversation_can_be_taken_away(site, tab, what):
    async with tab(await held(site)) as page:
        link = page.get_by_role("link", name=f"as {what}", exact=True)
        async with httpx.AsyncClient() as client:
            taken = await client.get(f"{site}{await link.get_attribute('href')}")
    assert taken.status_code == 200
    assert "/plain" in taken.text


@pytest.mark.parametrize("what", ["curl", "text", "test"])
async def test_text_is_taken_to_the_clipboard(site, tab, what):
    async with tab(await held(site), permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.get_by_role("link", name=f"as {what}", exact=True).click()
        await expect(page.get_by_role("link", name="copied")).to_be_visible()
        assert "/plain" in await page.evaluate("navigator.clipboard.readText()")


async def test_violation_stands_where_it_was_with_what_to_do_instead(site, tab):
    async with tab(await held(site, "/shouts")) as page:
        await page.locator(".row", has=page.locator(".mark")).first.click()
        details = page.locator(".details")
        await expect(details).to_contain_text("X-Shout")
        await expect(details).to_contain_text("Instead: write header names in lower case")


async def test_clause_that_several_headers_break_is_told_once(site, tab):
    async with tab(await held(site, "/shouts")) as page:
        await page.locator(".row", has=page.locator(".mark")).first.click()
        broken = page.locator(".violation")
        await expect(broken).to_have_count(1)
        await expect(broken).to_contain_text("2 times")
        await expect(broken.get_by_role("listitem")).to_contain_text(["X-Shout", "X-Loud"])


async def test_exception_is_told_with_its_line(site, tab):
    async with tab(await held(site, "/fails")) as page:
        await page.get_by_role("listbox").focus()
        await page.keyboard.press("End")
        await expect(page.locator(SELECTED)).to_contain_text("raised RuntimeError")
        await expect(page.locator(".details")).to_contain_text("Traceback")
        await expect(page.locator(".line.lit")).to_contain_text("raise RuntimeError(SCRIPT)")


async def test_stall_is_a_bar_with_the_line_that_held_the_loop(site, tab):
    async with tab(await held(site, "/holds")) as page:
        await page.locator(".row.stall").first.click()
        await expect(page.locator(".line.lit")).to_contain_text("time.sleep(0.3)")
