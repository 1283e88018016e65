"""The same work as a task of Django and as one of Celery: how each is handed on, and tried again."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError

from .celery import app
from .models import Report
from .work import work

# Django's own since 6.0; before that, the package it has come from.
try:
    from django.tasks import task
except ImportError:
    from django_tasks import task  # type: ignore[no-redef]  # one of the two is there

logger = logging.getLogger(__name__)

PATIENCE = 5  # seconds for the broker to take a message
# To publish is to block. These threads do nothing else, so a broker that hangs holds up nobody else's work.
# One that is given up goes on, and a message which it sends after all finds a report that has failed.
PUBLISHERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="publisher")


class NotTakenError(Exception):
    """The broker has not taken the message. The report has failed, and says so."""


@task
def by_django(report_id: str) -> None:
    """Make a report. Django's tasks know no second try, so one that wants it is handed on as a new task."""
    again = work(UUID(report_id))
    if again is not None:
        later = timezone.now() + timedelta(seconds=again)
        by_django.using(run_after=later).enqueue(report_id)


@app.task(bind=True, max_retries=None)  # type: ignore[untyped-decorator]  # Celery has no types
def by_celery(self: Any, report_id: str) -> None:
    """Make a report. How often it is tried is for the report to say, so Celery is given no limit."""
    again = work(UUID(report_id))
    if again is not None:
        raise self.retry(countdown=again)


async def hand_on(report: Report) -> None:
    """Keep the report, and tell the workers of its kind that it is there.

    Raises NotTakenError where the broker is down, or takes longer than PATIENCE.
    """
    if report.kind == Report.Kind.DJANGO:
        await sync_to_async(_keep_with_task)(report)
        return
    # First the report, then the message, for a worker may be faster than this line. Should this process die
    # in between, the report waits for a message that nobody sends, until somebody tries it again.
    await report.asave()
    name = str(report.id)
    publish = partial(by_celery.apply_async, [name], task_id=name, confirm_timeout=PATIENCE)
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().run_in_executor(PUBLISHERS, publish)
    except (KombuError, OSError) as error:  # which TimeoutError is, too
        logger.warning("report %s: the broker has not taken it: %r", report.id, error)
        waiting = Report.objects.filter(id=report.id, state=Report.State.WAITING)
        failed = {"state": Report.State.FAILED, "error": "the broker has not taken it"}
        # Where it does not wait any more, a worker has it: the broker was only late to say so.
        if await waiting.aupdate(**failed, updated=timezone.now()):
            raise NotTakenError from error


@transaction.atomic
def _keep_with_task(report: Report) -> None:
    """Both are rows of one database: there is no report without its task, and no task without its report."""
    report.save()
    by_django.enqueue(str(report.id))
