"""What the exhibits say of threads and of the event loop, as the recorder sees it."""

import threading

import httpx
import pytest
from django.core.asgi import get_asgi_application

from apps.django_site import pools
from apps.django_site.asgi import application as django
from apps.raw_asgi import blocking
from asgiscope import Recorder
from asgiscope.hops import watch_hops
from asgiscope.stalls import watch_stalls

HOOKS = "process_request", "process_response", "process_view"


async def seen(app, path):
    """The conversation for a path, with its hops and stalls; the first call is for what is made only once."""
    conversations = []
    app = Recorder(app, conversations.append)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get(path)).status_code == 200
        with watch_hops(), watch_stalls(0.05):
            assert (await client.get(path)).status_code == 200
    return conversations[-1]


def views(conversation):
    """The hops to a thread that are no hook of a middleware, and no signal."""
    return [hop for hop in conversation.hops if not hop.what.endswith(HOOKS) and "Middleware" not in hop.what]


@pytest.mark.parametrize(
    ("app", "path", "file"),
    [
        pytest.param(blocking.app, "/wrong?seconds=0.3", blocking.__file__, id="by hand"),
        pytest.param(django, "/blocking/wrong?seconds=0.3", pools.__file__, id="in Django"),
    ],
)
async def test_way_that_is_wrong_stalls_the_loop_at_its_own_line(app, path, file):
    stalls = [stall for stall in (await seen(app, path)).stalls if stall.line.file == file]
    assert [stall.line.function for stall in stalls] == ["sleep"]
    assert stalls[0].length > 150_000_000


@pytest.mark.parametrize(
    ("app", "path"),
    [
        pytest.param(blocking.app, "/async?seconds=0.3", id="by hand"),
        pytest.param(blocking.app, "/to_thread?seconds=0.3", id="by hand, in a thread"),
        pytest.param(django, "/blocking/async?seconds=0.3", id="in Django"),
        pytest.param(django, "/blocking/sync?seconds=0.3", id="in Django, in a thread"),
        pytest.param(django, "/blocking/sensitive?seconds=0.3", id="in Django, by sync_to_async"),
    ],
)
async def test_way_that_is_right_does_not_stall_the_loop(app, path):
    stalls = (await seen(app, path)).stalls
    # A machine that is busy may be late, but nobody sleeps in the loop.
    assert [stall for stall in stalls if stall.line.function == "sleep"] == []


@pytest.mark.parametrize(
    ("way", "what", "sensitive"),
    [
        ("sync", "sync", True),
        ("sensitive", "sleep", True),
        ("insensitive", "sleep", False),
    ],
)
async def test_way_through_a_thread_is_a_hop_with_its_thread(way, what, sensitive):
    hops = views(await seen(django, f"/blocking/{way}?seconds=0.05"))
    [hop] = [hop for hop in hops if hop.what.rpartition(".")[2] == what]
    assert (hop.to, hop.sensitive, hop.how) == ("thread", sensitive, "return")
    assert hop.ran >= 50_000_000
    assert hop.thread != threading.main_thread().name


async def test_async_view_makes_no_hop_of_its_own():
    assert [
        hop for hop in views(await seen(django, "/blocking/async?seconds=0.01")) if hop.sensitive is False
    ] == []


async def test_each_synchronous_hook_of_a_middleware_is_a_hop():
    conversation = await seen(get_asgi_application(), "/hello")
    hooks = [hop.what for hop in conversation.hops if hop.what.endswith(HOOKS)]
    assert "SessionMiddleware.process_request" in hooks
    assert "XFrameOptionsMiddleware.process_response" in hooks
    assert len(hooks) == len(set(hooks)) >= 10
    # All of them in one thread, which is the request's.
    assert len({hop.thread for hop in conversation.hops}) == 1


async def test_middleware_that_is_async_makes_no_hop():
    told = (await seen(django, "/middleware")).hops
    assert [hop for hop in told if "upper_case" in hop.what or "server_timing" in hop.what] == []


@pytest.mark.django_db(transaction=True)
async def test_async_orm_is_a_hop_for_each_query():
    conversation = await seen(django, "/readings")
    queries = [hop for hop in conversation.hops if "readings" in str(hop.outside)]
    assert queries
    assert {hop.to for hop in queries} == {"thread"}
