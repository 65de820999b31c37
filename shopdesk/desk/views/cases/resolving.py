"""The cards of how a case is resolved: the ways decided, goods that go out, money, invoice, its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case, CaseLine
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, CasePhase, Fault, Reason, Resolution
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms import resolving as forms
from shopdesk.desk.queries import case_balances
from shopdesk.desk.queries import everyday as fast_lane
from shopdesk.desk.queries.case_balances import Balances
from shopdesk.desk.queries.refund_view import standing
from shopdesk.desk.service import closing_case
from shopdesk.desk.states import BalancePart
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.refunds import queries as refunds
from shopdesk.replacements import queries as replacements
from shopdesk.replacements import service as replacement_service
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.states import ReplacementKind, ReplacementState
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm, with_currency
from shopdesk.web.locale import label

WHY = "shown on the open case"
Card = dict[str, Any] | None
PEOPLE = (Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.SUPERVISOR)
#: Who most likely caused it: proposed, never decided.
LIKELY = {
    Reason.UNWANTED: Fault.CUSTOMER,
    Reason.DAMAGED: Fault.COURIER,
    Reason.LATE: Fault.COURIER,
    Reason.NOT_RECEIVED: Fault.COURIER,
    Reason.SHORT: Fault.WAREHOUSE,
    Reason.WRONG_ITEM: Fault.WAREHOUSE,
}


def works(case: Case, who: Actor, permission: Permission) -> bool:
    """Whether this person resolves it now: its owner, or a supervisor."""
    held = who.roles.get(case.store_id, frozenset())
    owns = case.owner_id is not None and case.owner_id == who.id
    return who.may(permission, case.store_id) and (owns or Role.SUPERVISOR in held)


def _is_at_it(case: Case, who: Actor, permission: Permission) -> bool:
    return case.phase is CasePhase.RESOLVE and works(case, who, permission)


def resolution(case: Case, who: Actor, typed: DeskForm | None) -> Card:
    rows = settling.resolutions_of(case)
    now = [k for k in Resolution if case.phase in cases.phases_for(k)]  # ahead of the goods: other goods, no money
    may = bool(now) and works(case, who, Permission.CASE_RESOLVE)
    if not rows and not may:
        return None
    there = {row.kind for row in rows}
    left = [k for k in now if k not in there]
    form = typed if isinstance(typed, forms.WayForm) else forms.WayForm(formdata=None)
    forms.placed(form, "way")
    if not isinstance(typed, forms.WayForm):
        form.resolution.data = _proposed(case, there, left)
    form.resolution.choices = [SelectChoice(str(k), label(k)) for k in left]
    return {
        "rows": rows,
        "names": staff.signatures({row.decided_by_id for row in rows if row.decided_by_id}),
        "exceptions": {row.id: row.exception.reveal(WHY) for row in rows if row.exception},
        "free": ((there - case_balances.used(case)) | ({Resolution.NONE} & there)) & set(now) if may else set(),
        "form": form if may and Resolution.NONE not in there and set(left) - {Resolution.NONE} else None,
        "is_ahead": case.phase is not CasePhase.RESOLVE,
        "is_typed": isinstance(typed, forms.WayForm),
        "is_sound": case_balances.has_no_defect(case),
        "invoice": case.invoice_sent,
    }


def _proposed(case: Case, there: Iterable[Resolution], left: Sequence[Resolution]) -> str:
    wanted = [kind for kind in case.wanted or () if kind not in set(there) and kind in left]
    return str(wanted[0] if wanted else left[0] if left else "")


def invoice(case: Case, who: Actor, _typed: DeskForm | None) -> Card:
    if not settling.kinds_of(case) and case.invoice_sent is None and case.phase is not CasePhase.RESOLVE:
        return None
    tasks = settling.tasks_of(case)
    return {
        "sent": case.invoice_sent,
        "tasks": tasks,
        "names": staff.signatures({task.done_by_id for task in tasks if task.done_by_id}),
        "may": case.phase is not CasePhase.CLOSED and works(case, who, Permission.CASE_RESOLVE),
        "is_done": case.invoice_sent is not None and all(task.done_at for task in tasks),
    }


def replacement(case: Case, who: Actor, typed: DeskForm | None) -> Card:
    rows = replacements.of_case(case.id, case.store_id)
    wanted = [k for k in ReplacementKind if k in {str(one) for one in settling.kinds_of(case)}]
    if case.phase is not CasePhase.RESOLVE:
        wanted = [kind for kind in wanted if kind is not ReplacementKind.SEND_BACK]
    makes = case.phase in cases.UNDER_WAY and works(case, who, Permission.REPLACEMENT_MAKE) and bool(wanted)
    if not rows and not makes:
        return None
    money = who.may(Permission.MONEY_READ, case.store_id)
    form = typed if isinstance(typed, forms.OutForm) else forms.OutForm(formdata=None)
    forms.placed(form, "out")
    if wanted:
        form.kind.choices = [SelectChoice(str(kind), label(kind)) for kind in wanted]
    if not isinstance(typed, forms.OutForm):
        form.waits.data = "now" if not _waits(case, wanted) else "wait"
    outbound = replacements.outbound_of([row.id for row in rows], case.store_id)
    shown = [_row(row, outbound[row.id], typed, case, who) for row in rows]
    reships = ReplacementKind.RESHIP in wanted
    lines = [one for one in _lines(case, who) if one["free"] or reships] if makes else []
    is_next = bool(set(wanted) - {row.kind for row in replacements.alive(rows)}) or isinstance(typed, forms.OutForm)
    return {
        "rows": shown,
        "form": form if lines else None,
        "is_next": is_next,
        "is_done": not (lines and is_next) and not any(one["is_going"] for one in shown),
        "typed": form.typed if isinstance(typed, forms.OutForm) else {},
        "lines": lines,
        "money": money,
        "may": case.phase in cases.UNDER_WAY and works(case, who, Permission.REPLACEMENT_MAKE),
        "currency": orders.order_by_id(case.order_id, case.store_id).currency,
    }


def _waits(case: Case, wanted: list[ReplacementKind]) -> bool:
    return ReplacementKind.EXCHANGE in wanted[:1] and not case_balances.all_right(case)


def _row(row: Replacement, order: Any, typed: DeskForm | None, case: Case, who: Actor) -> dict[str, Any]:
    out = replacements.out(row)
    alive = row.state is not ReplacementState.CANCELLED and row.undone_at is None
    may = replacements.allowed(row)
    return {
        "row": row,
        "order": order,
        "out": out,
        "alive": alive,
        "lines": orders.lines(order.id, order.store_id),
        "is_going": alive and (out.shipped < out.units or out.is_voided or _owes(row)),
        "owed": alive and _owes(row),
        "is_in_house": alive and any(stage in {"printed", "packed"} for stage in out.stages),
        "is_voided": alive and out.is_voided,
        "is_first_goods": row.kind is ReplacementKind.SEND_BACK,
        "may_cancel": may.cancel,
        "may_undo": may.undo,
        "may_expect": may.expect_back,
        "may_ahead": may.ahead,
        "may_waybill": may.waybill and out.shipped < out.units,
        "waybills": parcels.waybills([p.id for p in parcels.parcels_of_order(order.id, order.store_id)], row.store_id),
        "waybill": _form(forms.OutWaybillForm, typed, row),
        "is_late": alive
        and row.reminded_at is not None
        and not replacements.goods_back(row)
        and not replacements.not_back_decided(row.id),
        "why": row.why.reveal(WHY) if row.why else "",
        "difference": _form(forms.DifferenceForm, typed, row),
        "reason": _form(forms.WhyForm, typed, row),
        "is_awaited": alive and row.due_at is not None and not replacements.not_back_decided(row.id),
        "may_decide": alive and _may_decide(row, case, who),
        "missing_minor": replacements.missing_minor(row) if row.due_at else 0,
        "not_back": _not_back(row, typed, order.currency),
        "ahead": _form(forms.AheadForm, typed, row),
    }


def _may_decide(row: Replacement, case: Case, who: Actor) -> bool:
    """Of goods that something was sent ahead of and that are not here."""
    going = case.phase in {CasePhase.RECEIVE, CasePhase.RESOLVE} and works(case, who, Permission.CASE_SETTLE)
    return going and who.may(Permission.RETURN_CONFIRM, case.store_id) and replacement_service.is_decidable(row, case)


def _not_back(row: Replacement, typed: DeskForm | None, currency: str) -> DeskForm:
    mine = typed if isinstance(typed, forms.NotBackForm) and typed.of == row.id else None
    form = mine or with_currency(forms.NotBackForm, currency)(formdata=None)
    return forms.placed(form, f"notback{row.id}")


def _owes(row: Replacement) -> bool:
    return row.difference_minor > 0 and row.settled_at is None


def _form(kind: type[forms.OfReplacement], typed: DeskForm | None, row: Replacement) -> DeskForm:
    """What was typed about this one and refused, else an empty form."""
    form = typed if isinstance(typed, kind) and typed.of == row.id else kind(formdata=None)
    return forms.placed(form, f"{kind.__name__.lower()}{row.id}")


def _lines(case: Case, who: Actor) -> list[dict[str, Any]]:
    """The units of the case that are still free, with what was paid for them where the reader sees money."""
    shares = {line.id: line for line in orders.lines(case.order_id, case.store_id)}
    money = who.may(Permission.MONEY_READ, case.store_id)
    found = []
    for line in settling.lines_of(case):
        free = line.quantity - line.refunding - line.replacing
        sold = shares[line.line_id]
        found.append({"line": line, "free": free, "share_minor": sold.share_minor if money else None})
    return found


def money(case: Case, who: Actor, typed: DeskForm | None) -> Card:
    if not who.may(Permission.MONEY_READ, case.store_id):
        return None
    kinds = settling.kinds_of(case)
    amounts = settling.amounts_of(case)
    rows = settling.settlements_of(case)
    may = _is_at_it(case, who, Permission.CASE_SETTLE) and bool(kinds - {Resolution.NONE})
    there = refunds.refunds_of_case(case.id, case.store_id)
    if not may and not rows and not there and not any(one.expected_minor for one in amounts.values()):
        return None
    order = orders.order_by_id(case.order_id, case.store_id)
    left = {part: amount for part, amount in amounts.items() if amount.free_minor}
    refund = with_currency(forms.RefundForm, order.currency)
    expect = with_currency(forms.ExpectForm, order.currency)
    settle = with_currency(forms.SettleForm, order.currency)
    settle_form = forms.placed(typed if isinstance(typed, forms.SettleForm) else settle(formdata=None), "settle")
    refund_form = forms.placed(typed if isinstance(typed, forms.RefundForm) else refund(formdata=None), "refund")
    expect_form = forms.placed(typed if isinstance(typed, forms.ExpectForm) else expect(formdata=None), "expect")
    settle_form.part.choices = [SelectChoice(str(part), label(part)) for part in left]
    undone = kinds - case_balances.used(case)
    if not isinstance(typed, forms.ExpectForm) and Resolution.COMPENSATION in undone:
        expect_form.part.data = str(AmountPart.COMPENSATION)
    if not isinstance(typed, forms.SettleForm) and left:
        settle_form.part.data, settle_form.amount.data = next((str(p), a.free_minor) for p, a in left.items())
    lines = _lines(case, who)
    return {
        "is_done": not any(one.left_minor for one in amounts.values())
        and not undone & {Resolution.REFUND, Resolution.COMPENSATION},
        "is_refunding": Resolution.REFUND in undone or isinstance(typed, forms.RefundForm),
        "is_expecting": Resolution.COMPENSATION in undone or isinstance(typed, forms.ExpectForm),
        "refund_url": url_for("refunds.new_of_case", case_id=case.id)
        if may and who.may(Permission.REFUND_ASK, case.store_id)
        else None,
        "is_asking": any(one.free_minor for one in amounts.values()),
        "is_folded": bool(there) and not isinstance(typed, forms.SettleForm),
        "refunds": standing(there),
        "amounts": amounts,
        "rows": [(row, str(row.account) if row.account else "") for row in rows],
        "names": staff.signatures({i for row in rows for i in (row.noted_by_id, row.taken_back_by_id) if i}),
        "lines": lines,
        "currency": order.currency,
        "refund": refund_form if may and Resolution.REFUND in kinds and any(one["free"] for one in lines) else None,
        "typed": typed.typed if isinstance(typed, forms.RefundForm) else {},
        "expect": expect_form if may else None,
        "settle": settle_form if may and left else None,
        "needs_answer": case.invoice_sent is None,
        "may": may,
        "may_undo_refund": may and any(_is_decided(line) for line in settling.lines_of(case)),
        "me": who.id,
        "is_supervisor": Role.SUPERVISOR in who.roles.get(case.store_id, frozenset()),
    }


def _is_decided(line: CaseLine) -> bool:
    return bool(line.refunding) and line.refunded_minor <= line.credit_minor


def ending(case: Case, who: Actor, typed: DeskForm | None) -> Card:
    """The five balances; closing in one click once they are even."""
    if case.phase in {CasePhase.COMMUNICATE} or not who.may(Permission.MONEY_READ, case.store_id):
        return None
    now = case_balances.balances(case)
    order = orders.order_by_id(case.order_id, case.store_id)
    parts = now.open_parts()
    may = _is_at_it(case, who, Permission.CASE_CLOSE)
    may_open = case.phase is not CasePhase.CLOSED and who.may(Permission.CASE_END_OPEN, case.store_id)
    everyday = may and closing_case.is_everyday(case, now)
    form = forms.placed(typed if isinstance(typed, forms.EndForm) else forms.EndForm(formdata=None), "end")
    if not isinstance(typed, forms.EndForm):
        _propose(form, case, now, everyday=everyday)
    free_minor = settling.free_minor(case) if everyday else None
    is_above = Role.SUPERVISOR in who.roles.get(case.store_id, frozenset())
    people = staff.people_of_store(case.store_id, *PEOPLE) if is_above else []
    nobody = SelectChoice("", _("Nobody in particular"))
    form.fault_person.choices = [nobody, *(SelectChoice(str(person_id), name) for person_id, name in people)]
    return {
        "balances": [_balance(part, now, order.currency) for part in BalancePart],
        "parts": parts,
        "form": form if may or may_open else None,
        "closes": may and not parts and bool(now.resolutions),
        "everyday": everyday,
        "departs": everyday and Resolution.REFUND not in now.resolutions and fast_lane.departs(case),
        "everyday_minor": None if free_minor is None else free_minor + now.amounts[AmountPart.MONEY].left_minor,
        "unknown": _unknown(order) if everyday and free_minor is None else [],
        "says_no_invoice": everyday and case.invoice_sent is None,
        "closes_open": may_open and (bool(parts) or case.phase is not CasePhase.RESOLVE) and not now.tasks_open,
        "is_supervisor": is_above,
        "currency": order.currency,
        "fault": case.fault,
        "fault_person": staff.signatures({case.fault_person_id}).get(case.fault_person_id)
        if case.fault_person_id
        else None,
        "fault_said": case.fault_said.reveal(WHY) if case.fault_said and is_above else "",
        "ending": case.ending,
    }


def _unknown(order: Order) -> list[str]:
    """What has to be told before anybody knows what was paid for the units of an order."""
    asked = [
        (_("the list of orders"), not order.has_list),
        (_("the details of the order"), not order.lines_complete),
        (_("that it is paid"), order.status is OrderStatus.UNPAID),
        (_("what was paid"), order.paid_minor is None),
        (_("the freight"), order.shipping_minor is None),
    ]
    return [words for words, is_missing in asked if is_missing] or [_("what was paid")]


def _propose(form: forms.EndForm, case: Case, now: Balances, *, everyday: bool) -> None:
    kinds = {Resolution.REFUND} if everyday else now.resolutions
    said = [label(kind) for kind in Resolution if kind in kinds]
    form.outcome.data = _(", ").join(said) if not now.open_parts() or everyday else ""
    form.fault.data = str(LIKELY.get(case.reason, Fault.SHOP)) if case.reason else str(Fault.SHOP)


def _balance(part: BalancePart, now: Balances, currency: str) -> dict[str, Any]:
    found: dict[str, Any] = {"part": part, "is_open": now.is_open(part), "currency": None}
    if part is BalancePart.GOODS:
        goods = now.goods
        found |= {
            "expected": goods.expected + now.out_units,
            "actual": goods.arrived + goods.given_up + now.out_shipped,
        }
        if goods.found != goods.disposed:
            found["note"] = _("%(units)s not put away yet", units=goods.found - goods.disposed)
    elif part is BalancePart.INVOICE:
        found |= {"expected": now.tasks_open + now.tasks_done, "actual": now.tasks_done}
        if now.is_open(part) and not now.tasks_open:
            found["note"] = _("nobody has said whether one was sent")
    else:
        amount = now.amounts[AmountPart(str(part))]
        found |= {"expected": amount.expected_minor, "actual": amount.settled_minor, "currency": currency}
        if part is BalancePart.MONEY and now.owed_minor:
            found["note"] = _("the customer owes a difference")
    undone = [label(kind) for kind in Resolution if kind in now.undone and kind in _OF.get(part, ())]
    if undone:
        found["note"] = _("decided, not done: %(what)s", what=_(", ").join(undone))
    return found


_OF = {
    BalancePart.GOODS: (Resolution.EXCHANGE, Resolution.RESHIP, Resolution.SEND_BACK),
    BalancePart.MONEY: (Resolution.REFUND,),
    BalancePart.COMPENSATION: (Resolution.COMPENSATION,),
}
