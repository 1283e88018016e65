"""Rules for the whole suite."""

import os

import pytest

pytest_plugins = ["pytester"]  # runs pytest on tests that are written down in a test


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """A machine may lack something, and a test says so and skips; where `CI` is set, that is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI"):
        reporter.write_line(f"\n{len(skipped)} skipped, and CI is set: that is a failure.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
