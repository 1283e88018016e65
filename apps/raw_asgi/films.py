r"""Twelve films from an outside service: asked for side by side, with a limit to everything.

While a service takes its time, the coroutine that has asked it waits, and the loop goes on with the next
one. What twelve requests take is then not the sum of their times. What they may take is for you to say: how
many at once, how long each, how often again, and what becomes of them when the one who wanted the page has
left.

The client, with its open connections, is there as long as the server runs:

    scope lifespan state={}
    receive lifespan.startup
    send lifespan.startup.complete
    receive lifespan.shutdown
    send lifespan.shutdown.complete
    return

A server without a lifespan has none:

    scope http GET /raw/films
    receive http.request
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'No client to ask with: this server runs no lifespan.\n'
    return

Try it: one after the other, four at once, and with trouble. The service is `films_api` on this site, unless
FILMS_API_URL names another. Over TLS, SSL_CERT_FILE has to vouch for it: as .local/localhost.pem does for
this site.

    curl -i 'http://localhost:8000/raw/films?at_once=1'
    curl -i 'http://localhost:8000/raw/films?at_once=4'
    curl -i 'http://localhost:8000/raw/films?at_once=12&trouble=40&seed=2'
    FILMS_API_HTTP2=1 python -m servers hypercorn
    FILMS_API_URL=http://localhost:8001 python -m servers uvicorn
"""

import asyncio
import logging
import os
import random
from urllib.parse import parse_qsl

import httpx

logger = logging.getLogger(__name__)

# What may be asked for: its value unless it is given, the least and the most. The first three are for this
# page, the others are handed to the service.
PARAMETERS = {
    "limit": (12, 1, 12),
    "at_once": (4, 1, 12),
    "patience": (2.0, 0.1, 10.0),
    "delay": (0.2, 0.0, 10.0),
    "trouble": (0, 0, 100),
    "seed": (1, 0, 999_999),
    "capacity": (8, 1, 100),
}
ATTEMPTS = 3
BACKOFF = 0.1  # seconds before the second attempt, and twice as many before the third
LONGEST_PAUSE = 5.0  # seconds, whatever the service says in Retry-After
# The service was not able to, and may be soon. Any other status would be the same again.
WORTH_ANOTHER = {429, 502, 503, 504}
LOOPBACK = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}


def address(scope):
    """The URL of the service: FILMS_API_URL, or on this site; None where that is on no loopback address."""
    if url := os.environ.get("FILMS_API_URL"):
        return url.rstrip("/")
    # The server's own address, which no client has a say in, as it has in the header `host`.
    host, port = scope.get("server") or (None, None)
    return (
        f"{scope.get('scheme', 'http')}://{LOOPBACK[host]}:{port}/raw/films_api" if host in LOOPBACK else None
    )


async def lifespan(scope, receive, send):
    """Open the client, and close it at the end."""
    state = scope["state"]
    await receive()
    try:
        url = httpx.URL(os.environ.get("FILMS_API_URL") or "http://localhost")
        if url.scheme not in ("http", "https") or not url.host:
            raise httpx.InvalidURL("no address of a service on the web")
    except httpx.InvalidURL as error:
        message = f"FILMS_API_URL is no URL such as http://localhost:8001: {error}"
        await send({"type": "lifespan.startup.failed", "message": message})
        return
    # Over TLS the two sides agree on HTTP/2 by themselves. In clear text nobody asks, so that the client has
    # to know beforehand, and then it speaks nothing else. Of a request that is called off, httpx tells nobody
    # over HTTP/2: it resets no stream, and the service works on. Time is limited below, for each attempt as a
    # whole: the limits of httpx hold for every single read.
    is_known = os.environ.get("FILMS_API_HTTP2") == "1"
    async with httpx.AsyncClient(http1=not is_known, http2=True, timeout=httpx.Timeout(None)) as client:
        state["films.client"] = client
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    if scope["type"] != "http":
        raise ValueError(f"films speaks lifespan and http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    async def answer(status, text, *more):
        headers = [(b"content-type", b"text/plain; charset=utf-8"), *more]
        # What comes from outside may hold half a character, which JSON can say and UTF-8 cannot.
        body = b"" if scope["method"] == "HEAD" else text.encode(errors="replace")
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        asked = {name: type(usual)(query.get(name, usual)) for name, (usual, _, _) in PARAMETERS.items()}
        if not all(least <= asked[name] <= most for name, (_, least, most) in PARAMETERS.items()):
            raise ValueError
    except ValueError:
        allowed = [f"{name} is {least} to {most}" for name, (_, least, most) in PARAMETERS.items()]
        await answer(400, ", ".join(allowed) + "\n")
        return
    client, url = scope.get("state", {}).get("films.client"), address(scope)
    if client is None:
        await answer(503, "No client to ask with: this server runs no lifespan.\n")
        return
    if url is None:
        await answer(503, "This site is on no port of 127.0.0.1: FILMS_API_URL has to say where films are.\n")
        return

    limit, at_once, patience = (asked.pop(name) for name in ("limit", "at_once", "patience"))
    clock = asyncio.get_running_loop().time
    began = clock()
    gate = asyncio.Semaphore(at_once)

    async def ask(number):
        """Ask for one film, and again where that may help: its line, its attempts, whether it came."""
        title, has_come, first, attempts, over = f"film {number}", False, None, [], ""
        for attempt in range(1, ATTEMPTS + 1):
            # What has been refused together should not come back together, so the pause is a little random.
            pause = BACKOFF * 2 ** (attempt - 1) * random.uniform(1, 2)  # noqa: S311 - no secret depends on it
            try:
                async with gate, asyncio.timeout(patience):
                    first = clock() - began if first is None else first
                    response = await client.get(f"{url}/{number}", params={**asked, "attempt": attempt})
                port = response.extensions["network_stream"].get_extra_info("client_addr")[1]
                over = f"{response.http_version} from port {port}"
                attempts.append(str(response.status_code))
                if response.status_code == 200:
                    film = response.json()
                    title, has_come = f"{film['title']} ({film['year']})", True
                    break
                if response.status_code not in WORTH_ANOTHER:
                    break
                if (after := response.headers.get("retry-after", "")).isdecimal():
                    pause = min(float(after), LONGEST_PAUSE)
            except TimeoutError:
                attempts.append("timeout")
            except httpx.RequestError as error:
                attempts.append(type(error).__name__)
            except (ValueError, KeyError, TypeError, RecursionError):
                # It calls it a success, and to ask again would hardly make it another.
                attempts.append("not a film")
                break
            # The gate is open in the meantime: others can pass while this one waits.
            if attempt < ATTEMPTS:
                await asyncio.sleep(pause)
        times = f"{first:6.2f} s {clock() - began:6.2f} s"
        return f"{title:24}{times}  {', '.join(attempts):30}{over}".rstrip(), attempts, has_come

    async def ask_all():
        # The group owns the tasks: when this one is cancelled, all of them are, and it waits for them.
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(number)) for number in range(1, limit + 1)]
        return [task.result() for task in tasks]

    asking, gone = asyncio.ensure_future(ask_all()), asyncio.ensure_future(receive())
    try:
        await asyncio.wait({asking, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            return
    finally:
        # Nobody is there any more to want them: what has been asked for is called off.
        gone.cancel()
        asking.cancel()
        await asyncio.wait({asking})

    films = asking.result()
    took, came = clock() - began, sum(has_come for _, _, has_come in films)
    status, summary = 200, f"{came} of {limit} films came in {took:.2f} s, {at_once} at once"
    if came < limit:
        logger.warning("films: %s, from %s", summary, httpx.URL(url).host)
    if came == 0:
        # The fault is neither yours nor your client's: you are a gateway, and say whether you had an answer.
        status = 504 if all(attempts[-1] == "timeout" for _, attempts, _ in films) else 502
        summary = f"The service that has the films, FILMS_API_URL or this site, has given none.\n{summary}"
    table = "\n".join([f"{'':24}{'asked':>8}{'done':>9}", *(line for line, _, _ in films), summary, ""])
    await answer(status, table, (b"server-timing", b"films;dur=%.1f" % (took * 1000)))
