"""A database.

The ORM works in a thread. Each of its async methods is the method without the `a`, called in the thread of
the request, and the view waits for it: the loop goes on meanwhile.

    django/db/models/query.py: return await sync_to_async(self.get)(*args, **kwargs)
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, Max, Min, Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..decorators import asgi_only, complaints, parameters
from ..forms import Merge, NewReading, Readings
from ..models import Reading, Station, as_json
from ..streaming import DatabaseStream
from .streams import nothing

TEXT = "text/plain; charset=utf-8"
CHUNK = 1000  # readings that are fetched, and sent, at a time


@require_http_methods(["GET", "HEAD", "POST"])
async def readings(request: HttpRequest) -> HttpResponse:
    """A query is awaited, a relation is asked for beforehand, and a transaction is one function.

    What could be read without a second thought has to be awaited, for it may be a query: the station of a
    reading is here because the query that found the reading joined it. Otherwise Django would refuse:

        django/utils/asyncio.py: raise SynchronousOnlyOperation(message)

    So does `transaction.atomic`: there is no async way to hold a transaction. Merging two stations takes one
    all the same. All of it is an ordinary function, and the view gives that to `sync_to_async` whole. Should
    the client leave in the middle, the function runs to its end, and commits.

    The table may be larger than memory. `readings/export` streams it with `aiterator`, which goes to the
    thread once for each chunk. What it has open when a client leaves is nothing that Django closes in time,
    so `streaming.py` does.

        django/db/models/query.py: chunk = await sync_to_async(next_slice)(sync_generator)

    On PostgreSQL it reads from a cursor of the server. Outside of a transaction such a cursor has to be one
    that is kept, so the server stores the whole result, on its disk, before the first row leaves.

        django/db/backends/postgresql/base.py: name, scrollable=False, withhold=self.connection.autocommit

    Of LISTEN the ORM knows nothing. A reading that is created here is announced by its `save`, and the
    exhibit hears of it. Where the database does not answer, DatabaseDown in `middleware.py` says 503.
    """
    form = NewReading(request.POST if request.method == "POST" else None)
    if form.is_valid():
        at = form.cleaned_data["at"] or timezone.now()
        try:
            station = await Station.objects.aget(name=form.cleaned_data["station"])
            await Reading.objects.acreate(station=station, at=at, celsius=form.cleaned_data["celsius"])
        except Station.DoesNotExist:
            form.add_error("station", "There is no such station.")
        except IntegrityError:
            form.add_error("at", "There is a reading of this station at this time.")
        else:
            return redirect("readings")

    context = {
        "form": form,
        "newest": [reading async for reading in Reading.objects.select_related("station")[:20]],
        "stations": [station async for station in Station.objects.all()],
    }
    return render(request, "readings.html", context, status=400 if form.errors else 200)


@require_safe
async def summary(request: HttpRequest) -> HttpResponse:
    """A query for each station's numbers, a second for its newest three, and the warmest of all."""
    newest = Reading.objects.order_by("-at")[:3]
    stations = Station.objects.annotate(
        readings_=Count("readings"),
        coldest=Min("readings__celsius"),
        mean=Avg("readings__celsius"),
        warmest=Max("readings__celsius"),
    ).prefetch_related(Prefetch("readings", queryset=newest, to_attr="newest"))
    warmest = await Reading.objects.select_related("station").order_by("-celsius").afirst()
    found = {
        "all": await Reading.objects.aaggregate(readings=Count("id"), mean=Avg("celsius")),
        "warmest": warmest and {"station": warmest.station.name, "celsius": warmest.celsius},
        "stations": [
            {
                "station": station.name,
                "readings": station.readings_,
                "coldest": station.coldest,
                "mean": station.mean,
                "warmest": station.warmest,
                "newest": [{"at": reading.at, "celsius": reading.celsius} for reading in station.newest],
            }
            async for station in stations
        ],
    }
    return JsonResponse(found, json_dumps_params={"indent": 2})


@require_safe
@asgi_only
@parameters(Readings)
async def export(request: HttpRequest, station: str, n: int) -> HttpResponseBase:
    """The newest readings, one line of JSON each, in memory for no more than a chunk."""
    # Named, for aiterator would begin a query for plain tuples in the loop, and Django refuses.
    chosen = Reading.objects.values_list("id", "station__name", "at", "celsius", named=True)
    if station:
        if not await Station.objects.filter(name=station).aexists():
            return HttpResponse("There is no such station.\n", status=404, content_type=TEXT)
        chosen = chosen.filter(station__name=station)

    async def chunks() -> AsyncGenerator[str]:
        lines = []
        # What the types do not say of it: it is a generator.
        async with aclosing(chosen[:n].aiterator(chunk_size=CHUNK)) as rows:  # type: ignore[type-var]
            async for row in rows:
                lines.append(as_json(*row) + "\n")
                if len(lines) == CHUNK:
                    yield "".join(lines)
                    lines.clear()
        if lines:
            yield "".join(lines)

    # Once the response has started, its status can no longer say that the database does not answer.
    await chosen.aexists()
    pieces = nothing() if request.method == "HEAD" else chunks()
    return DatabaseStream(pieces, content_type="application/x-ndjson")


@csrf_exempt  # a form of another site cannot send this content type
@require_POST
async def take(request: HttpRequest) -> HttpResponse:
    """Take a JSON list of readings: all of them, or none."""
    if request.content_type != "application/json":
        return HttpResponse("This takes application/json.\n", status=415, content_type=TEXT)
    try:
        given = json.loads(request.body)
    except RequestDataTooBig:
        return HttpResponse("This is too much for one request.\n", status=413, content_type=TEXT)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        example = [{"station": "Brocken", "at": "2026-12-24T18:00", "celsius": -3.5}]
        wanted = f"This takes a list of readings: {json.dumps(example)}\n"
        return HttpResponse(wanted, status=400, content_type=TEXT)

    stations = {station.name: station async for station in Station.objects.all()}
    taken = []
    for number, one in enumerate(given, start=1):
        form = NewReading({name: str(value) for name, value in one.items()})
        if form.is_valid() and form.cleaned_data["station"] not in stations:
            form.add_error("station", "There is no such station.")
        if form.errors:
            return HttpResponse(f"reading {number}:\n{complaints(form)}", status=400, content_type=TEXT)
        fields = {**form.cleaned_data, "station": stations[form.cleaned_data["station"]]}
        taken.append(Reading(**{**fields, "at": fields["at"] or timezone.now()}))
    try:
        await Reading.objects.abulk_create(taken)
    except IntegrityError:
        conflict = "There is a reading of the same station at the same time; none has been taken.\n"
        return HttpResponse(conflict, status=409, content_type=TEXT)
    return JsonResponse({"taken": len(taken)}, status=201)


@require_POST
async def merge(request: HttpRequest) -> HttpResponse:
    """Make one station of two: the readings of the source become the target's, and the source goes."""
    form = Merge(request.POST)
    if not form.is_valid():
        return HttpResponse(complaints(form), status=400, content_type=TEXT)
    try:
        moved = await sync_to_async(merged)(**form.cleaned_data)
    except Station.DoesNotExist:
        return HttpResponse("There is no such station; nothing has changed.\n", status=404, content_type=TEXT)
    except IntegrityError:
        conflict = "Both have measured at the same time; nothing has changed.\n"
        return HttpResponse(conflict, status=409, content_type=TEXT)
    return HttpResponse(f"{moved} readings have moved.\n", content_type=TEXT)


@transaction.atomic
def merged(source: str, target: str) -> int:
    """Merge two stations, and return how many readings have moved.

    Raises Station.DoesNotExist, and IntegrityError where both have measured at the same time; then nothing
    has changed.
    """
    # Both rows are locked, always in the same order. So nobody adds a reading to the source between the two
    # statements, which would be lost with it, and two merges do not wait for each other for ever.
    locked = Station.objects.select_for_update().filter(name__in=(source, target)).order_by("id")
    stations = {station.name: station for station in locked}
    if len(stations) < 2:
        raise Station.DoesNotExist
    moved = stations[source].readings.update(station=stations[target])
    stations[source].delete()
    return moved
