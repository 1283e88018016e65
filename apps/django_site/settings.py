"""The settings: what `startproject` writes, less all that no page here uses."""

import os
from pathlib import Path

from .secret import secret_key

PROJECT = Path(__file__).resolve().parent
BASE_DIR = PROJECT.parents[1]

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secret_key(BASE_DIR / ".local")

# A page that reached this machine under another name was not asked for by its owner: a foreign site
# can point a name of its own to 127.0.0.1 and let the browser ask. "testserver" is what tests say.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

ROOT_URLCONF = "apps.django_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
    }
]

# Both can run in async mode, yet their hooks are ordinary functions, so Django takes each of the four
# to the request's thread and back. One that cannot run in async mode would cost more: it would hold that
# thread until everything behind it, the view too, has answered.
MIDDLEWARE = [
    # X-Content-Type-Options: nosniff, for pages such as echo that give back what they were given.
    "django.middleware.security.SecurityMiddleware",
    # Checks Host against ALLOWED_HOSTS, adds Content-Length, redirects /django to /django/.
    "django.middleware.common.CommonMiddleware",
]
# There is no CSRF middleware: no page here knows who you are, by cookie or otherwise, so a forged
# request can do no more than one sent openly.

USE_TZ = True
# Django sets the time zone of the whole process to this, and the default is that of Chicago.
TIME_ZONE = "UTC"
USE_I18N = False

# Without DEBUG Django would mail tracebacks to the ADMINS and print nothing. The client is told of
# no traceback, and the person at the terminal is.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {name: {"handlers": ["console"], "level": "INFO"} for name in ("django", "apps.django_site")},
}

# The files that the twin of `files` serves: those of the gallery next door.
GALLERY = BASE_DIR / "apps" / "raw_asgi"
