"""Celery for this project. A worker is started by `python -m celery -A apps.django_site worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.django_site.settings")

app = Celery("apps.django_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["apps.django_site"])
