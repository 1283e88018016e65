r"""Work that goes on after the answer: begun by one request, watched by others, owned by the lifespan.

A request that takes minutes is a request that breaks. So the answer comes at once, 202, and says where to
look. Then the work needs another owner, for a request that has ended owns nothing. Here it is the lifespan:
jobs run in a task group that opens when the server starts. When it stops, they get a grace; what has not
ended by then is cancelled, and its state says so.

    scope lifespan state={}
    receive lifespan.startup
    send lifespan.startup.complete
    receive lifespan.shutdown
    send lifespan.shutdown.complete
    return

A server without a lifespan has no owner to offer, and so no jobs:

    scope http POST /raw/jobs
    receive http.request
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'No jobs: this server runs no lifespan, and a job needs an owner.\n'
    return

All of it is in the memory of one process. Another worker does not know the job, and when this one is killed,
nothing is left, not even a state that says so. The twin shows what it takes to keep more.

Try it, with the location that the first command prints in place of ID:

    curl -i -X POST 'http://localhost:8000/raw/jobs?steps=20&pause=1&fails=1'
    curl -N http://localhost:8000/raw/jobs/ID/events
    curl http://localhost:8000/raw/jobs/ID
    curl -X DELETE http://localhost:8000/raw/jobs/ID
"""

import asyncio
import json
import uuid
from urllib.parse import parse_qsl, quote

RUNNING = 8  # jobs at a time
KEPT = 100  # jobs that are remembered, those that run included
TRIES = 4  # of a step that fails
BACKOFF = 1  # seconds before the second try, twice as many before each that follows
GRACE = 2  # seconds for the jobs to end when the server stops
HEARTBEAT = 15  # seconds of silence before a sign of life
ENDS = ("done", "failed", "cancelled")


class Job:
    """How far a job is. Who watches it waits for `news`, which is another future after each change."""

    def __init__(self):
        self.told = {"id": uuid.uuid4().hex, "state": "running", "step": 0, "error": None}
        self.news = asyncio.get_running_loop().create_future()
        self.task = None

    def tell(self, **changes):
        self.told.update(changes)
        news, self.news = self.news, asyncio.get_running_loop().create_future()
        news.set_result(None)


async def work(job, steps, pause, fails):
    """Take the steps. The last fails as often as is asked for; what fails is tried again, later and later."""
    for step in range(1, steps + 1):
        tries = 1
        await asyncio.sleep(pause)
        while step == steps and tries <= fails:
            error = f"step {step} has failed, try {tries} of {TRIES}"
            # No exception leaves this task: a task group answers one by cancelling all the others.
            if tries == TRIES:
                job.tell(state="failed", error=error)
                return
            job.tell(error=error)
            await asyncio.sleep(BACKOFF * 2 ** (tries - 1) + pause)
            tries += 1
        job.tell(step=step)
    job.tell(state="done", error=None)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        state, jobs = scope["state"], {}
        await receive()
        # Whatever ends this block, a server that cancels it included, no job outlives it.
        async with asyncio.TaskGroup() as owner:
            state["jobs"] = owner, jobs
            await send({"type": "lifespan.startup.complete"})
            await receive()
            if jobs:
                await asyncio.wait([job.task for job in jobs.values()], timeout=GRACE)
            for job in jobs.values():
                if not job.task.done():
                    job.tell(error="the server has stopped")
                    job.task.cancel()
        await send({"type": "lifespan.shutdown.complete"})
        return

    if scope["type"] != "http":
        raise ValueError(f"jobs speaks lifespan and http, not {scope['type']}")

    mount = scope.get("root_path", "")
    name, slash, place = scope["path"].removeprefix(mount).strip("/").partition("/")
    allowed = "GET, HEAD" if slash else "DELETE, GET, HEAD" if name else "GET, HEAD, POST"
    if scope["method"] not in allowed.split(", "):
        headers = [(b"allow", allowed.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    async def answer(status, body, *headers):
        """Answer with a sentence or, if it is none, with JSON. What it says may be another thing tomorrow."""
        kind = b"text/plain; charset=utf-8" if isinstance(body, str) else b"application/json"
        text = body if isinstance(body, str) else json.dumps(body) + "\n"
        body = b"" if scope["method"] == "HEAD" else text.encode()
        headers = [(b"content-type", kind), (b"cache-control", b"no-store"), *headers]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    owner, jobs = scope.get("state", {}).get("jobs", (None, {}))
    if owner is None:
        await answer(503, "No jobs: this server runs no lifespan, and a job needs an owner.\n")
    elif scope["method"] == "POST":
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            steps, fails = int(query.get("steps", "5")), int(query.get("fails", "0"))
            pause = float(query.get("pause", "1"))
            if not (1 <= steps <= 20 and 0 <= pause <= 5 and 0 <= fails <= 9):
                raise ValueError
        except ValueError:
            await answer(400, "steps is 1 to 20, pause 0 to 5 seconds, fails 0 to 9\n")
            return
        if sum(not job.task.done() for job in jobs.values()) >= RUNNING:
            await answer(503, f"{RUNNING} jobs are running, try again later\n", (b"retry-after", b"10"))
            return
        ended = [key for key, job in jobs.items() if job.task.done()]
        for key in ended[: max(len(jobs) - KEPT + 1, 0)]:
            del jobs[key]
        job = Job()
        jobs[job.told["id"]] = job
        job.task = owner.create_task(work(job, steps, pause, fails))
        # Not in `work`: a task that is cancelled before its first step never gets there.
        job.task.add_done_callback(lambda task: job.tell(state="cancelled") if task.cancelled() else None)
        await answer(202, job.told, (b"location", quote(f"{mount}/{job.told['id']}").encode()))
    elif not name:
        await answer(200, {"jobs": [job.told for job in jobs.values()]})
    elif name not in jobs or place not in ("", "events"):
        kept = f"it keeps the last {KEPT}, and none from before it was started"
        await answer(404, f"This process has no such job: {kept}.\n")
    elif scope["method"] == "DELETE":
        job = jobs[name]
        job.task.cancel()
        await asyncio.wait({job.task})
        await answer(200 if job.task.cancelled() else 409, job.told)
    elif not place:
        await answer(200, jobs[name].told)
    else:
        job = jobs[name]
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.ensure_future(receive())
        try:
            while scope["method"] != "HEAD" and not gone.done():
                # The future first: what happens while this is being sent is news, too.
                news = job.news
                event = f"data: {json.dumps(job.told)}\n\n".encode()
                await send({"type": "http.response.body", "body": event, "more_body": True})
                if job.told["state"] in ENDS:
                    break
                heard = set()
                while not heard:
                    heard, _ = await asyncio.wait(
                        {news, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
                    )
                    if not heard:
                        comment = b": still here\n\n"
                        await send({"type": "http.response.body", "body": comment, "more_body": True})
            if not gone.done():
                await send({"type": "http.response.body"})
        except OSError:
            # The client has left, and `send` knew it before `receive` did.
            pass
        finally:
            gone.cancel()
