"""Work outside the request.

A request ends, and with it everything that was done for it. What goes on needs another owner, and others need
a place where they can see how far it is.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..decorators import asgi_only
from ..forms import NewReport
from ..models import Report
from ..tasks import NotTakenError, hand_on
from .streams import nothing

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
LIMIT = 50  # reports that have not ended
KEPT = timedelta(days=7)  # how long one is kept that has
LOOKS = 0.25  # seconds between two looks at a report that is watched
HEARTBEAT = 15  # seconds of silence before a sign of life
ENDS = (Report.State.DONE, Report.State.FAILED, Report.State.CANCELLED)
WORKERS = {
    Report.Kind.DJANGO: "python apps/django_site/manage.py db_worker",
    Report.Kind.CELERY: "python -m celery -A apps.django_site worker",
}
NO_SUCH_JOB = "There is no such job: there never was, or it has ended a week ago and is forgotten.\n"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
async def jobs(request: HttpRequest) -> HttpResponse:
    """A job is a row in the database, and a message that names it.

    The exhibit gives its tasks to the lifespan. Django answers none, and what a view starts beside itself is
    owned by nobody:

        django/core/handlers/asgi.py: if scope["type"] != "http":

    So another process does the work: a worker, which is told an id and finds the rest in the database. There
    it also writes down how far it is, where every process can read it. Two kinds of worker do the same here.

    One is for Django's tasks, new in 6.0 and in older versions the package django-tasks. They are a way to
    say what is to be done. Django's own backends do it within the request, or not at all; that of
    django-tasks-db makes a row of it, for the worker to find. So report and task are one transaction.

        django/db/transaction.py: def atomic(using=None, savepoint=True, durable=False):

    The other is Celery. Its messages go through a broker, which no transaction includes, and which may be
    down: that is said with 503, after a few seconds. It tries again by itself, and a message whose worker is
    killed comes back, if the broker has kept it. docs/jobs.md says which do.

    Progress is a stream that looks into the database, and gives the connection back between two looks:

        django/http/response.py: async for part in self.streaming_content:
    """
    form = NewReport(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if await Report.objects.exclude(state__in=ENDS).acount() >= LIMIT:
            return HttpResponse(
                f"{LIMIT} jobs wait already: try again later.\n", status=503, content_type=TEXT
            )
        await Report.objects.filter(state__in=ENDS, updated__lt=timezone.now() - KEPT).adelete()
        return await handed_on(Report(**form.cleaned_data))
    context = {"form": form, "reports": [report async for report in Report.objects.all()[:20]]}
    return render(request, "jobs.html", context, status=400 if form.errors else 200)


async def handed_on(report: Report) -> HttpResponse:
    """Hand a report on, and lead to its page."""
    try:
        await hand_on(report)
    except NotTakenError:
        why = "The broker does not take the job: try again when it is up.\n"
        return HttpResponse(why, status=503, content_type=TEXT)
    return redirect("job", report.id)


async def found(job: str) -> Report | None:
    """The report with this id, None if there is none or if this is no id."""
    try:
        return await Report.objects.filter(id=UUID(job)).afirst()
    except ValueError:
        return None


@require_safe
@cache_control(no_store=True)
async def job(request: HttpRequest, job: str) -> HttpResponse:
    """One of them. The story of all is told where they are listed."""
    report = await found(job)
    if report is None:
        return HttpResponseNotFound(NO_SUCH_JOB, content_type=TEXT)
    return render(request, "job.html", {"report": report, "command": WORKERS[Report.Kind(report.kind)]})


@require_safe
@asgi_only
@cache_control(no_store=True)
async def events(request: HttpRequest, job: str) -> HttpResponseBase:
    """How far it is, as server-sent events, until it ends or the client leaves."""
    report = await found(job)
    if report is None:
        return HttpResponseNotFound(NO_SUCH_JOB, content_type=TEXT)
    body = nothing() if request.method == "HEAD" else progress(report.id)
    return StreamingHttpResponse(body, content_type="text/event-stream")


async def progress(report_id: UUID) -> AsyncIterator[str]:
    """An event for every change that is seen."""
    told, spoke = None, time.monotonic()
    while told is None or told["state"] not in ENDS:
        try:
            seen = await sync_to_async(looked)(report_id)
        except DatabaseError as error:
            # A browser comes back by itself, and is then told by a status.
            logger.warning("job %s: no more events, as the database has gone: %s", report_id, error)
            return
        if seen is None:
            return
        if seen != told:
            told, spoke = seen, time.monotonic()
            yield f"data: {json.dumps(told)}\n\n"
        elif time.monotonic() - spoke > HEARTBEAT:
            spoke = time.monotonic()
            # A comment, so that no proxy takes silence for death.
            yield ": still here\n\n"
        else:
            await asyncio.sleep(LOOKS)


def looked(report_id: UUID) -> dict[str, Any] | None:
    """What is told of a report; None if it is gone."""
    fields = ("state", "step", "steps", "tries", "result", "error")
    try:
        told: dict[str, Any] | None = Report.objects.filter(id=report_id).values(*fields).first()
        return told
    finally:
        # A stream lasts as long as the job, and hardly ever needs the connection and its thread.
        connection.close()


@require_POST
async def cancel(request: HttpRequest, job: str) -> HttpResponse:
    """Cancel it. Its worker finds that out before the next step counts."""
    report = await found(job)
    if report is None:
        return HttpResponseNotFound(NO_SUCH_JOB, content_type=TEXT)
    running = Report.objects.filter(id=report.id).exclude(state__in=ENDS)
    if not await running.aupdate(state=Report.State.CANCELLED, error="", updated=timezone.now()):
        return HttpResponse("The job has ended already.\n", status=409, content_type=TEXT)
    return redirect("job", report.id)


@require_POST
async def retry(request: HttpRequest, job: str) -> HttpResponse:
    """Try it again, from where it was left: one that has failed, was cancelled, or has not moved for long."""
    report = await found(job)
    if report is None:
        return HttpResponseNotFound(NO_SUCH_JOB, content_type=TEXT)
    if report.state == Report.State.DONE or not (report.has_ended or report.is_still):
        return HttpResponse("The job is done, or under way.\n", status=409, content_type=TEXT)
    # Of two who ask at the same time, the second finds that it has moved.
    seen = Report.objects.filter(id=report.id, state=report.state, updated=report.updated)
    report.state, report.error, report.tries, report.updated = Report.State.WAITING, "", 0, timezone.now()
    if not await seen.aupdate(state=report.state, error="", tries=0, updated=report.updated):
        return HttpResponse("The job is under way.\n", status=409, content_type=TEXT)
    return await handed_on(report)
