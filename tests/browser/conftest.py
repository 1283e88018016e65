"""A browser for tests: the Chromium of this machine, which Playwright drives."""

import re
from contextlib import asynccontextmanager
from shutil import which

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from servers import LAUNCHERS, Options, running

REFUSED = re.compile("the server responded with a status of|WebSocket connection to .* failed")
CHROMIUM = next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), None)

expect.set_options(timeout=20_000)  # a loaded machine is slow, not wrong


def pytest_collection_modifyitems(items):
    """One browser is for all tests of a module, and so is the event loop in which it is spoken to."""
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    async with async_playwright() as playwright:
        # A name that points to this machine though it is not its own.
        rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[rules])
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def site():
    """The address of an application that is watched."""
    with running(LAUNCHERS["uvicorn"], Options(app="tests.browser.talks:application")) as server:
        yield f"http://localhost:{server.options.port}"


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser):
    """Opens pages, each in a browser of its own; none may have said anything wrong, or asked another host.

    With `refused`, a page is to be refused something, of which the browser tells.
    """
    wrong = []

    @asynccontextmanager
    async def opened(url, *, cookie=None, refused=False, **options):
        host = url.split("/")[2]
        context = await browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        if cookie is not None:
            name, _, value = cookie.partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": f"http://{host}/"}])

        async def ask(route):
            if route.request.url.split("/")[2] != host:
                wrong.append(f"asked for {route.request.url}")
            await route.continue_()

        def hear(said):
            if said.type in ("error", "warning") and not (refused and REFUSED.search(said.text)):
                wrong.append(said.text)

        await context.route("**/*", ask)
        page = await context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        await page.goto(url)
        try:
            yield page
        finally:
            await context.close()

    yield opened
    assert wrong == []
