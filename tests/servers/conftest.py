"""Servers for tests: started when a test asks for one, and stopped at the latest when the test is over."""

from contextlib import ExitStack

import pytest

from servers import LAUNCHERS, running
from servers.command import missing_packages


class Servers(ExitStack):
    """Called with a name and options: a server, the same one for the same options while it runs."""

    def __init__(self):
        super().__init__()
        self.started = {}

    def __call__(self, name, options):
        server = self.started.get((name, options))
        if server is None or server.process.poll() is not None:
            launcher = LAUNCHERS[name]
            if missing := missing_packages(launcher, options.http or launcher.natural):
                pytest.skip(f"{name} is without {', '.join(missing)} here")
            self.started[name, options] = self.enter_context(running(launcher, options))
        return self.started[name, options]

    def __exit__(self, *details):
        # They stop side by side, and then each is waited for.
        for server in self.started.values():
            server.process.terminate()
        return super().__exit__(*details)


@pytest.fixture
def start():
    """Starts a server that is this test's own."""
    with Servers() as servers:
        yield servers


@pytest.fixture(scope="module")
def started():
    """Starts a server, or finds one that another test of the module has started."""
    with Servers() as servers:
        yield servers
