"""The lab as it is run: two servers over the wire, and one whole life of a server."""

import json

import pytest

from lab.__main__ import main
from lab.targets import TARGETS, missing

SERVERS = ("uvicorn-h11-wsproto", "hypercorn-asyncio")

pytestmark = pytest.mark.skipif(
    any(missing(TARGETS[name]) for name in SERVERS), reason="the servers of the smoke test are not installed"
)


@pytest.mark.timeout(180)
def test_lab_holds_cases_with_two_servers(tmp_path, capsys):
    results = tmp_path / "results.json"
    arguments = [f"--server={name}" for name in SERVERS]
    cases = ["http.scope.method.type/*", "lifespan.startup.first/*", "http.scope.path.percent-decoded/blank"]
    status = main([*arguments, *(f"--case={case}" for case in cases), "--json", str(results)])
    output = capsys.readouterr().out
    found = json.loads(results.read_text())["results"]
    assert status == 0, output
    assert {(one["target"], one["verdict"]) for one in found} == {(name, "keeps") for name in SERVERS}
    versions = {one["version"] for one in found if one["target"] == "hypercorn-asyncio"}
    assert versions == {1, 2, 3}


@pytest.mark.timeout(180)
def test_lab_plays_a_wrong_application(capsys):
    main(["--server", SERVERS[0], "--clause", "http.response.start.once", "--wrong"])
    assert "raises RuntimeError; 200, cut after 0 bytes" in capsys.readouterr().out
