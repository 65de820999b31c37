"""A wish at each stage, from the asker to the last hand that has to do with it: a window for each person."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import make, worlds
from tests.journeys.shop import look, press

pytestmark = pytest.mark.browser
OLD_LABEL, NEW_LABEL = "SF1000000001", "SF1000000002"
STEP = ".sd-next form button[type=submit]"
SIGNATURES = {
    Role.PRE_SALE: "小满", Role.PRINTING: "敏敏", Role.WAREHOUSE: "大刘", Role.AFTER_SALE: "阿禾",
}  # fmt: skip
SIZE = {Role.PRE_SALE: "narrow", Role.WAREHOUSE: "phone"}


class Team:
    """Everybody's window on one order."""

    def __init__(self, window, language, stage):
        self.window, self.language, self.screens, self.people = window, language, {}, {}
        make.store()
        for role, signature in SIGNATURES.items():
            self.people[role] = make.person(role, signature=signature)
        order = make.order(waybills=[(OLD_LABEL, "顺丰速运")] if stage is not Stage.UNPRINTED else ())
        if stage is not Stage.UNPRINTED:
            make.fact(order, stage)
        self.order, self.number, self.path = order, order.number, f"/orders/{order.id}"
        self.ids = {role: person.id for role, person in self.people.items()}
        db.session.rollback()

    def at(self, role, path=None):
        """The person's window, opened when first needed, at a place; the order's page when none is named."""
        if role not in self.screens:
            self.screens[role] = self.window(self.people[role], self.language, SIZE.get(role, "wide"))
        self.screens[role].go(path or self.path)
        return self.screens[role]

    def step(self, role, **evidence):
        """Do the next step, which must be this person's, with what is recorded with it."""
        screen = self.at(role)
        for name, value in evidence.items():
            place = f".sd-next [name={name}]"
            if name == "to":
                screen.page.select_option(place, str(value))
            else:
                screen.page.fill(place, value)
        press(screen, STEP)
        return screen.page

    def asks(self, kind, fills):
        screen = self.at(Role.PRE_SALE, f"{self.path}/changes/{kind}")
        for name, value in fills.items():
            screen.page.fill(f"[name={name}]", value)
        press(screen, "main form button.btn-primary[type=submit]")
        return screen

    def stands(self):
        """(stage, holds)."""
        db.session.rollback()
        parcel = make.parcel(self.order)
        db.session.refresh(parcel)
        found = str(parcel.stage), parcel.holds
        db.session.rollback()
        return found

    def memo(self):
        db.session.rollback()
        line = worlds.memos(self.order)[-1]
        db.session.rollback()
        return line

    def labels(self):
        db.session.rollback()
        parcel = make.parcel(self.order)
        found = {w.number: str(w.state) for w in parcels.waybills([parcel.id], parcel.store_id)}
        db.session.rollback()
        return found


@pytest.fixture
def team(app, window):
    return lambda stage, language="zh-CN": Team(window, language, stage)


@pytest.mark.mission("M034")
def test_unprinted_the_colour_reaches_printing_only_when_the_customer_has_said_yes(team):
    team = team(Stage.UNPRINTED)
    team.asks("attribute", {"attributes": "颜色分类:霁蓝"})
    assert team.stands() == ("unprinted", 1)
    clerk = team.at(Role.PRINTING, "/inbox")
    expect(clerk.page.locator(".sd-notices .sd-diff")).to_have_count(0)
    team.step(Role.PRE_SALE, text="对,要霁蓝的")
    clerk = team.at(Role.PRINTING, "/inbox")
    assert "霁蓝" in clerk.page.inner_text(".sd-notices .sd-diff dd.new")
    look(clerk)
    press(clerk, ".sd-notices button[value=not_printed]")
    assert team.stands() == ("unprinted", 0)
    assert "要求修改成" in team.memo()
    assert team.memo().endswith("小满")


@pytest.mark.mission("M035", "M036", "M061")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_printed_the_papers_are_fetched_printed_again_and_taken_back(team, language):
    team = team(Stage.PRINTED, language)
    _address(team)
    assert team.stands() == ("printed", 1)
    packer = team.at(Role.WAREHOUSE)
    look(packer)
    team.step(Role.WAREHOUSE, to=team.ids[Role.PRINTING])
    assert "已在发货单" not in "".join(_memos(team)), "no memo before the papers are amended"
    team.step(Role.PRINTING, waybill=NEW_LABEL)
    assert team.labels() == {OLD_LABEL: "recycled", NEW_LABEL: "issued"}
    team.step(Role.PRE_SALE)
    assert "已在发货单与快递单上修改妥当---" in team.memo()
    team.step(Role.PRE_SALE, text="对的,就这个地址")
    assert team.stands() == ("printed", 1)
    page = team.step(Role.WAREHOUSE)
    assert team.stands() == ("printed", 0)
    expect(page.locator(".sd-next")).to_have_count(0)
    look(team.at(Role.PRE_SALE))


@pytest.mark.mission("M037", "M062", "M063")
def test_packed_the_parcel_is_fetched_labelled_anew_and_the_old_label_is_refused_by_the_scanner(team):
    team = team(Stage.PACKED)
    _address(team)
    team.step(Role.WAREHOUSE, to=team.ids[Role.PRINTING])
    team.step(Role.PRE_SALE)
    team.step(Role.PRE_SALE, text="对的")
    team.step(Role.PRINTING, waybill=NEW_LABEL)
    assert team.labels() == {OLD_LABEL: "superseded", NEW_LABEL: "issued"}
    team.step(Role.WAREHOUSE)
    assert team.stands() == ("packed", 0)
    screen = team.at(Role.WAREHOUSE, "/warehouse/scan")
    page = screen.page
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.press("F4")
    _scan(page, OLD_LABEL)
    expect(page.locator("[data-result=stop]")).to_contain_text(NEW_LABEL)
    look(screen)
    assert team.stands() == ("packed", 0)
    page.click("[data-next]")
    _scan(page, NEW_LABEL)
    expect(page.locator("[data-result=ok]")).to_be_visible()
    assert team.stands() == ("shipped", 0)


@pytest.mark.mission("M038", "M052", "M064")
def test_shipped_the_wish_to_cancel_is_a_case_that_somebody_of_after_sale_accepts_by_name(team):
    team = team(Stage.SHIPPED)
    screen = team.at(Role.PRE_SALE)
    assert screen.page.locator("button.btn-danger:visible").count() == 0, "pre-sale has nothing to void here"
    screen = team.at(Role.PRE_SALE, f"{team.path}/changes/cancel")
    screen.page.fill("[name=wish]", "不要了,请退回")
    press(screen, "form[action$='/cases'] button[type=submit]")
    case = screen.page.url.rsplit("/", 1)[1]
    assert team.stands() == ("shipped", 0)
    after = team.at(Role.AFTER_SALE, "/cases?whose=unassigned")
    press(after, f"a[href='/cases/{case}']")
    assert "不要了,请退回" in after.page.inner_text("main")
    look(after)
    press(after, f"form[action='/cases/{case}/accept'] button[type=submit]")
    assert "阿禾" in after.page.inner_text("main")
    seen = team.at(Role.PRE_SALE)
    assert "阿禾" in seen.page.inner_text("#cases")


def _address(team):
    """Pasted in one line, looked at, sent."""
    screen = team.at(Role.PRE_SALE, f"{team.path}/changes/address")
    page = screen.page
    page.evaluate("text => navigator.clipboard.writeText(text)", "王小样 13900000007 浙江省杭州市滨江区云帆路66号")
    page.focus("[name=pasted]")
    with page.expect_navigation():
        page.keyboard.press("Control+v")
    press(screen, "button[name=action][value=submit]")


def _memos(team):
    db.session.rollback()
    found = worlds.memos(team.order)
    db.session.rollback()
    return found


def _scan(page, code):
    page.keyboard.type(code)
    page.keyboard.press("Enter")
