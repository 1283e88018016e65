"""What lets somebody in is told to nobody, unless it is asked for."""

import json

import pytest

from asgiscope.conversation import Conversation, Cut, Lane, Outcome
from asgiscope.export import curl, har, masked, pytest_module
from asgiscope.replay import script
from tests.conversation import http

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (b"authorization", b"Bearer abc.def", b"Bearer ***"),
        (b"Authorization", b"Basic YTpi", b"Basic ***"),
        (b"proxy-authorization", b"Digest username=a, response=b", b"Digest ***"),
        (b"authorization", b"abc", b"***"),
        (b"cookie", b"sessionid=abc; theme=dark=er", b"sessionid=***; theme=***"),
        (b"cookie", b"abc", b"***"),
        (b"set-cookie", b"sessionid=abc; Path=/; HttpOnly", b"sessionid=***; Path=/; HttpOnly"),
        (b"x-api-key", b"abc", b"***"),
        (b"X-Auth-Token", b"abc", b"***"),
        (b"x-csrftoken", b"abc", b"***"),
        (b"x-amz-security-token", b"abc", b"***"),
        (b"ocp-apim-subscription-key", b"abc", b"***"),
        (b"referer", b"http://a/?page=2&access_token=abc#b", b"http://a/?page=2&access_token=***#b"),
        (b"location", b"/in?api_key=abc", b"/in?api_key=***"),
        (b"sec-websocket-key", b"abc", b"abc"),
        (b"etag", b"abc", b"abc"),
        (b"content-type", b"text/plain", b"text/plain"),
    ],
)
def test_header_is_masked(name, value, expected):
    scope = http(headers=[(name, value)])
    answer = {**START, "headers": [[name, value]]}
    found = masked(script(scope, [("send", answer)]))
    assert found.scope["headers"][-1] == (name, expected)
    assert found.events[0].fields["headers"] == [[name, expected]]
    assert scope["headers"][-1] == (name, value)


def test_credentials_are_masked_wherever_they_are():
    scope = http("GET", "/?a=1&token=abc&b=2", cookies={"a": "abc"}, state={"api_key": "abc", "n": 1})
    lane = Lane("app", scope, [], Outcome("return"), [], scope_after={**scope, "session": {"user": "abc"}})
    found = masked(Conversation(1, 0.0, [lane, lane])).to_json()
    assert "abc" not in found
    assert '"n": 1' in found
    assert "a=1&token=***&b=2" in found


@pytest.mark.parametrize(
    "headers", [None, [b"cookie"], [(b"cookie", 5)], [Cut(b"cookie", 10)], [("cookie", "a")]]
)
def test_headers_that_are_none_are_no_obstacle(headers):
    conversation = script({**http(), "headers": headers}, [REQUEST, ("send", {**START, "headers": headers})])
    masked(conversation)
    curl(conversation)
    har([conversation])


def test_query_that_is_cut_is_masked_and_exported_all_the_same():
    query = Cut(b"token=sesame&a=1&b=2", 9000)
    scope = {**http(), "query_string": query, "path": Cut("/" + "a" * 20, 9000), "raw_path": None}
    conversation = Conversation(1, 0.0, [Lane("app", scope, [], Outcome("return", 1), [])])
    assert masked(conversation).scope["query_string"] == Cut(b"token=***&a=1&b=2", 9000)
    assert "/aaaaaaaaaaaaaaaaaaaa?token=***&a=1&b=2" in json.dumps(har([conversation]))


SECRETS = script(
    http("GET", "/?token=sesame", [(b"authorization", b"Bearer sesame"), (b"cookie", b"a=sesame")]),
    [
        REQUEST,
        ("send", {**START, "headers": [(b"set-cookie", b"a=sesame")]}),
        ("send", {"type": "http.response.body"}),
    ],
)


@pytest.mark.parametrize(
    "export",
    [
        curl,
        lambda conversation, **options: json.dumps(har([conversation], **options)),
        lambda conversation, **options: pytest_module(conversation, "shop:app", **options),
    ],
    ids=["curl", "har", "pytest_module"],
)
def test_credentials_are_exported_on_request_only(export):
    assert "sesame" not in export(SECRETS)
    assert "sesame" in export(SECRETS, secrets=True)
