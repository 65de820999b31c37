"""What stands in a card of the order page stays in it, however long it is."""

from __future__ import annotations

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = pytest.mark.browser

#: (card, what sticks out of its padding, by how many pixels)
OUTSIDE = """() => [...document.querySelectorAll(".card")].flatMap((card) => {
  const edge = card.getBoundingClientRect().right - 8;
  const shown = (e) => e.checkVisibility() && !e.closest(".sd-gridbox, .sd-vh, dialog, .card-header, svg");
  const inner = [...card.querySelectorAll(".card-body *")].filter(shown);
  const out = inner.filter((e) => e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().right > edge);
  return out.map((e) => `${card.querySelector("h2")?.innerText}: ${e.className} ${e.innerText}`);
})"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_an_amended_line_and_a_buyers_dear_orders_stay_within_their_cards(window, language):
    old = "颜色分类:晨雾蓝拼象牙白加长加厚礼盒装;尺码:均码可调节适合头围五十六到六十厘米"
    order = make.order(lines=(make.line(quantity=2, attributes=old, price_minor=127_700),))
    for _ in range(2):
        dear = make.order(lines=(make.line(price_minor=123_456_789),))
        make.fact(dear, Stage.DELIVERED)
    by = make.actor(Role.PRE_SALE)
    make.change(
        order, Kind.ATTRIBUTE, {"attributes": "颜色分类:霁蓝;尺码:L"}, by=by, line_id=worlds.line(order).id, yes=True
    )
    path = f"/orders/{order.id}"
    db.session.rollback()
    screen = window(make.person(Role.PRE_SALE), language)
    for width in (1280, 560):
        screen.page.set_viewport_size({"width": width, "height": 900})
        page = screen.go(path)
        assert page.locator(".sd-lines .sd-badge").count() >= 1
        assert page.evaluate(OUTSIDE) == [], f"at {width} pixels"


#: Words that stand on two lines.
BROKEN = """() => [...document.querySelectorAll(".sd-tile b")].flatMap((b) => {
  const text = b.firstChild;
  return [...text.data.matchAll(/[A-Za-z]+/g)].map((found) => {
    const range = document.createRange();
    range.setStart(text, found.index);
    range.setEnd(text, found.index + found[0].length);
    return range.getClientRects().length > 1 ? found[0] : "";
  }).filter(Boolean);
})"""


def test_the_tiles_of_my_work_break_between_words(window):
    for _ in range(12):
        make.change(make.order(), by=make.actor(Role.PRE_SALE))
    make.change(make.order(), by=make.actor(Role.PRE_SALE), yes=True)
    db.session.rollback()
    page = window(make.person(Role.PRE_SALE), "en").go("/work?whose=all")
    assert page.locator(".sd-tile b", has_text="customer").count() == 1
    page.locator(".sd-tiles").evaluate(
        "tiles => tiles.append(...[1, 2, 3].flatMap(() => [...tiles.children].map((tile) => tile.cloneNode(true))))"
    )
    assert page.evaluate(BROKEN) == [], "also where the row is full of tiles"
