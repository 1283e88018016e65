"""What a row says that its server lacks, tried: a sentence goes from the row once the server knows better."""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import pytest
import websockets

from servers import LAUNCHERS, Options
from tests.servers.clients import LIMIT, ask, first_message, stopped_during, wait_until

PROBE = Options(app="tests.servers.probe:app", grace=1)


async def is_left_waiting(asking, seconds=1):
    """Whether the answer has not come after so many seconds, and is held never to come."""
    try:
        await asyncio.wait_for(asking, seconds)
    except TimeoutError:
        return True
    return False


async def uvicorn_http_2(start):
    server = start(http=2)
    for answered in (ask(server, 2, "/scope"), ask(server, 1, "/read")):
        assert (await answered).ended
    assert (await ask(server, 2, "/read", method="POST", body=b"a body")).ended
    return await is_left_waiting(ask(server, 2, "/read"))


async def uvicorn_websocket_over_http_2(start):
    told = json.loads(await first_message(start(http=2), 2))
    return (told["type"], told["method"]) == ("http", "CONNECT")


async def hypercorn_http_1(start):
    return (await ask(start(http=1), 2, "/scope")).ended


async def hypercorn_http_3(start):
    server = start(http=3, tls=True)
    assert (await ask(server, 3, "/scope")).status == 200
    assert (await ask(server, 2, "/title-case")).status == 200
    assert (await ask(server, 2, "/error")).status == 500
    return not (await ask(server, 3, "/title-case")).status and not (await ask(server, 3, "/error")).status


async def hypercorn_request_bodies_over_http_3(start):
    server = start(http=3, tls=True)
    body = bytes(200_000)
    assert (await ask(server, 3, "/read", method="POST", body=body)).ended
    unread = asyncio.create_task(ask(server, 3, "/endless", method="POST", body=body))
    try:
        assert await is_left_waiting(asyncio.shield(unread))
        assert (await ask(server, 2, "/scope")).ended
        return await is_left_waiting(ask(server, 3, "/scope"))
    finally:
        unread.cancel()
        await asyncio.wait([unread])


async def hypercorn_failing_after_the_start(start):
    server = start(http=3, tls=True)
    assert not await is_left_waiting(ask(server, 1, "/break"))
    waiting = [is_left_waiting(ask(server, version, "/break")) for version in (2, 3)]
    return all(await asyncio.gather(*waiting))


async def hypercorn_trailers_over_http_3(start):
    server = start(http=3, tls=True)
    te = [("te", "trailers")]
    await ask(server, 3, "/trailers", headers=te, until=lambda answer: answer.trailers)
    return await is_left_waiting(ask(server, 3, "/trailers", headers=te))


async def hypercorn_stopping_with_http_3(start):
    server = start(http=3, tls=True)
    began = time.monotonic()
    server.stop()
    return time.monotonic() - began >= PROBE.grace


async def hypercorn_workers(start):
    answer = await stopped_during(start(workers=2), 1, "/slow")
    return not answer.ended


async def daphne_stopping(start):
    answer = await stopped_during(start(), 1, "/slow")
    return not answer.ended


async def daphne_slow_clients(start):
    server = start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.options.port, limit=1)
    try:
        writer.write(b"GET /flood HTTP/1.1\r\nhost: localhost\r\n\r\n")
        # Nothing is read here, and no socket has room for all of it; yet all of it is soon sent.
        await asyncio.to_thread(wait_until, lambda: "flooded" in server.output())
    finally:
        writer.transport.abort()
    return True


async def daphne_failing_after_the_start(start):
    server = start()
    # It looks after applications that have ended once a second.
    waiting = [is_left_waiting(ask(server, 1, path), 2) for path in ("/error", "/break", "/silent")]
    return await asyncio.gather(*waiting) == [False, True, True]


async def daphne_websocket_close(start):
    async with websockets.connect(start().url.replace("http", "ws", 1)) as client:
        assert "x-probe" not in client.response.headers
        await client.recv()
        await client.send("enough")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await client.recv()
        return (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "")


async def daphne_root_path(start):
    answer = await ask(start(), 1, "/scope", headers=[("Daphne-Root-Path", "/elsewhere")])
    return json.loads(answer.body)["root_path"] == "/elsewhere"


async def stopping_without_lifespan(start):
    server = start()
    await stopped_during(server, 1, "/endless")
    return "lifespan.startup" in server.output() and "lifespan.shutdown" not in server.output()


async def granian_host(start):
    def told(host):
        command = [
            sys.executable,
            "-m",
            "granian",
            "no.such:app",
            "--interface",
            "asgi",
            "--host",
            host,
            "--port",
            "1",
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)  # noqa: S603
        return run.stdout + run.stderr

    return [
        "invalid IP address" in await asyncio.to_thread(told, host) for host in ("localhost", "127.0.0.1")
    ] == [True, False]


async def granian_http_response_start(start):
    server = start()
    return [(await ask(server, 1, path)).status for path in ("/scope", "/bare-start")] == [200, 500]


async def granian_websocket_accept(start):
    async with websockets.connect(start().url.replace("http", "ws", 1)) as client:
        return "x-probe" not in client.response.headers


async def granian_scope(start):
    told = json.loads((await ask(start(), 1, "/scope")).body)
    return isinstance(told["client"][1], str) and isinstance(told["server"][1], str)


async def gunicorn_http_2(start):
    server = start(http=2)
    # All of 127.0.0.0/8 is this machine, but only its first address is in the list.
    spoken = []
    for address in ("127.0.0.1", "127.0.0.2"):
        transport = httpx.AsyncHTTPTransport(http1=False, http2=True, local_address=address)
        async with httpx.AsyncClient(transport=transport) as client:
            try:
                spoken.append((await client.get(f"{server.url}/scope")).http_version)
            except httpx.RemoteProtocolError:
                spoken.append(None)
    return spoken == ["HTTP/2", None]


async def gunicorn_path_over_http_2(start):
    server = start(http=2)
    told = [json.loads((await ask(server, version, "/a%20b")).body)["path"] for version in (1, 2)]
    return told == ["/a b", "/a%20b"]


async def gunicorn_trailers_over_http_2(start):
    return bool((await ask(start(http=2), 2, "/trailers")).trailers)


PROOFS = {
    ("uvicorn", "--http 2"): uvicorn_http_2,
    ("uvicorn", "websocket over HTTP/2"): uvicorn_websocket_over_http_2,
    ("hypercorn", "--http 1"): hypercorn_http_1,
    ("hypercorn", "--http 3"): hypercorn_http_3,
    ("hypercorn", "failing after the start"): hypercorn_failing_after_the_start,
    ("hypercorn", "trailers over HTTP/3"): hypercorn_trailers_over_http_3,
    ("hypercorn", "request bodies over HTTP/3"): hypercorn_request_bodies_over_http_3,
    ("hypercorn", "stopping with HTTP/3"): hypercorn_stopping_with_http_3,
    ("hypercorn", "--workers"): hypercorn_workers,
    ("daphne", "stopping"): daphne_stopping,
    ("daphne", "slow clients"): daphne_slow_clients,
    ("daphne", "failing after the start"): daphne_failing_after_the_start,
    ("daphne", "websocket.close"): daphne_websocket_close,
    ("daphne", "root_path"): daphne_root_path,
    ("granian", "stopping"): stopping_without_lifespan,
    ("granian", "--host"): granian_host,
    ("granian", "http.response.start"): granian_http_response_start,
    ("granian", "websocket.accept"): granian_websocket_accept,
    ("granian", "scope"): granian_scope,
    ("gunicorn", "stopping"): stopping_without_lifespan,
    ("gunicorn", "--http 2"): gunicorn_http_2,
    ("gunicorn", "path over HTTP/2"): gunicorn_path_over_http_2,
    ("gunicorn", "trailers over HTTP/2"): gunicorn_trailers_over_http_2,
}


@pytest.mark.parametrize(("name", "about"), PROOFS, ids=[" ".join(key) for key in PROOFS])
async def test_server_still_lacks_what_its_row_says(name, about, started):
    assert await PROOFS[name, about](lambda **asked: started(name, replace(PROBE, **asked)))


def test_every_sentence_about_a_lack_is_tried():
    assert set(PROOFS) == {(row.name, about) for row in LAUNCHERS.values() for about in row.lacks}
