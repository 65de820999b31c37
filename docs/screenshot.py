"""Take the pictures of the README from a running desk with the demo shop.

Start it with `python3 manage.py run`, then `.venv/bin/python docs/screenshot.py`; writes docs/img/order.png (1280 px)
and docs/img/order-560.png.  Needs Chromium, or its path in SHOPDESK_CHROMIUM.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from setup_steps.browser import find_chromium  # noqa: E402

PICTURES = ROOT / "docs" / "img"
SIZES = {"order.png": (1280, 900), "order-560.png": (560, 900)}  # CSS pixels
SHARPNESS = 1.25  # device pixels per CSS pixel: sharp enough to read, and below 300 KB a picture


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the desk runs")
    parser.add_argument("--login", default="xiaoman", help="a demo account; default: the pre-sale person's")
    parser.add_argument("--password", default="shopdesk-demo")
    parser.add_argument("--find", default="", help="what to look up; default: the first order under My work")
    parser.add_argument("--path", default="", help="the address of an order page, instead of looking one up")
    return parser.parse_args()


def sign_in(page: Page, given: argparse.Namespace) -> None:
    page.goto(f"{given.url}/sign-in")
    page.fill("input[name=login]", given.login)
    page.fill("input[name=password]", given.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def open_order(page: Page, given: argparse.Namespace) -> None:
    """Open the order named by the options, else the first one with an open change of this person."""
    if given.path:
        page.goto(given.url + given.path)
        return
    page.goto(given.url + ("/" if given.find else "/work"))
    if given.find:
        page.fill("input[name=q]", given.find)
        page.press("input[name=q]", "Enter")
        page.wait_for_load_state("networkidle")
    if "/orders/" not in page.url:  # one exact hit may have opened by itself
        page.locator('main a[href*="/orders/"]').first.click()
        page.wait_for_url("**/orders/**")


def main() -> int:
    given = options()
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("No Chromium found: install one, or name it in SHOPDESK_CHROMIUM.\n")
        return 2
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(device_scale_factor=SHARPNESS, locale="zh-CN", color_scheme="light")
        sign_in(page, given)
        open_order(page, given)
        for name, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_load_state("networkidle")
            page.evaluate("scrollTo(0, 0)")  # the link led to the change
            page.screenshot(path=PICTURES / name, animations="disabled")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
