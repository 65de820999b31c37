"""A small shop's export, and what people do again and again in their windows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from playwright.sync_api import Locator

from shopdesk.core.db import db
from shopdesk.imports import service
from shopdesk.imports.queries import run_by_id
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from tests import make
from tests.imports.readers import reader_exports as exports
from tests.journeys.conftest import COLOURS, Screen

#: For what each order of the export is there.
PARTS = ("address", "colour", "waiting", "printed", "gone", "plain")
NUMBERS = {part: f"3900123456789{n:06d}" for n, part in enumerate(PARTS, 101)}
TAIL, NAME = "0007", "小样"
OLD_STREET, NEW_STREET = "样板路8号", "云帆路66号禾悦公寓2幢602室"
NEW_LINE = f"王小样 13900000007 浙江省杭州市滨江区{NEW_STREET}"
OLD_COLOUR, NEW_COLOUR = "颜色分类：青花；容量：500ml", "颜色分类：霁蓝；容量：500ml"

SETTLE = "document.getAnimations().filter(a => a instanceof CSSTransition).forEach(a => a.finish())"


def export(folder: Path) -> list[Path]:
    """Order list and details in the platform's encoding; the list's name says when it was exported."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    today = {"订单创建时间": f"{now:%Y-%m-%d} 00:00:01", "订单付款时间": f"{now:%Y-%m-%d} 00:00:02"}
    rows = [exports.order(订单编号=f'="{number}"', **today) for number in NUMBERS.values()]
    lines = [exports.LINE_OLD | {"订单编号": f'="{number}"'} for number in NUMBERS.values()]
    files = [folder / f"ExportOrderList{now:%Y%m%d%H%M}.csv", folder / f"ExportOrderDetailList{now:%Y%m%d%H%M}.csv"]
    files[0].write_bytes(exports.order_list(*rows))
    files[1].write_bytes(exports.details(*lines))
    return files


def work(app: Flask, run_id: int) -> None:
    """What the worker does with a queued import."""
    store = make.store()
    run = run_by_id(run_id, make.Actor.system([store.id]))
    person = staff.person_by_id(run.started_by_id)
    assert person
    starter = staff.actor_for(person, channel="file")
    service.run_queued(run.store_id, run.id, app.config["DATA"] / "imports", actor=starter)
    db.session.rollback()


def found(part: str) -> Order:
    """The order as it stands now."""
    db.session.rollback()
    order = orders.order_by_number(NUMBERS[part], make.store().id)
    assert order
    db.session.refresh(order)
    return order


def stage_of(part: str) -> str:
    stage = str(make.parcel(found(part)).stage)
    db.session.rollback()
    return stage


def path_of(part: str) -> str:
    path = f"/orders/{found(part).id}"
    db.session.rollback()
    return path


def press(screen: Screen, button: Locator | str, *, until: Callable[[str], bool] | None = None) -> None:
    """Press what loads a page, and wait for that page."""
    target = screen.page.locator(button) if isinstance(button, str) else button
    with screen.page.expect_navigation(url=until, wait_until="load"):
        target.first.click()


def look(screen: Screen, *, in_dark: bool = False) -> None:
    """The page is sound in the light, and in the dark where asked.

    Looked at in a window as tall as the page: a bar that stays at the lower edge covers nothing by chance then.
    """
    page, size = screen.page, screen.page.viewport_size
    assert size
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(tall, size["height"])})
    screen.check()
    if in_dark:
        page.emulate_media(color_scheme="dark")
        page.evaluate(SETTLE)  # colours fade over; axe reads those of the moment
        screen.check(COLOURS)  # nothing else differs from the light
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)


def is_in_first_view(screen: Screen, place: str) -> bool:
    """Does it stand whole in the window without scrolling?"""
    box = screen.page.locator(place).first.bounding_box()
    size = screen.page.viewport_size
    assert box, f"{place} is not shown"
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


def copied_by(screen: Screen, button: str) -> str:
    """What a click on the button has put into the clipboard, within five seconds.

    Emptied before: the windows of one browser share it, and an older text would be taken for the copy.
    """
    screen.page.evaluate("navigator.clipboard.writeText('')")
    screen.page.click(button)
    for _ in range(50):
        if text := screen.page.evaluate("navigator.clipboard.readText()"):
            return str(text)
        screen.page.wait_for_timeout(100)
    raise AssertionError("nothing was copied")
