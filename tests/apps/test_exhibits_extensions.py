"""What only some servers offer: used where it is offered, in its place, and nowhere else."""

import asyncio
import base64
import hashlib
import json

import pytest

from apps.raw_asgi import debug_info, early_hints, server_push, tls_info, trailers
from tests.conversation import answer, http

STYLE = "/raw/{}/style.css"


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


def offered(extension, path="/", method="GET", **more):
    return http(method, path, extensions={extension: {}}, **more)


def types(events):
    return [event["type"].removeprefix("http.response.") for event in events]


@pytest.mark.parametrize("app", [e.app for e in (trailers, early_hints, server_push, debug_info)])
@pytest.mark.parametrize(
    "extensions",
    [None, {}, {"tls": {}}, {"http.response.trailer": {}, "http.response.pushed": {}}],
    ids=["None", "none", "another", "alike"],
)
async def test_extension_that_is_not_offered_is_not_used(app, extensions):
    events = await answer(app, http("GET", "/", extensions=extensions))
    assert set(types(events)) == {"start", "body"}
    assert not events[0].get("trailers")
    assert b"trailer" not in dict(events[0]["headers"])


# trailers


async def test_trailers_tell_the_digest_of_the_body_that_was_sent():
    start, *pieces, end = await answer(trailers.app, offered("http.response.trailers"))
    digest = hashlib.sha256(b"".join(piece["body"] for piece in pieces)).digest()
    # RFC 9530: the name of the hash, and between colons its bytes in base64.
    field = b"sha-256=:" + base64.b64encode(digest) + b":"
    assert end == {"type": "http.response.trailers", "headers": [(b"content-digest", field)]}
    assert start["trailers"] is True
    assert (b"trailer", b"content-digest") in start["headers"]
    assert len(pieces) > 1


async def test_trailers_are_not_promised_where_there_is_no_body():
    events = await answer(trailers.app, offered("http.response.trailers", method="HEAD"))
    assert types(events) == ["start", "body"]
    assert not events[0].get("trailers")


# early_hints


async def test_early_hint_comes_before_the_start_and_names_what_the_page_needs():
    root_path = "/raw/early_hints"
    events = await answer(
        early_hints.app, offered("http.response.early_hint", root_path, root_path=root_path)
    )
    assert types(events) == ["early_hint", "start", "body"]
    style = STYLE.format("early_hints")
    assert events[0]["links"] == [f"<{style}>; rel=preload; as=style".encode()]
    assert f"href={style}>".encode() in events[2]["body"]


async def test_early_hint_encodes_the_path_of_its_mount():
    root_path = '/é ">'
    hint, _, page = await answer(
        early_hints.app, offered("http.response.early_hint", root_path, root_path=root_path)
    )
    assert hint["links"] == [b"</%C3%A9%20%22%3E/style.css>; rel=preload; as=style"]
    assert b"href=/%C3%A9%20%22%3E/style.css>" in page["body"]


@pytest.mark.parametrize("path", ["/style.css", "/nonsense"])
async def test_early_hint_is_given_for_the_page_only(path):
    events = await answer(early_hints.app, offered("http.response.early_hint", path))
    assert types(events) == ["start", "body"]


# server_push


async def test_push_comes_between_the_start_and_the_end_and_its_promise_is_kept():
    root_path = "/raw/server push"
    events = await answer(server_push.app, offered("http.response.push", root_path, root_path=root_path))
    assert types(events) == ["start", "push", "body"]
    push = events[1]
    assert push["path"] == "/raw/server push/style.css"
    assert b"href=/raw/server%20push/style.css>" in events[2]["body"]

    # The server asks for it as the client would have.
    start, _ = await answer(
        server_push.app, http("GET", push["path"], push["headers"], root_path=root_path, http_version="2")
    )
    assert start["status"] == 200
    assert (b"content-type", b"text/css; charset=utf-8") in start["headers"]


@pytest.mark.parametrize("path", ["/style.css", "/nonsense"])
async def test_push_is_promised_for_the_page_only(path):
    events = await answer(server_push.app, offered("http.response.push", path))
    assert types(events) == ["start", "body"]


# debug_info


async def test_debug_comes_once_before_the_start_and_holds_a_dict():
    events = await answer(debug_info.app, offered("http.response.debug"))
    assert types(events) == ["debug", "start", "body"]
    assert events[0]["info"] == {"handled_by": "apps.raw_asgi.debug_info", "greeting": "Hello"}


# tls_info


@pytest.mark.parametrize(
    ("tls", "shown"),
    [
        pytest.param({"tls_version": 772}, {"tls_version": 772, "client_cert_chain": []}, id="no chain"),
        pytest.param({"client_cert_chain": None}, {"client_cert_chain": []}, id="chain is None"),
        pytest.param({"client_cert_chain": ("a", "b")}, {"client_cert_chain": ["a", "b"]}, id="a tuple"),
        pytest.param({"client_cert_chain": iter("ab")}, {"client_cert_chain": ["a", "b"]}, id="an iterator"),
        pytest.param({}, {"client_cert_chain": []}, id="nothing told"),
    ],
)
async def test_tls_info_shows_what_the_server_tells(tls, shown):
    _, body = await answer(tls_info.app, http("GET", "/", extensions={"tls": tls}))
    assert json.loads(body["body"]) == {"tls": shown}


@pytest.mark.parametrize(
    ("more", "scheme"), [({"scheme": "https"}, "https"), ({"extensions": None}, "http"), ({}, "http")]
)
async def test_tls_info_does_not_take_the_scheme_for_a_proof(more, scheme):
    scope = http("GET", "/", **more)
    if not more:
        del scope["scheme"]
    _, body = await answer(tls_info.app, scope)
    seen = json.loads(body["body"])
    assert seen["tls"] is None
    assert seen["why"].endswith(f"whose scheme is {scheme}")
