"""A change that came too late goes on as one case, in the same transaction, with the wish as its text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase, CaseSource
from shopdesk.changes import service as changes
from shopdesk.changes.playbook import CASES
from shopdesk.changes.service import casing
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.models import Order
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]

WISHES: dict[Kind, dict[str, Any]] = {
    Kind.ADDRESS: make.NEW_ADDRESS,
    Kind.ATTRIBUTE: {"attributes": "颜色分类:白色"},
    Kind.QUANTITY: {"quantity": 1},
    Kind.COURIER: {"text": "顺丰"},
    Kind.INVOICE: {"text": "云帆贸易公司"},
    Kind.GREETING_CARD: {"text": "生日快乐"},
    Kind.DELIVERY_TIME: {"text": "周末送"},
    Kind.CANCEL: {"text": "拍错了"},
}
#: kind of change → (case while under way, once delivered, inbox, what its text holds); a copy, not the playbook.
WANTED = {
    Kind.ADDRESS: ("intercept redirect", "not_received", Role.AFTER_SALE, ["星澜街128号7幢1203室", "云帆路66号"]),
    Kind.ATTRIBUTE: ("exchange", "exchange", Role.AFTER_SALE, ["羊毛帽", "颜色分类:黑色 → 颜色分类:白色"]),
    Kind.QUANTITY: ("return", "return", Role.AFTER_SALE, ["羊毛帽", "2 → 1"]),
    Kind.COURIER: ("trace", "trace", Role.AFTER_SALE, ["顺丰"]),
    Kind.INVOICE: ("invoice", "invoice", Role.FINANCE, ["云帆贸易公司"]),
    Kind.GREETING_CARD: ("reship", "reship", Role.AFTER_SALE, ["生日快乐"]),
    Kind.DELIVERY_TIME: ("intercept hold_at_station", "trace", Role.AFTER_SALE, ["周末送"]),
    Kind.CANCEL: ("intercept return", "return", Role.AFTER_SALE, ["取消订单 · 拍错了"]),
}


def cases(order: Order) -> list[Case]:
    statement = select(Case).where(Case.order_id == order.id).order_by(Case.id)
    return list(db.session.scalars(in_store(statement, order.store_id, Case)))


def asked(kind: Kind) -> tuple[Order, Any]:
    order = make.order(lines=(make.line(quantity=2),))
    more = {"line_id": worlds.line(order).id} if kind in {Kind.ATTRIBUTE, Kind.QUANTITY} else {}
    return order, make.change(order, kind, WISHES[kind], by=make.actor(Role.PRE_SALE), **more)


def test_every_kind_of_wish_that_holds_has_its_case():
    assert set(CASES) == set(WANTED) == set(Kind) - ONLY_UNPAID


@pytest.mark.mission("M038")
@pytest.mark.parametrize("stage", [Stage.SHIPPED, Stage.DELIVERED])
@pytest.mark.parametrize("kind", list(WANTED))
def test_a_change_that_came_too_late_is_a_case_with_the_wish_as_its_text(kind, stage):
    order, change = asked(kind)
    make.fact(order, stage)
    assert change.state is ChangeState.TOO_LATE
    (case,) = cases(order)
    under_way, delivered, role, words = WANTED[kind]
    named = " ".join(part for part in (case.kind, case.goal) if part)
    assert named == (delivered if stage is Stage.DELIVERED else under_way)
    assert (case.role, case.source, case.phase) == (role, CaseSource.TOO_LATE, CasePhase.COMMUNICATE)
    assert (case.change_id, case.parcel_id, case.owner_id) == (change.id, make.parcel(order).id, None)
    text = case.wish.reveal("to compare it")
    assert [word for word in words if word not in text] == []
    (notice,) = make.notices(order, NoticeKind.TOO_LATE)
    assert (notice.role, notice.body["case"], notice.body["case_number"]) == (role, case.id, case.number)


def test_already_gone_as_printings_answer_makes_the_case_too():
    order, change = asked(Kind.CANCEL)
    clerk = make.actor(Role.PRINTING)
    changes.answer_notice(make.notices(order, NoticeKind.VOID)[0].id, Answer.GONE, actor=clerk)
    assert [case.change_id for case in cases(order)] == [change.id]


def test_the_same_fact_again_and_a_later_one_make_no_second_case():
    order, _ = asked(Kind.ADDRESS)
    at = clock.now()
    for stage, later in ((Stage.SHIPPED, 0), (Stage.SHIPPED, 0), (Stage.SHIPPED, 5), (Stage.DELIVERED, 9)):
        make.fact(order, stage, happened_at=at, as_of=at + timedelta(seconds=later))
    assert len(cases(order)) == 1


def test_two_wishes_in_one_change_are_both_in_the_text():
    order = make.order(lines=(make.line(), make.line("n2", title="围巾")))
    by = make.actor(Role.PRE_SALE)
    for number, colour in ((1, "颜色分类:白色"), (2, "颜色分类:红色")):
        make.change(order, Kind.ATTRIBUTE, {"attributes": colour}, by=by, line_id=worlds.line(order, number).id)
    make.fact(order, Stage.SHIPPED)
    (case,) = cases(order)
    text = case.wish.reveal("to compare it")
    assert "羊毛帽 · 颜色分类:黑色 → 颜色分类:白色" in text
    assert "围巾 · 颜色分类:黑色 → 颜色分类:红色" in text


def test_the_number_names_the_day_in_the_stores_zone_and_nothing_personal_is_in_the_trail():
    order, _ = asked(Kind.ADDRESS)
    make.fact(order, Stage.SHIPPED)
    (case,) = cases(order)
    day = (case.opened_at + timedelta(hours=8)).strftime("%Y%m%d")
    assert case.number == f"C{day}-{case.id:04d}"
    (event,) = db.session.scalars(select(Event).where(Event.action == "case.opened"))
    assert event.body is not None
    assert event.body["number"] == case.number
    assert "云帆路" not in str(event.body)
    assert "云帆路" not in str(case.wish)


def test_when_the_case_cannot_be_made_the_fact_is_not_half_done(monkeypatch):
    """The same transaction: either the stage has moved and the case is there, or neither."""
    order, change = asked(Kind.ADDRESS)

    def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(casing.cases, "open_case", broken)
    with pytest.raises(RuntimeError, match="the machine stops"):
        make.fact(order, Stage.SHIPPED)
    db.session.rollback()
    worlds.refresh(change)
    assert (change.state, make.parcel(order).stage, cases(order)) == (ChangeState.OPEN, Stage.UNPRINTED, [])
