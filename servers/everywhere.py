"""One request to every server that is installed: each is started beside the site, asked, and stopped.

What they run is the site as it is. Its page, on each of them, tells what was recorded there.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from servers import LAUNCHERS, CertificateError, Launcher, NotServingError, Options, OptionsError, running
from servers.command import missing_packages
from servers.launchers import Http
from servers.listing import installed

PAGE = "/__asgiscope__"
RECORDS = {"ASGISCOPE": "1"}  # whatever the site beside it does
AT_ONCE = 2  # servers that run at a time: each of them starts all of the site
START = 40.0  # seconds that one gets until it listens, and until it has loaded the site
LONG = 5.0  # seconds that a client waits, and reads of an answer that goes on
MOST = 256 * 1024  # bytes after which it has
SETTLED = 2.0  # seconds that the application gets to end when its client is done
GRACE = 1  # seconds that the server gets to stop


async def ask_everywhere(
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    http: Http,
    *,
    app: str = Options.app,
) -> list[dict[str, Any]]:
    """What became of a request on each server, in the order of the table of servers.

    Each is a dict with the name of the `server` and its `version`, the `answer` as its client saw it, the
    recorded `conversations`, and an `error`, a sentence, where there is no more to tell.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def asked(launcher: Launcher) -> dict[str, Any]:
        async with turns:
            return await asyncio.to_thread(ask, launcher, app, method, target, headers, body, http)

    rows = [launcher for launcher in LAUNCHERS.values() if not missing_packages(launcher)]
    return await asyncio.gather(*map(asked, rows))


def ask(
    launcher: Launcher,
    app: str,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    http: Http,
) -> dict[str, Any]:
    """What became of a request on one server."""
    told: dict[str, Any] = {"server": launcher.name, "version": installed(launcher), "answer": None}
    told |= {"conversations": [], "error": None}
    options = Options(app=app, http=http, grace=GRACE)
    try:
        with (
            running(launcher, options, timeout=START, environment=RECORDS) as server,
            # The environment's proxies are not asked the way to a server of this machine.
            httpx.Client(base_url=server.url, trust_env=False, timeout=START) as page,
            httpx.Client(http1=http == 1, http2=http == 2, trust_env=False, timeout=LONG) as client,
        ):
            recorded(page)  # Some servers load the site only when they are asked for the first time.
            url = httpx.URL(server.url).copy_with(raw_path=target.encode("ascii"))
            request = httpx.Request(method, url, headers=list(headers), content=body or None)
            try:
                told["answer"] = answer_to(client, request)
            except httpx.HTTPError as error:
                told["error"] = f"It gave no answer: {type(error).__name__} {error}".rstrip()
            told["conversations"] = recorded(page)
    except (OptionsError, CertificateError, NotServingError, httpx.HTTPError, OSError) as error:
        told["error"] = told["error"] or str(error) or type(error).__name__
    return told


def answer_to(client: httpx.Client, request: httpx.Request) -> dict[str, Any]:
    """The answer to a request, as far as a client reads that has little time."""
    response = client.send(request, stream=True)
    size, until = 0, time.monotonic() + LONG
    try:
        with suppress(httpx.ReadTimeout):
            for piece in response.iter_raw():
                size += len(piece)
                if size > MOST or time.monotonic() > until:
                    break
    finally:
        response.close()
    return {
        "status": response.status_code,
        "http_version": response.http_version,
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in response.headers.raw
        ],
        "size": size,
    }


def recorded(page: httpx.Client) -> list[dict[str, Any]]:
    """The conversations that the page of a server remembers, from the first one on, as JSON has them."""
    until = time.monotonic() + SETTLED
    while True:
        rows = page.get(f"{PAGE}/conversations").raise_for_status().json()
        is_over = all(row["how"] != "open" for row in rows if row["type"] != "lifespan")
        if is_over or time.monotonic() > until:
            break
        time.sleep(0.05)
    return [
        page.get(f"{PAGE}/conversations/{row['id']}/json").raise_for_status().json() for row in reversed(rows)
    ]
