"""The settings: what `startproject` writes, and what the environment says instead.

DJANGO_ALLOWED_HOSTS   the names under which the world knows the site, with commas between; without, it is
                       for this machine alone, and with it the settings are those of a public site
DJANGO_SECRET_KEY      by default, one that is made and kept in .local; a public site has to be given one
DJANGO_DEBUG           1: tracebacks in the browser, on this machine alone
DJANGO_THREADS         so many threads may run code that is not async; 0: as many as there are requests
DATABASE_URL           the database; by default SQLite, in a file in .local
REDIS_URL              Redis; by default, there is none
CELERY_BROKER_URL      RabbitMQ (amqp://) or Redis (redis://) for Celery; by default, files in .local
FILMS_API_URL          the service that the films are asked of; by default, one on this site
FILMS_API_HTTP2        1: it speaks HTTP/2 in clear text
ACCESS_LOG             1: a line of JSON for every conversation
"""

import os
import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from .broker import broker_options
from .secret import secret_key

PROJECT = Path(__file__).resolve().parent
BASE_DIR = PROJECT.parents[1]
# What this machine keeps for the site, out of git.
LOCAL = BASE_DIR / ".local"
LOCAL.mkdir(exist_ok=True)

env = environ.Env()

# A page that reached this machine under another name was not asked for by its owner: a foreign site
# can point a name of its own to 127.0.0.1 and let the browser ask. "testserver" is what tests say.
PUBLIC_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS = PUBLIC_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]

DEBUG = env.bool("DJANGO_DEBUG", default=False)
if DEBUG and PUBLIC_HOSTS:
    raise ImproperlyConfigured(
        "DJANGO_DEBUG shows the world your settings: unset it, or DJANGO_ALLOWED_HOSTS"
    )

SECRET_KEY = env("DJANGO_SECRET_KEY", default="")
if PUBLIC_HOSTS and not SECRET_KEY:
    raise ImproperlyConfigured("a public site is given a DJANGO_SECRET_KEY, the same for all its machines")
SECRET_KEY = SECRET_KEY or secret_key(LOCAL)

# What is not async mostly waits, so there may be more threads than processors. Each may open a connection to
# the database.
DJANGO_THREADS = env.int("DJANGO_THREADS", default=max(32, 4 * (os.cpu_count() or 1)))
if DJANGO_THREADS < 0:
    raise ImproperlyConfigured("DJANGO_THREADS is a number of threads, or 0 for one to each request")

REDIS_URL = env("REDIS_URL", default="")
FILMS_API_URL = env("FILMS_API_URL", default="")
FILMS_API_HTTP2 = env.bool("FILMS_API_HTTP2", default=False)

if PUBLIC_HOSTS:
    # The scheme is what the server says in the scope. Behind a proxy, it is the server that has to be told to
    # believe the proxy, as uvicorn is by --forwarded-allow-ips.
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 24 * 60 * 60
    # What other sites there are below the name, and whether all of them speak TLS, is not known here.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

INSTALLED_APPS = [
    "apps.django_site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_tasks_db",
    "servestatic",  # its checks of the settings
]

# With daphne among the applications, and before staticfiles, `runserver` is an ASGI server, and WebSockets
# work there. But whatever sets Django up then imports Twisted, which takes two thirds as long again, and gets
# an event loop that nobody runs. So daphne is there for that command, and not for CGI programs and the
# workers of other servers.
if sys.argv[1:2] == ["runserver"]:
    INSTALLED_APPS.insert(0, "daphne")
ASGI_APPLICATION = "apps.django_site.asgi.application"

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

# All of them can run in async mode, yet the hooks of Django's own are ordinary functions, so that each is
# taken to the request's thread and back. What that costs is measured in docs/django.md.
MIDDLEWARE = [
    # X-Content-Type-Options: nosniff, for pages such as echo that give back what they were given.
    "django.middleware.security.SecurityMiddleware",
    # Serves the files of the admin, from memory of where they are and without a thread for a miss.
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Checks Host against ALLOWED_HOSTS, adds Content-Length, redirects /django to /django/.
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Answers 503 for a view that finds no database.
    "apps.django_site.middleware.DatabaseDown",
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{LOCAL / 'site.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers and one writer at a time, who waits for his turn from the beginning of a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A connection belongs to its thread, and Django makes a thread for each request: CONN_MAX_AGE would keep
    # it for a thread that is gone. The threads of this site stay (threads.py), but then each would keep one,
    # idle as it may be. A pool has fewer, and a request gives its own back at its end. The check is for those
    # that PostgreSQL has closed in the meantime. While PostgreSQL is down, the pool gives up as soon as a
    # request does, so that the next request is the next try.
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **DATABASES["default"].get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 10, "timeout": 2, "reconnect_timeout": 2},
            "connect_timeout": 2,
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Django's own backends do a task at once or never. This one keeps it in a table, for `manage.py db_worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT = "apps.django_site.message_files:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(CELERY_BROKER_URL, LOCAL / "celery")
CELERY_BROKER_CONNECTION_TIMEOUT = 3  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True  # a worker waits for its broker
# Whoever enqueues waits for the broker, and no longer than it takes to try three times.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "asgi-explorer"
# A task is acknowledged when it has ended, and goes back to the queue when the process that ran it is killed.
# A worker takes no more than it works on, so that none waits behind another.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Seconds until a task is interrupted, and until its process is killed.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 270
# What comes from a broker is data, as pickle is not. Results are in the database, where all can read them.
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True

# The groups of Channels: in this process, or in Redis for several. There, Channels waits 5 seconds for a
# message and asks again (brpop_timeout), and of itself redis-py gives up after 5, as if Redis had failed. Its
# time limit is not just made longer, because on Python 3.11 a wait that has one can lose its cancellation.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }

LOGIN_REDIRECT_URL = "index"

STATIC_URL = "static/"
SERVESTATIC_STATIC_PREFIX = "/static/"  # the same, as the middleware sees it below the mount
STATIC_ROOT = LOCAL / "static"
# A public site serves what `manage.py collectstatic` has gathered, under names with a hash in them that
# browsers may keep for ever; elsewhere, files are served from where they are.
SERVESTATIC_USE_FINDERS = not PUBLIC_HOSTS
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": f"apps.django_site.static.{'HashedFiles' if PUBLIC_HOSTS else 'Files'}"},
}

USE_TZ = True
# Django sets the time zone of the whole process to this, and the default is that of Chicago.
TIME_ZONE = "UTC"
USE_I18N = False

# Without DEBUG Django would mail tracebacks to the ADMINS and print nothing. The client is told of
# no traceback, and the person at the terminal is.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "apps.access_log.RequestId"}},
    "formatters": {
        "told": {"format": "%(levelname)s %(request_id)s %(name)s: %(message)s"},
        "bare": {"format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "told"},
        "access": {"class": "logging.StreamHandler", "formatter": "bare"},
    },
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO"},
        "apps.django_site": {"handlers": ["console"], "level": "INFO"},
        "access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}

# The files that the twin of `files` serves: those of the gallery next door.
GALLERY = BASE_DIR / "apps" / "raw_asgi"
