"""The page on every server: a request that the client beside it sends becomes a conversation there."""

import httpx
import pytest

from servers import LAUNCHERS
from tests.servers.clients import trusting
from tests.servers.ways import options_for

ROOT = "/__asgiscope__"
SENT = [
    pytest.param(row.name, tls, version, id=f"{row.name} {'TLS' if tls else 'clear'} HTTP/{version}")
    for row in LAUNCHERS.values()
    for tls in (False, True)
    for version in ("1.0", "1.1", "2")
    if int(version[0]) in (row.http if tls else row.in_clear)
]


@pytest.mark.parametrize(("name", "tls", "version"), SENT)
async def test_request_beside_the_server_becomes_a_conversation(started, name, tls, version):
    server = started(name, options_for(name, "asgi:application", tls=tls))
    request = {
        "method": "POST",
        "target": "/raw/echo",
        "version": version,
        "headers": [["x-asgiscope-run", f"{name}-{tls}-{version}"]],
        "chunks": [{"text": "one, "}, {"text": "two", "pause": 0.05}],
    }
    async with httpx.AsyncClient(base_url=server.url, verify=trusting(["http/1.1"]), timeout=30) as client:
        answered = (await client.post(f"{ROOT}/run", json=request)).json()
        assert "one, " in answered.get("wire", ""), answered
        assert "two" in answered["wire"]
        found = (await client.get(f"{ROOT}/runs?token={name}-{tls}-{version}")).json()
        conversation = (await client.get(f"{ROOT}/conversations/{found['id']}/json")).json()
    scope = conversation["lanes"][0]["scope"]
    # Granian calls 1.0 "1".
    assert scope["http_version"] in (version, version.removesuffix(".0"))
    assert scope["path"] == "/raw/echo"
