"""The films on real servers: the site asks itself, over its own port, and stops all the same."""

import asyncio

import pytest

from servers import LAUNCHERS, Options
from servers.certificate import CERTIFICATE
from servers.process import ROOT
from tests.servers.clients import ask

PAGES = [
    "/raw/films",
    "/raw/progressive",
    "/django/films",
    "/django/films/sequential",
    "/django/films/sync",
    "/django/progressive",
]
QUERY = "?limit=3&delay=0.01&patience=10"


@pytest.mark.parametrize("row", LAUNCHERS.values(), ids=LAUNCHERS)
async def test_site_asks_itself_and_stops_when_it_is_told(start, row, monkeypatch):
    monkeypatch.delenv("FILMS_API_URL", raising=False)
    server = start(row.name, Options())
    for page in PAGES:
        answer = await ask(server, 1, page + QUERY)
        if row.lifespan:
            assert b"3 of 3 films came" in answer.body, page
        else:
            assert b"this server runs no lifespan" in answer.body, page
    assert await asyncio.to_thread(server.stop)
    assert "Traceback" not in server.output()


async def test_site_with_tls_asks_itself_where_its_certificate_is_trusted(start, monkeypatch):
    monkeypatch.delenv("FILMS_API_URL", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(ROOT / CERTIFICATE))
    server = start("hypercorn", Options(tls=True))
    for page in PAGES:
        answer = await ask(server, 2, page + QUERY)
        assert b"3 of 3 films came" in answer.body, page
        if page == "/raw/films":
            assert b"HTTP/2 from port" in answer.body
