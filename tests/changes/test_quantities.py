"""Units that a quantity wish takes off, from one parcel or several, and the money for them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopdesk.changes import queries, rules, service
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.states import Field, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff import queries as staff
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRINTING)


def wish(order, quantity, by, *, yes=True):
    wished = service.Wished(
        Kind.QUANTITY, {"quantity": quantity}, line_id=worlds.line(order).id, confirmation=make.YES if yes else None
    )
    return service.ask(order.id, wished, actor=by)


def told(stage):
    return Report(stage=stage, happened_at=None, as_of=clock.now(), source=Source.API, origin="ERP")


def units(order):
    rows = parcels.parcel_lines([p.id for p in parcels.parcels_of_order(order.id, order.store_id)], order.store_id)
    return [row.quantity for row in sorted(rows, key=lambda r: r.parcel_id)]


def quantity(order):
    return worlds.effective(order, Field.QUANTITY, worlds.line(order).id)


def split_order(**more):
    """Two units in the first parcel, three in the second."""
    order = make.order(lines=(make.line(quantity=5, price_minor=1001),), **more)
    return order, worlds.split(order, 1, 3)


@pytest.mark.both_engines
def test_units_in_several_parcels_make_one_change_for_each_that_gives_some(asker, clerk):
    order, second = split_order(paid_minor=5003, total_minor=5003)
    changes = wish(order, 1, asker)
    assert [c.parcel_id for c in changes] == [make.parcel(order).id, second.id]
    assert (units(order), worlds.counters(order)) == ([1, 0], (5, 4, 0, 1))
    assert len(worlds.memos(order)) == 1
    pairs = queries.wishes_of([c.id for c in changes], order.store_id)
    assert len({found.id for _, found in pairs}) == 1
    parts = [sum(refundable(change).values()) for change in changes]
    assert sum(parts) == rules.refundable_minor(5003, 5, old=5, new=1)
    assert all(parts)
    (notice,) = make.notices(order, NoticeKind.CHANGE)
    service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=clerk)
    worlds.do(changes[1], "void", clerk)  # nothing is left in the second parcel
    assert [c.state for c in changes] == [ChangeState.DONE] * 2
    after = make.actor(Role.AFTER_SALE)
    for change, part in zip(changes, parts, strict=True):
        worlds.do(change, "refund", after, Evidence(amount_minor=part, reference="R1"))
    assert worlds.line(order).refunded_minor == sum(parts)
    assert invariants.broken(order.store_id) == []


def test_as_few_parcels_as_possible_give_and_the_unprinted_before_the_printed(asker):
    order, second = split_order()
    assert [c.parcel_id for c in wish(order, 2, asker)] == [second.id]
    order, second = split_order()
    make._fact(second.id, order.store_id, told(Stage.PRINTED))
    assert [c.parcel_id for c in wish(order, 4, asker)] == [make.parcel(order).id]


def test_what_the_unprinted_parcels_do_not_have_comes_from_the_printed_one_once_its_papers_are_amended(asker):
    order, second = split_order()
    make._fact(second.id, order.store_id, told(Stage.PRINTED))
    unprinted, printed = wish(order, 2, asker)
    assert (unprinted.column, printed.column) == (Stage.UNPRINTED, Stage.PRINTED)
    assert units(order) == [0, 3]
    packer = make.actor(Role.WAREHOUSE)
    for code, who in (("hand_out", packer), ("amend_papers", packer), ("amend", asker)):
        worlds.do(printed, code, who, Evidence(to=packer.id))
    assert units(order) == [0, 2]
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
def test_withdrawing_puts_the_units_back_into_the_parcels_that_gave_them(asker):
    order, _ = split_order()
    changes = wish(order, 1, asker, yes=False)
    with worlds.emptying():
        wish(order, 0, asker, yes=False)
    assert units(order) == [0, 0]
    service.withdraw(changes[0].id, "all five", actor=asker)
    assert (units(order), quantity(order), worlds.counters(order)) == ([2, 3], 5, (5, 0, 0, 5))
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
def test_when_one_of_the_parcels_leaves_with_its_units_the_other_keeps_to_the_wish(asker):
    order, second = split_order()
    changes = wish(order, 1, asker)
    make._fact(second.id, order.store_id, told(Stage.SHIPPED))
    worlds.refresh(*changes)
    assert [c.state for c in changes] == [ChangeState.OPEN, ChangeState.TOO_LATE]
    assert (units(order), worlds.counters(order), quantity(order)) == ([1, 3], (5, 1, 3, 4), 4)
    assert sum(refundable(changes[0]).values()) == rules.refundable_minor(5005, 5, old=5, new=4)
    assert invariants.broken(order.store_id) == []


def test_when_a_parcel_leaves_while_printing_is_asked_only_the_other_gives(asker, clerk):
    order, second = split_order(as_of=clock.now() - timedelta(hours=5))
    changes = wish(order, 1, asker)
    assert units(order) == [2, 3]
    asked = {n.parcel_id: n for n in make.notices(order, NoticeKind.STAGE)}
    service.answer_notice(asked[second.id].id, Answer.GONE, actor=clerk)
    service.answer_notice(asked[make.parcel(order).id].id, Answer.NOT_PRINTED, actor=clerk)
    worlds.refresh(*changes)
    assert [c.state for c in changes] == [ChangeState.OPEN, ChangeState.TOO_LATE]
    assert (units(order), quantity(order)) == ([0, 3], 3)
    worlds.do(changes[0], "void", clerk)
    assert (changes[0].state, make.parcel(order).stage) == (ChangeState.DONE, Stage.VOIDED)
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
def test_a_wish_is_corrected_upwards_as_far_as_its_open_change_took_units_off(asker, clerk):
    order = make.order(lines=(make.line(quantity=4, price_minor=1000),), paid_minor=4000, total_minor=4000)
    change = wish(order, 2, asker)[0]
    assert wish(order, 3, asker) == [change]
    assert (units(order), quantity(order), worlds.counters(order)) == ([3], 3, (4, 1, 0, 3))
    assert sum(refundable(change).values()) == 1000
    with pytest.raises(RuleViolation) as caught:
        wish(order, 5, asker)
    assert (caught.value.code, caught.value.facts["ordered"]) == ("new_order", 4)
    assert worlds.open_codes(change)[0] == "acknowledge"
    service.answer_notice(make.notices(order, NoticeKind.CHANGE)[0].id, Answer.NOT_PRINTED, actor=clerk)
    assert change.state is ChangeState.DONE
    with pytest.raises(RuleViolation) as caught:  # after done, going back is a new order
        wish(order, 4, asker)
    assert (caught.value.code, caught.value.facts["ordered"]) == ("new_order", 3)
    assert invariants.broken(order.store_id) == []


def test_a_line_that_was_wished_away_beside_another_comes_back(asker):
    order = make.order(lines=(make.line(quantity=2), make.line("n2", title="围巾", sku="S")))
    change = wish(order, 0, asker)[0]
    assert wish(order, 1, asker) == [change]
    assert worlds.counters(order) == (2, 1, 0, 1)
    service.withdraw(change.id, "as it was", actor=asker)
    assert (quantity(order), worlds.counters(order)) == (2, (2, 0, 0, 2))
    assert invariants.broken(order.store_id) == []


def test_units_go_back_into_the_parcels_that_gave_them(asker):
    order, _ = split_order()
    changes = wish(order, 1, asker)
    assert units(order) == [1, 0]
    assert {c.id for c in wish(order, 5, asker)} == {c.id for c in changes}
    assert (units(order), worlds.counters(order)) == ([2, 3], (5, 0, 0, 5))
    assert [sum(refundable(change).values()) for change in changes] == [0, 0]
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
def test_a_parcel_that_leaves_after_a_correction_takes_what_is_still_off_along(asker):
    order = make.order(lines=(make.line(quantity=4, price_minor=1000),), paid_minor=4000, total_minor=4000)
    change = wish(order, 1, asker)[0]
    wish(order, 3, asker)
    make.fact(order, Stage.SHIPPED)
    worlds.refresh(change)
    assert change.state is ChangeState.TOO_LATE
    assert (worlds.counters(order)[:3], quantity(order)) == ((4, 0, 4), 4)
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.sampled_from(["withdraw", "ship", "stay"]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_row_of_corrections_keeps_the_invariants(asker, wanted, end):
    order = make.order(lines=(make.line(quantity=5, price_minor=1001), make.line("n2", title="围巾", sku="S")))
    worlds.split(order, 1, 3)
    now, change = 5, None
    for number in wanted:
        if number != now:
            change, now = wish(order, number, asker)[0], number
            assert (quantity(order), sum(units(order)), worlds.counters(order)[1]) == (now, now + 1, 5 - now)
    if change is not None and end == "withdraw":
        service.withdraw(change.id, "back", actor=asker)
    for parcel in parcels.parcels_of_order(order.id, order.store_id) if end == "ship" else ():
        make._fact(parcel.id, order.store_id, told(Stage.SHIPPED))
    assert invariants.broken(order.store_id) == []


def test_no_more_units_are_taken_than_stand_in_the_house(asker):
    order, second = split_order()
    make._fact(second.id, order.store_id, told(Stage.SHIPPED))
    with pytest.raises(RuleViolation) as caught:
        wish(order, 0, asker)
    assert caught.value.code == "more_than_left"


SUPPLY = st.lists(
    st.builds(rules.Supply, st.integers(1, 9), st.sampled_from(list(Stage)), st.integers(0, 5)),
    unique_by=lambda s: s.key,
)


@given(st.integers(0, 30), SUPPLY)
def test_what_is_shared_out_is_never_more_than_wanted_or_than_there_is(wanted, supply):
    found = rules.share_out(wanted, supply)
    there = {one.key: one.units for one in supply}
    assert sum(found.values()) == min(wanted, sum(there.values()))
    assert all(0 < part <= there[key] for key, part in found.items())


def refund_steps(change):
    return [(code, role, state) for code, role, state in worlds.steps(change) if code == "refund"]


@pytest.mark.both_engines
@pytest.mark.parametrize("is_done", [False, True])
def test_units_taken_off_before_payment_are_owed_when_all_of_them_were_paid_and_once(asker, clerk, is_done):
    line = make.line(quantity=3, price_minor=1000)
    order = make.order(lines=(line,), status=OrderStatus.UNPAID, paid_minor=0, total_minor=3000)
    change = wish(order, 1, asker)[0]
    assert refund_steps(change) == []
    if is_done:
        notice = make.notices(order, NoticeKind.CHANGE, state=None)[0]
        make._write(notice, {"state": "open"})
        service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=clerk)
        assert change.state is ChangeState.DONE
    for status in (OrderStatus.PAID, OrderStatus.PAID, OrderStatus.SHIPPED):
        make.order(number=order.number, lines=(line,), status=status, paid_minor=3000, total_minor=3000)
        assert refund_steps(change) == [("refund", "after_sale", "open")]
    assert sum(refundable(change).values()) == 2000
    assert invariants.broken(order.store_id) == []
    if is_done:
        evidence = Evidence(amount_minor=2000, reference="R7")
        worlds.do(change, "refund", make.actor(Role.AFTER_SALE), evidence)
        assert worlds.line(order).refunded_minor == 2000


def test_nothing_is_owed_where_the_platform_took_the_units_off_before_it_was_paid(asker):
    order = make.order(lines=(make.line(quantity=3),), status=OrderStatus.UNPAID, paid_minor=0)
    change = wish(order, 1, asker)[0]
    make.order(number=order.number, lines=(make.line(quantity=1),))
    assert refund_steps(change) == []
    assert worlds.amendments(order) == [("quantity", "seen", True)]


def test_a_wish_that_waits_for_printing_when_the_money_comes_has_its_refund_afterwards(asker, clerk):
    old = clock.now() - timedelta(hours=5)
    line = make.line(quantity=3, price_minor=1000)
    order = make.order(lines=(line,), status=OrderStatus.UNPAID, paid_minor=0, total_minor=3000, as_of=old)
    change = wish(order, 1, asker)[0]
    paid_at = old + timedelta(minutes=5)
    make.order(number=order.number, lines=(line,), paid_minor=3000, total_minor=3000, as_of=paid_at)
    service.answer_notice(make.notices(order, NoticeKind.STAGE)[0].id, Answer.NOT_PRINTED, actor=clerk)
    assert (change.state, refund_steps(change)) == (ChangeState.DONE, [("refund", "after_sale", "open")])
    assert sum(refundable(change).values()) == 2000


def emptied(asker, clerk):
    order = make.order(lines=(make.line(quantity=2, price_minor=1000),), paid_minor=2000, total_minor=2000)
    with worlds.emptying():
        change = wish(order, 0, asker)[0]
    service.answer_notice(make.notices(order, NoticeKind.CHANGE)[0].id, Answer.NOT_PRINTED, actor=clerk)
    return order, change


@pytest.mark.both_engines
def test_a_parcel_with_nothing_left_is_known_and_not_to_be_printed(asker, clerk):
    order, _ = emptied(asker, clerk)
    other = make.order()
    check, rows = service.make_check([order.number, other.number], actor=clerk)
    assert [(str(r.group), r.reasons) for r in rows] == [("do_not_print", ("nothing_left",)), ("printable", ())]
    assert rows[0].parcel_id == make.parcel(order).id
    service.mark_printed(check.id, "W1", actor=clerk)
    assert [make.parcel(o).stage for o in (order, other)] == [Stage.UNPRINTED, Stage.PRINTED]


def test_of_a_split_order_the_emptied_parcel_is_left_out_of_the_list(asker, clerk):
    order, _ = split_order()
    wish(order, 2, asker)
    _, rows = service.make_check([order.number], actor=clerk)
    assert [r.parcel_id for r in rows] == [make.parcel(order).id]
    assert units(order) == [2, 0]


@pytest.mark.both_engines
@pytest.mark.parametrize("stage", [Stage.PRINTED, Stage.SHIPPED])
def test_a_fact_about_a_parcel_with_nothing_left_is_recorded_and_alarms(asker, clerk, stage):
    order, change = emptied(asker, clerk)
    make.fact(order, stage)
    assert make.parcel(order).stage is stage
    alarms = make.notices(order, NoticeKind.ALARM)
    assert {n.body["code"] for n in alarms} == {"empty_parcel_moved"}
    assert (change.state, worlds.counters(order)) == (ChangeState.DONE, (2, 2, 0, 0))
    assert invariants.broken(order.store_id) == []


def test_the_page_says_that_nothing_is_left(asker, clerk, sign_in):
    order, _ = emptied(asker, clerk)
    person = make.person(Role.PRINTING)
    check, _ = service.make_check([order.number], actor=staff.actor_for(person, channel="page"))
    page = sign_in(person).get(f"/print-check/{check.id}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "Nothing left to print" in page.text
    assert order.number[-4:] in page.text


@pytest.mark.both_engines
def test_a_wish_that_leaves_nothing_of_the_order_is_a_cancel_and_refused_as_a_quantity(asker, clerk):
    order, _ = split_order()
    with pytest.raises(RuleViolation) as caught:
        wish(order, 0, asker)
    assert (caught.value.code, units(order)) == ("cancel_instead", [2, 3])
    two = make.order(lines=(make.line(), make.line("n2", title="围巾")))
    assert wish(two, 0, asker)[0].state is ChangeState.OPEN
    assert make.parcel(two).holds == 1
