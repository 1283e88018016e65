"""Rules for the whole suite."""

import os

import pytest
from django.db import connections

pytest_plugins = ["pytester"]  # runs pytest on tests that are written down in a test


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """A machine may lack something, and a test says so and skips; where `CI` is set, that is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI"):
        reporter.write_line(f"\n{len(skipped)} skipped, and CI is set: that is a failure.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """The database of the tests is a file: one in memory would belong to the thread that opened it."""
    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
