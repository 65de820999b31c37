"""What the API tells of how a case is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.queries.settling import Amount
from shopdesk.cases.states import AmountPart
from shopdesk.core.permissions import Permission
from shopdesk.desk.queries import case_balances
from shopdesk.desk.states import BalancePart
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import WAYBILLS_VALID
from shopdesk.replacements import queries as replacement_queries
from shopdesk.replacements.models import Replacement
from shopdesk.web.api import answer, at_text, money
from shopdesk.web.guard import actor

P = Permission


def shown(case_id: int, status: int = 200, *, location: str | None = None) -> Response:
    case = queries.case_by_id(case_id, actor())
    order = orders.order_by_id(case.order_id, case.store_id)
    sees = actor().may(P.MONEY_READ, case.store_id)
    now = case_balances.balances(case)
    body = {
        "case_id": str(case.id),
        "phase": str(case.phase),
        "resolutions": [str(row.kind) for row in settling.resolutions_of(case)],
        "invoice_sent": case.invoice_sent,
        "lines": [
            {
                "line_id": str(line.line_id), "title": line.title, "quantity": line.quantity,
                "refunding": line.refunding, "replacing": line.replacing,
                "refund": money(line.refund_minor, order.currency, visible=sees),
                "refunded": money(line.refunded_minor, order.currency, visible=sees),
            }
            for line in settling.lines_of(case)
        ],
        "amounts": amounts_out(now.amounts, order.currency, sees=sees),
        "settlements": [
            {
                "id": str(row.id), "part": str(row.part),
                "amount": money(row.amount_minor, order.currency, visible=sees),
                "destination": str(row.destination), "account": str(row.account) if row.account else None,
                "reference": row.reference, "noted_at": at_text(row.noted_at),
                "taken_back_at": at_text(row.taken_back_at),
            }
            for row in settling.settlements_of(case)
        ],
        "invoice_tasks": [task_out(task) for task in settling.tasks_of(case)],
        "replacements": _replacements(case, sees=sees),
        "balances": [{"part": str(part), "is_open": now.is_open(part)} for part in BalancePart],
        "ending": str(case.ending) if case.ending else None,
        "fault": str(case.fault) if case.fault else None,
    }  # fmt: skip
    return answer(body, status, location=location)


def amounts_out(amounts: Mapping[AmountPart, Amount], currency: str, *, sees: bool) -> list[dict[str, Any]]:
    return [
        {
            "part": str(part), "expected": money(one.expected_minor, currency, visible=sees),
            "settled": money(one.settled_minor, currency, visible=sees),
        }
        for part, one in amounts.items()
    ]  # fmt: skip


def task_out(task: Any) -> dict[str, Any]:
    return {
        "id": str(task.id), "kind": str(task.kind), "reference": task.reference, "done_at": at_text(task.done_at),
        "confirmation": task.confirmation, "confirm_by": at_text(task.confirm_by),
    }  # fmt: skip


def _replacements(case: Case, *, sees: bool) -> list[dict[str, Any]]:
    rows = replacement_queries.of_case(case.id, case.store_id)
    outbound = replacement_queries.outbound_of([row.id for row in rows], case.store_id)
    return [_replacement(row, outbound[row.id], sees=sees) for row in rows]


def _replacement(row: Replacement, order: Any, *, sees: bool) -> dict[str, Any]:
    return {
        "id": str(row.id), "number": order.number, "order_id": str(order.id), "kind": str(row.kind),
        "state": str(row.state), "readiness": str(order.readiness),
        "stages": [str(stage) for stage in replacement_queries.out(row).stages],
        "waits_for_goods": row.waits_for_goods, "waybills": _numbers(order), "due_at": at_text(row.due_at),
        "difference_minor": row.difference_minor if sees else None,
        "settled_how": str(row.settled_how) if row.settled_how else None, "undone_at": at_text(row.undone_at),
    }  # fmt: skip


def _numbers(order: Order) -> list[str]:
    ids = [parcel.id for parcel in parcels.parcels_of_order(order.id, order.store_id)]
    return [bill.number for bill in parcels.waybills(ids, order.store_id) if bill.state in WAYBILLS_VALID]
