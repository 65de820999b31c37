"""An application from the chat window: a reason, a pasted photo, one button; then its first phase on its own page."""

from __future__ import annotations

import base64
import os

import pytest
from playwright.sync_api import expect

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.journeys.shop import look

pytestmark = pytest.mark.browser
#: Pastes a picture where the reader stands, as Ctrl+V after a screen shot does.
PASTE = """data => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], "photo.png", { type: "image/png" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
}"""
ABOVE_THE_FOLD = """selector => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return box.top >= 0 && box.bottom <= window.innerHeight;
}"""


@pytest.mark.parametrize("size", ["narrow", "wide"])
@pytest.mark.mission("M087", "M089")
def test_a_damaged_parcel_is_recorded_with_a_pasted_photo_in_three_clicks(window, size):
    make.store()
    order = make.order(lines=(make.line(),))
    make.fact(order, Stage.SHIPPED)
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    path = f"/orders/{order.id}"
    db.session.rollback()
    mine = window(person, "zh-CN", size)
    page = mine.go(path)
    page.locator("body").press("n")
    page.wait_for_url("**/cases/new")
    look(mine)
    _shot(page, f"new-{size}")
    page.check("#reason-damaged")
    expect(page.locator("#answer-damaged-box_state")).to_be_visible()
    expect(page.locator("#answer-quality-since_when")).to_be_hidden()
    page.fill("#answer-damaged-box_state", "外箱压扁了")
    page.evaluate(PASTE, base64.b64encode(make.photo("PNG", (640, 480))).decode())
    assert page.evaluate("document.querySelector('#case-photos').files.length") == 1
    look(mine)
    _shot(page, f"chosen-{size}")
    page.click("button[name=take]")
    page.wait_for_url("**/cases/*")
    expect(page.locator("#problem")).to_contain_text("外箱压扁了")
    expect(page.locator(".sd-photos img")).to_have_count(1)
    expect(page.locator(".sd-photos img")).to_have_js_property("complete", value=True)
    for seen in (".sd-phases", ".sd-next", ".sd-due"):
        if page.locator(seen).count():
            assert page.evaluate(ABOVE_THE_FOLD, seen), f"{seen} is not seen without scrolling"
    look(mine)
    _shot(page, f"case-{size}")
    page.check("#appraisal-0")
    page.click("#appraisal button[type=submit]")
    page.wait_for_load_state()
    expect(page.locator("#appraisal input:checked")).to_have_count(1)
    look(mine)
    _shot(page, f"appraised-{size}")


def _shot(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"/tmp/i4shots/{name}.png", full_page=True)
