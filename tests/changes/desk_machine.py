"""People at the desk, feeds and files: the rules by which the state machine of test_interleavings.py acts."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from sqlalchemy import func, select

from shopdesk.changes import queries, service
from shopdesk.changes.models import Change
from shopdesk.changes.service import Evidence, Wished, take_report
from shopdesk.changes.states import ON_LINE, ConfirmChannel, Kind, Others
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, Notice, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
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
TOLD_BY = [Source.API, Source.API, Source.CARRIER, Source.FILE]
STAGES = [Stage.UNPRINTED, Stage.PRINTED, Stage.PRINTED, Stage.PACKED, Stage.SHIPPED, Stage.DELIVERED, Stage.VOIDED]


def pick(found, number):
    return found[number % len(found)] if found else None


def act(*, weight=1, when=lambda self: True, **strategies):
    """Something that may happen, `weight` times as often as others, with arguments drawn from the strategies.

    Hypothesis' own rules are switched off at random in each example: in a short run hardly anybody would ask for
    anything.  Here one rule draws what happens, so that every run does a bit of everything.
    """

    def mark(method):
        method.act = (weight, when, strategies)
        return method

    return mark


class Desk(RuleBasedStateMachine):
    #: Puts the world back that `build` made first; making it anew would take most of the time.
    restore = staticmethod(lambda build: build())
    shared = ("store_id", "people", "boss", "packer")

    @initialize()
    def open_the_desk(self):
        self.told, self.sent, self.checks, self.loads, self.waybills, self.newest = set(), set(), [], [], 0, 0
        kept = self.restore(self.build)
        for name, value in kept.items():
            setattr(self, name, value)

    def build(self):
        """A team, and an order at each stage that a wish finds differently; the printed and the packed one are held."""
        self.store_id = make.store().id
        roles = (Role.PRE_SALE, Role.PRE_SALE, Role.PRINTING, Role.PRINTING, Role.AFTER_SALE, Role.SUPERVISOR)
        self.people = [make.actor(role) for role in roles]
        self.boss = self.people[-1]
        self.packer = make.actor(Role.WAREHOUSE)
        self.people.append(self.packer)
        for is_stale in (False, True):
            self.order_comes(3, is_stale=is_stale, is_paid=True)
        for stage in (Stage.PRINTED, Stage.PACKED):
            self.order_comes(2, is_stale=False, is_paid=True)
            make.fact(self.orders()[-1], stage)
            make.change(self.orders()[-1], by=self.people[0])
        return {name: getattr(self, name) for name in self.shared}

    @rule(data=st.data())
    def something_happens(self, data):
        names = []
        for name in dir(type(self)):
            weight, when, _ = getattr(getattr(type(self), name), "act", (0, None, None))
            if weight and when(self):
                names += [name] * weight
        name = data.draw(st.sampled_from(names), label="what")
        drawn = data.draw(st.fixed_dictionaries(getattr(type(self), name).act[2]), label="how")
        getattr(self, name)(**drawn)

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

    @act(
        when=lambda self: len(self.orders()) < 7, units=st.integers(1, 3), is_stale=st.booleans(), is_paid=st.booleans()
    )
    def order_comes(self, units, is_stale, is_paid):
        make.order(
            as_of=clock.now() - timedelta(hours=5 if is_stale else 0),
            status=OrderStatus.PAID if is_paid else OrderStatus.UNPAID,
            lines=(make.line(quantity=units, price_minor=333), make.line("n2", quantity=2)),
        )

    @act(one=NUMBER, other=NUMBER)
    def parcels_are_merged(self, one, other):
        first, second = pick(self.orders(), one), pick(self.orders(), other)
        if first.id == second.id:
            return
        there = [parcels.parcels_of_order(o.id, o.store_id) for o in (first, second)]
        whole = all(len(found) == 1 and found[0].stage is Stage.UNPRINTED and not found[0].holds for found in there)
        if whole and there[0] != there[1] and len(parcels.orders_in_parcel(there[1][0].id, self.store_id)) == 1:
            worlds.merge(first, second)

    @act(which=NUMBER)
    def a_parcel_is_split(self, which):
        order = pick(self.orders(), which)
        there = parcels.parcels_of_order(order.id, order.store_id)
        packed = sum(row.quantity for row in parcels.parcel_lines([there[0].id], self.store_id))
        if len(there) == 1 and there[0].stage is Stage.UNPRINTED and not there[0].holds and packed > 2:
            worlds.split(order, 2, 1) if worlds.line(order, 2).in_parcels == 2 else None

    @act(weight=5, which=NUMBER, who=NUMBER, kind=st.sampled_from(KINDS), value=st.integers(0, 3), yes=st.booleans())
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
        others = Others.ALL if kind is Kind.ADDRESS else None
        wanted = values.get(kind, {"text": f"愿望{value}"})
        wished = Wished(kind, wanted, line_id=line_id, confirmation=said, others=others)
        self.tries(lambda: service.ask(order.id, wished, actor=pick(self.people, who)))

    @act(which=NUMBER, who=NUMBER, step=NUMBER)
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
            waybill=f"YT{self.waybills:08d}", grams=400,
        )  # fmt: skip
        self.tries(lambda: service.do_step(change.id, position, evidence, actor=who))

    @act(weight=5, which=NUMBER, steps=st.integers(1, 5))
    def what_comes_next_is_done(self, which, steps):
        for _ in range(steps):
            waiting = [c for c in self.changes() if worlds.open_codes(c)]
            if change := pick(waiting, which):
                found = [s for s in queries.steps_of([change.id], change.store_id) if s.state == "open"]
                self.step(change, found[0].position, self.boss)

    @act(which=NUMBER)
    def the_customer_says_yes(self, which):
        waiting = [c for c in self.changes() if "confirm" in worlds.open_codes(c)]
        if change := pick(waiting, which):
            self.tries(lambda: worlds.do(change, "confirm", self.boss))

    @act(which=NUMBER)
    def printing_voids(self, which):
        waiting = [c for c in self.changes() if worlds.open_codes(c)[:1] in (["void"], ["take_out"])]
        if change := pick(waiting, which):
            self.tries(lambda: worlds.do(change, worlds.open_codes(change)[0], self.boss))

    @act(weight=2, which=NUMBER, who=NUMBER, answer=st.sampled_from(Answer))
    def somebody_answers_a_notice(self, which, who, answer):
        statement = select(Notice).where(Notice.state == NoticeState.OPEN).order_by(Notice.id)
        if notice := pick(list(db.session.scalars(in_store(statement, self.store_id, Notice))), which):
            self.tries(lambda: service.answer_notice(notice.id, answer, batch="W9", actor=pick(self.people, who)))

    @act(
        weight=2,
        which=NUMBER,
        stage=st.sampled_from(STAGES),
        ago=st.sampled_from(MOMENTS),
        source=st.sampled_from(TOLD_BY),
    )
    def a_fact_is_reported(self, which, stage, ago, source):
        order, now = pick(self.orders(), which), clock.now()
        told = Report(stage=stage, happened_at=None if ago is None else now - ago, as_of=now, source=source)
        there = [parcel.id for parcel in parcels.parcels_of_order(order.id, order.store_id)]
        report = lambda: take_report(  # noqa: E731
            self.store_id, told, order_number=order.number, waybill=None, actor=self.boss
        )
        self.tries(report, may_be_refused=False)
        self.told |= {(parcel_id, told.stage, told.source, told.happened_at) for parcel_id in there}

    @act(which=NUMBER, stage=NUMBER)
    def somebody_decides_between_two_sources(self, which, stage):
        against = parcels.contradictions(
            [p.id for order in self.orders() for p in parcels.parcels_of_order(order.id, self.store_id)], self.store_id
        )
        if fact := pick(against, which):
            parcel = parcels.parcel_by_id(fact.parcel_id, self.store_id)
            told = [f for f in against if f.parcel_id == parcel.id]
            chosen = pick(parcels.stage_choices(parcel, told), stage)
            self.tries(lambda: service.confirm_stage(parcel.id, parcel.stage, chosen=chosen, actor=self.people[2]))

    @act(
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

    @act(which=NUMBER, who=NUMBER)
    def somebody_withdraws(self, which, who):
        if change := pick(self.changes(), which):
            self.tries(lambda: service.withdraw(change.id, "不改了", actor=pick(self.people, who)))

    @act(which=NUMBER, who=NUMBER)
    def somebody_ends_by_hand(self, which, who):
        if change := pick(self.changes(), which):
            self.tries(lambda: service.end_by_hand(change.id, "手工改好", actor=pick(self.people, who)))

    @act(which=NUMBER)
    def a_decision_is_entered_in_the_platform(self, which):
        order = pick(self.orders(), which)
        if amendment := pick(orders.active_amendments(order.id, order.store_id), which):
            self.tries(lambda: service.tick_amendment(amendment.id, actor=self.boss))

    @act(who=st.sampled_from([2, 3, 5]))
    def a_clerk_looks_at_a_batch(self, who):
        numbers = [order.number for order in self.orders()]
        self.checks.append((service.make_check(numbers, actor=self.people[who])[0].id, who))

    @act(weight=2, when=lambda self: self.checks, which=NUMBER)
    def a_clerk_presses_printed(self, which):
        check_id, who = self.checks.pop(which % len(self.checks))
        self.tries(lambda: service.mark_printed(check_id, f"W{check_id}", actor=self.people[who]))

    @invariant()
    def every_rule_holds(self):
        if hasattr(self, "store_id") and self.is_news():
            broken = invariants.rules_broken(self.store_id)
            assert not broken, "\n".join(broken)

    def is_news(self):
        """Whether anything was done since the last look; what was refused wrote nothing."""
        db.session.rollback()
        before, self.newest = self.newest, db.session.scalar(select(func.max(Event.id)))
        return before != self.newest

    @invariant()
    def no_fact_is_lost(self):
        if hasattr(self, "told"):
            known = {(f.parcel_id, f.stage, f.source, f.happened_at) for f in invariants.rows(StageFact, self.store_id)}
            assert self.told <= known

    @invariant()
    def no_notice_is_lost(self):
        if hasattr(self, "store_id"):
            there = {notice.id for notice in invariants.rows(Notice, self.store_id)}
            assert self.sent <= there
            self.sent = there

    def teardown(self):
        broken = invariants.broken(self.store_id) if hasattr(self, "store_id") else []
        db.session.rollback()
        assert not broken, "\n".join(broken)
