"""Work on a case: notes with mentions, dates, hand-overs, merging, splitting, linking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, DueSource, Ending, PhaseMove, WaitingFor
from shopdesk.core import clock, pictures
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import Role
from shopdesk.desk.queries import case_chain
from shopdesk.desk.queries.case_chain import Tie
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from tests import make
from tests.racing import outcomes

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]


def left(where=None, **more):
    order = make.order(where, lines=(make.line(quantity=3), make.line("n2", title="围巾")), **more)
    make.fact(order, Stage.SHIPPED)
    return order


def opened(order, owner=None, *, units=(), kind=CaseKind.RETURN):
    boss = make.actor(Role.SUPERVISOR)
    lines = [line.id for line in orders.lines(order.id, order.store_id)]
    named = tuple((lines[at], quantity) for at, quantity in units)
    case = service.record(order.id, Application(kind, "不合适", units=named), actor=boss)
    if owner:
        service.assign(case.id, owner.id, actor=boss)
    return case


def code(call):
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


def waiting(actor):
    return [(case.id, is_offer) for case, is_offer in queries.for_me(actor)]


@pytest.fixture
def agent():
    make.store()
    return make.actor(Role.AFTER_SALE, signature="阿禾")


@pytest.fixture
def other():
    make.store()
    return make.actor(Role.AFTER_SALE, signature="小棠")


def test_who_is_named_in_a_note_has_it_open_until_they_look_at_the_case(agent, other):
    case = opened(left(), agent)
    boss = make.actor(Role.SUPERVISOR, signature="阿禾禾")
    written = service.note(case.id, "@小棠 请看;@阿禾禾也看", mentions=(), actor=agent)
    assert written.text.reveal("test") == "@小棠 请看;@阿禾禾也看"
    assert waiting(other) == [(case.id, False)]
    assert waiting(boss) == [(case.id, False)], "the longest name is meant"
    assert [queries.count_for_me(who) for who in (other, boss, agent)] == [1, 1, 0]
    assert waiting(agent) == []
    assert service.open_mentions(case, other)
    service.see_mentions(case, other)
    assert waiting(other) == []
    assert waiting(boss) == [(case.id, False)]


def test_only_who_sees_the_case_can_be_mentioned_and_nobody_by_an_empty_note(agent):
    case = opened(left(), agent)
    packer = make.actor(Role.WAREHOUSE, signature="大壮")
    assert code(lambda: service.note(case.id, "看", mentions=[packer.id], actor=agent)) == "cannot_be_mentioned"
    service.note(case.id, "@大壮 看", actor=agent)
    assert queries.for_me(packer) == []
    assert code(lambda: service.note(case.id, "  ", actor=agent)) == "value_required"
    assert code(lambda: service.note(case.id, "看", actor=packer)) == "not_allowed"


def test_a_due_time_set_by_hand_says_so_and_whom_it_waits_for_can_be_taken_back(agent):
    case, at = opened(left(), agent), clock.now() + timedelta(days=3)
    assert case.due_source is DueSource.STORE
    service.set_due(case.id, at, actor=agent)
    assert (case.due_at, case.due_source) == (at, DueSource.PERSON)
    assert service.set_waiting(case.id, WaitingFor.CUSTOMER, actor=agent).waiting_for is WaitingFor.CUSTOMER
    assert service.set_waiting(case.id, None, actor=agent).waiting_for is None


def test_a_case_that_is_offered_stays_until_it_is_accepted(agent, other):
    case = opened(left(), agent)
    service.offer(case.id, other.id, "我下班了", actor=agent)
    assert (case.owner_id, waiting(other)) == (agent.id, [(case.id, True)])
    third = make.actor(Role.AFTER_SALE, signature="青禾")
    assert code(lambda: service.offer(case.id, third.id, actor=agent)) == "offered"
    assert code(lambda: service.take_offer(case.id, actor=third)) == "not_the_owner"
    assert service.take_offer(case.id, actor=other).owner_id == other.id
    assert waiting(other) == []
    assert code(lambda: service.take_offer(case.id, actor=other)) == "no_offer"


def test_who_does_not_take_an_offer_says_why_and_the_offerer_sees_it(agent, other):
    case = opened(left(), agent)
    service.offer(case.id, other.id, actor=agent)
    service.refuse_offer(case.id, "我也下班了", actor=other)
    assert (case.owner_id, queries.open_offer(case)) == (agent.id, None)
    assert waiting(agent) == [(case.id, False)]
    service.offer(case.id, other.id, actor=agent)
    service.refuse_offer(case.id, actor=agent)
    assert queries.open_offer(case) is None


@pytest.mark.mission("M015")
def test_a_supervisor_gives_a_case_without_asking_and_to_nobody_who_cannot_have_it(agent, other):
    case, boss = opened(left(), agent), make.actor(Role.SUPERVISOR)
    service.offer(case.id, other.id, actor=agent)
    service.assign(case.id, other.id, actor=boss)
    assert (case.owner_id, queries.open_offer(case)) == (other.id, None)
    (event,) = db.session.query(Event).where(Event.action == "case.assigned", Event.actor_id == boss.id).order_by(
        Event.id.desc()
    ).limit(1)  # fmt: skip
    assert event.body == {"before": agent.id, "to": other.id}
    assert service.assign(case.id, other.id, actor=boss).owner_id == other.id, "again changes nothing"
    packer = make.actor(Role.WAREHOUSE)
    assert code(lambda: service.assign(case.id, packer.id, actor=boss)) == "not_of_role"
    assert code(lambda: service.assign(case.id, agent.id, actor=agent)) == "assign_needs_supervisor"


def test_a_merged_case_closes_and_its_notes_and_photos_are_read_where_it_goes_on(agent):
    order = left()
    old, new = opened(order, agent), opened(order, agent)
    service.note(old.id, "先看照片", actor=agent)
    service.add_photos(old.id, [pictures.tidy(make.photo())], actor=agent)
    into = service.merge(old.id, new.number.lower(), actor=agent)
    assert (old.phase, old.ending, old.merged_into_id, into.id) == (CasePhase.CLOSED, Ending.MERGED, new.id, new.id)
    assert [note.text.reveal("test") for note in queries.notes_of(new)] == ["先看照片"]
    assert len(queries.photos_of(new)) == 1
    assert code(lambda: service.reopen(old.id, "又来了", actor=agent)) == "merged"
    last = opened(order, agent)
    service.merge(new.id, last.number, actor=agent)
    db.session.refresh(old)
    assert old.merged_into_id == last.id, "one step leads to the open one"
    assert len(queries.photos_of(last)) == 1


def test_the_units_of_a_merged_case_are_the_other_ones_too_and_never_more_than_left_us(agent):
    order = left()
    units = {"first": ((0, 2),), "second": ((0, 2), (1, 1)), "third": ((1, 1),)}
    first, second, third = (opened(order, agent, units=named) for named in units.values())
    whole = opened(order, agent)

    def quantities(case):
        return [line.quantity for line in queries.lines_of(case)]

    service.merge(second.id, first.number, actor=agent)
    assert (quantities(first), quantities(second)) == ([3, 1], [2, 1])
    other = opened(left(), agent, units=((0, 1),))
    assert code(lambda: service.merge(third.id, other.number, actor=agent)) == "goods_of_other_order"
    assert (third.phase, quantities(third), quantities(other)) == (CasePhase.COMMUNICATE, [1], [1])
    service.merge(first.id, whole.number, actor=agent)
    assert quantities(whole) == [], "it is about all of them"


def test_cases_of_two_customers_are_not_merged_nor_linked(agent):
    mine, stranger = opened(left(buyer_id="甲", buyer_nick="甲"), agent), left(buyer_id="乙", buyer_nick="乙")
    theirs = opened(stranger, agent)
    same = opened(left(buyer_id="甲", buyer_nick="甲"), agent)
    nobody = opened(left(buyer_id=None, buyer_nick=None), agent)
    for other in (theirs, nobody):
        assert code(lambda other=other: service.merge(mine.id, other.number, actor=agent)) == "two_customers"
        assert code(lambda other=other: service.link(mine.id, other.number, actor=agent)) == "two_customers"
    assert mine.phase is CasePhase.COMMUNICATE
    assert code(lambda: service.merge(mine.id, same.number, actor=agent)) == "goods_of_other_order"
    assert service.link(mine.id, same.number, actor=agent).parent_id == same.id
    asking = service.record(mine.order_id, Application(CaseKind.TRACE, "到哪了"), actor=agent)
    service.accept(asking.id, actor=agent)
    assert service.merge(asking.id, same.number, actor=agent).id == same.id


def test_a_case_is_not_merged_with_itself_a_closed_one_or_one_that_is_not_there(agent):
    order = left()
    case, closed = opened(order, agent), opened(order, agent)
    service.close(closed.id, "好了", actor=agent)
    assert code(lambda: service.merge(case.id, case.number, actor=agent)) == "same_case"
    assert code(lambda: service.merge(case.id, closed.number, actor=agent)) == "case_closed"
    with pytest.raises(NotFound):
        service.merge(case.id, "C20200101-9999", actor=agent)
    elsewhere = opened(left(make.store("other")))
    reader = make.actor(Role.SUPERVISOR, store_id=order.store_id)
    with pytest.raises(NotFound):
        service.merge(case.id, elsewhere.number, actor=reader)
    coming = opened(order, agent)
    service.move(coming, PhaseMove.EXPECT_GOODS, actor=agent)
    assert code(lambda: service.merge(coming.id, case.number, actor=agent)) == "goods_under_way"


def test_units_go_into_a_case_of_their_own_and_none_is_lost(agent):
    case = opened(left(), agent, units=((0, 3), (1, 1)))
    first, second = (line.line_id for line in queries.lines_of(case))
    child = service.split(case.id, [(first, 1), (first, 1), (second, 1)], CaseKind.EXCHANGE, actor=agent)
    assert (child.parent_id, child.owner_id, child.kind) == (case.id, agent.id, CaseKind.EXCHANGE)
    assert {line.line_id: line.quantity for line in queries.lines_of(case)} == {first: 1}
    assert {line.line_id: line.quantity for line in queries.lines_of(child)} == {first: 2, second: 1}
    assert code(lambda: service.split(case.id, [(first, 2)], CaseKind.RETURN, actor=agent)) == "more_than_there"
    assert code(lambda: service.split(case.id, [(first, 1)], CaseKind.RETURN, actor=agent)) == "nothing_stays"
    assert code(lambda: service.split(case.id, [], CaseKind.RETURN, actor=agent)) == "value_required"
    assert tied(child, agent) == {Tie.PARENT: [case.id]}
    assert tied(case, agent) == {Tie.CHILD: [child.id]}


def tied(case, who):
    return {tie: [each.id for each in found] for tie, found in case_chain.ties(case, who).items()}


def test_what_is_merely_another_case_of_the_order_or_the_customer_is_no_part_of_the_chain(agent):
    order, later = left(), left()
    first, beside, after, other = opened(order, agent), opened(order, agent), opened(order, agent), opened(later, agent)
    service.link(after.id, first.number, actor=agent)
    assert tied(first, agent) == {
        Tie.CHILD: [after.id], Tie.SAME_ORDER: [beside.id], Tie.SAME_CUSTOMER: [other.id]
    }  # fmt: skip
    service.merge(beside.id, first.number, actor=agent)
    assert tied(first, agent)[Tie.MERGED_HERE] == [beside.id]
    assert tied(beside, agent)[Tie.MERGED_INTO] == [first.id]
    stranger = make.actor(Role.PRINTING, store_id=order.store_id)
    assert tied(first, stranger) == {}, "of what a reader does not see nothing is said"


def test_cases_are_linked_in_a_chain_and_never_in_a_circle(agent):
    order = left()
    first, second, third = (opened(order, agent) for _ in range(3))
    service.link(second.id, first.number, actor=agent)
    service.link(third.id, second.number, actor=agent)
    assert tied(third, agent) == {Tie.PARENT: [second.id], Tie.CHAIN: [first.id]}
    assert tied(second, agent) == {Tie.PARENT: [first.id], Tie.CHILD: [third.id]}
    assert code(lambda: service.link(first.id, third.number, actor=agent)) == "in_circle"
    assert code(lambda: service.link(first.id, first.number, actor=agent)) == "same_case"


@pytest.mark.both_engines
def test_of_two_answers_to_one_offer_one_counts(app):
    make.store()
    order, agent, other = left(), make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)
    for _ in range(3):
        case_id = opened(order, agent).id
        service.offer(case_id, other.id, actor=agent)
        found = outcomes(
            app,
            lambda case_id=case_id: service.take_offer(case_id, actor=other),
            lambda case_id=case_id: service.take_offer(case_id, actor=other),
        )
        assert sorted(each if each == "ok" else each.code for each in found) == ["no_offer", "ok"]
        taken = db.session.query(Event).where(Event.action == "case.taken_over", Event.subject_id == case_id)
        assert taken.count() == 1


@pytest.mark.both_engines
def test_merging_and_closing_at_once_never_leaves_a_case_that_goes_on_in_one_that_was_closed_before(app):
    make.store()
    order, agent, boss = left(), make.actor(Role.AFTER_SALE), make.actor(Role.SUPERVISOR)
    for _ in range(3):
        old, new = opened(order, agent), opened(order, agent)
        old_id, new_id, number = old.id, new.id, new.number
        merged, closed = outcomes(
            app,
            lambda old_id=old_id, number=number: service.merge(old_id, number, actor=agent),
            lambda new_id=new_id: service.close(new_id, "好了", actor=boss),
        )
        old, new = (queries.case_by_id(each, boss) for each in (old_id, new_id))
        assert closed == "ok"
        assert new.phase is CasePhase.CLOSED
        if merged == "ok":
            assert (old.merged_into_id, old.closed_at <= new.closed_at) == (new_id, True)
        else:
            assert (merged.code, old.phase, old.merged_into_id) == ("case_closed", CasePhase.COMMUNICATE, None)


@pytest.mark.both_engines
def test_two_cases_that_are_merged_into_each_other_at_once_leave_one_open(app):
    make.store()
    order, agent = left(), make.actor(Role.AFTER_SALE)
    for _ in range(3):
        one, two = opened(order, agent), opened(order, agent)
        ids, numbers = (one.id, two.id), (one.number, two.number)
        outcomes(
            app,
            lambda ids=ids, numbers=numbers: service.merge(ids[0], numbers[1], actor=agent),
            lambda ids=ids, numbers=numbers: service.merge(ids[1], numbers[0], actor=agent),
        )
        phases = [queries.case_by_id(each, agent).phase for each in ids]
        assert sorted(phases) == [CasePhase.CLOSED, CasePhase.COMMUNICATE]


@pytest.mark.both_engines
def test_the_last_units_are_split_off_once(app):
    make.store()
    order, agent = left(), make.actor(Role.AFTER_SALE)
    case = opened(order, agent, units=((0, 3),))
    case_id, line_id = case.id, queries.lines_of(case)[0].line_id
    found = outcomes(
        app,
        *(lambda: service.split(case_id, [(line_id, 2)], CaseKind.EXCHANGE, actor=agent) for _ in range(2)),
    )
    assert sorted(each if each == "ok" else each.code for each in found) == ["more_than_there", "ok"]
    assert [line.quantity for line in queries.lines_of(queries.case_by_id(case_id, agent))] == [1]
