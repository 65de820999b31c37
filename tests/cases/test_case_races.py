"""Two at the same moment on a case, with real threads on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from shopdesk.cases import service
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.changes.service import take_report
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import make
from tests.racing import outcomes as outcomes_of
from tests.racing import rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
ROUNDS = rounds(4)


def opened(by: Actor, kind: CaseKind = CaseKind.RETURN) -> tuple[int, int]:
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    return service.record(order.id, Application(kind, "does not fit"), actor=by).id, order.store_id


def now(case_id: int, store_id: int) -> Case:
    return db.session.scalars(in_store(select(Case).where(Case.id == case_id), store_id, Case)).one()


@pytest.mark.mission("M064")
def test_of_two_who_accept_at_once_one_wins_and_the_other_hears_who(app):
    store_id = make.store().id
    people = [make.actor(Role.AFTER_SALE, store_id=store_id, signature=name) for name in ("阿禾", "小棠")]
    for _ in range(ROUNDS):
        case_id, _store = opened(people[0])
        outcomes = outcomes_of(
            app, *(lambda who=who, case_id=case_id: service.accept(case_id, actor=who) for who in people)
        )
        lost = [number for number, outcome in enumerate(outcomes) if outcome != "ok"]
        assert len(lost) == 1
        winner = people[1 - lost[0]]
        assert (outcomes[lost[0]].code, outcomes[lost[0]].facts["who"]) == ("case_taken", winner.signature)
        found = now(case_id, store_id)
        assert (found.owner_id, found.accepted_at is not None) == (winner.id, True)
        accepted = select(func.count(Event.id)).where(Event.action == "case.accepted", Event.subject_id == case_id)
        assert db.session.scalar(accepted) == 1


def test_accepting_and_closing_at_once_end_in_one_of_the_two_orders(app):
    store_id = make.store().id
    after_sale, boss = make.actor(Role.AFTER_SALE, store_id=store_id), make.actor(Role.SUPERVISOR, store_id=store_id)
    for _ in range(ROUNDS):
        case_id, _store = opened(after_sale)
        accepted, closed = outcomes_of(
            app,
            lambda: service.accept(case_id, actor=after_sale),  # noqa: B023 run before the next round
            lambda: service.close(case_id, "solved", actor=boss),  # noqa: B023
        )
        codes = [outcome if outcome == "ok" else outcome.code for outcome in (accepted, closed)]
        found = now(case_id, store_id)
        assert tuple(codes) in {("ok", "ok"), ("ok", "case_taken"), ("case_closed", "ok")}
        assert (found.owner_id == after_sale.id) == (codes[0] == "ok")
        assert (found.phase is CasePhase.CLOSED) == (codes[1] == "ok")


def test_two_facts_that_overtake_a_change_at_once_make_one_case_and_none_is_refused(app):
    store = make.store()
    told_by = make.actor(Role.INTEGRATION, store_id=store.id)
    asker = make.actor(Role.PRE_SALE, store_id=store.id)
    store_id = store.id
    for _ in range(ROUNDS):
        order = make.order(store)
        make.change(order, by=asker)
        order_id, number, at = order.id, order.number, clock.now()

        def tell(stage: Stage, number: str = number, at: Any = at) -> None:
            told = Report(stage=stage, happened_at=at, as_of=at, source=Source.API, origin=f"ERP {stage}")
            take_report(store_id, told, order_number=number, waybill=None, actor=told_by)

        assert outcomes_of(app, lambda: tell(Stage.SHIPPED), lambda: tell(Stage.DELIVERED)) == ["ok", "ok"]
        counted = select(func.count(Case.id)).where(Case.order_id == order_id)
        assert db.session.scalar(in_store(counted, store_id, Case)) == 1
        assert len(make.notices(order, NoticeKind.TOO_LATE)) == 1
