"""The settings: what `startproject` writes, and what the environment says instead.

DATABASE_URL   the database; by default SQLite, in a file beside the project
"""

import os
from pathlib import Path

import environ

from .secret import secret_key

PROJECT = Path(__file__).resolve().parent
BASE_DIR = PROJECT.parents[1]
# What this machine keeps for the site, out of git.
LOCAL = BASE_DIR / ".local"
LOCAL.mkdir(exist_ok=True)

env = environ.Env()

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secret_key(LOCAL)

# A page that reached this machine under another name was not asked for by its owner: a foreign site
# can point a name of its own to 127.0.0.1 and let the browser ask. "testserver" is what tests say.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "apps.django_site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

ROOT_URLCONF = "apps.django_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# All of them can run in async mode, yet their hooks are ordinary functions, so Django takes each to the
# request's thread and back. One that cannot run in async mode would cost more: it would hold that thread
# until everything behind it, the view too, has answered.
MIDDLEWARE = [
    # X-Content-Type-Options: nosniff, for pages such as echo that give back what they were given.
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Checks Host against ALLOWED_HOSTS, adds Content-Length, redirects /django to /django/.
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{LOCAL / 'site.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers and one writer at a time, who waits for his turn from the beginning of a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_REDIRECT_URL = "index"
STATIC_URL = "static/"

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
