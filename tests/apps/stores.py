"""A Redis of a test's own, which may be killed and started again, and keeps nothing."""

import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
import redis

PATIENCE = 30  # seconds to start


class Store:
    """A Redis at one port, whether it runs or not."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self):
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", self.folder]
        self.process = subprocess.Popen(  # noqa: S603 - nothing in it is from elsewhere
            [shutil.which("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), *keeps_nothing],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENCE
        while not self.answers():
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.01)

    def answers(self):
        try:
            return self.ask("PING")
        except redis.ConnectionError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    @contextmanager
    def hung(self):
        """It listens, but does not answer."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def ask(self, *command):
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*command)


@contextmanager
def store(folder):
    """A Redis that runs while the block does."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server here")
    started = Store(str(folder))
    started.start()
    try:
        yield started
    finally:
        started.kill()
