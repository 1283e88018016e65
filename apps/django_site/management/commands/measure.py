"""Fill the table of readings: `manage.py measure 1000000`."""

import math
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max

from ...models import Reading, Station

BATCH = 5000  # readings that are in memory, and in one transaction
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = timedelta(days=365.25)


class Command(BaseCommand):
    """Adds readings of all stations in turn, every ten minutes, after the newest there is."""

    help = "Add N readings: those of all stations in turn, every ten minutes, after the newest there is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("n", type=int, help="how many, 1 or more")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["n"] < 1:
            raise CommandError(f"n is 1 or more, not {options['n']}")
        stations = list(Station.objects.all())
        if not stations:
            raise CommandError("there is no station to measure at: make one in the admin")
        newest = Reading.objects.aggregate(Max("at"))["at__max"]
        begin = FIRST if newest is None else newest + timedelta(minutes=10)
        # A generator makes them and each batch is forgotten when it is written: a million need no more memory
        # than one batch.
        made = islice(_weather(stations, begin), options["n"])
        while batch := list(islice(made, BATCH)):
            Reading.objects.bulk_create(batch)
        self.stdout.write(f"{options['n']} readings at {len(stations)} stations")


def _weather(stations: list[Station], at: datetime) -> Iterator[Reading]:
    """Readings without an end: warm in the afternoon and in summer, cold on a mountain."""
    while True:
        for station in stations:
            day = math.sin((at - FIRST) / DAY * math.tau - 2.3)
            year = math.sin((at - FIRST) / YEAR * math.tau - 1.9)
            celsius = 10 + 10 * year + 4 * day - 0.0065 * station.height
            # Without the sign that a zero can have, and that not every database keeps.
            yield Reading(station=station, at=at, celsius=round(celsius, 1) or 0.0)
        at += timedelta(minutes=10)
