"""Jobs that the lifespan owns: how they are begun, watched and cancelled, and what becomes of them."""

import asyncio
import json
import re
from contextlib import asynccontextmanager

import httpx
import pytest

from apps.raw_asgi import jobs
from servers import LAUNCHERS, Options, running
from tests.conversation import answer, call, http, lifespan

STOPPED = {"type": "lifespan.shutdown.complete"}
LONG = "?steps=20&pause=5"


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Server:
    """The server's end: of the lifespan, and of requests to the exhibit at /m."""

    def __init__(self, peer, state):
        self.peer, self.state = peer, state

    def scope(self, method, path):
        return http(method, f"/m{path}", root_path="/m", state=dict(self.state))

    async def request(self, method, path=""):
        """The status, what is told, and the headers."""
        start, *bodies = await answer(jobs.app, self.scope(method, path))
        body = b"".join(event.get("body", b"") for event in bodies).decode()
        headers = dict(start["headers"])
        is_json = headers.get(b"content-type") == b"application/json"
        return start["status"], json.loads(body) if is_json else body, headers

    async def begin(self, query):
        """The path of a new job."""
        status, told, headers = await self.request("POST", query)
        assert (status, told["state"]) == (202, "running")
        return headers[b"location"].decode().removeprefix("/m")

    async def ended(self, path):
        """What is told of a job at its end."""
        _, events, _ = await self.request("GET", f"{path}/events")
        return json.loads(events.split("data: ")[-1])


@asynccontextmanager
async def started():
    scope = lifespan()
    async with call(jobs.app, scope) as peer:
        await peer.says("lifespan.startup")
        assert await peer.hears() == {"type": "lifespan.startup.complete"}
        yield Server(peer, scope["state"])


@pytest.fixture
async def server():
    async with started() as server:
        yield server


async def test_jobs_tells_every_step_to_whoever_watches_and_ends_with_the_job(server):
    path = await server.begin("?steps=3&pause=0.01")
    status, events, headers = await server.request("GET", f"{path}/events")
    assert (status, headers[b"content-type"]) == (200, b"text/event-stream")
    told = [json.loads(line.removeprefix("data: ")) for line in events.split("\n\n") if line]
    seen = [(one["state"], one["step"]) for one in told]
    assert seen == [("running", 0), ("running", 1), ("running", 2), ("done", 3)]
    assert (await server.request("GET", path))[:2] == (200, told[-1])
    assert (await server.request("GET"))[1] == {"jobs": [told[-1]]}


async def test_jobs_goes_on_when_nobody_watches_any_more(server):
    path = await server.begin("?steps=2&pause=0.05")
    async with call(jobs.app, server.scope("GET", f"{path}/events")) as watching:
        await watching.says("http.request")
        assert (await watching.hears())["status"] == 200
        assert (await watching.hears())["more_body"] is True
        await watching.says("http.disconnect")
        assert all(event.get("more_body") for event in await watching.returns())
    assert (await server.ended(path))["state"] == "done"


@pytest.mark.parametrize(
    ("fails", "state", "step", "error"),
    [
        (2, "done", 2, None),
        (jobs.TRIES, "failed", 1, f"step 2 has failed, try {jobs.TRIES} of {jobs.TRIES}"),
    ],
    ids=["less often than it is tried", "every time"],
)
async def test_jobs_tries_a_step_again_that_fails(server, monkeypatch, fails, state, step, error):
    waits = []

    async def sleep(seconds, sleep=asyncio.sleep):
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(jobs.asyncio, "sleep", sleep)
    path = await server.begin(f"?steps=2&pause=0&fails={fails}")
    told = await server.ended(path)
    assert (told["state"], told["step"], told["error"]) == (state, step, error)
    assert [seconds for seconds in waits if seconds] == [1, 2, 4][: min(fails, jobs.TRIES - 1)]


async def test_jobs_cancels_a_job_and_tells_those_who_watch(server):
    path = await server.begin(LONG)
    async with call(jobs.app, server.scope("GET", f"{path}/events")) as watching:
        await watching.says("http.request")
        for _ in range(2):
            await watching.hears()
        status, told, _ = await server.request("DELETE", path)
        assert (status, told["state"]) == (200, "cancelled")
        event, end = await watching.returns()
    assert b'"cancelled"' in event["body"]
    assert end == {"type": "http.response.body"}
    status, told, _ = await server.request("DELETE", path)
    assert (status, told["state"]) == (200, "cancelled")


async def test_jobs_cancels_no_job_that_has_ended(server):
    path = await server.begin("?steps=1&pause=0")
    await server.ended(path)
    status, told, _ = await server.request("DELETE", path)
    assert (status, told["state"]) == (409, "done")


async def test_jobs_runs_only_so_many_at_a_time(server):
    paths = [await server.begin(LONG) for _ in range(jobs.RUNNING)]
    status, sentence, headers = await server.request("POST", LONG)
    assert (status, sentence) == (503, "8 jobs are running, try again later\n")
    assert headers[b"retry-after"] == b"10"
    await server.request("DELETE", paths[0])
    await server.begin(LONG)


async def test_jobs_forgets_those_that_have_ended_first(server, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 3)
    running = await server.begin(LONG)
    ended = []
    for _ in range(4):
        ended.append(await server.begin("?steps=1&pause=0"))
        await server.ended(ended[-1])
    _, told, _ = await server.request("GET")
    assert [f"/{job['id']}" for job in told["jobs"]] == [running, *ended[-2:]]


@pytest.mark.parametrize("path", ["/nonsense", "/" + "0" * 32, "/nonsense/events", "/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_jobs_says_that_a_job_is_unknown(server, method, path):
    status, sentence, _ = await server.request(method, path)
    assert status == 404
    assert method == "HEAD" or sentence.startswith("This process has no such job")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("", "DELETE", "GET, HEAD, POST"),
        ("/a", "POST", "DELETE, GET, HEAD"),
        ("/a/events", "DELETE", "GET, HEAD"),
    ],
)
async def test_jobs_tells_the_methods_of_each_place(server, path, method, allowed):
    status, _, headers = await server.request(method, path)
    assert (status, headers[b"allow"].decode()) == (405, allowed)


@pytest.mark.parametrize(
    "query",
    [
        *("steps=0", "steps=21", "steps=x", "steps=", "steps=" + "9" * 5000),
        *("pause=-1", "pause=5.1", "pause=nan", "fails=-1", "fails=10", "fails=1.5"),
    ],
    ids=lambda query: query[:20],
)
async def test_jobs_begins_none_with_a_bad_parameter(server, query):
    status, sentence, _ = await server.request("POST", f"?{query}")
    assert (status, sentence) == (400, "steps is 1 to 20, pause 0 to 5 seconds, fails 0 to 9\n")
    assert (await server.request("GET"))[1] == {"jobs": []}


async def test_jobs_answers_head_of_events_without_waiting(server):
    path = await server.begin(LONG)
    start, end = await answer(jobs.app, server.scope("HEAD", f"{path}/events"))
    assert (start["status"], end) == (200, {"type": "http.response.body"})


async def test_jobs_gives_a_sign_of_life_in_silence(server, monkeypatch):
    monkeypatch.setattr(jobs, "HEARTBEAT", 0.01)
    path = await server.begin(LONG)
    async with call(jobs.app, server.scope("GET", f"{path}/events")) as watching:
        await watching.says("http.request")
        bodies = [(await watching.hears()).get("body") for _ in range(4)]
        assert bodies[2:] == [b": still here\n\n"] * 2
        await watching.says("http.disconnect")
        await watching.returns()


async def test_jobs_ends_a_stream_quietly_when_send_knows_first_that_the_client_has_left(server):
    path = await server.begin(LONG)
    said = [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        if event["type"] == "http.response.body":
            raise BrokenPipeError

    await jobs.app(server.scope("GET", f"{path}/events"), receive, send)


async def test_jobs_lets_them_end_when_the_server_stops():
    async with started() as server:
        path = await server.begin("?steps=2&pause=0.05")
        await server.peer.says("lifespan.shutdown")
        assert (await server.ended(path))["state"] == "done"
        assert await server.peer.returns() == [STOPPED]


@pytest.mark.parametrize("how", ["told", "cancelled"])
async def test_jobs_cancels_what_has_not_ended_when_the_server_stops(how, monkeypatch):
    monkeypatch.setattr(jobs, "GRACE", 0.01)
    async with started() as server:
        path = await server.begin(LONG)
        if how == "told":
            await server.peer.says("lifespan.shutdown")
            assert await server.peer.returns() == [STOPPED]
        else:
            server.peer.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await server.peer.returns()
        _, told, _ = await server.request("GET", path)
    assert told["state"] == "cancelled"
    assert told["error"] == ("the server has stopped" if how == "told" else None)


async def test_jobs_refuses_a_lifespan_without_a_state_before_it_receives():
    scope = lifespan()
    del scope["state"]
    with pytest.raises(KeyError):
        await answer(jobs.app, scope)


def test_job_is_lost_with_the_process_that_was_killed():
    launcher, options = LAUNCHERS["uvicorn"], Options(app="apps.raw_asgi.jobs:app")
    with running(launcher, options) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        path = client.post(f"/{LONG}").headers["location"]
        assert client.get(path).json()["state"] == "running"
        server.process.kill()
        server.process.wait(30)
        with running(launcher, options) as another:
            answer = client.get(f"{another.url}{path}")
    assert answer.status_code == 404
    assert re.match("This process has no such job: .* none from before it was started", answer.text)
