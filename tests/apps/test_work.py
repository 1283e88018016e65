"""The work that workers are handed: what it does once, again, and not at all."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from apps.django_site import tasks, work
from apps.django_site.models import Report

pytestmark = pytest.mark.django_db(transaction=True)


def new(**fields):
    """A report that is kept, and that nobody has been told of."""
    return Report.objects.create(**{"kind": "django", "steps": 2, "pause": 0, **fields})


def test_work_takes_every_step_and_has_a_result():
    report = new(steps=3)
    assert work.work(report.id) is None
    report.refresh_from_db()
    assert (report.state, report.step, report.result) == ("done", 3, "3 steps, 1 tries")


def test_work_that_fails_is_put_off_for_longer_and_longer_and_then_given_up():
    report = new(fails=9)
    assert [work.work(report.id) for _ in range(work.TRIES)] == [1, 2, 4, None]
    report.refresh_from_db()
    assert (report.state, report.step, report.error) == ("failed", 1, "step 2 has failed; tried 4 times")


def test_work_that_fails_at_first_goes_on_with_the_step_that_failed():
    report = new(fails=2)
    assert [work.work(report.id) for _ in range(3)] == [1, 2, None]
    report.refresh_from_db()
    assert (report.state, report.step, report.tries, report.error) == ("done", 2, 3, "")


def test_work_that_takes_its_workers_with_it_is_given_up():
    report = new(state="running", tries=work.TRIES)
    assert work.work(report.id) is None
    report.refresh_from_db()
    assert (report.state, report.step) == ("failed", 0)
    assert report.error == "begun 4 times, and its worker has not lived to end it"


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_work_that_has_ended_is_not_begun_again(state):
    report = new(state=state)
    assert work.work(report.id) is None
    report.refresh_from_db()
    assert (report.state, report.step, report.tries) == (state, 0, 0)


def test_work_that_is_gone_is_no_error():
    assert work.work(uuid4()) is None


def test_work_with_a_bug_fails_and_keeps_the_details_for_the_log(monkeypatch):
    def take(step, report):
        raise ZeroDivisionError("a detail")

    monkeypatch.setattr(work, "_take", take)
    report = new()
    with pytest.raises(ZeroDivisionError):
        work.work(report.id)
    report.refresh_from_db()
    assert (report.state, report.error) == ("failed", "an error, which the log tells")


def test_work_that_is_handed_to_two_workers_takes_no_step_twice(monkeypatch):
    moved = []

    def noting(*arguments, to, moving=work._moved, **where):
        done = moving(*arguments, to=to, **where)
        if done and "step" in to:
            moved.append(to["step"])
        return done

    def worker():
        try:
            work.work(report.id)
        finally:
            connection.close()

    monkeypatch.setattr(work, "_moved", noting)
    report = new(steps=10, pause=0.01)
    workers = [threading.Thread(target=worker) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    report.refresh_from_db()
    assert moved == list(range(1, 11))
    assert report.state == "done"


def test_task_of_django_that_wants_another_try_is_handed_on_for_later():
    report = new(fails=1)
    before = timezone.now()
    tasks.by_django.func(str(report.id))
    [handed] = DBTaskResult.objects.all()
    assert handed.args_kwargs["args"] == [str(report.id)]
    assert handed.run_after >= before + timedelta(seconds=work.BACKOFF)


def test_there_is_no_report_without_its_task(monkeypatch):
    class Failing:
        def enqueue(self, report_id):
            raise OperationalError("disk full")

    monkeypatch.setattr(tasks, "by_django", Failing())
    with pytest.raises(OperationalError):
        tasks._keep_with_task(Report(kind="django", steps=1, pause=0))
    assert not Report.objects.exists()
