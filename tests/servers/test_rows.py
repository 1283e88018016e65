"""Each row of the table against the server it describes: what a row says is what the wire shows."""

import json

import h2.exceptions
import pytest

from servers import LAUNCHERS, Options
from tests.servers.clients import ask, first_message
from tests.servers.ways import WAYS, options_for

PROBE = "tests.servers.probe:app"

ROWS = pytest.mark.parametrize("row", LAUNCHERS.values(), ids=LAUNCHERS)


@pytest.mark.parametrize(("name", "tls", "version"), WAYS)
async def test_server_speaks_the_versions_of_its_row_and_offers_the_extensions(started, name, tls, version):
    answer = await ask(started(name, options_for(name, PROBE, tls=tls)), version, "/scope")
    scope = json.loads(answer.body)
    assert answer.ended
    assert scope["http_version"] == {1: "1.1", 2: "2", 3: "3"}[version]
    assert scope["scheme"] == ("https" if tls else "http")
    offered = {name for name, where in LAUNCHERS[name].extensions.items() if version in where}
    assert set(scope.get("extensions") or ()) == offered


@ROWS
async def test_server_offers_by_itself_what_its_row_calls_natural(started, row):
    server = started(row.name, Options(app=PROBE))
    try:
        speaks_2 = (await ask(server, 2, "/scope")).ended
    except h2.exceptions.ProtocolError:  # the answer to the first bytes of HTTP/2 is one in HTTP/1.1
        speaks_2 = False
    assert speaks_2 == (row.natural >= 2)


@pytest.mark.parametrize(("name", "tls", "version"), WAYS)
async def test_websocket_can_be_opened_over_the_versions_of_the_row(started, name, tls, version):
    first = await first_message(started(name, options_for(name, PROBE, tls=tls)), version)
    assert (b'"type": "websocket"' in first) == (version in LAUNCHERS[name].websocket)
    if version in LAUNCHERS[name].websocket:
        scope = json.loads(first[first.index(b"{") :])
        offered = {name for name, where in LAUNCHERS[name].extensions.items() if "websocket" in where}
        assert set(scope.get("extensions") or ()) == offered


@ROWS
def test_server_holds_a_lifespan_if_its_row_says_so(started, row):
    server = started(row.name, options_for(row.name, PROBE, tls=False))
    assert ("lifespan.startup" in server.output()) == row.lifespan


@ROWS
async def test_server_puts_root_path_in_front_of_the_path_if_its_row_says_so(started, row, tmp_path):
    server = started(row.name, Options(app=PROBE, uds=str(tmp_path / "socket"), root_path="/site"))
    scope = json.loads((await ask(server, 1, "/scope")).body)
    assert scope["root_path"] == "/site"
    assert scope["path"] == ("/site/scope" if row.path_has_root else "/scope")
