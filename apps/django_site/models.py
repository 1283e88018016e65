"""What the site keeps: weather stations and what they measure, and reports on them."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone


class Station(models.Model):
    """A place where the weather is measured."""

    name = models.CharField(max_length=40, unique=True)
    height = models.IntegerField(help_text="metres above the sea")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Reading(models.Model):
    """What a station has measured at one time."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField(help_text="when it was measured")
    celsius = models.FloatField(help_text="temperature of the air in degrees Celsius")

    class Meta:
        # The newest first: an index has them in this order, so the first comes at once, of however many.
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("station", "at"), name="one_reading_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.celsius} °C at {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it, and where the database is PostgreSQL, tell whoever listens that there is one more.

        Inside a transaction PostgreSQL says it when the transaction commits, and never if it does not. What
        bulk_create writes comes without a call of this, and nobody is told.
        """
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new and connection.vendor == "postgresql":
            told = as_json(self.pk, self.station.name, self.at, self.celsius)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify('readings', %s)", [told])


def as_json(id: int, station: str, at: datetime, celsius: float) -> str:  # noqa: A002 - as the column
    """A reading as one line of JSON, without the line break; `/raw/readings` writes the same."""
    return json.dumps({"id": id, "station": station, "at": at.isoformat(), "celsius": celsius})


QUIET = timedelta(seconds=30)  # longer than a step, and than the wait for another try


class Report(models.Model):
    """A report that is made outside the request that asks for it, and how far it is.

    It is kept here and not in the memory of whoever works on it: so every process can read it, and it is
    still here when that process is not.
    """

    class Kind(models.TextChoices):
        """Who makes it."""

        DJANGO = "django", "Django's tasks"
        CELERY = "celery", "Celery"

    class State(models.TextChoices):
        """What has become of it; the last three are ends."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.PositiveIntegerField(default=0, help_text="steps that are done")
    steps = models.PositiveIntegerField(help_text="steps that there are")
    pause = models.FloatField(help_text="seconds that a step takes")
    fails = models.PositiveIntegerField(default=0, help_text="tries in which the last step fails")
    tries = models.PositiveIntegerField(default=0, help_text="how often a worker has begun")
    result = models.TextField(blank=True)
    error = models.TextField(blank=True, help_text="why it failed, or why it has to be tried again")
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.state}, {self.step} of {self.steps}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more, unless it is tried again."""
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def is_still(self) -> bool:
        """Whether it should move and has not for so long that whoever worked on it may have been killed."""
        return not self.has_ended and self.updated < timezone.now() - QUIET
