"""What the page costs: requests a second with it closed and open, its first paint, and the start of the site.

The site is served three times over: without a recorder, recorded with nobody looking, and recorded with a
page open that is told of all that happens. They take turns as in `throughput`, at the plainest exhibit. The
front page is painted by the Chromium of this machine, if it has one, in a window that is open already and has
nothing of this site in its cache: to open one takes a browser longer than to paint the page.
"""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from shutil import which
from statistics import median
from threading import Thread
from time import perf_counter
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from bench.throughput import requests_per_second
from bench.turns import Target
from servers import LAUNCHERS, Options, running

CHROMIUM = which("chromium")
ASKED = "/raw/hello"
LIVE = "/__asgiscope__/live"
SITES = {"unrecorded": {"ASGISCOPE": "0"}, "closed": {}, "open": {}}
"""Each site, with the variables that it is started with."""

START, PAINTED = "start of the site to its first answer", "first paint of the front page"

THROUGHPUT = [
    Target("requests a second: the page closed / unrecorded", [("closed", "unrecorded")], "at least", 0.85),
    Target("what an open page takes of them beyond that", [("beyond", "unrecorded")], "at most", 0.05),
]
PAINT_OBSERVED = """() => new Promise(seen => new PerformanceObserver(list => {
    const paint = list.getEntriesByName('first-contentful-paint')[0]
    if (paint) seen(paint.startTime)
}).observe({type: 'paint', buffered: true}))"""
"""Asks the browser for its own clock of the first paint, and waits for it where it is still to come. To ask
again and again would be to evaluate strings, which the page forbids."""
PAINT = [Target("first paint of the front page, in seconds", [("paint", "second")], "at most", 0.2)]


@contextmanager
def watching(port: int) -> Iterator[None]:
    """A page that is open: it reads what it is told, as fast as it can."""
    with closing(socket.create_connection(("127.0.0.1", port))) as page:
        page.sendall(f"GET {LIVE} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n".encode())

        def read() -> None:
            while page.recv(65536):
                pass

        reader = Thread(target=read)
        reader.start()
        try:
            yield
        finally:
            page.shutdown(socket.SHUT_RDWR)
            reader.join()


def rates(rounds: int, requests: int) -> dict[str, list[float]]:
    """Requests a second of each site, round by round."""

    async def turns(ports: Mapping[str, int]) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(rounds):
            for name, port in ports.items():
                found[name].append(await requests_per_second(port, requests, ASKED))
        return found

    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(running(LAUNCHERS["uvicorn"], Options(), environment=more)).options.port
            for name, more in SITES.items()
        }
        stack.enter_context(watching(ports["open"]))
        return asyncio.run(turns(ports))


def starts(times: int) -> list[float]:
    """Seconds from the command to the first answer."""
    found = []
    for _ in range(times):
        began = perf_counter()
        with running(LAUNCHERS["uvicorn"], Options()) as server:
            urlopen(f"{server.url}{ASKED}").close()  # noqa: S310 - our own server
            found.append(perf_counter() - began)
    return found


def paints(times: int) -> list[float]:
    """Seconds from the request to the first paint; none where there is no browser."""
    if CHROMIUM is None:
        return []
    found = []
    with running(LAUNCHERS["uvicorn"], Options()) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page()
        window = page.context.new_cdp_session(page)
        for _ in range(times + 1):
            page.goto("about:blank")
            window.send("Network.clearBrowserCache")
            page.goto(f"http://localhost:{server.options.port}/")
            found.append(page.evaluate(PAINT_OBSERVED))
        browser.close()
    return [milliseconds / 1000 for milliseconds in found[1:]]  # the first has the server's own to load


def kept(turns: Mapping[str, list[float]]) -> dict[str, float]:
    """What part of the requests a second each site keeps, and what is lost by a page that is open."""
    parts = {
        name: median(rate / bare for rate, bare in zip(found, turns["unrecorded"], strict=True))
        for name, found in turns.items()
    }
    return {**parts, "beyond": max(0.0, parts["closed"] - parts["open"])}
