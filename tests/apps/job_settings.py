"""The settings of the site, with a queue that is one test's own."""

import os
from pathlib import Path

from apps.django_site.broker import broker_options
from apps.django_site.settings import *  # noqa: F403 - settings are taken over as they are
from apps.django_site.settings import CELERY_BROKER_URL

CELERY_TASK_SOFT_TIME_LIMIT = int(os.environ.get("JOBS_TIME_LIMIT", "240"))
CELERY_TASK_DEFAULT_QUEUE = os.environ["JOBS_QUEUE"]
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(CELERY_BROKER_URL, Path(os.environ["JOBS_DIRECTORY"]))
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "global_keyprefix": f"{CELERY_TASK_DEFAULT_QUEUE}:",
        "visibility_timeout": int(os.environ.get("JOBS_VISIBILITY_TIMEOUT", "300")),
        # Look every second for what has been out of sight for too long.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
