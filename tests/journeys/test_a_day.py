"""A day at the desk through the real browser: pre-sale beside the chat, the printing clerk at a wide screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.permissions import Role
from tests import make
from tests.journeys import shop
from tests.journeys.shop import copied_by, is_in_first_view, look, path_of, press, stage_of

pytestmark = pytest.mark.browser
PRE_SALE_WINDOWS = [("zh-CN", "narrow"), ("en", "wide")]


@pytest.fixture(params=PRE_SALE_WINDOWS, ids=lambda p: "-".join(p))
def desk(request, app, window, tmp_path):
    """(pre-sale's window, the clerk's window, whether the dark is looked at too) with the shop's export on the desk."""
    language, size = request.param
    make.store()
    people = make.person(Role.PRE_SALE, signature="小满"), make.person(Role.PRINTING, signature="敏敏")
    mine, clerk = window(people[0], language, size), window(people[1], language, "wide")
    in_dark = language == "zh-CN"
    _import(app, mine, tmp_path, in_dark=in_dark)
    return mine, clerk, in_dark


def _import(app, mine, folder, *, in_dark):
    mine.go("/feeds")
    look(mine, in_dark=in_dark)
    page = mine.go("/feeds/my-shop/files")
    look(mine)
    page.set_input_files("[name=files]", shop.export(folder))
    press(mine, "main form button[type=submit]")
    look(mine)
    shop.work(app, int(page.url.rsplit("/", 1)[1]))
    page.wait_for_selector(".sd-tiles")  # the page asks for itself
    counts = page.locator(".sd-tiles strong").all_inner_texts()
    assert counts[:2] == [str(len(shop.PARTS))] * 2
    look(mine, in_dark=in_dark)


def test_a_day_from_the_export_to_the_printed_batch(desk, window):
    mine, clerk, in_dark = desk
    _look_up(mine, in_dark=in_dark)
    _memo(mine, in_dark=in_dark)
    _address(mine, clerk, in_dark=in_dark)
    _colour(mine, clerk)
    _waiting(mine)
    _batch(mine, clerk, in_dark=in_dark)
    _withdraw(mine)
    _printed(mine, clerk)
    _gone(mine, clerk, window)


def _look_up(mine, *, in_dark):
    page = mine.go("/")
    look(mine, in_dark=in_dark)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(shop.TAIL)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    rows = page.locator("#hits [data-open]")
    assert rows.count() == len(shop.PARTS)
    look(mine)
    mine.go("/")
    page.fill("#q", shop.NAME)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#hits mark").count() == len(shop.PARTS)
    look(mine)
    page.locator("#q").blur()
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/orders/" in page.url


def _memo(mine, *, in_dark):
    page = mine.go(path_of("address"))
    look(mine, in_dark=in_dark)
    for place in ("ol.sd-stage [aria-current=step]", ".sd-stage-foot", "#options .btn"):
        assert is_in_first_view(mine, place), place
    page.keyboard.press("m")
    expect(page.locator("#memo")).to_be_focused()
    page.keyboard.type("客户催发货")
    page.check("[name=flag][value=red]")
    press(mine, ".sd-memo button[type=submit]")
    assert page.locator("#memo-card [data-flag=red]").count()
    copied = copied_by(mine, "#memo-card [data-copy-url]")
    assert copied.startswith("客户催发货---")
    assert copied.endswith("小满")
    press(mine, "form[action$='/memos/pasted'] button[type=submit]")
    assert not page.locator("form[action$='/memos/pasted']").count()
    look(mine)


def _address(mine, clerk, *, in_dark):
    page = mine.go(path_of("address"))
    page.wait_for_load_state("networkidle")
    with page.expect_navigation():
        page.keyboard.press("c")
    assert page.url.endswith("/changes/address")
    look(mine, in_dark=in_dark)
    page.evaluate("text => navigator.clipboard.writeText(text)", shop.NEW_LINE)
    page.focus("[name=pasted]")
    with page.expect_navigation():
        page.keyboard.press("Control+v")
    assert page.input_value("[name=city]") == "杭州市"
    assert shop.NEW_STREET in page.inner_text(".sd-diff dd.new")
    assert shop.OLD_STREET in page.inner_text(".sd-diff dd.old")
    look(mine, in_dark=in_dark)
    page.fill("[name=confirmed_text]", "对的,就这个地址")
    press(mine, "button[name=action][value=submit]")
    for place in ("ol.sd-stage [aria-current=step]", ".sd-stage-foot", ".sd-next h2"):
        assert is_in_first_view(mine, place), place
    assert page.locator(".sd-badge.sd-hold").count()
    look(mine, in_dark=in_dark)

    theirs = clerk.go("/inbox")
    card = theirs.locator(".sd-notices > li:has(.sd-diff)")
    assert shop.OLD_STREET in card.locator("dd.old").inner_text()
    assert shop.NEW_STREET in card.locator("dd.new").inner_text()
    look(clerk, in_dark=in_dark)
    press(clerk, card.locator("button[value=not_printed]"))
    assert not theirs.locator(".sd-notices .sd-diff").count()
    look(clerk)
    mine.go(path_of("address"))
    assert not page.locator(".sd-next").count()
    assert not page.locator(".sd-badge.sd-hold").count()
    assert stage_of("address") == "unprinted"
    press(mine, "form[action$='/entered'] button[type=submit]")
    look(mine)


def _colour(mine, clerk):
    """The confirmation as a step of its own."""
    page = mine.go(path_of("colour") + "/changes/attribute")
    look(mine)
    page.fill("[name=attributes]", shop.NEW_COLOUR)
    press(mine, "main form button.btn-primary[type=submit]")
    assert page.locator(".sd-next .sd-say").count()
    clerk.go("/inbox")
    assert not clerk.page.locator(".sd-notices .sd-diff").count(), "printing hears of it only when it is confirmed"
    look(mine)
    page.fill(".sd-next [name=text]", "对,要霁蓝的")
    press(mine, ".sd-next form:has([name=text]) button[type=submit]")
    assert not page.locator(".sd-next [name=text]").count()


def _waiting(mine):
    """A wish that nobody has confirmed yet."""
    page = mine.go(path_of("waiting") + "/changes/courier")
    look(mine)
    page.fill("[name=text]", "顺丰")
    press(mine, "main form button.btn-primary[type=submit]")
    assert page.locator(".sd-next").count() == 1


def _batch(mine, clerk, *, in_dark):
    page = clerk.go("/print-check")
    look(clerk, in_dark=in_dark)
    page.fill("[name=numbers]", "\n".join(shop.NUMBERS[part] for part in ("colour", "waiting", "plain")))
    press(clerk, "main form button[type=submit]")
    for place, part in (("#do-not-print", "waiting"), ("#changed", "colour"), ("#printable", "plain")):
        links = page.locator(f"{place} [data-open]").all()
        assert {link.get_attribute("aria-label") for link in links} == {shop.NUMBERS[part]}, place
    assert shop.NEW_COLOUR in page.inner_text("#changed ins")
    look(clerk, in_dark=in_dark)
    page.fill("[name=batch]", "W231")
    press(clerk, ".sd-dock button.btn-primary")
    look(clerk)
    assert [stage_of(part) for part in ("colour", "waiting", "plain")] == ["printed", "unprinted", "printed"]
    theirs = mine.go(path_of("colour"))
    assert "W231" in theirs.inner_text(".sd-stage-foot")
    assert not theirs.locator(".sd-next").count()
    look(mine)


def _withdraw(mine):
    page = mine.go(path_of("waiting"))
    page.click(".sd-next [data-dialog^=withdraw]")
    page.wait_for_selector("dialog[open]")
    look(mine)
    page.fill("dialog[open] [name=reason]", "客户改主意了")
    press(mine, "dialog[open] button[type=submit]")
    assert not page.locator(".sd-next").count()
    assert not page.locator(".sd-badge.sd-hold").count()
    look(mine)
    mine.go("/work")
    look(mine)


def _ask_courier(mine, part):
    page = mine.go(path_of(part) + "/changes/courier")
    page.fill("[name=text]", "顺丰")
    page.fill("[name=confirmed_text]", "对的")
    press(mine, "main form button.btn-primary[type=submit]")


def _card(page, part, answer):
    """The notice about that order with that answer; urgent kinds stand first, so its place says nothing."""
    about = f"a[href^='{path_of(part)}']"
    return page.locator(f".sd-notices > li:has({about}):has(button[value={answer}])").last


def _printed(mine, clerk):
    """The papers are out: the steps of the printed column stand there and hold."""
    _ask_courier(mine, "printed")
    page = clerk.go("/inbox")
    card = _card(page, "printed", "printed")
    card.locator("[name=batch]").fill("W7")
    press(clerk, card.locator("button[value=printed]"))
    look(clerk)
    assert stage_of("printed") == "printed"
    shown = mine.go(path_of("printed"))
    assert "W7" in shown.inner_text(".sd-stage-foot")
    assert shown.locator(".sd-next").count() == 1
    assert shown.locator(".sd-badge.sd-hold").count()
    look(mine)


def _gone(mine, clerk, window):
    """Too late: the wish goes on to after-sale."""
    _ask_courier(mine, "gone")
    page = clerk.go("/inbox")
    press(clerk, _card(page, "gone", "gone").locator("button[value=gone]"))
    assert stage_of("gone") == "shipped"
    shown = mine.go(path_of("gone"))
    assert not shown.locator(".sd-next").count()
    look(mine)
    after_sale = window(make.person(Role.AFTER_SALE), "zh-CN", "wide")
    after_sale.go("/inbox")
    links = after_sale.page.locator(".sd-notices [data-open]")
    assert shop.NUMBERS["gone"] in [link.get_attribute("aria-label") for link in links.all()]
    look(after_sale)
