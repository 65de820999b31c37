"""发票 of a refund without a case: asked or answered later, one red-letter task once it was paid, its number back."""

from __future__ import annotations

import contextlib
import importlib
import threading

import pytest
from sqlalchemy import select, text

from shopdesk.cases import service as cases
from shopdesk.cases.models import InvoiceTask
from shopdesk.cases.queries import settling
from shopdesk.cases.states import InvoiceTaskKind, PaidTo
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core import audit, clock
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import Role
from shopdesk.outbound.paying import pay_out
from shopdesk.refunds import service
from shopdesk.refunds.service import Target, invoicing
from shopdesk.refunds.states import Answer, Outcome, PayoutState
from shopdesk.staff.models import REFUND_LIMIT
from tests import after_sale_made as made
from tests import make, worlds
from tests.racing import race, rounds
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, two_payments
from tests.refunds.test_refunds_of_cases import decided
from tests.refunds.test_refunds_of_changes import step

migration = importlib.import_module("migrations.versions.0032_documents_of_refunds")


@pytest.fixture
def finance(order):
    return make.actor(Role.FINANCE, store_id=order.store_id)


def task_of(refund):
    db.session.rollback()
    return settling.task_of_refund(refund.id, refund.store_id)


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def told(order, action):
    statement = select(Event.body).where(Event.order_id == order.id, Event.action == action).order_by(Event.seq)
    return list(db.session.scalars(statement))


@pytest.mark.both_engines
@pytest.mark.mission("M118")
def test_what_was_paid_back_of_an_invoiced_order_is_finances_to_reverse(order, agent, finance):
    refund = world.refund(order, by=agent, invoice_sent=True)
    assert task_of(refund) is None, "nothing was paid yet"
    world.run(refund, Bank())
    task = task_of(refund)
    assert (task.kind, task.order_id, task.case_id) == (InvoiceTaskKind.RED_LETTER, order.id, None)
    (row,) = settling.open_invoice_tasks(finance)
    assert (row.id, row.refund_id, row.order_number, row.case_number) == (task.id, refund.id, order.number, None)
    assert settling.count_invoice_tasks(finance) == 1
    assert code(cases.do_invoice, task.id, "R-1", actor=agent) == "not_allowed"
    cases.ask_buyer(task.id, "F-1", actor=finance)
    assert code(cases.ask_buyer, task.id, "F-2", actor=finance) == "confirmation_runs"
    cases.do_invoice(task.id, "R-1", actor=finance)
    assert code(cases.do_invoice, task.id, "R-2", actor=finance) == "invoice_done"
    assert task_of(refund).reference == "R-1"
    assert settling.open_invoice_tasks(finance) == []
    assert code(service.answer_invoice, refund.id, is_sent=False, actor=agent) == "invoice_done"
    assert told(order, "refund.invoice_task") == [{"is_open": True}]
    assert told(order, "refund.invoice_done") == [{"task": "red_letter", "reference": "R-1"}]
    assert told(order, "refund.invoice_buyer_asked") == [{"task": "red_letter", "number": "F-1"}]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M118")
def test_the_answer_may_come_later_and_be_corrected_until_finance_has_issued_it(order, agent):
    refund = world.refund(order, by=agent)
    world.run(refund, Bank())
    assert (task_of(refund), refund.invoice_sent) == (None, None)
    service.answer_invoice(refund.id, is_sent=True, actor=agent)
    task_id = task_of(refund).id
    service.answer_invoice(refund.id, is_sent=True, actor=agent)
    assert task_of(refund).id == task_id
    service.answer_invoice(refund.id, is_sent=False, actor=agent)
    assert task_of(refund) is None
    assert [one["sent"] for one in told(order, "refund.invoice_answered")] == [True, False]
    assert told(order, "refund.invoice_task") == [{"is_open": True}, {"is_open": False}]
    boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
    assert code(cases.do_invoice, task_id, "R-1", actor=boss) == "not_found"


def test_what_was_not_paid_leaves_nothing_to_reverse(order, agent):
    boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
    failed = world.refund(order, by=agent, invoice_sent=True)
    assert world.run(failed, Bank(mode=Mode.REFUSED)) == [PayoutState.FAILED]
    came_back = world.refund(order, by=agent, invoice_sent=True)
    world.run(came_back, Bank())
    assert task_of(came_back) is not None
    hear(came_back, Answer(Outcome.FAILED, "RETURNED"))
    world._set(world.store(), {REFUND_LIMIT: 0})
    rejected, withdrawn = (world.refund(order, by=agent, invoice_sent=True) for _ in range(2))
    service.reject(rejected.id, "先查一下", actor=boss)
    service.withdraw(withdrawn.id, "客户不要了", actor=agent)
    assert [task_of(one) for one in (failed, came_back, rejected, withdrawn)] == [None] * 4


@pytest.mark.parametrize("first", [Mode.REFUSED, Mode.OK])
def test_a_part_that_was_paid_is_enough_and_the_other_part_makes_no_second_one(app, first):
    order = two_payments(world.store())
    refund = world.refund(order, 4000, by=world.agent(world.store()), invoice_sent=True, **world.TO_ALIPAY)
    ids = [payout.id for payout in world.payouts(refund)]
    for payout_id, mode in zip(ids, (first, Mode.OK), strict=True):
        pay_out(refund.store_id, payout_id, {"bank": Bank(mode=mode)})
    assert task_of(refund) is not None
    assert told(order, "refund.invoice_task") == [{"is_open": True}]


@pytest.mark.mission("M118")
def test_the_refund_of_a_cancellation_asks_the_same(app):
    order = make.order(world.store(), shipping_minor=800, paid_minor=13_600, total_minor=13_600)
    asked = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    change = worlds.do(asked, "void", make.actor(Role.PRINTING), Evidence())
    who = make.actor(Role.AFTER_SALE, store_id=order.store_id)
    position = step(change).position
    refund = service.request_for_change(
        change.id, position, Target(PaidTo.ORIGINAL), invoice_sent=True, actor=who
    )  # fmt: skip
    assert task_of(refund) is None
    world.run(refund, Bank())
    task = task_of(refund)
    assert (task.order_id, task.refund_id) == (order.id, refund.id)


def test_a_refund_of_a_case_is_answered_in_its_case(app):
    case, who = decided(world.store())
    wish = service.CaseWish(Target(PaidTo.ORIGINAL), service.Asked(dict.fromkeys(made.line_ids(case), 1)))
    refund = service.request_for_case(case.id, wish, actor=who)
    assert code(service.answer_invoice, refund.id, is_sent=True, actor=who) == "case_answers"
    world.run(refund, Bank())
    assert task_of(refund) is None


@pytest.mark.both_engines
def test_of_an_end_and_an_answer_at_once_one_makes_the_task(app, monkeypatch):
    """Each waits a moment before it looks, for the other to be as far: without the lock neither sees the other."""
    store, look = world.store(), invoicing._look
    who = world.agent(store)

    def late(*args):
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.1)
        return look(*args)

    monkeypatch.setattr(invoicing, "_look", late)
    for _ in range(rounds(8)):
        together = threading.Barrier(2)
        order = make.order(store)
        refund = world.refund(order, by=who)
        refund_id, store_id, (payout,) = refund.id, refund.store_id, world.payouts(refund)
        payout_id = payout.id
        found = race(
            app, lambda: pay_out(store_id, payout_id, {"bank": Bank()}),  # noqa: B023
            lambda: service.answer_invoice(refund_id, is_sent=True, actor=who),  # noqa: B023
        )  # fmt: skip
        assert found == ["ok", "ok"]
        assert [payout.state for payout in world.payouts(refund)] == [PayoutState.SUCCEEDED]
        assert task_of(refund) is not None
        assert told(order, "refund.invoice_task") == [{"is_open": True}]


@pytest.mark.both_engines
def test_of_no_invoice_and_its_number_at_once_one_wins(app):
    store = world.store()
    who, finance = world.agent(store), make.actor(Role.FINANCE, store_id=store.id)
    for _ in range(rounds(8)):
        refund = world.refund(make.order(store), by=who, invoice_sent=True)
        world.run(refund, Bank())
        refund_id, task_id = refund.id, task_of(refund).id
        said = race(
            app, lambda: service.answer_invoice(refund_id, is_sent=False, actor=who),  # noqa: B023
            lambda: cases.do_invoice(task_id, "R-1", actor=finance),  # noqa: B023
        )  # fmt: skip
        assert said in (["ok", "not_found"], ["invoice_done", "ok"]), said
        assert (task_of(refund) is None) == (said[0] == "ok")


@pytest.mark.both_engines
def test_what_was_taken_back_between_look_and_number_is_not_there_any_more(app, monkeypatch):
    store = world.store()
    refund = world.refund(make.order(store), by=world.agent(store), invoice_sent=True)
    world.run(refund, Bank())
    task_id, finance = task_of(refund).id, make.actor(Role.FINANCE, store_id=store.id)
    gone = text("DELETE FROM invoice_task WHERE id = :id")
    monkeypatch.setattr(
        "shopdesk.cases.service.invoicing.check_reference", lambda _: db.session.execute(gone, {"id": task_id})
    )
    with pytest.raises(NotFound):
        cases.do_invoice(task_id, "R-1", actor=finance)


@pytest.mark.both_engines
def test_the_migration_gives_the_tasks_of_before_their_order(app):
    case, _who = decided(world.store())

    @command
    def as_before():
        task = InvoiceTask(
            store_id=case.store_id, order_id=make.order().id, case_id=case.id, kind=InvoiceTaskKind.ENDORSEMENT,
            opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(task)
        audit.record("test.made", "case", case.id, make.ROOT, store_id=case.store_id)

    as_before()
    with db.engine.begin() as connection:
        connection.execute(text(migration.FILL))
    db.session.rollback()
    (task,) = [one for one in settling.tasks_of(case) if one.kind is InvoiceTaskKind.ENDORSEMENT]
    assert task.order_id == case.order_id
