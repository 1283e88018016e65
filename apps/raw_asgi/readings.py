r"""A database: rows streamed as they are read, and news of a row as it is written.

asyncpg speaks PostgreSQL's protocol on this very loop, so a query is awaited as an event is. What it needs is
opened once, by the lifespan: a pool of connections, kept in `scope["state"]`. The tables are Django's, and
so are the rows: `/django/readings` writes them.

Without a DATABASE_URL of PostgreSQL this has no use for a lifespan, and the site starts all the same:

    scope http GET /raw/readings
    receive http.request
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'Start PostgreSQL, and this site with its DATABASE_URL: see docs/...'
    return

A table may be larger than memory. A cursor hands it over in pieces, and each is sent before the next is
fetched. The start waits for the first of them, so that a query that fails is no 200.

    scope http GET /raw/readings?n=1 state={'readings.pool': ...}
    receive http.request
    send http.response.start status=200
        content-type: application/x-ndjson
    send http.response.body body=b'{"id": ..., "station": "...", ...}\n' more_body=True
    send http.response.body
    return

NOTIFY is a message from one session of PostgreSQL to others, delivered when its transaction commits. What
`live` hears, it passes on as server-sent events; when it is quiet, it asks PostgreSQL for a sign of life, and
passes that on, too.

    scope http GET /raw/readings/live?heartbeat=0.01 state={'readings.pool': ...}
    receive http.request
    send http.response.start status=200
        content-type: text/event-stream
        cache-control: no-store
    send http.response.body body=b'event: listening\ndata: \n\n' more_body=True
    send http.response.body body=b': still here\n\n' more_body=True
    receive http.disconnect
    return

Try it, with the form at http://localhost:8000/django/readings beside the second:

    curl 'http://localhost:8000/raw/readings?n=3'
    curl -N http://localhost:8000/raw/readings/live
"""

import asyncio
import json
import logging
import os
from collections import deque
from contextlib import aclosing, suppress
from urllib.parse import parse_qsl

import asyncpg

CONNECTIONS = 10  # of the pool; every stream and every listener holds one
PATIENCE = 3  # seconds for PostgreSQL to answer, or for a connection to be free
CHUNK = 1000  # readings that are fetched, and sent, at a time
BACKLOG = 100  # news that may wait for a client; who reads more slowly does without the oldest
NO_ANSWER = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

STATION = "SELECT EXISTS (SELECT FROM django_site_station WHERE name = $1)"
READINGS = """
    SELECT reading.id, station.name, reading.at, reading.celsius
    FROM django_site_reading AS reading JOIN django_site_station AS station ON station.id = reading.station_id
    WHERE $1 = '' OR station.name = $1 ORDER BY reading.id DESC LIMIT $2
"""

logger = logging.getLogger(__name__)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await keep_a_pool(scope["state"], receive, send)
        return
    if scope["type"] != "http":
        raise ValueError(f"readings speaks lifespan and http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return
    is_head = scope["method"] == "HEAD"

    async def refuse(status, text, *more):
        headers = [(b"content-type", b"text/plain; charset=utf-8"), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if is_head else text.encode()})

    path = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    if path not in ("", "live"):
        await refuse(404, "There is: readings, readings/live\n")
        return
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    station = query.get("station", "")
    try:
        n, heartbeat = int(query.get("n", "20")), float(query.get("heartbeat", "15"))
        # PostgreSQL can keep every character of a text but this one.
        if not (1 <= n <= 10_000_000 and 0.01 <= heartbeat <= 60) or "\0" in station:
            raise ValueError
    except ValueError:
        await refuse(400, "n is 1 to 10000000, heartbeat 0.01 to 60 seconds, station the name of one\n")
        return
    pool = (scope.get("state") or {}).get("readings.pool")
    if pool is None:
        await refuse(503, "Start PostgreSQL, and this site with its DATABASE_URL: see docs/services.md\n")
        return

    if path:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    else:
        headers = [(b"content-type", b"application/x-ndjson")]
    async with aclosing(listen(pool, heartbeat) if path else export(pool, station, n)) as pieces:
        # The first piece comes before the start: as long as nothing is said, the status can say that there is
        # none to be had.
        try:
            piece = await anext(pieces, "")
        except LookupError as error:
            await refuse(404, f"{error.args[0]}\n")
            return
        except NO_ANSWER as error:
            logger.warning("%s: PostgreSQL does not answer: %r", scope["path"], error)
            again = (b"retry-after", b"5")
            await refuse(503, "The database does not answer. Ask again in a few seconds.\n", again)
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if is_head:
            await send({"type": "http.response.body"})
            return

        async def write(piece):
            while piece:
                await send({"type": "http.response.body", "body": piece.encode(), "more_body": True})
                piece = await anext(pieces, "")
            await send({"type": "http.response.body"})

        # Two tasks, for a client may leave in the middle of a query, or of a long wait for news.
        writer, gone = asyncio.ensure_future(write(piece)), asyncio.ensure_future(receive())
        try:
            await asyncio.wait({writer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            writer.cancel()
            await asyncio.wait({writer})
        try:
            if not writer.cancelled():
                writer.result()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            # The server breaks the response off when it hears of it, so no client takes it for whole.
            logger.warning("%s: broken off, as PostgreSQL has gone: %r", scope["path"], error)
            raise
        except OSError:
            # The client has left, and `send` knew it before `receive` did.
            pass


async def export(pool, station, n):
    """The newest readings as lines of JSON, a chunk at a time. Raises LookupError for an unknown station."""
    async with pool.acquire(timeout=PATIENCE) as connection:
        if station and not await connection.fetchval(STATION, station):
            raise LookupError("There is no such station.")
        # A cursor lives in a transaction.
        async with connection.transaction(readonly=True):
            cursor = await connection.cursor(READINGS, station, n)
            while rows := await cursor.fetch(CHUNK):
                yield "".join(
                    json.dumps({"id": key, "station": name, "at": at.isoformat(), "celsius": celsius}) + "\n"
                    for key, name, at, celsius in rows
                )


async def listen(pool, heartbeat):
    """What is notified, as server-sent events, without an end: after a lost connection, on another one."""
    # Set by news, and by the end of the connection.
    stirred, news = asyncio.Event(), deque(maxlen=BACKLOG)

    def hear(connection, process, channel, payload):
        news.append(payload)
        stirred.set()

    def end(connection):
        stirred.set()

    has_begun = False
    while True:
        try:
            async with pool.acquire(timeout=PATIENCE) as connection:
                connection.add_termination_listener(end)
                await connection.add_listener("readings", hear)
                try:
                    yield "event: listening\ndata: \n\n"
                    has_begun = True
                    while True:
                        with suppress(TimeoutError):
                            async with asyncio.timeout(heartbeat):
                                await stirred.wait()
                        is_quiet = not stirred.is_set()
                        stirred.clear()
                        while news:
                            yield f"event: reading\ndata: {news.popleft()}\n\n"
                        # A connection that has ended, or does not answer, is found out by a question.
                        await connection.execute("SELECT 1")
                        if is_quiet:
                            yield ": still here\n\n"
                finally:
                    # A connection that has ended has nothing to be taken away from it, and says so.
                    with suppress(asyncpg.InterfaceError):
                        connection.remove_termination_listener(end)
                        await connection.remove_listener("readings", hear)
        except NO_ANSWER as error:
            if not has_begun:
                raise
            logger.warning("readings: PostgreSQL has gone, and is looked for again: %r", error)
            yield "event: lost\ndata: what is written now may go unheard\n\n"
            await asyncio.sleep(1)


async def keep_a_pool(state, receive, send):
    """The lifespan: open a pool, and close it at the end."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres://", "postgresql://")):
        raise ValueError("without a PostgreSQL there is nothing to open")
    await receive()
    # The pool begins without a connection and opens one when a request asks for it, so each request is a new
    # try. That the database is down is no reason for the site not to start; it is worth a word.
    limits = {"min_size": 0, "max_size": CONNECTIONS, "timeout": PATIENCE, "command_timeout": 5 * PATIENCE}
    pool = await asyncpg.create_pool(url, **limits)
    try:
        await pool.fetchval("SELECT 1")
    except NO_ANSWER as error:
        logger.warning("readings: PostgreSQL does not answer yet: %r", error)
    state["readings.pool"] = pool
    await send({"type": "lifespan.startup.complete"})
    try:
        await receive()
    finally:
        # Closing waits for whoever still holds a connection; the time limit makes it take that away.
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), PATIENCE)
    await send({"type": "lifespan.shutdown.complete"})
