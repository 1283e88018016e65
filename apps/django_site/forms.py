"""What the pages may be asked for, as forms: Django's way to say what a parameter may be."""

from django import forms


class Stream(forms.Form):
    """How many pieces, and the seconds between them."""

    n = forms.IntegerField(initial=5, min_value=1, max_value=1000, help_text="1 to 1000")
    delay = forms.FloatField(initial=0.5, min_value=0, max_value=10, help_text="0 to 10 seconds")


class Timer(forms.Form):
    """The seconds between two lines."""

    tick = forms.FloatField(initial=1, min_value=0.01, max_value=60, help_text="0.01 to 60 seconds")


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
