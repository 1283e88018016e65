"""What several files here are given: threads that are lent, and a Redis of their own."""

import pytest

from tests.apps.lent import Gate, Pools
from tests.apps.stores import store


@pytest.fixture
def pool_of():
    """Makes pools of threads."""
    pools = Pools()
    yield pools
    pools.close()


@pytest.fixture
def gate():
    """A gate, which is open in the end."""
    gate = Gate()
    yield gate
    gate.may_go.set()


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """The Redis of all tests that do not harm it."""
    with store(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture
def own_redis(tmp_path, monkeypatch):
    """A Redis that a test may do to as it likes."""
    with store(tmp_path) as started:
        monkeypatch.setenv("REDIS_URL", started.url)
        yield started
