"""Parts of the machine that some tests need: a test without its part is skipped with a reason, in CI it fails.

Loaded by the line `pytest_plugins = ["tests.needs"]` in tests/conftest.py.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from setup_steps.browser import find_chromium

NO_BROWSER = "no Chromium on this machine (install one, or name it in SHOPDESK_CHROMIUM)"


def in_ci() -> bool:
    """Say whether a missing part is a failure."""
    return os.environ.get("SHOPDESK_CI") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is not None:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI: a suite that quietly skips proves nothing."""
    report = yield
    if in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report
