"""Real workers on real brokers: what is made, and what comes back when its worker is killed."""

import os
import socket
import subprocess
import sys

import pytest

from tests.apps import jobs
from tests.apps.databases import ROOT
from tests.apps.jobs import DJANGO, PATIENCE, PREFORK, SOLO, children, kill, site, worker
from tests.apps.stores import store

pytestmark = pytest.mark.timeout(240)

BROKERS = ["files", "rabbitmq", "redis"]


@pytest.mark.parametrize(
    ("kind", "command", "broker", "database"),
    [
        *[pytest.param("celery", SOLO, broker, "sqlite", id=f"celery, {broker}") for broker in BROKERS],
        pytest.param("celery", PREFORK, "rabbitmq", "postgres", id="celery, a pool of processes, PostgreSQL"),
        pytest.param("django", DJANGO, "files", "sqlite", id="django"),
        pytest.param("django", DJANGO, "files", "postgres", id="django, PostgreSQL"),
    ],
)
def test_job_waits_for_a_worker_and_is_watched_to_its_result(
    kind, command, broker, database, tmp_path, monkeypatch
):
    with site(broker, tmp_path, monkeypatch, database_name=database) as here:
        path = here.begin(kind, steps=3, pause=0.3, fails=1)
        page = here.client.get(path).text
        assert "It waits for a worker." in page
        assert {"celery": "celery -A apps.django_site worker", "django": "manage.py db_worker"}[kind] in page
        events = here.events(path)
        assert next(events)["state"] == "waiting"
        with worker(command):
            seen = [(told["state"], told["step"]) for told in events]
            told = here.now(path)
        assert (told["state"], told["step"], told["tries"]) == ("done", 3, 2)
        assert told["result"] == "3 steps, 2 tries"
        # Between two looks, a state can come and go; none comes in the wrong order.
        assert seen == sorted(seen, key=lambda one: one[1])
        assert any(state == "running" and 0 < step < 3 for state, step in seen)
        assert "3 steps, 2 tries" in here.client.get(path).text


@pytest.mark.parametrize(
    ("kind", "command", "broker", "visible", "comes_back"),
    [
        pytest.param("celery", SOLO, "rabbitmq", None, True, id="celery, rabbitmq"),
        pytest.param("celery", SOLO, "redis", "5", True, id="celery, redis after the visibility timeout"),
        pytest.param("celery", SOLO, "redis", "300", False, id="celery, redis before it"),
        pytest.param("celery", SOLO, "files", None, False, id="celery, files"),
        pytest.param("django", DJANGO, "files", None, False, id="django"),
    ],
)
def test_job_of_a_worker_that_is_killed_comes_back_where_the_broker_has_kept_it(
    kind, command, broker, visible, comes_back, tmp_path, monkeypatch
):
    if visible:
        monkeypatch.setenv("JOBS_VISIBILITY_TIMEOUT", visible)
    with site(broker, tmp_path, monkeypatch) as here:
        path = here.begin(kind, steps=6, pause=0.5)
        with worker(command) as first:
            here.until(path, lambda told: told["step"] >= 1)
            kill(first)
        left = here.now(path)
        assert left["state"] == "running"
        with worker(command):
            if comes_back:
                told = list(here.events(path))
                assert min(one["step"] for one in told) == left["step"]
                assert (told[-1]["state"], told[-1]["tries"]) == ("done", 2)
            else:
                # The worker lives, and works for others.
                assert here.ended(here.begin(kind, pause=0.5))["state"] == "done"
                assert here.now(path) == left


@pytest.mark.parametrize(
    ("kind", "command"), [("celery", SOLO), ("django", DJANGO)], ids=["celery, files", "django"]
)
def test_job_that_nobody_brings_back_goes_on_where_it_was_when_a_person_tries_it_again(
    kind, command, tmp_path, monkeypatch
):
    with site("files", tmp_path, monkeypatch) as here:
        path = here.begin(kind, steps=6, pause=0.5)
        with worker(command) as first:
            here.until(path, lambda told: told["step"] >= 1)
            kill(first)
        step = here.now(path)["step"]
        assert here.post(f"{path}/retry").status_code == 409
        shell = "from apps.django_site.models import *; Report.objects.update(updated='2026-01-01T00:00Z')"
        jobs.manage(os.environ["DATABASE_URL"], "shell", "-c", shell)
        assert "It has not moved for a while." in here.client.get(path).text
        assert here.post(f"{path}/retry").status_code == 302
        assert here.now(path)["step"] == step
        with worker(command):
            steps = [told["step"] for told in here.events(path)]
        assert (min(steps), max(steps)) == (step, 6)


@pytest.mark.parametrize(
    ("kind", "command"), [("celery", SOLO), ("django", DJANGO)], ids=["celery", "django"]
)
def test_job_goes_on_when_the_server_that_took_it_is_killed(kind, command, tmp_path, monkeypatch):
    with site("files", tmp_path, monkeypatch) as here, worker(command):
        path = here.begin(kind, steps=6, pause=0.5)
        here.until(path, lambda told: told["step"] >= 1)
        here.restart()
        told = here.ended(path)
        assert (told["state"], told["tries"]) == ("done", 1)


def test_job_that_redis_gives_to_two_workers_takes_no_step_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBS_VISIBILITY_TIMEOUT", "4")
    with site("redis", tmp_path, monkeypatch) as here, worker(SOLO), worker(SOLO):
        path = here.begin("celery", steps=14, pause=0.5)
        steps = [told["step"] for told in here.events(path)]
        told = here.now(path)
        assert steps == sorted(steps)
        assert (told["state"], told["step"]) == ("done", 14)
        assert told["tries"] > 1


def test_job_that_takes_too_long_is_interrupted_and_its_worker_works_on(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBS_TIME_LIMIT", "2")
    with site("files", tmp_path, monkeypatch) as here, worker(PREFORK):
        told = here.ended(here.begin("celery", steps=20, pause=1))
        assert (told["state"], told["error"]) == ("failed", "an error, which the log tells")
        assert here.ended(here.begin("celery"))["state"] == "done"


@pytest.mark.parametrize(
    ("kind", "command", "broker"),
    [
        pytest.param("celery", SOLO, "files", id="celery, files"),
        pytest.param("celery", PREFORK, "rabbitmq", id="celery, a pool of processes"),
        pytest.param("django", DJANGO, "files", id="django"),
    ],
)
def test_worker_that_is_told_to_stop_ends_what_it_has_begun(kind, command, broker, tmp_path, monkeypatch):
    with site(broker, tmp_path, monkeypatch) as here, worker(command) as process:
        path = here.begin(kind, steps=6, pause=0.5)
        here.until(path, lambda told: told["step"] >= 1)
        process.terminate()
        told = here.ended(path)
        assert (told["state"], told["tries"]) == ("done", 1)
        process.wait(PATIENCE)


@pytest.mark.parametrize("broker", BROKERS)
def test_job_comes_back_when_only_the_process_of_the_pool_is_killed(broker, tmp_path, monkeypatch):
    with site(broker, tmp_path, monkeypatch) as here, worker(PREFORK) as parent:
        path = here.begin("celery", steps=6, pause=0.5)
        here.until(path, lambda told: told["step"] >= 1)
        for child in children(parent):
            os.kill(child, 9)
        told = here.ended(path)
        assert (told["state"], told["tries"]) == ("done", 2)


@pytest.mark.parametrize(
    ("kind", "command"), [("celery", SOLO), ("django", DJANGO)], ids=["celery", "django"]
)
def test_job_that_is_cancelled_takes_no_other_step_and_its_worker_works_on(
    kind, command, tmp_path, monkeypatch
):
    with site("files", tmp_path, monkeypatch) as here:
        unbegun, begun = here.begin(kind), here.begin(kind, steps=20, pause=0.3)
        assert here.post(f"{unbegun}/cancel").status_code == 302
        with worker(command):
            here.until(begun, lambda told: told["step"] >= 1)
            here.post(f"{begun}/cancel")
            told = here.ended(begun)
            assert told["state"] == "cancelled"
            assert here.ended(here.begin(kind))["state"] == "done"
            assert here.now(begun) == told
            assert (here.now(unbegun)["state"], here.now(unbegun)["tries"]) == ("cancelled", 0)


def revoke(path, timeout):
    """Tell the workers that this job is not to be begun; whether one has answered within these seconds."""
    command = ["-m", "celery", "-A", "apps.django_site", "control", "--timeout", timeout, "revoke"]
    done = subprocess.run(  # noqa: S603 - the command is Celery's
        [sys.executable, *command, path.rpartition("/")[2]],
        cwd=ROOT,
        timeout=PATIENCE,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_revoking_is_heard_by_a_worker_that_runs_and_the_job_is_never_told(broker, tmp_path, monkeypatch):
    with site(broker, tmp_path, monkeypatch) as here, worker(PREFORK):
        first = here.begin("celery", steps=20, pause=0.5)
        here.until(first, lambda told: told["step"] >= 1)
        revoked = here.begin("celery")
        assert revoke(revoked, "5")
        here.post(f"{first}/cancel")
        assert here.ended(here.begin("celery"))["state"] == "done"
        assert (here.now(revoked)["state"], here.now(revoked)["tries"]) == ("waiting", 0)


@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_revoking_is_forgotten_where_no_worker_runs(broker, tmp_path, monkeypatch):
    with site(broker, tmp_path, monkeypatch) as here:
        path = here.begin("celery")
        assert not revoke(path, "1")
        with worker(SOLO):
            assert here.ended(path)["state"] == "done"


@pytest.fixture
def silent():
    """The address of a broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed():
    """An address where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
@pytest.mark.parametrize("how", ["closed", "silent"])
def test_broker_that_is_down_is_said_and_nothing_else_stops(how, scheme, request, tmp_path, monkeypatch):
    url = f"{scheme}://{request.getfixturevalue(how)}"
    with site("files", tmp_path, monkeypatch, url=url) as here:
        answer = here.post("/jobs", kind="celery", steps=1, pause=0, fails=0)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
        assert answer.text.startswith("The broker does not take the job")
        assert "the broker has not taken it" in here.server.output()
        assert "Traceback" not in here.server.output()
        assert here.client.get("/hello").status_code == 200
        path = here.begin("django")
        with worker(DJANGO):
            assert here.ended(path)["state"] == "done"
        assert "Celery: failed, 0 of 1 steps" in here.client.get("/jobs").text


def test_broker_may_come_and_go_and_hang(tmp_path, monkeypatch):
    job = {"kind": "celery", "steps": 1, "pause": 0, "fails": 0}
    with store(tmp_path) as redis, site("files", tmp_path, monkeypatch, url=redis.url) as here:
        statuses = [here.post("/jobs", **job).status_code]
        redis.kill()
        statuses += [here.post("/jobs", **job).status_code]
        redis.start()
        statuses += [here.post("/jobs", **job).status_code]
        with redis.hung():
            statuses += [here.post("/jobs", **job).status_code]
        assert statuses == [302, 503, 302, 503]
        path = here.begin("celery")
        with worker(SOLO):
            assert here.ended(path)["state"] == "done"
