"""Members: who is let in by the session, how one becomes one, and the page of the chat."""

import re

import httpx
import pytest
from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from apps.django_site.asgi import application
from apps.django_site.members import members_only
from router import Router
from tests.conversation import answer, call, http, lifespan, websocket

SITE = Router({"/django": application})
CONNECT = {"type": "websocket.connect"}
DENIAL = {"websocket.http.response": {}}


@pytest.fixture
async def client():
    transport = httpx.ASGITransport(app=SITE)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver/django/") as client:
        yield client


@database_sync_to_async
def session(name="Ann", **changes):
    """The cookie of a new member who has logged in."""
    member = get_user_model().objects.create_user(name)
    client = Client()
    client.force_login(member)
    for key, value in changes.items():
        setattr(member, key, value)
    member.save()
    return f"sessionid={client.cookies['sessionid'].value}".encode()


async def greeter(scope, receive, send):
    """An application that says who is there."""
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"x-member", scope["member"].encode())]})
    assert scope["user"].get_username() == scope["member"]


def anybody(*headers, **more):
    return websocket("/", headers, **more)


@pytest.mark.django_db(transaction=True)
async def test_member_is_named_in_the_scope():
    scope = anybody((b"cookie", await session("Zoë")))
    [accept] = await answer(members_only(greeter), scope, CONNECT)
    assert accept["headers"] == [(b"x-member", "Zoë".encode())]


@pytest.mark.django_db(transaction=True)
async def test_session_is_found_in_whichever_header_a_browser_puts_it_over_http_2():
    cookies = [(b"cookie", b"csrftoken=x"), (b"cookie", await session()), (b"cookie", b"a=b")]
    [accept] = await answer(members_only(greeter), anybody(*cookies), CONNECT)
    assert accept["headers"] == [(b"x-member", b"Ann")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("cookie", "changes"),
    [
        pytest.param(None, {}, id="no cookie"),
        pytest.param(b"sessionid=", {}, id="an empty one"),
        pytest.param(b"sessionid=nonsense", {}, id="one of nobody"),
        pytest.param(b"\xff\x00;;=", {}, id="no cookie at all"),
        pytest.param("own", {"is_active": False}, id="a member who may not any more"),
        pytest.param("own", {"password": "another"}, id="a member whose password is another since"),
    ],
)
async def test_nobody_else_is_let_in(cookie, changes):
    if cookie == "own":
        cookie = await session(**changes)
    scope = anybody(*([(b"cookie", cookie)] if cookie is not None else []))
    assert await answer(members_only(greeter), scope, CONNECT) == [{"type": "websocket.close"}]
    start, body = await answer(members_only(greeter), {**scope, "extensions": DENIAL}, CONNECT)
    assert (start["status"], body["body"]) == (403, b"Only members are let in: log in first.\n")


@pytest.mark.django_db(transaction=True)
async def test_database_that_fails_is_an_answer_and_a_line_in_the_log(caplog):
    scope = anybody((b"cookie", await session()))

    @database_sync_to_async
    def rename(old, new):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    await rename("django_session", "lost")
    try:
        assert await answer(members_only(greeter), scope, CONNECT) == [{"type": "websocket.close"}]
        start, body = await answer(members_only(greeter), {**scope, "extensions": DENIAL}, CONNECT)
    finally:
        await rename("lost", "django_session")
    assert (start["status"], body["body"][:12]) == (503, b"The database")
    assert "its session cannot be read" in caplog.text


@pytest.mark.parametrize("scope", [http(), lifespan(), {"type": "x"}], ids=lambda scope: scope["type"])
async def test_what_is_no_websocket_goes_through_untouched(scope):
    given = []

    async def app(*arguments):
        given.extend(arguments)

    await members_only(app)(scope, "receive", "send")
    assert given == [scope, "receive", "send"]
    assert given[0] is scope


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        pytest.param([(b"origin", b"http://testserver")], True, id="a page of this site"),
        pytest.param([(b"origin", b"http://localhost:8000")], True, id="the same by another of its names"),
        pytest.param([(b"origin", b"http://elsewhere.example")], False, id="a page of another site"),
        pytest.param([(b"origin", b"null")], False, id="a page in a sandbox"),
        pytest.param([(b"origin", b"http://[")], False, id="what is no URL"),
        pytest.param([(b"origin", b"\xff")], False, id="what is no text"),
        pytest.param([], False, id="no browser"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_channels_lets_in_pages_of_its_hosts_and_no_programs(headers, let_in):
    scope = websocket("/django/chat/tea", [*headers, (b"cookie", await session())])
    first, *_ = await answer(SITE, scope, CONNECT, {"type": "websocket.disconnect", "code": 1006})
    assert first["type"] == ("websocket.accept" if let_in else "websocket.close")


@pytest.mark.django_db(transaction=True)
async def test_who_logs_out_is_heard_until_the_page_is_left():
    scope = websocket("/django/chat/tea", [(b"origin", b"http://testserver"), (b"cookie", await session())])
    async with call(SITE, scope) as member:
        await member.says("websocket.connect")
        assert (await member.hears())["type"] == "websocket.accept"
        await database_sync_to_async(Session.objects.all().delete)()
        await member.says("websocket.receive", text='{"text": "still here"}')
        assert await member.hears() == {
            "type": "websocket.send",
            "text": '{"from": "Ann", "text": "still here"}',
        }
        await member.says("websocket.disconnect", code=1001)
        assert await member.returns() == []


# The pages.


async def fill(client, path, **fields):
    """Send a form, with what the page has put into it."""
    page = (await client.get(path)).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return await client.post(path, data={**hidden, **fields}, headers={"referer": "http://testserver/"})


GOOD = {"username": "Ann", "password1": "korrekt-pferd-7", "password2": "korrekt-pferd-7"}


@pytest.mark.django_db(transaction=True)
async def test_visitor_becomes_a_member_in_one_form_and_goes_on_to_the_chat(client):
    page = (await client.get("chat/tea?by=chat")).text
    assert "This is for members" in page
    assert "<form" not in page
    [path] = re.findall(r'href="/django/(accounts/signup/[^"]+)"', page)
    response = await fill(client, path, **GOOD)
    assert (response.status_code, response.headers["location"]) == (302, "/django/chat/tea?by=chat")
    page = (await client.get("chat/tea")).text
    assert "You are Ann." in page
    assert '<form id="say">' in page


@pytest.mark.django_db(transaction=True)
async def test_login_leads_to_the_chat_and_to_the_sign_up(client):
    await fill(client, "accounts/signup/", **GOOD)
    client.cookies.clear()
    [path] = re.findall(r'href="/django/(accounts/login/[^"]+)"', (await client.get("chat")).text)
    assert 'href="/django/accounts/signup/?next=/django/chat"' in (await client.get(path)).text
    response = await fill(client, path, username="Ann", password="korrekt-pferd-7")  # noqa: S106 - hers
    assert response.headers["location"] == "/django/chat"


@pytest.mark.django_db(transaction=True)
async def test_member_who_logs_out_is_a_visitor_again(client):
    await fill(client, "accounts/signup/", **GOOD)
    page = (await client.get("chat/tea")).text
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
    response = await client.post(
        "accounts/logout/", data={"csrfmiddlewaretoken": token, "next": "/django/chat/tea"}
    )
    assert response.headers["location"] == "/django/chat/tea"
    assert "This is for members" in (await client.get("chat/tea")).text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param({"username": "A nn"}, "Enter a valid username", id="a name with a space"),
        pytest.param({"username": "<b>"}, "Enter a valid username", id="a name with a tag"),
        pytest.param({"username": "Ben"}, "already exists", id="a name that is taken"),
        pytest.param({"password2": "x"}, "match", id="two passwords"),
        pytest.param({"password1": "", "password2": ""}, "required", id="no password"),
    ],
)
async def test_bad_form_is_shown_again_with_what_is_wrong(client, fields, complaint):
    await session("Ben")
    response = await fill(client, "accounts/signup/", **{**GOOD, **fields})
    assert (response.status_code, complaint in response.text) == (200, True)
    assert await get_user_model().objects.acount() == 1


@pytest.mark.django_db(transaction=True)
async def test_sign_up_leads_to_no_other_site(client):
    response = await fill(client, "accounts/signup/?next=https://elsewhere.example/", **GOOD)
    assert response.headers["location"] == "/django/"


async def test_sign_up_without_the_token_of_its_page_is_refused(client):
    assert (await client.post("accounts/signup/", data=GOOD)).status_code == 403


@pytest.mark.parametrize("room", ["a/b", "x" * 41, "a b", "%C3%A9", "%3Cscript%3E"])
async def test_page_of_a_room_that_is_none_is_not_there(client, room):
    assert (await client.get(f"chat/{room}")).status_code == 404
