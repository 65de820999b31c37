"""The browser of the browser tests."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """SHOPDESK_CHROMIUM, else the first known name on the path; None when there is no browser."""
    named = os.environ.get("SHOPDESK_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)
