"""What tests of pages share: addresses, actors, and sending a form of a page as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from sqlalchemy import func, select

from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.staff import queries as staff
from tests.conftest import Browser


class Forms(HTMLParser):
    """The forms of a page: address → the fields it would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.now: dict[str, str] | None = None
        self.area: str | None = None
        self.select: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.now = self.found.setdefault(has.get("action") or "", {})
        if self.now is None:
            return
        name, value = has.get("name"), has.get("value") or ""
        if tag == "input" and name and (has.get("type") not in {"radio", "checkbox"} or "checked" in has):
            self.now[name] = value
        elif tag == "textarea" and name:
            self.area, self.now[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in has or self.select not in self.now):
            self.now[self.select] = value

    def handle_data(self, data: str) -> None:
        if self.now is not None and self.area:
            self.now[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.now = None
        if tag == "textarea":
            self.area = None
        if tag == "select":
            self.select = None


def fields(page: Any, action: str) -> dict[str, str]:
    """What the form at that address would send."""
    found = Forms(page.text).found
    assert action in found, sorted(found)
    return found[action]


def send(browser: Browser, page: Any, action: str, /, **typed: str) -> Any:
    """Fill the form of that address on the page and send it; "" is the page's own address."""
    return browser.post(action or page.request.path, data={**fields(page, action), **typed})


def fill(browser: Browser, path: str, /, **typed: str) -> Any:
    """Open a page whose form goes to itself, fill it, send it."""
    page = browser.get(path)
    assert page.status_code == 200, page.text[:400]
    return send(browser, page, "", **typed)


EN = {"Accept-Language": "en"}


def by(person):
    """The person as the page's actor."""
    return staff.actor_for(person, channel="page")


def path(order):
    return f"/orders/{order.id}"


def change_path(change, what):
    return f"/changes/{change.id}/{what}"


def events(order, action):
    """How many events of that name the order has."""
    statement = select(func.count(Event.id)).where(Event.order_id == order.id, Event.action == action)
    return db.session.scalar(statement)
