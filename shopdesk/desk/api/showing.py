"""Rows as the API's plain JSON, built by hand: a schema's dump takes a multiple of the time of the reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from shopdesk.changes.models import RefundApplication, Step
from shopdesk.changes.queries.options import Option
from shopdesk.changes.queries.parts import lines_wished
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.queries import AmendmentView, ChangeView, Hit, WishView
from shopdesk.parcels.models import Recall
from shopdesk.parcels.queries import Knowledge
from shopdesk.web.api import at_text, money


def id_text(value: int | None) -> str | None:
    return None if value is None else str(value)


def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def code_text(value: object | None) -> str | None:
    return None if value is None else str(value)


def masked(actor: Actor) -> Actor:
    """The same actor without clear personal values.

    What a POST answers is kept with its command key; personal values are not kept there.
    """
    limit = frozenset(Permission) if actor.limit is None else actor.limit
    return replace(actor, limit=limit - {Permission.PERSONAL_READ})


def without_money(body: Any) -> Any:
    """The same JSON with its figures of money (every key that ends in `_minor`) null."""
    if isinstance(body, dict):
        return {key: None if key.endswith("_minor") else without_money(part) for key, part in body.items()}
    return [without_money(part) for part in body] if isinstance(body, list) else body


def age(as_of: datetime | None) -> int | None:
    return None if as_of is None else max(0, int((clock.now() - as_of).total_seconds()))


def knowledge_json(known: Knowledge) -> dict[str, Any]:
    return {
        "as_of": at_text(known.as_of), "source": str(known.source), "origin": known.origin,
        "freshness": str(known.freshness), "age_seconds": age(known.as_of),
    }  # fmt: skip


def hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "id": str(hit.order_id), "number": hit.number, "store": hit.store, "platform": str(hit.platform),
        "status": str(hit.status), "readiness": str(hit.readiness), "ready_on": day_text(hit.ready_on),
        "readiness_reason": hit.readiness_reason, "flag": str(hit.flag),
        "buyer": code_text(hit.buyer), "recipient": code_text(hit.recipient), "first_title": hit.first_title,
        "line_count": hit.line_count, "unit_count": hit.unit_count, "placed_at": at_text(hit.placed_at),
        "paid": money(hit.paid_minor, hit.currency), "stage": str(hit.stage), "stage_at": at_text(hit.stage_at),
        "knowledge": knowledge_json(hit.knowledge) if hit.knowledge else None, "batch": hit.batch, "holds": hit.holds,
        "parcel_count": hit.parcel_count,
        "open_changes": [
            {
                "id": str(c.change_id), "kind": str(c.kind), "next_code": code_text(c.next_code),
                "next_role": code_text(c.next_role),
            }
            for c in hit.open_changes
        ],
        "open_cases": [{"id": str(c.case_id), "number": c.number, "kind": str(c.kind)} for c in hit.open_cases],
    }  # fmt: skip


def old_and_new(view: WishView | AmendmentView, currency: str, *, sees_money: bool) -> dict[str, Any]:
    """What was and what shall be: in words, or as money; null is nobody told it, or not for this reader."""
    return {
        "old": view.old or None, "new": view.new or None,
        "old_amount": money(view.old_minor, currency, visible=sees_money),
        "new_amount": money(view.new_minor, currency, visible=sees_money),
    }  # fmt: skip


def wish_json(view: WishView, currency: str, reader: Actor) -> dict[str, Any]:
    wish = view.wish
    return {
        "id": str(wish.id), "line_id": id_text(wish.line_id),
        **old_and_new(view, currency, sees_money=reader.may(Permission.MONEY_READ, wish.store_id)),
        "lines": [
            {"line_id": str(line_id), "units": units} for line_id, units in sorted(lines_wished(wish).items())
        ] if wish.kind is Kind.CANCEL else [],
        "asked_at": at_text(wish.asked_at), "confirmed_at": at_text(wish.confirmed_at),
        "confirmed_via": code_text(wish.confirmed_via),
    }  # fmt: skip


def step_json(step: Step) -> dict[str, Any]:
    return {
        "n": step.position, "code": step.code, "role": str(step.role), "state": str(step.state),
        "ends_hold": step.ends_hold, "after_hold": step.after_hold, "by_message": step.by_message,
        "done_at": at_text(step.done_at), "person_id": id_text(step.person_id), "reminders": step.nudges,
        "reminded_at": at_text(step.nudged_at),
    }  # fmt: skip


def recall_json(recall: Recall | None) -> dict[str, Any] | None:
    if recall is None:
        return None
    return {
        "kind": str(recall.kind), "state": str(recall.state), "requested_at": at_text(recall.requested_at),
        "holder_id": id_text(recall.handed_to_id),
    }  # fmt: skip


def application_json(row: RefundApplication) -> dict[str, Any]:
    return {
        "line_id": id_text(row.line_id), "state": str(row.state), "told": row.told, "due_at": at_text(row.due_at),
        "first_told_at": at_text(row.first_told_at),
    }  # fmt: skip


def change_json(view: ChangeView, currency: str, reader: Actor) -> dict[str, Any]:
    change = view.change
    return {
        "id": str(change.id), "order_id": str(change.order_id), "parcel_id": str(change.parcel_id),
        "kind": str(change.kind), "column": str(change.column), "state": str(change.state),
        "opened_at": at_text(change.opened_at), "ended_at": at_text(change.ended_at),
        "hold_expires_at": at_text(view.hold_expires_at),
        "wishes": [wish_json(w, currency, reader) for w in view.wishes],
        "steps": [step_json(s) for s in view.steps], "next_step": view.next_step.position if view.next_step else None,
        "can_do_next": view.can_do_next, "can_withdraw": view.can_withdraw, "can_end": view.can_end,
        "follower_id": id_text(change.follower_id or change.asked_by_id),
        "version": change.version, "recall": recall_json(view.recall),
        "receivers": [{"id": str(person_id), "name": name} for person_id, name in view.receivers],
        "refundable": money(view.refundable_minor, currency),
        "lines": [{"line_id": str(p.line_id), "units": p.units, "taken": p.taken} for p in view.parts],
        "platform": [application_json(row) for row in view.applications],
    }  # fmt: skip


def option_json(option: Option) -> dict[str, Any]:
    return {
        "kind": str(option.kind), "is_allowed": option.is_allowed, "code": option.code,
        "message": gettext(option.message) if option.message else None, "stage": code_text(option.stage),
        "asks_printing_first": option.asks_printing_first, "open_change_id": id_text(option.open_change_id),
        "pull_back_until": at_text(option.pull_back_until),
    }  # fmt: skip
