"""Cases in every phase, with all that can stand on their page."""

from __future__ import annotations

from datetime import timedelta

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import (
    Appraisal,
    CaseKind,
    Detail,
    Inquiry,
    PhaseMove,
    Question,
    Reason,
    Resolution,
    WaitingFor,
)
from shopdesk.core import clock, pictures
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from tests import make


def worked_on(shipped: Order, asker: Actor, agent: Actor) -> None:
    """One with all that an application says, worked on; one in each phase; one that goes on in another."""
    boss, colleague = make.actor(Role.SUPERVISOR), make.actor(Role.AFTER_SALE, signature="小满")
    lines = tuple((line.id, 1) for line in orders.lines(shipped.id, shipped.store_id) if line.shipped)
    said = Application(
        CaseKind.DAMAGE, "请尽快发", reason=Reason.DAMAGED, detail=Detail.LEAKED, wanted=(Resolution.RESHIP,),
        inquiry=Inquiry.PRODUCT, units=lines, answers={Question.BOX_STATE: "请尽快发"},
    )  # fmt: skip

    def made() -> Case:
        case = case_service.record(shipped.id, said, actor=asker)
        return case_service.assign(case.id, agent.id, actor=boss)

    full = made()
    case_service.add_photos(full.id, [pictures.tidy(make.photo())], actor=agent)
    case_service.note(full.id, "请尽快发", mentions=[boss.id or 0], actor=agent)
    case_service.set_waiting(full.id, WaitingFor.CUSTOMER, actor=agent)
    case_service.set_due(full.id, clock.now() + timedelta(minutes=30), actor=agent)
    case_service.appraise(full.id, Appraisal.CANNOT_TELL, actor=agent)
    case_service.offer(full.id, colleague.id or 0, "请尽快发", actor=agent)
    for moves in (
        (PhaseMove.EXPECT_GOODS,),
        (PhaseMove.EXPECT_GOODS, PhaseMove.GOODS_ARRIVED),
        (PhaseMove.DECIDE,),
    ):
        case = made()
        for move in moves:
            case_service.move(case, move, actor=agent)
    gone, declined = made(), made()
    case_service.merge(gone.id, full.number or "", actor=agent)
    case_service.decline(declined.id, "请尽快发", actor=agent)
    case_service.link(made().id, full.number or "", actor=agent)


def each_photo(case_ids: list[int]) -> list[dict[str, int]]:
    boss = make.actor(Role.SUPERVISOR)
    found = [(i, cases.photos_of(cases.case_by_id(i, boss))) for i in case_ids]
    return [{"case_id": i, "photo_id": photos[0].id} for i, photos in found if photos]
