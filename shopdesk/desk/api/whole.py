"""One order whole, as plain JSON."""

from __future__ import annotations

from typing import Any

from shopdesk.cases.queries import CaseRow
from shopdesk.core.permissions import Actor
from shopdesk.desk.api.showing import change_json, code_text, day_text, hit_json, id_text, knowledge_json, old_and_new
from shopdesk.desk.queries import AmendmentView, LineView, MemoView, OrderView, ParcelView
from shopdesk.desk.queries.personal_view import Address
from shopdesk.parcels.models import Hold
from shopdesk.parcels.queries.stops import is_overdue
from shopdesk.parcels.states import HoldCause
from shopdesk.web.api import at_text, money


def order_json(view: OrderView, reader: Actor) -> dict[str, Any]:
    order, store = view.order, view.store
    visible = view.sees_money and order.has_list  # of an order known from its details alone the zeros say nothing
    told = {"paid": view.amounts.paid_minor, "received": order.received_minor}
    amounts = {name: money(minor, order.currency, visible=visible) for name, minor in told.items()}
    mirrored = {
        "goods": order.goods_minor, "shipping": order.shipping_minor, "total": view.amounts.mirrored_total_minor,
    }  # fmt: skip
    for name, theirs in mirrored.items():
        ours = getattr(view.amounts, f"{name}_minor")
        amounts[name] = money(ours, order.currency, visible=visible)
        amounts[f"mirrored_{name}"] = money(theirs if theirs != ours else None, order.currency, visible=visible)
    return {
        "id": str(order.id), "number": order.number, "store": store.slug, "platform": str(store.platform),
        "zone": store.zone, "currency": order.currency, "status": str(order.status),
        "status_given": order.status_given, "readiness": str(order.readiness),
        "ready_on": day_text(order.ready_on), "readiness_reason": order.readiness_reason, "flag": str(order.flag),
        "stage": str(view.stage), "as_of": at_text(order.as_of), "source": order.source,
        "placed_at": at_text(order.placed_at), "paid_at": at_text(order.paid_at),
        "marked_shipped_at": at_text(order.marked_shipped_at), **amounts, "buyer": code_text(view.buyer_nick),
        "address": _address(view.address),
        "mirrored_address": _address(view.mirrored_address) if view.mirrored_address else None,
        "lines_complete": order.lines_complete,
        "lines": [_line(line, view) for line in view.lines], "parcels": [_parcel(parcel) for parcel in view.parcels],
        "changes": [change_json(change, order.currency, reader) for change in view.changes],
        "cases": [_case(case) for case in view.cases],
        "amendments": [_amendment(amendment, view) for amendment in view.amendments],
        "memos": [memo_json(memo) for memo in view.memos],
        "memo_size": dict(zip(("used", "limit", "unit"), view.memo_size, strict=True)),
        "other_orders": [hit_json(hit) for hit in view.others],
    }  # fmt: skip


def _address(address: Address) -> dict[str, Any]:
    return {
        "name": address.name, "phone": address.phone, "province": address.province, "city": address.city,
        "district": address.district, "street": address.street, "zip": address.zip, "is_clear": address.is_clear,
    }  # fmt: skip


def _line(view: LineView, order: OrderView) -> dict[str, Any]:
    line, currency, visible = view.line, order.order.currency, order.sees_money
    mirrored_minor = line.unit_price_minor if line.unit_price_minor != view.unit_price_minor else None
    return {
        "id": str(line.id), "key": line.line_key, "kind": str(line.kind), "sku": line.sku, "title": line.title,
        "attributes": view.attributes, "mirrored_attributes": view.mirrored_attributes, "quantity": line.quantity,
        "remaining": view.remaining, "told_quantity": line.told_quantity, "cancelled": line.cancelled,
        "shipped": line.shipped, "is_incomplete": line.incomplete,
        "unit_price": money(view.unit_price_minor, currency, visible=visible),
        "mirrored_unit_price": money(mirrored_minor, currency, visible=visible),
        "share": money(line.share_minor, currency, visible=visible),
        "refunded": money(line.refunded_minor, currency, visible=visible),
    }  # fmt: skip


def _parcel(view: ParcelView) -> dict[str, Any]:
    parcel = view.parcel
    return {
        "id": str(parcel.id), "stage": str(parcel.stage), "stage_at": at_text(parcel.stage_at),
        "knowledge": knowledge_json(view.knowledge), "batch": view.batch, "position": parcel.position,
        "holds": [_hold(hold) for hold in view.holds],
        "waybills": [{"number": w.number, "carrier": w.carrier, "state": str(w.state)} for w in view.waybills],
        "other_order_ids": [str(order_id) for order_id in view.other_order_ids],
        "warehouse": view.warehouse, "is_supplied": view.is_supplied,
        "contradictions": [
            {
                "stage": str(f.stage), "happened_at": at_text(f.happened_at), "as_of": at_text(f.as_of),
                "source": str(f.source), "origin": f.origin,
            }
            for f in view.against
        ],
    }  # fmt: skip


def _hold(hold: Hold) -> dict[str, Any]:
    change_id, stop_id = (hold.cause_id if hold.cause is cause else None for cause in HoldCause)
    return {
        "cause": str(hold.cause), "change_id": id_text(change_id), "stop_id": id_text(stop_id),
        "expires_at": at_text(hold.expires_at), "is_overdue": is_overdue(hold),
    }  # fmt: skip


def _case(case: CaseRow) -> dict[str, Any]:
    return {
        "id": str(case.id), "number": case.number, "kind": str(case.kind), "goal": code_text(case.goal),
        "phase": str(case.phase), "owner": case.owner, "opened_at": at_text(case.opened_at),
    }  # fmt: skip


def _amendment(view: AmendmentView, order: OrderView) -> dict[str, Any]:
    amendment = view.amendment
    return {
        "id": str(amendment.id), "field": str(amendment.field), "line_id": id_text(amendment.line_id),
        "state": str(amendment.state), "made_at": at_text(amendment.made_at),
        **old_and_new(view, order.order.currency, sees_money=order.sees_money),
    }  # fmt: skip


def memo_json(view: MemoView) -> dict[str, Any]:
    memo = view.memo
    return {
        "id": str(memo.id), "text": view.text, "template": memo.template, "flag": str(memo.flag),
        "signed": memo.signed, "made_at": at_text(memo.made_at), "pasted_at": at_text(memo.pasted_at),
    }  # fmt: skip
