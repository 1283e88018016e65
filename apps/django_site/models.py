"""What the site keeps: weather stations and what they measure, and reports on them."""

from django.db import models


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
        ordering = ("at",)
        indexes = (models.Index(fields=("station", "at"), name="readings_of_a_station"),)

    def __str__(self) -> str:
        return f"{self.celsius} °C at {self.at:%Y-%m-%d %H:%M}"
