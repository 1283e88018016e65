"""What the pages may be asked for, as forms: Django's way to say what a parameter may be."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from .models import Report


class Stream(forms.Form):
    """How many pieces, and the seconds between them."""

    n = forms.IntegerField(initial=5, min_value=1, max_value=1000, help_text="1 to 1000")
    delay = forms.FloatField(initial=0.5, min_value=0, max_value=10, help_text="0 to 10 seconds")


class Seconds(forms.FloatField):
    """Seconds, or several with a space between them, which in a query is a plus: a list."""

    def clean(self, value: object) -> list[float]:
        """Each by the rules for one."""
        given = str(value).split()
        if len(given) > 10:
            raise forms.ValidationError("Ten at most.")
        return [forms.FloatField.clean(self, one) for one in given or [""]]


class Timer(forms.Form):
    """The seconds between two lines, of one timer or of several."""

    tick = Seconds(initial=1, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")


class Sse(forms.Form):
    """The seconds between two events, and those of silence before a sign of life."""

    every = forms.FloatField(initial=1, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")
    heartbeat = forms.FloatField(initial=15, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")


class LongPoll(forms.Form):
    """The seconds to wait for news."""

    wait = forms.FloatField(initial=30, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")


class Tile(forms.Form):
    """The seconds that a tile takes."""

    delay = forms.FloatField(initial=0.1, min_value=0, max_value=10, help_text="0 to 10 seconds")


class Blocking(forms.Form):
    """The seconds to take. Twenty times as long is how long a careless twenty stop the whole site."""

    seconds = forms.FloatField(initial=1, min_value=0.01, max_value=1, help_text="0.01 to 1")


class Threads(forms.Form):
    """How many views wait."""

    views = forms.IntegerField(initial=100, min_value=1, max_value=1000, help_text="1 to 1000")


class EventLoop(forms.Form):
    """The seconds that the last act waits for the client to leave."""

    stay = forms.FloatField(initial=10, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")


class Readings(forms.Form):
    """Whose readings, and how many of the newest."""

    station = forms.CharField(
        initial="", required=False, max_length=40, help_text="the name of a station; without one, all"
    )
    n = forms.IntegerField(initial=20, min_value=1, max_value=10_000_000, help_text="1 to 10000000")


class NewReading(forms.Form):
    """What a station has measured. Whether there is such a station, only the database knows."""

    station = forms.CharField(
        max_length=40,
        help_text="the name of a station",
        widget=forms.TextInput({"list": "stations", "autocomplete": "off"}),
    )
    # Far from the first and the last year there is, for one of them can leave it on the way to UTC.
    at = forms.DateTimeField(
        required=False,
        help_text="as 2026-12-24T18:00, in UTC, 1800 to 2200; without it, now",
        validators=[
            MinValueValidator(datetime(1800, 1, 1, tzinfo=UTC)),
            MaxValueValidator(datetime(2200, 1, 1, tzinfo=UTC)),
        ],
    )
    celsius = forms.FloatField(min_value=-100, max_value=100, help_text="-100 to 100")


class Merge(forms.Form):
    """Two stations of which one is to remain."""

    source = forms.CharField(max_length=40, help_text="the station that goes")
    target = forms.CharField(max_length=40, help_text="the station that gets its readings")

    def clean(self) -> dict[str, Any]:
        """Refuse to merge a station with itself."""
        if self.cleaned_data.get("source") == self.cleaned_data.get("target", ""):
            self.add_error("target", "This has to be another station.")
        return self.cleaned_data


class FilmsApi(forms.Form):
    """What the service of the films is to do with a request."""

    delay = forms.FloatField(initial=0.2, min_value=0, max_value=10, help_text="0 to 10 seconds")
    trouble = forms.IntegerField(initial=0, min_value=0, max_value=100, help_text="0 to 100 percent")
    seed = forms.IntegerField(initial=1, min_value=0, max_value=999_999, help_text="0 to 999999")
    attempt = forms.IntegerField(initial=1, min_value=1, max_value=100, help_text="1 to 100")
    capacity = forms.IntegerField(initial=8, min_value=1, max_value=100, help_text="1 to 100 at once")


class Films(forms.Form):
    """How many films, how many at once, the seconds for each; what else, is for the service."""

    limit = forms.IntegerField(initial=12, min_value=1, max_value=12, help_text="1 to 12")
    at_once = forms.IntegerField(initial=4, min_value=1, max_value=12, help_text="1 to 12")
    patience = forms.FloatField(initial=2, min_value=0.1, max_value=10, help_text="0.1 to 10 seconds")
    delay = forms.FloatField(initial=0.2, min_value=0, max_value=10, help_text="0 to 10 seconds")
    trouble = forms.IntegerField(initial=0, min_value=0, max_value=100, help_text="0 to 100 percent")
    seed = forms.IntegerField(initial=1, min_value=0, max_value=999_999, help_text="0 to 999999")
    capacity = forms.IntegerField(initial=8, min_value=1, max_value=100, help_text="1 to 100 at once")


class NewReport(forms.Form):
    """Who makes a report, in how many steps of how many seconds, and in how many tries it fails."""

    kind = forms.ChoiceField(choices=Report.Kind.choices, help_text="django or celery")
    steps = forms.IntegerField(initial=5, min_value=1, max_value=20, help_text="1 to 20")
    pause = forms.FloatField(initial=1, min_value=0, max_value=5, help_text="0 to 5 seconds")
    fails = forms.IntegerField(initial=0, min_value=0, max_value=9, help_text="0 to 9")
