"""Every way there is to reach a server: in clear text and over TLS, by each version of HTTP it speaks."""

import pytest

from servers import LAUNCHERS, Options

WAYS = [
    pytest.param(row.name, tls, version, id=f"{row.name} {'TLS' if tls else 'clear'} HTTP/{version}")
    for row in LAUNCHERS.values()
    for tls in (False, True)
    for version in (row.http if tls else row.in_clear)
]


def options_for(name, app, *, tls):
    """Options with the newest HTTP that the server speaks there, and a grace fit for tests."""
    row = LAUNCHERS[name]
    return Options(app=app, http=max(row.http if tls else row.in_clear), tls=tls, grace=1)
