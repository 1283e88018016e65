"""The work itself: a report made step by step, by whichever worker has been handed its id.

Nobody promises that an id is handed out once. A broker delivers again what a killed worker has not
acknowledged, and now and then what is still being worked on. So nothing relies on it here: each step moves
the report on from where it was found, by one UPDATE with a condition, and whoever finds that it has moved
stops. The same condition is how a report is cancelled: one that is not running takes no step.
"""

import logging
import time
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from .models import Report

logger = logging.getLogger(__name__)

State = Report.State
TRIES = 4  # a report that has failed as often, or taken as many workers with it, is not tried again
BACKOFF = 1.0  # seconds before the second try, twice as many before each that follows


class StepFailed(Exception):
    """A step that has not worked, and may the next time."""


def work(report_id: UUID) -> float | None:
    """Make the report, going on where it was left. Return the seconds after which to try again, if at all."""
    report = _begun(report_id)
    if report is None:
        return None
    try:
        for step in range(report.step, report.steps):
            _take(step, report)
            if not _moved(report_id, State.RUNNING, step=step, to={"step": step + 1}):
                logger.info("report %s: stopped, as it has been cancelled or is in other hands", report_id)
                return None
    except StepFailed as error:
        if report.tries < TRIES:
            _moved(report_id, State.RUNNING, to={"state": State.WAITING, "error": str(error)})
            return float(BACKOFF * 2 ** (report.tries - 1))
        reason = f"{error}; tried {TRIES} times"
        _moved(report_id, State.RUNNING, to={"state": State.FAILED, "error": reason})
    except Exception:
        # Whoever made the report reads that it failed; what exactly went wrong is for the log.
        _moved(report_id, State.RUNNING, to={"state": State.FAILED, "error": "an error, which the log tells"})
        raise
    else:
        result = f"{report.steps} steps, {report.tries} tries"
        _moved(report_id, State.RUNNING, to={"state": State.DONE, "result": result, "error": ""})
    return None


def _begun(report_id: UUID) -> Report | None:
    """The report, now running; None if there is nothing to do for it."""
    if not Report.objects.filter(id=report_id, state__in=(State.WAITING, State.RUNNING)).update(
        state=State.RUNNING, tries=F("tries") + 1, updated=timezone.now()
    ):
        logger.info("report %s: nothing to do, as it has ended or is gone", report_id)
        return None
    report = Report.objects.get(id=report_id)
    # A report that kills whoever works on it is never acknowledged, and would come back for ever.
    if report.tries > TRIES:
        reason = f"begun {TRIES} times, and its worker has not lived to end it"
        _moved(report_id, State.RUNNING, to={"state": State.FAILED, "error": reason})
        return None
    return report


def _take(step: int, report: Report) -> None:
    """One step. It only takes its time, and fails when it was asked to."""
    time.sleep(report.pause)
    if step == report.steps - 1 and report.tries <= report.fails:
        raise StepFailed(f"step {step + 1} has failed")


def _moved(report_id: UUID, state: str, *, to: dict[str, object], **where: object) -> bool:
    """Change a report that is in this state; False if it is not."""
    found = Report.objects.filter(id=report_id, state=state, **where)
    return bool(found.update(**to, updated=timezone.now()))
