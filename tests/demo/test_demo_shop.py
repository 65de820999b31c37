"""The demo shop has what every screen needs; loaded once, looked at by every test."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopdesk.cases.models import Case, CaseReminder, CourierClaim, InvoiceTask
from shopdesk.cases.states import CaseKind, CasePhase, WaitingFor
from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, ChangeWish, Step, SupplierMessage
from shopdesk.changes.playbook import Code
from shopdesk.changes.rules import next_step
from shopdesk.changes.states import ChangeState, Kind, StepState, SupplierAnswer
from shopdesk.core import audit, clock, flags, masking
from shopdesk.core.db import db
from shopdesk.core.permissions import ASSIGNABLE, Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.demo import service as demo
from shopdesk.demo.service.people import PASSWORD, PEOPLE, actor_of
from shopdesk.desk.queries import order_view
from shopdesk.desk.states import REGISTERS
from shopdesk.feeds.queries import stage_feed
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders.models import Amendment, ContactTask, Memo, Order, OrderLine
from shopdesk.orders.states import AmendmentState, Flag, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Parcel, ParcelLine, Stop
from shopdesk.parcels.queries import stops
from shopdesk.parcels.states import IN_HOUSE, Source, Stage, StopReply
from shopdesk.reconciling.models import Recovery
from shopdesk.reconciling.queries import payouts
from shopdesk.reconciling.states import Desk, RecoveryState
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.states import ReplacementState
from shopdesk.returns.models import Return
from shopdesk.returns.queries import candidates, docks
from shopdesk.returns.states import ArrivalState, ReturnOrigin, ReturnState
from shopdesk.staff import queries as staff
from shopdesk.staff import service
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES, StandIn
from tests.engines import SqliteDesk

LOAD_SECONDS = 20


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, float]]:
    """The app with the demo in it, and how long the loading took (processor time of this process)."""
    desk = SqliteDesk(tmp_path_factory.mktemp("demo"))
    with desk.app.app_context():
        began = time.process_time()
        demo.ensure()
        took = time.process_time() - began
    yield desk.app, took
    with desk.app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def _in_shop(shop: tuple[Flask, float]) -> Iterator[None]:
    with shop[0].app_context():
        yield
        db.session.rollback()
        db.session.remove()


def rows(model: Any, *where: Any) -> list[Any]:
    """Rows of both stores."""
    return [
        row
        for store_id in staff.all_store_ids()
        for row in db.session.scalars(in_store(select(model).where(*where).order_by(model.id), store_id, model))
    ]


def open_steps() -> dict[int, Code]:
    """Each open change's next step."""
    found = {}
    for change in rows(Change, Change.state == ChangeState.OPEN):
        step = next_step(changes.step_views(changes.steps_of([change.id], change.store_id)))
        assert step is not None
        found[change.id] = Code(step.code)
    return found


def test_about_three_hundred_orders_stand_in_two_stores_of_one_warehouse() -> None:
    orders = rows(Order)
    assert 290 <= len(orders) <= 310
    slugs = {i: staff.store_by_id(i).slug for i in staff.all_store_ids()}
    assert sorted(slugs.values()) == ["tel", "yuhe"]
    assert min(Counter(order.store_id for order in orders).values()) >= 50
    assert {str(staff.store_by_id(i).platform) for i in slugs} == {"taobao", "phone"}
    ours = Counter(parcel.warehouse_id for parcel in rows(Parcel)).most_common(1)[0][0]
    assert staff.warehouse(ours).cut_offs == ["11:00", "18:00"]


def test_loading_is_quick(shop: tuple[Flask, float]) -> None:
    assert shop[1] < LOAD_SECONDS


def test_every_stage_has_at_least_fifteen_parcels_and_every_readiness_three_orders() -> None:
    stages = Counter(parcel.stage for parcel in rows(Parcel))
    readinesses = Counter(order.readiness for order in rows(Order))
    assert {stage: n for stage in Stage if (n := stages[stage]) < 15} == {}
    assert {ready: n for ready in Readiness if (n := readinesses[ready]) < 3} == {}


def test_exactly_twelve_changes_are_open_each_at_a_step_of_its_own() -> None:
    steps = open_steps()
    assert sorted(steps.values()) == sorted(
        [
            Code.ASK_STAGE, Code.CONFIRM, Code.ACKNOWLEDGE, Code.VOID, Code.HAND_OUT, Code.REPRINT, Code.AMEND_PAPERS,
            Code.AMEND, Code.TAKE_BACK, Code.REPACK, Code.HAND_TO_AFTER_SALE, Code.DESTROY_PAPERS,
        ]
    )  # fmt: skip
    kinds = {change.kind for change in rows(Change, Change.state == ChangeState.OPEN)}
    assert kinds == set(Kind) - {Kind.PRICE, Kind.FREIGHT}


def test_one_open_change_gathers_two_wishes_and_the_customers_yes_is_waited_for() -> None:
    wishes = Counter(link.change_id for link in rows(ChangeWish))
    assert sorted(n for change_id, n in wishes.items() if change_id in open_steps())[-1] == 2
    (waiting,) = rows(Notice, Notice.state == NoticeState.WAITING)
    assert open_steps()[waiting.change_id] is Code.CONFIRM


def test_every_way_a_change_can_end_is_there_and_tasks_that_trail_behind() -> None:
    states = Counter(change.state for change in rows(Change))
    assert all(states[state] >= 1 for state in ChangeState)
    done = {change.id for change in rows(Change, Change.state == ChangeState.DONE)}
    left = {s.code for s in rows(Step, Step.state == StepState.OPEN) if s.change_id in done}
    assert left == {Code.REFUND, Code.ENTER_IN_PLATFORM}
    assert {a.state for a in rows(Amendment, Amendment.ended_at.is_(None))} == set(AmendmentState)


def test_every_kind_of_notice_waits_somewhere() -> None:
    assert {notice.kind for notice in rows(Notice, Notice.state == NoticeState.OPEN)} == set(NoticeKind)


def test_one_parcel_holds_two_orders_and_one_order_stands_in_two_parcels() -> None:
    orders_in: dict[int, set[int]] = {}
    parcels_of: dict[int, set[int]] = {}
    for line in rows(ParcelLine):
        orders_in.setdefault(line.parcel_id, set()).add(line.order_id)
        parcels_of.setdefault(line.order_id, set()).add(line.parcel_id)
    assert sorted(map(len, orders_in.values()))[-2:] == [1, 2]
    assert sorted(map(len, parcels_of.values()))[-2:] == [1, 2]
    assert all(parcel.id in orders_in or parcel.merged_into_id in orders_in for parcel in rows(Parcel))


def test_the_units_in_parcels_are_the_units_of_the_lines() -> None:
    units: Counter[int] = Counter()
    for row in rows(ParcelLine):
        units[row.line_id] += row.quantity
    for line in rows(OrderLine):
        assert units[line.id] == line.in_parcels <= line.quantity


def test_some_buyers_are_masked_some_unknown_and_some_come_again() -> None:
    orders = rows(Order)
    nicks = [order.buyer_nick.reveal("to test it") if order.buyer_nick else None for order in orders]
    assert sum(1 for nick in nicks if masking.is_masked(nick)) >= 5
    assert sum(1 for nick in nicks if nick is None) >= 5
    assert Counter(order.customer_id for order in orders if order.customer_id).most_common(1)[0][1] >= 4


def test_nobody_has_a_phone_outside_the_one_invented_block() -> None:
    for order in rows(Order):
        assert order.phone.reveal("to test it").startswith(("1990000", "199****"))


def test_some_orders_are_known_from_a_list_without_details() -> None:
    assert len({line.order_id for line in rows(OrderLine, OrderLine.incomplete.is_(True))}) >= 3


def test_memos_of_every_flag_stand_there_pasted_and_not() -> None:
    memos = rows(Memo)
    assert {memo.flag for memo in memos} >= set(flags.offered("taobao")) - {Flag.NONE}
    assert len({memo.order_id for memo in memos if memo.pasted_at is None}) == 4  # My work stays a page


def test_some_stages_are_first_hand_and_some_parcels_only_marked_by_the_platform() -> None:
    assert {Source.CHECK, Source.API, Source.CARRIER} <= {parcel.stage_source for parcel in rows(Parcel)}
    marked = {order.id for order in rows(Order, Order.marked_shipped_at.is_not(None))}
    in_house = {p.id for p in rows(Parcel) if p.stage in IN_HOUSE}
    assert any(row.order_id in marked and row.parcel_id in in_house for row in rows(ParcelLine))


def test_one_store_is_fresh_and_the_other_stale() -> None:
    for slug, is_stale in (("yuhe", False), ("tel", True)):
        store = staff.store_named(slug)
        assert store is not None
        told = [p for p in rows(Parcel, Parcel.store_id == store.id) if p.stage_source is Source.API]
        assert {parcels.knowledge_of(parcel, store).is_stale for parcel in told} == {is_stale}


def test_there_is_one_person_for_each_role_and_a_password_is_printed_only_while_it_is_the_demos() -> None:
    accounts = demo.ensure()
    assert [account.role for account in accounts] == [str(role) for role in ASSIGNABLE]
    assert [account.signature for account in accounts][:4] == ["小满", "阿禾", "敏敏", "大壮"]
    assert {account.password for account in accounts} == {PASSWORD}
    who = service.sign_in(accounts[0].login, PASSWORD, address="127.0.0.1", tries=3, window_minutes=1)
    assert who.signature == "小满"

    manager = staff.person_by_login("laozhou")
    assert manager is not None
    secret = service.new_link(manager.id, actor=Actor.system(()))
    service.redeem_link(secret, "a word of his own")
    assert [account.login for account in demo.ensure() if account.password is None] == ["laozhou"]


def test_a_later_start_brings_a_fresh_feed_of_the_first_store_and_changes_nothing_else() -> None:
    count = select(func.count()).select_from
    yuhe, tel = staff.store_named("yuhe"), staff.store_named("tel")
    assert yuhe is not None
    assert tel is not None
    before = {store.id: stage_feed(store.id).as_of for store in (yuhe, tel)}  # type: ignore[union-attr]
    orders = [(order.id, order.version, order.as_of) for order in rows(Order)]
    events = db.session.scalar(count(audit.Event))

    assert demo.ensure() != []

    fresh, stale = stage_feed(yuhe.id), stage_feed(tel.id)
    assert fresh is not None
    assert stale is not None
    assert fresh.as_of > before[yuhe.id]
    assert fresh.covers == "store"
    assert clock.now() - fresh.as_of < timedelta(seconds=30)
    assert stale.as_of == before[tel.id]
    assert [(order.id, order.version, order.as_of) for order in rows(Order)] == orders
    assert db.session.scalar(count(audit.Event)) == (events or 0) + 1


def test_orders_of_every_stage_and_with_every_story_can_be_opened() -> None:
    who = actor_of(Role.PRE_SALE)
    told = rows(Order)
    stories = {change.order_id for change in rows(Change)}
    looked_at = [order for order in told if order.id in stories or order.id % 6 == 0]
    assert sum(1 for order in looked_at if order_view(order.id, who)) > 60


def test_the_trail_of_the_demo_holds() -> None:
    examined, breaks = audit.verify()
    assert examined > 500
    assert breaks == []


def test_a_change_its_steps_and_its_first_event_tell_the_same_time() -> None:
    first = {}
    for event in db.session.scalars(
        select(audit.Event).where(audit.Event.subject == "change").order_by(audit.Event.id)
    ):
        first.setdefault(event.subject_id, event.at)
    found = rows(Change)
    apart = {change.id: first[change.id] - change.opened_at for change in found}
    assert {i: by for i, by in apart.items() if abs(by) > timedelta(seconds=30)} == {}
    opened = {change.id: change.opened_at for change in found}
    assert [step for step in rows(Step) if step.done_at and step.done_at < opened[step.change_id]] == []
    assert max(clock.now() - at for at in opened.values()) > timedelta(hours=3)


def test_a_hold_ends_at_a_cut_off() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    ends = {hold.expires_at.astimezone(zone).strftime("%H:%M") for hold in rows(Hold)}
    assert ends <= {"11:00", "18:00"}


def test_one_article_is_stopped_with_its_orders_held_and_one_answer_noted() -> None:
    (stop,) = rows(Stop)
    assert stop.ended_at is None
    held = stops.affected(stop, limit=10)
    assert [order.is_held for order in held] == [True] * 4
    assert stops.reply_counts(stop) == {StopReply.WAIT: 1}


def test_one_parcel_ships_from_a_supplier_who_was_asked_and_has_not_answered() -> None:
    answered, message = rows(SupplierMessage)
    assert (answered.answer, message.answered_at) == (SupplierAnswer.DONE, None)
    (step,) = rows(Step, Step.id == message.step_id)
    assert (step.by_message, step.state) == (True, StepState.OPEN)
    (change,) = rows(Change, Change.id == message.change_id)
    assert parcels.is_supplied(change.parcel_id, change.store_id)


def test_one_pre_sale_has_its_day_and_why_and_one_customer_has_still_to_be_contacted() -> None:
    said = {order.readiness_reason: order for order in rows(Order, Order.readiness_reason.is_not(None))}
    assert said["第二批还在烧制"].ready_on is not None
    assert rows(ContactTask, ContactTask.closed_at.is_(None), ContactTask.order_id == said["货架上只剩样品"].id)


def test_at_least_twenty_cases_stand_in_every_open_phase_with_owners_and_without_late_and_from_before_today() -> None:
    found = rows(Case)
    open_ones = [case for case in found if case.phase is not CasePhase.CLOSED]
    assert len(open_ones) >= 20
    assert {case.phase for case in found} == set(CasePhase)
    assert {case.kind for case in found} >= set(REGISTERS)
    assert {case.owner_id is None for case in open_ones} == {True, False}
    assert {case.waiting_for for case in open_ones} == {None, *WaitingFor}
    due = [case.due_at for case in open_ones if case.due_at]
    assert min(due) < clock.now() < max(due)
    assert min(case.opened_at for case in open_ones) < clock.now() - timedelta(days=1)
    assert [reminder.answered_at for reminder in rows(CaseReminder)] == [None]


def test_nobody_whose_password_is_shown_stands_in_for_another_role() -> None:
    shown = {actor_of(role).id for role in PEOPLE}
    standing = {row.person_id for row in rows(StandIn)}
    assert len(standing) == 2
    assert not standing & shown


def test_parcels_lie_at_the_dock_in_every_state_and_one_is_unknown() -> None:
    with_role = actor_of(Role.WAREHOUSE)
    there = docks.arrivals(with_role)
    assert {parcel.state for parcel in there} == set(ArrivalState)
    assert len(docks.unknown(with_role)) == 1
    assert len(docks.unopened(with_role, clock.now() - timedelta(hours=48))) == 1
    assert {back.state for back in rows(Return)} >= {
        ReturnState.CONFIRMED, ReturnState.SENT, ReturnState.INSPECTED, ReturnState.DISPOSED
    }  # fmt: skip


def test_the_phone_store_has_a_limit_and_pays_through_the_place_that_run_starts() -> None:
    settings = staff.store_named("tel").settings
    assert settings[REFUND_PLACES] == {"original": "fake", "alipay": "fake"}
    assert settings[REFUND_LIMIT] > 0


def test_finance_finds_something_on_its_trays_and_one_overpaid_order() -> None:
    finance = actor_of(Role.FINANCE)
    there = payouts.counts(finance)
    assert {desk for desk, count in there.items() if count} == set(Desk) - {Desk.DONE}
    assert len(payouts.on_desk(Desk.DONE, finance)) == 1
    assert [one.state for one in rows(Recovery)] == [RecoveryState.OPEN]


def test_an_exchange_waits_for_its_difference_finance_has_an_invoice_and_a_claim_is_due() -> None:
    (out,) = rows(Replacement)
    assert (out.state, out.difference_minor > 0, out.settled_at) == (ReplacementState.WAITING, True, None)
    assert [(task.case_id is None, task.done_at) for task in rows(InvoiceTask)] == [(False, None), (True, None)]
    assert [claim.due_at < clock.now() + timedelta(days=1) for claim in rows(CourierClaim)] == [True]


def test_no_case_waits_for_goods_of_which_the_dock_knows_nothing() -> None:
    awaited = {back.case_id: back for back in rows(Return, Return.state != ReturnState.CANCELLED)}
    there = rows(Case, Case.phase.in_((CasePhase.RECEIVE, CasePhase.INSPECT)))
    assert [case.number for case in there if case.id not in awaited] == []
    assert {case.phase for case in there} == {CasePhase.RECEIVE, CasePhase.INSPECT}


def test_a_parcel_that_was_intercepted_comes_back_under_its_own_waybill_and_the_dock_awaits_it() -> None:
    clerk = actor_of(Role.WAREHOUSE)
    (back,) = rows(Return, Return.origin == ReturnOrigin.INTERCEPT)
    (parcel,) = rows(Parcel, Parcel.id == back.parcel_id)
    (case,) = rows(Case, Case.id == back.case_id)
    assert (back.state, parcel.stage, case.kind, case.phase) == (
        ReturnState.SENT, Stage.SHIPPED, CaseKind.INTERCEPT, CasePhase.RECEIVE
    )  # fmt: skip
    (bill,) = parcels.waybills([parcel.id], parcel.store_id)
    assert [hit.back.id for hit in candidates.find(bill.number, clerk).returns] == [back.id]
