"""The card of goods that come back: what was confirmed, where it is, what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.returns import CancelForm, ConfirmForm, ExtendForm, GiveUpForm, WaybillForm, own_ids
from shopdesk.desk.queries.returning import case_lines
from shopdesk.orders import queries as orders
from shopdesk.returns import queries
from shopdesk.returns.models import Return
from shopdesk.returns.states import ReturnState
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm

S = ReturnState
OVER = frozenset({S.DISPOSED, S.CANCELLED})
WHY = "shown on the open case"
AWAITED = frozenset({S.CONFIRMED, S.SENT, S.PARTLY_ARRIVED})


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    """None: nothing comes back, and nothing can."""
    returns = queries.views_of_case(case.id, case.store_id)
    order = orders.order_by_id(case.order_id, case.store_id)
    keeps = _keeps(case, who)
    lines = case_lines(case) if keeps else []
    may_confirm = bool(keeps and lines and case.phase in _CONFIRMS)
    if not returns and not may_confirm:
        return None
    is_open = isinstance(typed, ConfirmForm) or (not returns and _asks_for_goods(case))
    supervises = who.may(Permission.RETURN_EXCEPT, case.store_id)
    store = staff.store_by_id(case.store_id)
    return {
        "goods": queries.goods(case.id, case.store_id),
        "returns": [_shown(view, keeps, typed, _extends(view.back, who, case)) for view in returns],
        "surplus": queries.surplus([view.back.id for view in returns], case.store_id),
        "sees_dock": who.may(Permission.ARRIVAL_READ, case.store_id),
        "lines": lines,
        "currency": order.currency if who.may(Permission.MONEY_READ, case.store_id) else None,
        "form": (typed if isinstance(typed, ConfirmForm) else ConfirmForm(formdata=None)) if may_confirm else None,
        "is_open": is_open,
        "is_done": not is_open and all(view.back.state in OVER for view in returns),
        "window": queries.window_of(order, [line.id for line in lines]) if may_confirm else None,
        "policy": queries.policy_of(order) if may_confirm else None,
        "no_receiver": may_confirm and queries.policy_at(store.id, clock.now()).receiver is None,
        "now": clock.now(),
        "may_except": supervises,
        "may_note": case.phase is not CasePhase.CLOSED and who.may(Permission.RETURN_CONFIRM, case.store_id),
        "names": staff.signatures({view.back.confirmed_by_id for view in returns if view.back.confirmed_by_id}),
        "why": WHY,
    }


_CONFIRMS = frozenset({CasePhase.COMMUNICATE, CasePhase.RECEIVE, CasePhase.RESOLVE})


def _asks_for_goods(case: Case) -> bool:
    """Whether that goods come back is the likely next thing."""
    return case.phase is CasePhase.COMMUNICATE and case.kind in {CaseKind.RETURN, CaseKind.EXCHANGE, CaseKind.DAMAGE}


def _keeps(case: Case, who: Actor) -> bool:
    """Whether the reader decides about the goods of this case."""
    if case.phase is CasePhase.CLOSED or case.kind is CaseKind.INVOICE:
        return False
    if not who.may(Permission.RETURN_CONFIRM, case.store_id):
        return False
    owns = case.owner_id is not None and case.owner_id == who.id
    return owns or bool(who.roles.get(case.store_id, frozenset()) & {Role.SUPERVISOR, Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class _Extends:
    """What the card says of longer to send: how often it was given, what the customer is told, whether more may be."""

    times: int
    phrase: str
    is_exception: bool
    may: bool


def _extends(back: Return, who: Actor, case: Case) -> _Extends:
    times = queries.extended(back.id)
    is_over = times >= queries.extensions_of(staff.store_by_id(back.store_id))
    may = back.state is S.CONFIRMED and (not is_over or who.may(Permission.RETURN_EXCEPT, back.store_id))
    return _Extends(times, queries.extended_phrase(back, case.number or ""), is_over, may)


def _shown(
    view: queries.ReturnView,
    keeps: bool,  # noqa: FBT001
    typed: DeskForm | None,
    extends: _Extends,
) -> dict[str, Any]:
    back = view.back
    mine = typed if getattr(typed, "of", 0) == back.id else None
    return {
        "view": view,
        "back": back,
        "is_awaited": back.state in AWAITED,
        "is_overdue": not view.at_dock
        and back.state is S.CONFIRMED
        and back.until is not None
        and back.until <= clock.now(),
        "extends": extends,
        "may_extend": keeps and extends.may and not view.at_dock,
        "extend": own_ids(mine if isinstance(mine, ExtendForm) else ExtendForm(formdata=None), f"extend-{back.id}"),
        "may_cancel": keeps and back.state in {S.CONFIRMED, S.SENT},
        "may_give_up": keeps and back.state in AWAITED and view.outstanding > 0,
        "waybill": own_ids(mine if isinstance(mine, WaybillForm) else WaybillForm(formdata=None), f"waybill-{back.id}"),
        "cancel": own_ids(mine if isinstance(mine, CancelForm) else CancelForm(formdata=None), f"cancel-{back.id}"),
        "give_up": own_ids(mine if isinstance(mine, GiveUpForm) else GiveUpForm(formdata=None), f"give_up-{back.id}"),
        "is_typed": mine is not None,
    }
