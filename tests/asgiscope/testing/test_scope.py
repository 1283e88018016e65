"""What the transport makes of a request: the scope, in which a test decides what a server decides."""

import pytest

from tests.asgiscope.testing.applications import echo, hello, noting
from tests.asgiscope.testing.loops import on_both_loops


@on_both_loops
async def test_scope_is_that_of_a_server(client_of):
    app, scopes, _ = noting(hello)
    async with client_of(app) as client:
        await client.get("/a%20b/c%2Fd/%C3%A9?q=1&q=%20", headers={"X-Name": "Value"})
    [scope] = scopes
    headers = scope.pop("headers")
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a b/c/d/é",
        "raw_path": b"/a%20b/c%2Fd/%C3%A9",
        "query_string": b"q=1&q=%20",
        "root_path": "",
        "client": ("127.0.0.1", 123),
        "server": ("testserver", 80),
        "extensions": {},
    }
    assert headers[0] == (b"host", b"testserver")
    assert (b"x-name", b"Value") in headers


@pytest.mark.parametrize(
    ("url", "server", "scheme"),
    [
        ("https://example.org/", ("example.org", 443), "https"),
        ("http://example.org:8080/", ("example.org", 8080), "http"),
        ("http://[::1]/", ("::1", 80), "http"),
    ],
)
@on_both_loops
async def test_server_and_scheme_are_those_of_the_url(client_of, url, server, scheme):
    app, scopes, _ = noting(hello)
    async with client_of(app) as client:
        await client.get(url)
    assert (scopes[0]["server"], scopes[0]["scheme"]) == (server, scheme)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"http_version": "2"}, {"http_version": "2"}),
        ({"http_version": "1.0"}, {"http_version": "1.0"}),
        ({"client": None}, {"client": None}),
        ({"client": ("::1", 5)}, {"client": ("::1", 5)}),
        ({"server": ("/run/asgi.sock", None)}, {"server": ("/run/asgi.sock", None)}),
        ({"spec_version": None}, {"asgi": {"version": "3.0"}}),
        ({"spec_version": "2.1"}, {"asgi": {"version": "3.0", "spec_version": "2.1"}}),
        ({"state": {"db": 1}}, {"state": {"db": 1}}),
        ({"extensions": ["a.b"]}, {"extensions": {"a.b": {}}}),
        ({"extensions": {"a.b": {"c": 1}}}, {"extensions": {"a.b": {"c": 1}}}),
    ],
    ids=str,
)
@on_both_loops
async def test_scope_has_what_the_test_decides(client_of, options, expected):
    app, scopes, _ = noting(hello)
    async with client_of(app, **options) as client:
        response = await client.get("/")
    assert expected.items() <= scopes[0].items()
    assert response.http_version == f"HTTP/{options.get('http_version', '1.1')}"


@on_both_loops
async def test_request_of_http_2_has_no_headers_of_a_hop(client_of):
    app, scopes, _ = noting(echo)

    async def body():
        yield b"one"

    async with client_of(app, http_version="2") as client:
        assert (await client.post("/", content=body())).content == b"one"
    assert {b"connection", b"transfer-encoding"}.isdisjoint(dict(scopes[0]["headers"]))


@on_both_loops
async def test_tls_is_said_of_https_alone(client_of):
    app, scopes, _ = noting(hello)
    async with client_of(app, tls={"tls_version": 0x0304}) as client:
        await client.get("/")
        await client.get("https://testserver/")
    plain, secure = scopes
    assert plain["extensions"] == {}
    assert secure["extensions"]["tls"] == {
        "server_cert": None,
        "client_cert_chain": (),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": None,
    }


@pytest.mark.parametrize(
    ("root_path", "path", "expected"),
    [
        ("/app", "/page", ("/app/page", b"/app/page", "/app")),
        ("/app/", "/app/page", ("/app/page", b"/app/page", "/app")),
        ("/app", "/apple", ("/app/apple", b"/app/apple", "/app")),
        ("/é b", "/page", ("/é b/page", b"/%C3%A9%20b/page", "/é b")),
    ],
)
@on_both_loops
async def test_path_is_below_the_root_path(client_of, root_path, path, expected):
    app, scopes, _ = noting(hello)
    async with client_of(app, root_path=root_path) as client:
        await client.get(path)
    assert tuple(scopes[0][key] for key in ("path", "raw_path", "root_path")) == expected


@on_both_loops
async def test_requests_share_nothing_that_an_application_could_change(client_of):
    async def meddling(scope, receive, send):
        for key in ("asgi", "extensions", "state"):
            assert "meddled" not in scope[key]
            scope[key]["meddled"] = {}
        scope["extensions"]["a.b"]["meddled"] = True
        await hello(scope, receive, send)

    async with client_of(meddling, state={}, extensions={"a.b": {}}) as client:
        await client.get("/")
        await client.get("/")
