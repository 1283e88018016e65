r"""The page first, and what it waits for after it, in the same response.

A response may leave in pieces, so a page need not wait for the slowest of those that it asks. Its beginning
is sent before anything is asked; each film follows when it comes; the last piece says how long it took. A
browser shows what it has. What that costs is the status: it has left with the first piece, and that a film
is missing can then only be said on the page.

The client is aiohttp's here. Its pool of connections, which all visitors share, is a limit, too: whoever
finds none free waits in line.

    scope lifespan state={}
    receive lifespan.startup
    send lifespan.startup.complete
    receive lifespan.shutdown
    send lifespan.shutdown.complete
    return

    scope http GET /raw/progressive
    receive http.request
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'No client to ask with: this server runs no lifespan.\n'
    return

Try it, in a browser and in a terminal; the service is `films_api` on this site, or the one in
FILMS_API_URL:

    curl -N 'http://localhost:8000/raw/progressive'
    curl -N 'http://localhost:8000/raw/progressive?trouble=30&seed=3'
"""

import asyncio
import logging
import os
from html import escape
from urllib.parse import parse_qsl

import aiohttp

logger = logging.getLogger(__name__)

# What may be asked for: its value unless it is given, the least and the most. The first two are for this
# page, the others are handed to the service.
PARAMETERS = {
    "limit": (12, 1, 12),
    "patience": (5.0, 0.1, 10.0),
    "delay": (0.5, 0.0, 10.0),
    "trouble": (0, 0, 100),
    "seed": (1, 0, 999_999),
    "capacity": (8, 1, 100),
}
AT_ONCE = 4
LOOPBACK = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}

BEGINNING = b"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Films</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem } td { padding-right: 2rem }</style>
<h1>Films</h1>
<table>
<tr><th>film<th>asked<th>came
"""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        state = scope["state"]
        await receive()
        if not (os.environ.get("FILMS_API_URL") or "http://").startswith(("http://", "https://")):
            message = "FILMS_API_URL is no URL such as http://localhost:8001"
            await send({"type": "lifespan.startup.failed", "message": message})
            return
        # A session belongs to the loop that it is made in, and that is the loop of the requests, too.
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
            state["progressive.session"] = session
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return

    if scope["type"] != "http":
        raise ValueError(f"progressive speaks lifespan and http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    url = os.environ.get("FILMS_API_URL", "").rstrip("/")
    # The server's own address, which no client has a say in, as it has in the header `host`.
    host, port = scope.get("server") or (None, None)
    if not url and host in LOOPBACK:
        url = f"{scope.get('scheme', 'http')}://{LOOPBACK[host]}:{port}/raw/films_api"
    session = scope.get("state", {}).get("progressive.session")
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    status, complaint = 200, ""
    try:
        asked = {name: type(usual)(query.get(name, usual)) for name, (usual, _, _) in PARAMETERS.items()}
        if not all(least <= asked[name] <= most for name, (_, least, most) in PARAMETERS.items()):
            raise ValueError
    except ValueError:
        allowed = [f"{name} is {least} to {most}" for name, (_, least, most) in PARAMETERS.items()]
        status, complaint = 400, ", ".join(allowed)
    else:
        if session is None:
            status, complaint = 503, "No client to ask with: this server runs no lifespan."
        elif not url:
            status = 503
            complaint = "This site is on no port of 127.0.0.1: FILMS_API_URL has to say where films are."

    kind = b"text/plain; charset=utf-8" if complaint else b"text/html; charset=utf-8"
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    if complaint or scope["method"] == "HEAD":
        body = b"" if scope["method"] == "HEAD" else f"{complaint}\n".encode()
        await send({"type": "http.response.body", "body": body})
        return

    limit = asked.pop("limit")
    # It holds for a request as a whole, with the wait for a connection of the pool.
    patience = aiohttp.ClientTimeout(total=asked.pop("patience"))
    clock = asyncio.get_running_loop().time
    began = clock()

    async def ask(number):
        """Ask for a film, once: its row, and whether it has come."""
        first = clock() - began
        has_come = False
        try:
            # Unlike httpx, aiohttp would follow a redirect, to wherever the service likes.
            film_url, options = f"{url}/{number}", {"timeout": patience, "allow_redirects": False}
            async with session.get(film_url, params=asked, **options) as response:
                text = f"film {number} did not come: {response.status}"
                if response.status == 200:
                    film = await response.json()
                    text, has_come = f"{film['title']} ({film['year']})", True
        except TimeoutError:
            text = f"film {number} did not come in time"
        except aiohttp.ClientError as error:
            text = f"film {number} did not come: {type(error).__name__}"
        except (ValueError, KeyError, TypeError, RecursionError):
            text = f"film {number} is no film"
        # What comes from outside is text, whatever it looks like, and may hold half a character.
        row = f"<tr><td>{escape(text)}<td>{first:.2f} s<td>{clock() - began:.2f} s\n"
        return row.encode(errors="replace"), has_come

    async def show():
        """Send the page: its beginning, the films as they come, its end."""
        came = 0
        try:
            await send({"type": "http.response.body", "body": BEGINNING, "more_body": True})
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(number)) for number in range(1, limit + 1)]
                for task in asyncio.as_completed(tasks):
                    row, has_come = await task
                    came += has_come
                    await send({"type": "http.response.body", "body": row, "more_body": True})
            summary = f"{came} of {limit} films came in {clock() - began:.2f} s, {AT_ONCE} at once"
            if came < limit:
                logger.warning("progressive: %s", summary)
            end = f"</table>\n<p>{summary}\n".encode()
            await send({"type": "http.response.body", "body": end})
        except* OSError:
            # The client has left, and `send` knew it before `receive` did. The group has called off the rest.
            pass

    showing, gone = asyncio.ensure_future(show()), asyncio.ensure_future(receive())
    try:
        await asyncio.wait({showing, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # When there is nobody to see it, the films that are still asked for are called off.
        gone.cancel()
        showing.cancel()
        await asyncio.wait({showing})
    if not showing.cancelled():
        showing.result()
