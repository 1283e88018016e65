"""Pages of others, and words that want to be scripts, in a browser that would do as it is told."""

import httpx
import pytest
import websockets
from playwright.async_api import expect

from servers import LAUNCHERS, Options, running
from tests.browser.talks import SCRIPT

ROOT = "/__asgiscope__"


@pytest.fixture(scope="module")
def elsewhere():
    """The address of another site."""
    with running(LAUNCHERS["uvicorn"], Options(app="tests.browser.talks:app")) as server:
        yield f"http://127.0.0.1:{server.options.port}"


async def test_script_from_the_wire_is_shown_and_does_nothing(site, tab):
    cookie = {"cookie": f"{SCRIPT}={SCRIPT}", "user-agent": SCRIPT}
    async with httpx.AsyncClient(base_url=site) as client:
        await client.get(f"/{SCRIPT}", params={"q": SCRIPT}, headers=cookie)
        await client.post("/scripted", content=SCRIPT)
        await client.get("/fails", headers={"x-script": SCRIPT})
    async with websockets.connect(f"{site.replace('http', 'ws')}/framed") as socket:
        await socket.send(SCRIPT)
        await socket.recv()
    async with tab(f"{site}{ROOT}/") as page:
        for number in range(4):
            link = page.locator("#rows tbody a").nth(number)
            await link.click()
            await expect(page.locator(".row.end")).to_be_visible()
            await page.get_by_role("listbox").focus()
            await page.keyboard.press("Home")
            for _ in range(await page.locator(".row").count()):
                await page.keyboard.press("ArrowDown")
            text = await page.locator("body").inner_text()
            assert "window.hacked=1" in text
            assert await page.evaluate("window.hacked") is None
            assert await page.locator("img[src=x]").count() == 0
            await page.go_back()
            await expect(page.locator("#rows tbody tr").first).to_be_visible()
        assert await page.evaluate("window.hacked") is None


ASKS = {
    "a script": "fetch(address).then((response) => response.text())",
    "a script that wants no answer": "fetch(address, { mode: 'no-cors' }).then((found) => found.text())",
    "a script with credentials": "fetch(address, { credentials: 'include' }).then((found) => found.text())",
    "an image": """new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve("shown");
        image.onerror = () => resolve("");
        image.src = address;
    })""",
    "a script of ours": """new Promise((resolve) => {
        const script = document.createElement("script");
        script.onload = () => resolve("run");
        script.onerror = () => resolve("");
        script.src = address;
        document.body.append(script);
    })""",
    "a frame": """new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.onload = () => resolve(frame.contentDocument?.body.innerText ?? "");
        frame.src = address;
        document.body.append(frame);
    })""",
    "a stream": """new Promise((resolve) => {
        const source = new EventSource(address);
        source.addEventListener("rows", (event) => resolve(event.data));
        source.onerror = () => resolve("");
    })""",
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("path", ["/", "/live", "/conversations/1/json"])
async def test_page_of_another_site_reads_nothing(site, elsewhere, browser, path, ask):
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{elsewhere}/look")
        # Of what the browser keeps from the page, only its network tells.
        asked, answered = set(), {}
        network = await context.new_cdp_session(page)
        await network.send("Network.enable")
        network.on(
            "Network.requestWillBeSent",
            lambda sent: asked.add(sent["requestId"]) if sent["request"]["url"].startswith(site) else None,
        )
        network.on(
            "Network.responseReceivedExtraInfo",
            lambda answer: answered.update({answer["requestId"]: answer["statusCode"]}),
        )
        told = await page.evaluate(f"(address) => ({ask}).catch(() => '')", f"{site}{ROOT}{path}")
    finally:
        await context.close()
    assert told == ""
    assert {answered[id] for id in asked & answered.keys()} == {403}


async def test_form_of_another_site_sends_nothing(site, elsewhere, browser):
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{elsewhere}/look")
        async with page.expect_response("**/run") as answered:
            await page.evaluate(
                """(address) => {
                    const form = document.createElement("form");
                    form.method = "post";
                    form.enctype = "text/plain";
                    form.action = address;
                    const input = document.createElement("input");
                    input.name = '{"method": "GET", "target": "/forged", "x": "';
                    input.value = '"}';
                    form.append(input);
                    document.body.append(form);
                    form.submit();
                }""",
                f"{site}{ROOT}/run",
            )
        assert (await answered.value).status == 403
    finally:
        await context.close()
    async with httpx.AsyncClient(base_url=site) as client:
        assert "/forged" not in (await client.get(f"{ROOT}/")).text


async def test_name_that_was_made_to_point_here_is_told_nothing(site, browser):
    context = await browser.new_context()
    try:
        page = await context.new_page()
        response = await page.goto(f"{site.replace('localhost', 'evil.example')}{ROOT}/")
        assert response.status == 403
        assert await page.locator("table").count() == 0
        read = "fetch('/__asgiscope__/conversations/1/json').then((response) => response.status)"
        assert await page.evaluate(read) == 403
    finally:
        await context.close()


async def test_link_of_another_site_may_be_followed(site, elsewhere, browser):
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{elsewhere}/look")
        await page.evaluate("(address) => location.assign(address)", f"{site}{ROOT}/")
        await expect(page.locator("#rows")).to_be_visible()
    finally:
        await context.close()
