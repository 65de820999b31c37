"""A real server and a real Chromium, for long stories."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from werkzeug.serving import make_server

from setup_steps.browser import find_chromium
from shopdesk.core.db import db
from shopdesk.staff.models import Person
from tests import make

#: The window beside the chat, the wide one, and the phone in the warehouse.
SIZES = {
    "narrow": {"width": 560, "height": 900},
    "wide": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
AXE = Axe()
EVERY_RULE = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address of the desk, served by threads."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = False  # type: ignore[attr-defined] # closing waits: no request writes into the next test
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    named = os.environ.get("SHOPDESK_CHROMIUM") or find_chromium()
    browser = playwright.chromium.launch(executable_path=str(named), args=ARGUMENTS)
    yield browser
    browser.close()


class Screen:
    """One person's window: goes places, checks that nobody is shut out."""

    def __init__(self, page: Page, live: str) -> None:
        self.page, self.live = page, live
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.problems.append(f"console: {message.text}")

    def go(self, path: str) -> Page:
        self.page.goto(self.live + path)
        return self.page

    def check(self, rules: dict[str, Any] = EVERY_RULE) -> None:
        """Axe finds nothing, nothing overflows sideways, no script failed."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.axe_script)
        # What passes is not told: most of the time would go into describing it.
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        found = AxeResults(self.page.evaluate("options => axe.run(options)", options))
        assert found.violations_count == 0, found.generate_report()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, f"{self.page.url} is wider than the window"
        assert self.problems == []


@pytest.fixture
def window(live: str, chromium: Browser) -> Iterator[Callable[..., Screen]]:
    """`window(person, "zh-CN", "narrow")`: a signed-in window of its own."""
    contexts: list[BrowserContext] = []

    def open_window(person: Person, language: str = "zh-CN", size: str = "wide") -> Screen:
        login = person.login
        db.session.rollback()
        context = chromium.new_context(locale=language, viewport=SIZES[size], timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        screen = Screen(context.new_page(), live)
        page = screen.go("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", make.PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return screen

    yield open_window
    for context in contexts:
        context.close()
