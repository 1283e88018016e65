"""What the admin shows."""

from django.contrib import admin

from .models import Reading, Station


@admin.register(Station)
class StationAdmin(admin.ModelAdmin):
    list_display = ("name", "height")


@admin.register(Reading)
class ReadingAdmin(admin.ModelAdmin):
    list_display = ("station", "at", "celsius")
    list_filter = ("station",)
