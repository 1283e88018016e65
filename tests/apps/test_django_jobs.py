"""The twin of `jobs`, in process: its pages and its stream."""

import json
import re
import threading
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from django.db import OperationalError
from django.db.backends.signals import connection_created
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from apps.django_site.asgi import application
from apps.django_site.models import QUIET, Report
from apps.django_site.views import work as views
from asgiscope.testing import ASGITransport
from router import Router
from tests.conversation import call, http

pytestmark = pytest.mark.django_db(transaction=True)

SITE = Router({"/django": application})
JOB = {"kind": "django", "steps": "2", "pause": "0", "fails": "0"}


@pytest.fixture
async def client():
    transport = ASGITransport(SITE)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver/django/") as client:
        yield client


async def posted(client, path, **fields):
    """The answer to a form, filled in and sent from the page that has it."""
    page = (await client.get("jobs")).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return await client.post(path, data={"csrfmiddlewaretoken": token, **fields})


async def new(**fields):
    """A report that is kept, and that nobody has been told of."""
    return await Report.objects.acreate(**{"kind": "django", "steps": 2, "pause": 0, **fields})


async def seen(report):
    """The report as it is now."""
    return await Report.objects.aget(id=report.id)


# The pages


async def test_job_is_begun_and_listed(client):
    response = await posted(client, "jobs", **JOB)
    [report] = [report async for report in Report.objects.all()]
    assert (response.status_code, response.headers["location"]) == (302, f"/django/jobs/{report.id}")
    assert f"/django/jobs/{report.id}" in (await client.get("jobs")).text
    assert await DBTaskResult.objects.acount() == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": "cron"}, "cron is not one of the available choices"),
        ({"steps": "0"}, "greater than or equal to 1"),
        ({"steps": "21"}, "less than or equal to 20"),
        ({"steps": ""}, "This field is required"),
        ({"pause": "nan"}, "Enter a number"),
        ({"pause": "5.1"}, "less than or equal to 5"),
        ({"fails": "-1"}, "greater than or equal to 0"),
    ],
    ids=str,
)
async def test_bad_form_is_told_what_is_right_and_begins_nothing(client, changes, complaint):
    response = await posted(client, "jobs", **{**JOB, **changes})
    assert response.status_code == 400
    assert complaint in response.text
    assert not await Report.objects.aexists()


@pytest.mark.parametrize("path", ["jobs", "jobs/{id}/cancel", "jobs/{id}/retry"])
async def test_form_of_another_site_changes_nothing(client, path):
    report = await new(state="failed")
    response = await client.post(path.format(id=report.id), data=JOB)
    assert response.status_code == 403
    assert [report async for report in Report.objects.values_list("state", flat=True)] == ["failed"]


async def test_only_so_many_may_wait(client, monkeypatch):
    monkeypatch.setattr(views, "LIMIT", 1)
    await new(state="running")
    response = await posted(client, "jobs", **JOB)
    assert (response.status_code, response.text) == (503, "1 jobs wait already: try again later.\n")


async def test_job_that_has_ended_long_ago_is_forgotten_when_another_begins(client):
    old = timezone.now() - views.KEPT - timedelta(days=1)
    await new(state="done", updated=old)
    kept = [await new(state="running", updated=old), await new(state="done")]
    await posted(client, "jobs", **JOB)
    left = [report.id async for report in Report.objects.order_by("created")]
    assert left[:2] == [report.id for report in kept]
    assert len(left) == 3


@pytest.mark.parametrize("job", [str(uuid4()), "1", "nonsense"], ids=["no job's", "a number", "a word"])
@pytest.mark.parametrize("path", ["jobs/{}", "jobs/{}/events", "jobs/{}/cancel", "jobs/{}/retry"])
async def test_unknown_id_is_not_found_in_a_sentence(client, path, job):
    is_post = path.endswith(("cancel", "retry"))
    response = await (posted(client, path.format(job)) if is_post else client.get(path.format(job)))
    assert (response.status_code, response.text) == (404, views.NO_SUCH_JOB)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({}, ["manage.py db_worker", "Cancel"], id="waiting for Django's worker"),
        pytest.param({"kind": "celery"}, ["python -m celery -A", "Cancel"], id="waiting for Celery's"),
        pytest.param({"state": "running"}, ["Cancel"], id="running"),
        pytest.param(
            {"state": "running", "updated": timezone.now() - 2 * QUIET},
            ["Cancel", "It has not moved", "Try again"],
            id="perhaps killed",
        ),
        pytest.param({"state": "failed", "error": "why"}, ["why", "Try again"], id="failed"),
        pytest.param({"state": "cancelled"}, ["Try again"], id="cancelled"),
        pytest.param({"state": "done", "result": "whole"}, ["whole"], id="done"),
    ],
)
async def test_page_of_a_job_says_what_there_is_to_do(client, fields, says):
    report = await new(**fields)
    page = (await client.get(f"jobs/{report.id}")).text
    words = ["manage.py db_worker", "python -m celery -A", "It has not moved", "Cancel", "Try again"]
    words += ["why", "whole"]
    assert [word for word in words if word in page] == [word for word in words if word in says]
    assert ("EventSource" in page) == (report.state in ("waiting", "running"))


async def test_job_is_cancelled_unless_it_has_ended(client):
    report = await new(state="running")
    assert (await posted(client, f"jobs/{report.id}/cancel")).status_code == 302
    assert (await seen(report)).state == "cancelled"
    assert (await posted(client, f"jobs/{report.id}/cancel")).status_code == 409


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"state": "failed"}, 302, id="one that has failed"),
        pytest.param({"state": "cancelled"}, 302, id="one that was cancelled"),
        pytest.param(
            {"state": "running", "updated": timezone.now() - 2 * QUIET}, 302, id="one that is still"
        ),
        pytest.param({"state": "running"}, 409, id="one that runs"),
        pytest.param({"state": "waiting"}, 409, id="one that waits"),
        pytest.param({"state": "done"}, 409, id="one that is done"),
    ],
)
async def test_job_is_tried_again_if_there_is_reason_to(client, fields, status):
    report = await new(step=1, tries=4, error="why", **fields)
    assert (await posted(client, f"jobs/{report.id}/retry")).status_code == status
    now = await seen(report)
    if status == 302:
        assert (now.state, now.step, now.tries, now.error) == ("waiting", 1, 0, "")
    else:
        assert (now.state, now.tries) == (report.state, 4)
    assert await DBTaskResult.objects.acount() == (status == 302)


# The stream


def told(event):
    """What an event of the stream tells, as state and step."""
    data = json.loads(event["body"].removeprefix(b"data: "))
    return data["state"], data["step"]


async def lowered(scope, receive, send):
    """The site, but with header names in lower case, which `call` demands."""

    async def send_lowered(event):
        if "headers" in event:
            event = {**event, "headers": [(name.lower(), value) for name, value in event["headers"]]}
        await send(event)

    await SITE(scope, receive, send_lowered)


async def test_stream_tells_every_change_and_ends_with_the_job():
    report = await new()
    async with call(lowered, http(target=f"/django/jobs/{report.id}/events")) as client:
        await client.says("http.request")
        start = await client.hears()
        assert (start["status"], dict(start["headers"])[b"content-type"]) == (200, b"text/event-stream")
        assert told(await client.hears()) == ("waiting", 0)
        for state, step in [("running", 0), ("running", 1), ("done", 2)]:
            await Report.objects.filter(id=report.id).aupdate(state=state, step=step)
            assert told(await client.hears()) == (state, step)
        assert await client.returns() == [{"type": "http.response.body"}]


@pytest.mark.parametrize("how", ["the client leaves", "the job is forgotten"])
async def test_stream_ends_when(how):
    report = await new()
    async with call(lowered, http(target=f"/django/jobs/{report.id}/events")) as client:
        await client.says("http.request")
        for _ in range(2):
            await client.hears()
        if how == "the client leaves":
            await client.says("http.disconnect")
            assert await client.returns() == []
        else:
            await Report.objects.all().adelete()
            assert await client.returns() == [{"type": "http.response.body"}]


async def test_stream_gives_a_sign_of_life_in_silence(monkeypatch):
    monkeypatch.setattr(views, "HEARTBEAT", 0.01)
    report = await new()
    async with call(lowered, http(target=f"/django/jobs/{report.id}/events")) as client:
        await client.says("http.request")
        bodies = [(await client.hears()).get("body") for _ in range(4)]
        assert bodies[2:] == [b": still here\n\n"] * 2
        await client.says("http.disconnect")
        await client.returns()


async def test_stream_keeps_no_connection_between_two_looks():
    opened = []

    def note(**_):
        opened.append(threading.current_thread())

    report = await new()
    async with call(lowered, http(target=f"/django/jobs/{report.id}/events")) as client:
        await client.says("http.request")
        await client.hears()
        await client.hears()
        connection_created.connect(note)
        try:
            await Report.objects.filter(id=report.id).aupdate(state="done")
            await client.hears()
        finally:
            connection_created.disconnect(note)
        await client.returns()
    assert [thread for thread in opened if thread.name.startswith("ThreadPoolExecutor")]


async def test_stream_ends_with_a_line_in_the_log_when_the_database_goes(monkeypatch, caplog):
    def gone(report_id):
        raise OperationalError("the database has gone")

    report = await new()
    monkeypatch.setattr(views, "looked", gone)
    async with call(lowered, http(target=f"/django/jobs/{report.id}/events")) as client:
        await client.says("http.request")
        start, *end = await client.returns()
    assert (start["status"], end) == (200, [{"type": "http.response.body"}])
    assert "no more events, as the database has gone" in caplog.text
