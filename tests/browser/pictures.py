"""The pictures of the page in docs/, taken anew: `python -m tests.browser.pictures`."""

import re
from contextlib import suppress
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from servers import LAUNCHERS, Options, running
from tests.browser.conftest import CHROMIUM

DOCS = Path(__file__).parents[2] / "docs"
ROOT = "/__asgiscope__"
ASKED = (
    ("GET", "/raw/hello"),
    ("GET", "/django/hello"),
    ("POST", "/raw/echo"),
    ("GET", "/raw/stream?n=20&delay=0.02"),
    ("GET", "/raw/errors/after"),
    ("GET", "/raw/blocking/pool"),
    ("GET", "/django/stream?n=5"),
    ("GET", "/raw/missing"),
    ("GET", "/django/headers"),
    ("GET", "/raw/files/hello.py"),
    ("DELETE", "/raw/hello"),
    ("GET", "/django/hello"),
)


def main():
    with running(LAUNCHERS["uvicorn"], Options()) as server, sync_playwright() as playwright:
        site = f"http://localhost:{server.options.port}"
        with httpx.Client(base_url=site, timeout=30) as client:
            for method, path in ASKED:
                with suppress(httpx.RemoteProtocolError):  # One of the answers ends before its end.
                    client.request(method, path, content=b"Hello, echo!\n" if method == "POST" else None)
            newest = re.search(r'data-id="(\d+)"', client.get(f"{ROOT}/").text)[1]
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 1100, "height": 660}, color_scheme="light")

        def picture(name, path, ready):
            page.goto(site + path)
            page.locator(ready).first.wait_for()
            page.wait_for_load_state("domcontentloaded")
            page.screenshot(path=DOCS / f"page-{name}.png")

        picture("live", f"{ROOT}/", "#rows svg")
        picture("exhibit", f"{ROOT}/exhibits/hello", "#builder button")
        picture("timeline", f"{ROOT}/conversations/{newest}", ".line.lit")
        page.locator(".row", has=page.locator(".mark")).first.click()
        page.locator(".line.lit").wait_for()
        page.screenshot(path=DOCS / "page-timeline.png")
        browser.close()


if __name__ == "__main__":
    main()
