"""What comes next on a case, in words, and the card where it is done."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.states import COURIER_KINDS, AmountPart, Appraisal, CaseKind, CasePhase, Resolution, WaitingFor
from shopdesk.desk.queries import case_balances
from shopdesk.desk.queries.case_balances import Balances
from shopdesk.desk.queries.refund_view import standing
from shopdesk.desk.service import closing_case
from shopdesk.desk.states import BalancePart
from shopdesk.refunds import queries as refunds
from shopdesk.refunds.states import Stand
from shopdesk.returns import queries as returns
from shopdesk.returns.states import ReturnState


class NextStep(NamedTuple):
    words: Any
    card: str
    is_awaited: bool = False  # of somebody else: the owner of the case waits


ACCEPT = NextStep(_("Somebody accepts it first"), "people")
SENDS = NextStep(_("The customer sends the goods back"), "goods", is_awaited=True)
ASK_COURIER = NextStep(_("Ask the courier, and note what they say"), "courier")
COURIER_ANSWERS = NextStep(_("The courier answers: note what they say"), "courier", is_awaited=True)
APPRAISED: dict[Appraisal | None, NextStep] = {
    None: NextStep(_("Appraise the problem"), "appraisal"),
    Appraisal.PRODUCT_DEFECT: NextStep(_("On to the resolution: nothing has to come back"), "appraisal"),
    Appraisal.CANNOT_TELL: NextStep(_("Ask the goods back"), "goods"),
    Appraisal.NO_DEFECT: NextStep(_("Guide the customer, take the goods back, or decline"), "appraisal"),
}
LATER: dict[CasePhase, NextStep] = {
    CasePhase.RECEIVE: NextStep(_("The goods are on their way back"), "goods", is_awaited=True),
    CasePhase.INSPECT: NextStep(_("The warehouse looks at the goods"), "goods", is_awaited=True),
    CasePhase.CLOSED: NextStep(_("The case is closed."), "problem"),
}
#: Returns of which no parcel has to be waited for yet, or any more.
NOT_SENT = frozenset({ReturnState.CONFIRMED, ReturnState.CANCELLED})
#: Who asked for goods, or for nothing, is not sent money before somebody decided so.
OTHER_WISHES = COURIER_KINDS | {CaseKind.EXCHANGE, CaseKind.RESHIP}
DIFFERENCE = NextStep(_("Note how the customer settles the difference"), "replacement")
#: Decided, and nothing came of it yet.
UNDONE: dict[Resolution, NextStep] = {
    Resolution.EXCHANGE: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.RESHIP: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.SEND_BACK: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.REFUND: NextStep(_("Say which units are refunded"), "money"),
    Resolution.COMPENSATION: NextStep(_("Say how much compensation the customer gets"), "money"),
}
#: All that is left is asked for; the first that holds of any refund.
UNDER_WAY: dict[Stand, NextStep] = {
    Stand.TO_VERIFY: NextStep(_("Somebody verifies whether the refund was paid"), "money", is_awaited=True),
    Stand.AWAITING_APPROVAL: NextStep(_("The refund waits for a supervisor's approval"), "money", is_awaited=True),
    Stand.BY_FINANCE: NextStep(_("Finance pays the refund"), "money", is_awaited=True),
    Stand.AT_PLATFORM: NextStep(
        _("The platform pays the refund once it is agreed to there; its list of refunds says so"), "money",
        is_awaited=True,
    ),
    Stand.SENDING: NextStep(_("The refund is being sent"), "money", is_awaited=True),
}  # fmt: skip


def next_step(case: Case) -> NextStep:
    if case.phase is not CasePhase.CLOSED and (case.owner_id is None or queries.owner_left(case)):
        return ACCEPT
    if case.phase is CasePhase.RESOLVE:
        return _resolving(case, case_balances.balances(case))
    if case.phase is not CasePhase.COMMUNICATE:
        is_owed = case.phase is not CasePhase.CLOSED and case_balances.balances(case).owed_minor
        return DIFFERENCE if is_owed else _of_goods(case)
    if case.kind in COURIER_KINDS and case.appraisal is None:
        return COURIER_ANSWERS if case.waiting_for is WaitingFor.COURIER else ASK_COURIER
    return APPRAISED[case.appraisal]


def _of_goods(case: Case) -> NextStep:
    """A parcel that was signed in is on its way no more, although others may be; one not sent yet is not either."""
    if case.phase is not CasePhase.RECEIVE:
        return LATER[case.phase]
    backs = returns.of_case(case.id, case.store_id)
    if returns.at_dock([back.id for back in backs], case.store_id):
        return LATER[CasePhase.INSPECT]
    waits = case.kind not in COURIER_KINDS and {back.state for back in backs} <= NOT_SENT
    return SENDS if waits else LATER[CasePhase.RECEIVE]


def _resolving(case: Case, now: Balances) -> NextStep:
    """What the owner can do goes before what somebody else has to."""
    if closing_case.is_everyday(case, now) and (now.resolutions or _wants_money(case)):
        return NextStep(_("Refund it and close it"), "ending")
    if not now.resolutions:
        return NextStep(_("Say how it is solved"), "resolution")
    undone = [step for kind, step in UNDONE.items() if kind in now.undone]
    if undone:
        return undone[0]
    if now.owed_minor:
        return DIFFERENCE
    if now.is_open(BalancePart.INVOICE) and not now.tasks_open:
        return NextStep(_("Say whether an invoice was sent with the order"), "invoice")
    if any(now.amounts[part].free_minor for part in AmountPart):
        return NextStep(_("Pay what was decided, and note it"), "money")
    return _awaited(case, now)


def _wants_money(case: Case) -> bool:
    return case.kind not in OTHER_WISHES or str(Resolution.REFUND) in (case.wanted or ())


def _awaited(case: Case, now: Balances) -> NextStep:
    if now.out_units > now.out_shipped:
        return NextStep(_("The goods go out through printing and the warehouse"), "replacement", is_awaited=True)
    if now.is_open(BalancePart.GOODS):
        return NextStep(_("The warehouse puts the goods away"), "goods", is_awaited=True)
    if now.tasks_open:
        return NextStep(_("Finance issues the document"), "invoice", is_awaited=True)
    if any(now.amounts[part].reserved_minor for part in AmountPart):
        return _under_way(case)
    return NextStep(_("Every balance is even: close it"), "ending")


def _under_way(case: Case) -> NextStep:
    """All that is left was asked for; of several refunds the one that needs somebody most."""
    there = {stand for _refund, stand in standing(refunds.refunds_of_case(case.id, case.store_id))}
    return next((step for stand, step in UNDER_WAY.items() if stand in there), UNDER_WAY[Stand.SENDING])
