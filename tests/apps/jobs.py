"""The site and its workers as real processes, on a broker where a queue is one test's own."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import kombu
import pytest
import redis

from servers import LAUNCHERS, Options, running
from tests.apps.databases import ROOT, database, manage

PATIENCE = 60  # seconds for what should take a few, on a machine that does much else
URLS = {
    "files": "filesystem://localhost",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
    "redis": "redis://127.0.0.1:6379/0",
}
CELERY = ["-m", "celery", "-A", "apps.django_site", "worker", "--loglevel", "INFO"]
SOLO = [*CELERY, "--pool", "solo"]
PREFORK = [*CELERY, "--pool", "prefork", "--concurrency", "1"]
DJANGO = ["apps/django_site/manage.py", "db_worker", "--no-startup-delay", "--interval", "0.2"]


def standing(name):
    """The URL of the broker: that of the environment, if it is of this kind."""
    url, scheme = os.environ.get("CELERY_BROKER_URL", ""), URLS[name].partition("://")[0]
    return url if url.startswith(f"{scheme}://") else URLS[name]


@contextmanager
def queue(name):
    """A queue that nobody else uses, at the URL of its broker; skips the test where no broker answers."""
    url, own = standing(name), f"asgi-explorer-test-{secrets.token_hex(6)}"
    if name == "files":
        yield url, own
    elif name == "redis":
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=3) as client:
            try:
                client.ping()
            except redis.RedisError as error:
                pytest.skip(f"no Redis answers: {error}")
            yield url, own
            for key in client.scan_iter(f"{own}:*"):
                client.delete(key)
    else:
        with kombu.Connection(url, connect_timeout=3) as connection:
            try:
                connection.connect()
            except OSError as error:
                pytest.skip(f"no RabbitMQ answers: {error}")
        yield url, own
        with kombu.Connection(url, connect_timeout=3) as connection:
            connection.default_channel.queue_delete(own)
            connection.default_channel.exchange_delete(own)


class Site:
    """The site on a server, and a client of it."""

    def __init__(self, stack):
        self.stack = stack
        self.start()

    def start(self):
        """Start a server, and let the client know of it."""
        options = Options(app="apps.django_site.asgi:application")
        self.server = self.stack.enter_context(running(LAUNCHERS["uvicorn"], options))
        client = httpx.Client(base_url=self.server.url, timeout=PATIENCE)
        self.client = self.stack.enter_context(client)

    def restart(self):
        """Kill the server with -9, and start another."""
        self.server.process.kill()
        self.server.process.wait(PATIENCE)
        self.start()

    def post(self, path, **fields):
        """The answer to a form, sent as a browser sends it."""
        page = self.client.get("/jobs").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        return self.client.post(path, data={"csrfmiddlewaretoken": token, **fields})

    def begin(self, kind, **fields):
        """The path of a new job."""
        answer = self.post("/jobs", **{"kind": kind, "steps": 1, "pause": 0, "fails": 0, **fields})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def events(self, path) -> Iterator[dict]:
        """What is told of the job, as it is told."""
        with self.client.stream("GET", f"{path}/events") as response:
            assert response.headers["content-type"] == "text/event-stream"
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def until(self, path, is_so):
        """What is told of the job when it is so for the first time."""
        for told in self.events(path):
            if is_so(told):
                return told
        raise AssertionError("the job has ended, and it was never so")

    def now(self, path):
        """What is told of the job."""
        return self.until(path, lambda told: True)

    def ended(self, path):
        """What is told of the job at its end."""
        *_, last = self.events(path)
        return last


def prepare(url, directory):
    """Make the tables. Those of SQLite are a file, which the first test makes for all that come after it."""
    if not url.startswith("sqlite"):
        manage(url, "migrate")
        return
    made = directory.parent / "jobs.sqlite3"
    if not made.exists():
        manage(f"sqlite:///{made}", "migrate")
    shutil.copy(made, directory / "site.sqlite3")


@contextmanager
def site(name, directory, monkeypatch, *, url=None, database_name="sqlite"):
    """The site, with this broker, and nobody who works for it."""
    with queue(name) as (broker, own), database(database_name, directory) as kept:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.apps.job_settings")
        monkeypatch.setenv("CELERY_BROKER_URL", url or broker)
        monkeypatch.setenv("JOBS_QUEUE", own)
        monkeypatch.setenv("JOBS_DIRECTORY", str(directory))
        monkeypatch.setenv("DATABASE_URL", kept)
        prepare(kept, directory)
        with ExitStack() as stack:
            yield Site(stack)


@contextmanager
def worker(command):
    """A worker in a process of its own, started by the command, and killed when the block ends."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - the commands are those above
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            yield process
        except BaseException as error:
            log.seek(0)
            error.add_note(f"the worker printed:\n{log.read().decode(errors='replace')[-8000:]}")
            raise
        finally:
            kill(process)


def kill(process):
    """Kill -9 the process and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(PATIENCE)


def children(process):
    """The processes that it has started and that run."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]
