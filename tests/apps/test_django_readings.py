"""The twin of `readings`, in process, on SQLite: its pages, and what it says of the ORM."""

import asyncio
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models.signals import pre_delete

from apps.django_site.asgi import application
from apps.django_site.models import Reading, Station
from apps.django_site.views import readings
from asgiscope.testing import ASGITransport
from router import Router
from tests.conversation import PATIENCE, call, http, one_who_leaves, until

pytestmark = pytest.mark.django_db(transaction=True)

SITE = Router({"/django": application})
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)


@pytest.fixture
async def client():
    transport = ASGITransport(SITE)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver/django/") as client:
        yield client


@pytest.fixture
async def stations():
    """Two stations: the first has measured five times, the second never."""
    await Station.objects.all().adelete()
    first = await Station.objects.acreate(name="Brocken", height=1141)
    second = await Station.objects.acreate(name="Helgoland", height=4)
    await Reading.objects.abulk_create(
        Reading(station=first, at=NOON + timedelta(hours=hour), celsius=hour) for hour in range(5)
    )
    return first, second


async def posted(client, path, **fields):
    """The answer to a form, filled in and sent from the page that has it."""
    page = (await client.get("readings")).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return await client.post(path, data={"csrfmiddlewaretoken": token, **fields})


async def kept():
    """What is in the table, as station, hours after noon and degrees."""
    return {
        (reading.station.name, (reading.at - NOON) / timedelta(hours=1), reading.celsius)
        async for reading in Reading.objects.select_related("station")
    }


async def test_form_creates_a_reading_and_the_page_shows_it(client, stations):
    response = await posted(client, "readings", station="Helgoland", at="2026-06-21T18:00", celsius="-3.5")
    assert (response.status_code, response.headers["location"]) == (302, "/django/readings")
    assert ("Helgoland", 6, -3.5) in await kept()
    page = (await client.get("readings")).text
    assert "<td>2026-06-21 18:00</td><td>Helgoland</td><td>-3.5 °C</td>" in page


async def test_reading_without_a_time_is_of_now(client, stations):
    before = datetime.now(UTC)
    await posted(client, "readings", station="Helgoland", celsius="1")
    reading = await Reading.objects.aget(station__name="Helgoland")
    assert before <= reading.at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"station": "Atlantis"}, "There is no such station."),
        ({"station": ""}, "This field is required."),
        ({"station": "x" * 41}, "Ensure this value has at most 40 characters"),
        ({"station": "a\0b"}, "Null characters are not allowed."),
        ({"celsius": "warm"}, "Enter a number."),
        ({"celsius": "nan"}, "Enter a number."),
        ({"celsius": "1e999"}, "Enter a number."),
        ({"celsius": "-101"}, "Ensure this value is greater than or equal to -100"),
        ({"at": "yesterday"}, "Enter a valid date/time."),
        ({"at": "2026-06-21T12:00"}, "There is a reading of this station at this time."),
        ({"at": "0001-01-01T00:00+14:00"}, "Ensure this value is greater than"),
        ({"at": "9999-12-31T23:59-14:00"}, "Ensure this value is less than"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_bad_form_is_told_what_is_wrong_and_nothing_is_created(client, stations, changes, complaint):
    before = await kept()
    response = await posted(client, "readings", **{"station": "Brocken", "celsius": "1", **changes})
    assert response.status_code == 400
    assert complaint in response.text
    assert await kept() == before


@pytest.mark.parametrize("path", ["readings", "readings/merge"])
async def test_form_of_another_site_is_refused(client, stations, path):
    response = await client.post(path, data={"station": "Brocken", "celsius": "1"})
    assert response.status_code == 403


async def test_summary_has_the_numbers_of_each_station(client, stations):
    found = (await client.get("readings/summary")).json()
    assert found["all"] == {"readings": 5, "mean": 2}
    assert found["warmest"] == {"station": "Brocken", "celsius": 4}
    brocken, helgoland = found["stations"]
    assert [brocken[name] for name in ("readings", "coldest", "mean", "warmest")] == [5, 0, 2, 4]
    assert [reading["celsius"] for reading in brocken["newest"]] == [4, 3, 2]
    assert helgoland == {
        "station": "Helgoland", "readings": 0, "coldest": None, "mean": None, "warmest": None, "newest": [],
    }  # fmt: skip


async def test_summary_of_nothing_is_one(client):
    await Station.objects.all().adelete()
    assert (await client.get("readings/summary")).json()["stations"] == []


async def exported(client, query=""):
    response = await client.get(f"readings/export{query}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


async def test_export_is_the_newest_readings_one_a_line(client, stations):
    lines = await exported(client, "?n=2")
    assert [line["celsius"] for line in lines] == [4, 3]
    newest = await Reading.objects.afirst()
    assert lines[0] == {
        "id": newest.id, "station": "Brocken", "at": "2026-06-21T16:00:00+00:00", "celsius": 4.0,
    }  # fmt: skip
    assert await exported(client, "?station=Helgoland") == []
    assert len(await exported(client, "?station=Brocken")) == 5


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_export_is_whole_around_the_end_of_a_chunk(client, stations, more):
    n = 2 * readings.CHUNK + more
    await Reading.objects.abulk_create(
        Reading(station=stations[1], at=NOON + timedelta(seconds=second), celsius=1) for second in range(n)
    )
    lines = await exported(client, "?station=Helgoland&n=10000")
    assert len({line["id"] for line in lines}) == n


@pytest.mark.parametrize("pieces", [0, 1])
async def test_export_ends_when_its_client_leaves(stations, pieces):
    await Reading.objects.abulk_create(
        Reading(station=stations[1], at=NOON + timedelta(seconds=second), celsius=1)
        for second in range(5 * readings.CHUNK)
    )
    before = asyncio.all_tasks()
    left, sent = asyncio.Event(), []

    async def send(event):
        # It leaves at the start, while a chunk is fetched, or at the first piece, which it does not read.
        sent.append(event["type"])
        if len(sent) > pieces:
            left.set()
        if len(sent) > 1:
            await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE):
        await SITE(http(target="/django/readings/export?n=10000"), one_who_leaves(left), send)
    assert len(sent) <= 2
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    ("query", "status", "complaint"),
    [
        ("?n=0", 400, "(1 to 10000000)"),
        ("?n=10000001", 400, "(1 to 10000000)"),
        ("?n=all", 400, "n: Enter a whole number."),
        ("?station=%00", 400, "station: Null characters are not allowed."),
        ("?station=Atlantis", 404, "There is no such station."),
    ],
)
async def test_export_of_what_is_not_there_says_so(client, stations, query, status, complaint):
    response = await client.get(f"readings/export{query}")
    assert response.status_code == status
    assert complaint in response.text


async def test_import_takes_a_list(client, stations):
    given = [
        {"station": "Helgoland", "at": "2026-06-21T13:00", "celsius": 20},
        {"station": "Helgoland", "at": "2026-06-21T15:00+01:00", "celsius": "21.5"},
    ]
    response = await client.post("readings/import", json=given)
    assert (response.status_code, response.json()) == (201, {"taken": 2})
    assert {("Helgoland", 1, 20), ("Helgoland", 2, 21.5)} < await kept()


GOOD = {"station": "Helgoland", "at": "2026-06-21T12:00", "celsius": 1}


@pytest.mark.parametrize(
    ("body", "status", "complaint"),
    [
        pytest.param(b"", 400, "This takes a list", id="nothing"),
        pytest.param(b"[", 400, "This takes a list", id="half"),
        pytest.param(b'"\xff"', 400, "This takes a list", id="no UTF-8"),
        pytest.param(b"[" * 100_000, 400, "This takes a list", id="too deep"),
        pytest.param(b"9" * 5000, 400, "This takes a list", id="too long a number"),
        pytest.param(GOOD, 400, "This takes a list", id="no list"),
        pytest.param([1], 400, "This takes a list", id="a list of something else"),
        pytest.param([GOOD, {}], 400, "reading 2:\nstation: This field is required.", id="an empty one"),
        pytest.param([GOOD, {**GOOD, "station": "Atlantis"}], 400, "no such station", id="unknown station"),
        pytest.param([GOOD, {**GOOD, "celsius": None}], 400, "celsius: Enter a number.", id="null"),
        pytest.param([GOOD, {**GOOD, "celsius": [1]}], 400, "celsius: Enter a number.", id="nested"),
        pytest.param(
            [GOOD, {**GOOD, "at": 5}], 400, "at: Enter a valid date/time.", id="a number for a time"
        ),
        pytest.param([GOOD, GOOD], 409, "none has been taken", id="the same twice"),
        pytest.param(b" " * 3_000_000, 413, "too much", id="too much"),
    ],
)
async def test_bad_import_is_told_why_and_nothing_is_taken(client, stations, body, status, complaint):
    before = await kept()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    response = await client.post("readings/import", content=content, headers=headers)
    assert response.status_code == status
    assert complaint in response.text
    assert await kept() == before


async def test_import_takes_no_type_that_a_form_of_another_site_could_send(client, stations):
    for type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"content-type": type}
        response = await client.post("readings/import", content=json.dumps([GOOD]), headers=headers)
        assert response.status_code == 415


async def test_merge_moves_the_readings_and_the_station_goes(client, stations):
    await Reading.objects.acreate(station=stations[1], at=NOON + timedelta(hours=9), celsius=9)
    response = await posted(client, "readings/merge", source="Brocken", target="Helgoland")
    assert (response.status_code, response.text) == (200, "5 readings have moved.\n")
    assert {name for name, _, _ in await kept()} == {"Helgoland"}
    assert len(await kept()) == 6
    assert not await Station.objects.filter(name="Brocken").aexists()


@pytest.mark.parametrize(
    ("source", "target", "status", "complaint"),
    [
        ("Brocken", "Helgoland", 409, "Both have measured at the same time; nothing has changed."),
        ("Brocken", "Atlantis", 404, "There is no such station; nothing has changed."),
        ("Atlantis", "Brocken", 404, "There is no such station; nothing has changed."),
        ("Brocken", "Brocken", 400, "target: This has to be another station."),
        ("", "Brocken", 400, "source: This field is required."),
    ],
)
async def test_merge_that_fails_changes_nothing(client, stations, source, target, status, complaint):
    await Reading.objects.acreate(station=stations[1], at=NOON + timedelta(hours=4), celsius=9)
    before = await kept()
    response = await posted(client, "readings/merge", source=source, target=target)
    assert response.status_code == status
    assert complaint in response.text
    assert await kept() == before
    assert await Station.objects.acount() == 2


async def test_merge_is_finished_though_its_client_has_left(client, stations):
    page = (await client.get("readings")).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    fields = {"csrfmiddlewaretoken": token, "source": "Brocken", "target": "Helgoland"}
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"cookie", f"csrftoken={client.cookies['csrftoken']}".encode()),
    ]
    moved, may_go_on = threading.Event(), threading.Event()

    def wait(**_):
        moved.set()
        assert may_go_on.wait(PATIENCE)

    # The readings have moved and the station is still there: the middle of the transaction.
    pre_delete.connect(wait, sender=Station)
    try:
        async with call(SITE, http("POST", "/django/readings/merge", headers)) as leaving:
            await leaving.says("http.request", body=urlencode(fields).encode())
            await until(moved.is_set)
            await leaving.says("http.disconnect")
            may_go_on.set()
            assert await leaving.returns() == []
    finally:
        pre_delete.disconnect(wait, sender=Station)
    assert {name for name, _, _ in await kept()} == {"Helgoland"}
    assert not await Station.objects.filter(name="Brocken").aexists()


async def test_what_the_story_says_django_refuses_is_refused(stations):
    with pytest.raises(SynchronousOnlyOperation):
        (await Reading.objects.afirst()).station.name  # noqa: B018
    with pytest.raises(SynchronousOnlyOperation), transaction.atomic():
        pass
    with pytest.raises(SynchronousOnlyOperation):
        await anext(Reading.objects.values_list("id").aiterator())


def test_measure_goes_on_after_the_newest(capsys):
    Station.objects.all().delete()
    with pytest.raises(CommandError, match="there is no station"):
        call_command("measure", "1")
    for name in ("Brocken", "Helgoland"):
        Station.objects.create(name=name, height=100)
    for _ in range(2):
        call_command("measure", "5")
    assert Reading.objects.count() == 10
    with pytest.raises(CommandError, match="n is 1 or more, not 0"):
        call_command("measure", "0")


def test_admin_shows_stations_and_readings(admin_client):
    station = Station.objects.create(name="Mount Nowhere", height=1)
    Reading.objects.create(station=station, at=NOON, celsius=12.25)
    for model in ("station", "reading"):
        page = admin_client.get(f"/admin/django_site/{model}/")
        assert page.status_code == 200
        assert "Mount Nowhere" in page.content.decode()
