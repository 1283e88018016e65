"""Databases of a test's own, and what it takes to have the site on one."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
NAMES = ["sqlite", "postgres"]


def standing():
    """The URL of the PostgreSQL that the environment names, or else of one at the usual place."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else "postgresql://postgres@127.0.0.1:5432/postgres"


def ask(url, query, *values):
    """The rows that PostgreSQL answers with; none for a statement that has no rows."""
    with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def database(name, directory):
    """The URL of a new and empty database. Skips the test where there is no PostgreSQL to have it in."""
    if name == "sqlite":
        yield f"sqlite:///{directory / 'site.sqlite3'}"
        return
    server, own = standing(), f"asgi_explorer_{secrets.token_hex(6)}"
    try:
        ask(server, f"CREATE DATABASE {own}")
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {urlsplit(server).netloc}: {error}")
    try:
        yield urlsplit(server)._replace(path=f"/{own}").geturl()
    finally:
        ask(server, f"DROP DATABASE {own} WITH (FORCE)")


def cut(url):
    """End every other connection to the database."""
    found = ask(url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    for (process,) in found:
        ask(url, "SELECT pg_terminate_backend(%s)", process)


def manage(url, *arguments):
    """Run a command of manage.py on a database."""
    subprocess.run(  # noqa: S603 - the program is this project's own
        [sys.executable, ROOT / "apps/django_site/manage.py", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
        timeout=240,
    )


class OwnPostgres:
    """A PostgreSQL that nobody else uses, so that it can be stopped."""

    def __init__(self, programs, directory, port):
        self.programs, self.directory, self.port = programs, directory, port
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    @classmethod
    @contextmanager
    def made(cls, port):
        """One that has not been started, and is gone at the end. Skips the test where it is not installed."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            pytest.skip("there is no PostgreSQL here, as Debian installs it, to start one of our own")
        with tempfile.TemporaryDirectory() as directory:
            # It refuses to run as root, and where it is installed, it has a user of its own.
            if os.geteuid() == 0:
                shutil.chown(directory, "postgres")
            postgres = cls(found[-1], Path(directory), port)
            postgres._run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
            try:
                yield postgres
            finally:
                if (postgres.directory / "data/postmaster.pid").exists():
                    postgres.stop()

    def start(self):
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.directory}"
        self._run("pg_ctl", "start", "--wait", f"--options={options}", f"--log={self.directory}/log")

    def stop(self):
        """Stop it, whoever is connected."""
        self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    def _run(self, program, *arguments):
        subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [self.programs / program, f"--pgdata={self.directory}/data", *arguments],
            user="postgres" if os.geteuid() == 0 else None,
            cwd=self.directory,
            check=True,
            # What pg_ctl starts keeps what it is given, so a pipe would never end.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )
