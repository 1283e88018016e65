"""What all tests of the lab have in common: the token of the probe, which holds nothing without one."""

import pytest

from lab import probe
from tests.lab.right_server import TOKEN


@pytest.fixture(scope="session", autouse=True)
def token():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "TOKEN", TOKEN)
        yield
