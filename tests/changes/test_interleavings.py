"""Any interleaving of wishes, answers, facts, files, withdrawals and prints keeps the rules (tests/invariants.py)."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from shopdesk.changes import queries, service
from shopdesk.changes.models import Change
from shopdesk.changes.service import Evidence, Wished, take_report
from shopdesk.changes.states import ON_LINE, ConfirmChannel, Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, Notice, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import StageFact
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds

NUMBER = st.integers(0, 30)
KINDS = [
    Kind.ADDRESS,
    Kind.ADDRESS,
    Kind.QUANTITY,
    Kind.QUANTITY,
    Kind.ATTRIBUTE,
    Kind.COURIER,
    Kind.CANCEL,
    Kind.PRICE,
]
MOMENTS = [None, timedelta(0), timedelta(minutes=20), timedelta(hours=3)]
STAGES = [Stage.UNPRINTED, Stage.PRINTED, Stage.PRINTED, Stage.PACKED, Stage.SHIPPED, Stage.DELIVERED, Stage.VOIDED]


# The same examples every time: a red run must mean that something changed.
SETTINGS = settings(
    max_examples=int(os.environ.get("SHOPDESK_EXAMPLES", "24")), stateful_step_count=20, deadline=None, database=None,
    derandomize="SHOPDESK_EXAMPLES" not in os.environ, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if "SHOPDESK_EXAMPLES" in os.environ else [Phase.generate],
)  # fmt: skip


def pick(found, number):
    return found[number % len(found)] if found else None


class Desk(RuleBasedStateMachine):
    clean = staticmethod(lambda: None)

    @initialize()
    def open_the_desk(self):
        self.clean()
        self.store_id = make.store().id
        roles = (Role.PRE_SALE, Role.PRE_SALE, Role.PRINTING, Role.PRINTING, Role.AFTER_SALE, Role.SUPERVISOR)
        self.people = [make.actor(role) for role in roles]
        self.boss = self.people[-1]
        self.packer = make.actor(Role.WAREHOUSE)
        self.people.append(self.packer)
        self.told, self.checks, self.waybills = set(), [], 0
        for is_stale in (False, True):
            self.order_comes(3, is_stale=is_stale, is_paid=True)

    def orders(self):
        statement = in_store(select(Order).order_by(Order.id), self.store_id, Order)
        return list(db.session.scalars(statement))

    def changes(self):
        statement = in_store(select(Change).order_by(Change.id), self.store_id, Change)
        return list(db.session.scalars(statement))

    def tries(self, act, *, may_be_refused=True):
        try:
            return act()
        except DomainError:
            assert may_be_refused, "a fact or a file was refused"
            return None

    @precondition(lambda self: len(self.orders()) < 5)
    @rule(units=st.integers(1, 3), is_stale=st.booleans(), is_paid=st.booleans())
    def order_comes(self, units, is_stale, is_paid):
        make.order(
            as_of=clock.now() - timedelta(hours=5 if is_stale else 0),
            status=OrderStatus.PAID if is_paid else OrderStatus.UNPAID,
            lines=(make.line(quantity=units, price_minor=333), make.line("n2", quantity=2)),
        )

    @rule(one=NUMBER, other=NUMBER)
    def parcels_are_merged(self, one, other):
        first, second = pick(self.orders(), one), pick(self.orders(), other)
        if first.id == second.id:
            return
        there = [parcels.parcels_of_order(o.id, o.store_id) for o in (first, second)]
        whole = all(len(found) == 1 and found[0].stage is Stage.UNPRINTED and not found[0].holds for found in there)
        if whole and there[0] != there[1] and len(parcels.orders_in_parcel(there[1][0].id, self.store_id)) == 1:
            worlds.merge(first, second)

    @rule(which=NUMBER)
    def a_parcel_is_split(self, which):
        order = pick(self.orders(), which)
        there = parcels.parcels_of_order(order.id, order.store_id)
        packed = sum(row.quantity for row in parcels.parcel_lines([there[0].id], self.store_id))
        if len(there) == 1 and there[0].stage is Stage.UNPRINTED and not there[0].holds and packed > 2:
            worlds.split(order, 2, 1) if worlds.line(order, 2).in_parcels == 2 else None

    @rule(which=NUMBER, who=NUMBER, kind=st.sampled_from(KINDS), value=st.integers(0, 3), yes=st.booleans())
    def somebody_asks(self, which, who, kind, value, yes):
        order = pick(self.orders(), which)
        values = {
            Kind.ADDRESS: {"street": f"新路{value}号"},
            Kind.QUANTITY: {"quantity": value},
            Kind.ATTRIBUTE: {"attributes": f"颜色分类:{value}"},
            Kind.PRICE: {"amount_minor": value * 100},
        }
        line_id = worlds.line(order, 1 + value % 2).id if kind in ON_LINE else None
        said = make.replace(make.YES, at=clock.now()) if yes else None
        wished = Wished(kind, values.get(kind, {"text": f"愿望{value}"}), line_id=line_id, confirmation=said)
        self.tries(lambda: service.ask(order.id, wished, actor=pick(self.people, who)))

    @rule(which=NUMBER, who=NUMBER, step=NUMBER)
    def somebody_does_a_step(self, which, who, step):
        change = pick(self.changes(), which)
        steps = change and queries.steps_of([change.id], change.store_id)
        if steps:
            position = pick([s.position for s in steps if s.state == "open"] or [1], step)
            self.step(change, position, pick(self.people, who))

    def step(self, change, position, who):
        self.waybills += 1
        evidence = Evidence(
            "对", ConfirmChannel.CHAT, amount_minor=1, reference="R1", to=pick(self.people, position).id,
            waybill=f"YT{self.waybills:08d}",
        )  # fmt: skip
        self.tries(lambda: service.do_step(change.id, position, evidence, actor=who))

    @rule(which=NUMBER, steps=st.integers(1, 5))
    def what_comes_next_is_done(self, which, steps):
        for _ in range(steps):
            waiting = [c for c in self.changes() if worlds.open_codes(c)]
            if change := pick(waiting, which):
                found = [s for s in queries.steps_of([change.id], change.store_id) if s.state == "open"]
                self.step(change, found[0].position, self.boss)

    @rule(which=NUMBER)
    def the_customer_says_yes(self, which):
        waiting = [c for c in self.changes() if "confirm" in worlds.open_codes(c)]
        if change := pick(waiting, which):
            self.tries(lambda: worlds.do(change, "confirm", self.boss))

    @rule(which=NUMBER)
    def printing_voids(self, which):
        if change := pick([c for c in self.changes() if worlds.open_codes(c)[:1] == ["void"]], which):
            self.tries(lambda: worlds.do(change, "void", self.boss))

    @rule(which=NUMBER, who=NUMBER, answer=st.sampled_from(Answer))
    def somebody_answers_a_notice(self, which, who, answer):
        statement = select(Notice).where(Notice.state == NoticeState.OPEN).order_by(Notice.id)
        if notice := pick(list(db.session.scalars(in_store(statement, self.store_id, Notice))), which):
            self.tries(lambda: service.answer_notice(notice.id, answer, batch="W9", actor=pick(self.people, who)))

    @rule(which=NUMBER, stage=st.sampled_from(STAGES), ago=st.sampled_from(MOMENTS), scanned=st.booleans())
    def a_fact_is_reported(self, which, stage, ago, scanned):
        order, now = pick(self.orders(), which), clock.now()
        told = Report(
            stage=stage, happened_at=None if ago is None else now - ago, as_of=now,
            source=Source.SCAN if scanned else Source.API,
        )  # fmt: skip
        there = [parcel.id for parcel in parcels.parcels_of_order(order.id, order.store_id)]
        report = lambda: take_report(  # noqa: E731
            self.store_id, told, order_number=order.number, waybill=None, actor=self.boss
        )
        self.tries(report, may_be_refused=False)
        self.told |= {(parcel_id, told.stage, told.source, told.happened_at) for parcel_id in there}

    @rule(
        which=NUMBER, ago=st.sampled_from([0, 1, 6]), street=st.integers(0, 3), has_waybill=st.booleans(),
        status=st.sampled_from(OrderStatus), units=st.integers(1, 4),
    )  # fmt: skip
    def a_file_comes(self, which, ago, street, has_waybill, status, units):
        order = pick(self.orders(), which)
        self.waybills += has_waybill
        values = {} if street == 3 else {"street_address": f"新路{street}号"}
        make_it = lambda: make.order(  # noqa: E731
            number=order.number, as_of=clock.now() - timedelta(hours=ago), status=status,
            waybills=[(f"SF{self.waybills:08d}", None)] if has_waybill else (),
            lines=(make.line(quantity=units, price_minor=333), make.line("n2", quantity=2)), **values,
        )  # fmt: skip
        self.tries(make_it, may_be_refused=False)

    @rule(which=NUMBER, who=NUMBER)
    def somebody_withdraws(self, which, who):
        if change := pick(self.changes(), which):
            self.tries(lambda: service.withdraw(change.id, "不改了", actor=pick(self.people, who)))

    @rule(which=NUMBER, who=NUMBER)
    def somebody_ends_by_hand(self, which, who):
        if change := pick(self.changes(), which):
            self.tries(lambda: service.end_by_hand(change.id, "手工改好", actor=pick(self.people, who)))

    @rule(which=NUMBER)
    def a_decision_is_entered_in_the_platform(self, which):
        order = pick(self.orders(), which)
        if amendment := pick(orders.active_amendments(order.id, order.store_id), which):
            self.tries(lambda: service.tick_amendment(amendment.id, actor=self.boss))

    @rule(who=st.sampled_from([2, 3, 5]))
    def a_clerk_looks_at_a_batch(self, who):
        numbers = [order.number for order in self.orders()]
        self.checks.append((service.make_check(numbers, actor=self.people[who])[0].id, who))

    @precondition(lambda self: self.checks)
    @rule(which=NUMBER)
    def a_clerk_presses_printed(self, which):
        check_id, who = self.checks.pop(which % len(self.checks))
        self.tries(lambda: service.mark_printed(check_id, f"W{check_id}", actor=self.people[who]))

    @invariant()
    def every_rule_holds(self):
        if hasattr(self, "store_id"):
            assert invariants.broken(self.store_id) == []

    @invariant()
    def no_fact_is_lost(self):
        if hasattr(self, "told"):
            known = {(f.parcel_id, f.stage, f.source, f.happened_at) for f in invariants.rows(StageFact, self.store_id)}
            assert self.told <= known

    def teardown(self):
        db.session.rollback()


@pytest.mark.mission("M033")
def test_no_order_of_events_breaks_a_rule(app, desks):
    def clean():
        db.session.remove()
        desks["sqlite"].clean()

    machine = type("Desk", (Desk,), {"clean": staticmethod(clean)})
    run_state_machine_as_test(machine, settings=SETTINGS)


def test_the_machine_sees_it_when_nothing_is_held(app, desks, monkeypatch):
    """Its own negative control."""
    monkeypatch.setattr(parcel_service, "hold", lambda *args, **more: None)
    with pytest.raises(AssertionError, match="does not hold its parcel"):
        test_no_order_of_events_breaks_a_rule(app, desks)
