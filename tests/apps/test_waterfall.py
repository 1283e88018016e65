"""Twenty requests at once: what each way, of the exhibit and of its twin, does to the others."""

import asyncio
import os
import re
import subprocess
import threading
import xml.etree.ElementTree as ET
from itertools import accumulate
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import asgi
from apps.django_site.asgi import application as django
from apps.drawing import drawing, step
from apps.raw_asgi import blocking
from apps.waterfall import COUNT, Waterfall, turn
from router import Router
from servers import LAUNCHERS, Options, running
from tests.conversation import PATIENCE, answer, call, http, until, websocket

SITE = Router({"/raw/blocking": Waterfall(blocking.app), "/django": Waterfall(django, "/blocking")})

# What concurrent.futures gives a program that asks for no number of threads.
DEFAULT = min(32, (os.cpu_count() or 1) + 4)


class Way(NamedTuple):
    """What is true of twenty requests at once: how many wait side by side, and where."""

    path: str
    seconds: float
    least: int  # side by side
    most: int
    thread: str  # a pattern of its name
    frees_loop: bool


WAYS = [
    Way("/raw/blocking/async", 0.2, COUNT // 2, COUNT, "MainThread", True),
    Way("/raw/blocking/wrong", 0.05, 1, 1, "MainThread", False),
    Way("/raw/blocking/one_thread", 0.05, 1, 1, "one_0", True),
    Way("/raw/blocking/to_thread", 0.1, 2, DEFAULT, r"asyncio_\d+", True),
    Way("/raw/blocking/pool", 0.2, COUNT // 2, COUNT, r"pool_\d+", True),
    Way("/raw/blocking/cpu", 0.02, 1, 1, "MainThread", False),
    Way("/django/blocking/sync", 0.2, COUNT // 2, COUNT, r"ThreadPoolExecutor-\d+_0", True),
    Way("/django/blocking/async", 0.2, COUNT // 2, COUNT, "MainThread", True),
    Way("/django/blocking/wrong", 0.05, 1, 1, "MainThread", False),
    Way("/django/blocking/sensitive", 0.2, COUNT // 2, COUNT, r"ThreadPoolExecutor-\d+_0", True),
    Way("/django/blocking/insensitive", 0.1, 2, DEFAULT, r"asyncio_\d+", True),
    Way("/django/blocking/to_thread", 0.1, 2, DEFAULT, r"asyncio_\d+", True),
    Way("/django/blocking/pool", 0.2, COUNT // 2, COUNT, r"pool_\d+", True),
    Way("/django/blocking/cpu", 0.02, 1, 1, "MainThread", False),
]


@pytest.fixture(autouse=True)
async def nothing_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not turn.locked()


def side_by_side(lanes):
    """How many of them waited at the same time, at most."""
    steps = sorted([(lane["began"], 1) for lane in lanes] + [(lane["ended"], -1) for lane in lanes])
    return max(accumulate(change for _, change in steps))


async def fallen(client, path, seconds):
    """The waterfall of a way, as JSON."""
    base, _, way = path.rpartition("/")
    response = await client.get(f"{base}/waterfall.json", params={"way": way, "seconds": seconds})
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.path)
async def test_way_lets_as_many_wait_side_by_side_as_it_has_threads_for(asgi_client, way):
    async with asgi_client(SITE, timeout=50) as client:
        seen = await fallen(client, way.path, way.seconds)
    lanes = seen["requests"]
    assert len(lanes) == COUNT
    assert way.least <= side_by_side(lanes) <= way.most
    assert all(re.fullmatch(way.thread, lane["thread"]) for lane in lanes)
    assert {lane["process"] for lane in lanes} == {os.getpid()}
    assert {lane["held"] for lane in lanes} == {not way.path.endswith("/async")}

    alone, one_by_one = way.seconds, COUNT * way.seconds
    if way.most == 1:
        assert seen["total"] >= 0.98 * one_by_one
    else:
        assert alone <= seen["total"] < max(one_by_one, 2 * alone)
    if not way.frees_loop:
        # In Django there are waits between two views, for the middleware's threads.
        assert seen["latest"] > 0.8 * alone


@pytest.mark.parametrize("path", ["/django/blocking/sync", "/django/blocking/sensitive"])
async def test_no_two_requests_to_django_are_on_one_thread_at_a_time(asgi_client, path):
    async with asgi_client(SITE, timeout=50) as client:
        seen = await fallen(client, path, 0.2)
    for thread in {lane["thread"] for lane in seen["requests"]}:
        assert side_by_side([lane for lane in seen["requests"] if lane["thread"] == thread]) == 1


@pytest.mark.parametrize("base", ["/raw/blocking", "/django/blocking"])
async def test_threads_share_a_processor_and_processes_do_not(asgi_client, base):
    async with asgi_client(SITE, timeout=50) as client:
        threads = await fallen(client, f"{base}/cpu_thread", 0.02)
        # The first one waits for its processes to start.
        await fallen(client, f"{base}/cpu_process", 0.01)
        processes = await fallen(client, f"{base}/cpu_process", 0.02)
    used = {lane["process"] for lane in processes["requests"]}
    assert os.getpid() not in used
    assert side_by_side(processes["requests"]) <= len(used) <= (os.cpu_count() or 1)
    assert not any(map(alive, used))

    assert {lane["process"] for lane in threads["requests"]} == {os.getpid()}
    assert side_by_side(threads["requests"]) > 1
    # To be side by side is no gain where one has to wait for the other.
    assert threads["total"] > 0.8 * COUNT * 0.02


def alive(process):
    """Whether the process runs; one that has ended and that nobody has asked about does not."""
    ps = ["ps", "-o", "stat=", "-p", str(process)]
    state = subprocess.run(ps, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return state[:1] not in ("", "Z")


async def test_times_of_a_request_are_in_order(asgi_client):
    async with asgi_client(SITE, timeout=50) as client:
        seen = await fallen(client, "/raw/blocking/one_thread", 0.01)
    for lane in seen["requests"]:
        times = [lane[name] for name in ("start", "began", "ended", "first_byte", "end")]
        assert times == sorted(times)
        assert times[-1] <= seen["total"]
    assert seen["latest"] == max([0.0, *(stall["late"] for stall in seen["stalls"])])


@pytest.mark.parametrize("base", ["/raw/blocking", "/django/blocking"])
async def test_page_links_a_drawing_of_every_way(base):
    transport = httpx.ASGITransport(asgi.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        page = await client.get(f"{base}/waterfall")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        ways = (await client.get(base)).json()
        assert re.findall(r'href="waterfall\.svg\?way=(\w+)"', page.text) == list(ways)
        response = await client.get(f"{base}/waterfall.svg?way=async&seconds=0.01")
    assert response.headers["content-type"] == "image/svg+xml"
    assert len([e for e in ET.fromstring(response.text).iter() if e.get("class") == "bar"]) == COUNT + 1  # noqa: S314


@pytest.mark.parametrize(
    ("target", "status", "why"),
    [
        pytest.param("json", 400, "way is one of async, wrong,", id="no way"),
        pytest.param("svg?way=../../secret", 400, "way is one of async, wrong,", id="a way out"),
        pytest.param("svg?way=async&seconds=2", 400, "seconds is 0.01 to 1", id="too long"),
        pytest.param("svg?way=pool", 503, "No pool: this server runs no lifespan.", id="no lifespan"),
    ],
)
async def test_what_cannot_be_asked_twenty_times_is_refused_in_a_sentence(target, status, why):
    scope = http(target=f"/raw/blocking/waterfall.{target}")
    start, body = await answer(SITE, scope)
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (
        status,
        b"text/plain; charset=utf-8",
    )
    assert body["body"].decode().startswith(why)


@pytest.mark.parametrize("name", ["waterfall", "waterfall.json?way=wrong", "waterfall.svg?way=wrong"])
async def test_head_of_a_waterfall_stops_nothing(name):
    start, body = await answer(SITE, http("HEAD", f"/raw/blocking/{name}"))
    assert (start["status"], body["body"]) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_waterfall_is_only_looked_at(method):
    start, _ = await answer(SITE, http(method, "/raw/blocking/waterfall"))
    assert (start["status"], dict(start["headers"])[b"allow"]) == (405, b"GET, HEAD")


ASYNC = "/raw/blocking/waterfall.json?way=async&seconds=1"


async def test_second_waterfall_is_told_to_come_back():
    async with call(SITE, http(target=ASYNC)) as first:
        await first.says("http.request")
        await until(turn.locked)
        start, body = await answer(SITE, http(target=ASYNC.replace("raw", "django").replace("=1", "=0.01")))
        assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"20")
        assert b"one waterfall at a time" in body["body"]
        await first.says("http.disconnect")
        assert await first.returns() == []


@pytest.mark.parametrize("base", ["/raw/blocking", "/django/blocking"])
async def test_waterfall_ends_with_its_client(base):
    before = asyncio.all_tasks()
    async with call(SITE, http(target=f"{base}/waterfall.json?way=async&seconds=1")) as client:
        await client.says("http.request")
        await until(lambda: turn.locked() and len(asyncio.all_tasks()) > len(before) + COUNT)
        await client.says("http.disconnect")
        assert await client.returns() == []
    assert asyncio.all_tasks() == before


async def test_waterfall_that_is_cancelled_takes_its_requests_with_it():
    async with call(SITE, http(target=ASYNC)) as client:
        await client.says("http.request")
        await until(turn.locked)
        client.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client.returns()


async def test_client_that_leaves_before_its_request_has_ended_has_asked_for_nothing():
    half = {"type": "http.request", "more_body": True}
    assert await answer(SITE, http(target=ASYNC), half, {"type": "http.disconnect"}) == []


async def test_error_of_one_request_is_raised():
    async def app(scope, receive, send):
        if scope["path"] == "/way":
            raise RuntimeError("no way")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"way": ""}'})

    with pytest.raises(RuntimeError, match="no way"):
        await answer(Waterfall(app), http(target="/waterfall.json?way=way"))


async def test_everything_else_is_handed_on_untouched():
    seen = []

    async def app(*conversation):
        seen.append(conversation)

    events = object(), object()
    scopes = [
        {"type": "lifespan"},
        websocket("/waterfall"),
        http(target="/elsewhere"),
        http(target="/waterfall/x"),
    ]
    for scope in scopes:
        await Waterfall(app)(scope, *events)
    assert [scope for scope, *_ in seen] == scopes
    assert all(scope is given for (scope, *_), given in zip(seen, scopes, strict=True))
    assert all(tuple(rest) == events for _, *rest in seen)


# The drawing


def told(way="way", about="about", lanes=1, stalls=()):
    """A waterfall that never was."""
    lane = {"start": 0.0, "began": 0.2, "ended": 0.7, "first_byte": 0.9, "end": 1.0}
    lane |= {"process": 1, "thread": "a", "held": True}
    latest = max((stall["late"] for stall in stalls), default=0.0)
    return {
        "way": way,
        "about": about,
        "total": 1.0,
        "latest": latest,
        "stalls": stalls,
        "requests": [lane] * lanes,
    }


def test_drawing_says_in_words_what_it_shows():
    late = drawing(told(about="a <b> & c", stalls=[{"due": 0.25, "late": 0.5}]))
    title, about = ET.fromstring(late)[:2]  # noqa: S314
    assert title.text == "1 requests at once: way"
    assert about.text == (
        "a <b> & c. The last one was answered after 1.00 s, and the event loop was up to 0.50 s late."
    )
    assert "the event loop was on time." in drawing(told())


@given(total=st.floats(0.01, 1000))
def test_clock_has_three_to_eight_lines(total):
    assert 3 <= total / step(total) <= 8


# Over sockets


@pytest.fixture(scope="module")
def server():
    with running(LAUNCHERS["uvicorn"], Options()) as server:
        yield server


async def test_requests_from_outside_fare_as_the_waterfall_says(server):
    async with httpx.AsyncClient(base_url=server.url, timeout=50) as client:
        for path, seconds, fewest, most in [
            ("/raw/blocking/async", 0.5, 2, COUNT),
            ("/django/blocking/sync", 0.5, 2, COUNT),
            ("/raw/blocking/wrong", 0.05, 1, 1),
            ("/django/blocking/wrong", 0.05, 1, 1),
        ]:
            requests = [client.get(path, params={"seconds": seconds}) for _ in range(COUNT)]
            lanes = [response.json() for response in await asyncio.gather(*requests)]
            inside = await fallen(client, path, seconds)
            for reports in (lanes, inside["requests"]):
                assert fewest <= side_by_side(reports) <= most
            assert {report["process"] for report in lanes} == {lane["process"] for lane in inside["requests"]}


async def test_processes_of_the_pool_end_with_a_server_that_is_killed():
    with running(LAUNCHERS["uvicorn"], Options()) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=50) as client:
            reports = [
                (await client.get(f"/{base}/blocking/cpu_process?seconds=0.01")).json()
                for base in ("raw", "django")
            ]
        processes = [report["process"] for report in reports]
        assert all(map(alive, processes))
        server.process.kill()
        gone = asyncio.to_thread(wait_for_end, processes)
        await asyncio.wait_for(gone, PATIENCE)


async def test_worker_of_hypercorn_says_that_it_can_start_no_processes():
    with running(LAUNCHERS["hypercorn"], Options()) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=50) as client:
            for base in ("raw", "django"):
                response = await client.get(f"/{base}/blocking/cpu_process?seconds=0.01")
                assert response.status_code == 503
                assert response.text.startswith("No processes: this server has made its worker a daemon")
                assert (await client.get(f"/{base}/blocking/pool?seconds=0.01")).status_code == 200


def wait_for_end(processes):
    """Wait until none of the processes runs."""
    pause = threading.Event()
    while any(map(alive, processes)):
        pause.wait(0.05)
