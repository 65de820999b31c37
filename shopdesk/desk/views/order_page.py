"""What an order page shows, gathered in plain values for its template."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from shopdesk.changes.models import Change
from shopdesk.changes.queries.money import refunded_minor
from shopdesk.changes.queries.options import Option
from shopdesk.changes.states import CANCELLING, HOLD_EXPIRED, SPECIAL, ApplicationState, Kind, StepState
from shopdesk.core import clock, flags, memo_text
from shopdesk.core.money import plain
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.page import channels
from shopdesk.desk.forms.refunds import invoice_answers, paid_to
from shopdesk.desk.forms.steps import destinations
from shopdesk.desk.forms.supply import supplier_answers, supplier_channels
from shopdesk.desk.queries import OrderView, Past, past_of
from shopdesk.desk.queries.everyday import fast_lane
from shopdesk.desk.queries.hits import Hit
from shopdesk.desk.queries.order_view import AmendmentView, ParcelView
from shopdesk.desk.queries.refund_view import standing_of
from shopdesk.desk.states import RevealReason
from shopdesk.desk.views.as_case import case_choice, may_open_case
from shopdesk.desk.views.change_card import cards, worded
from shopdesk.desk.views.lines import line_of
from shopdesk.desk.views.ready_card import ready_of
from shopdesk.desk.views.words import KIND_ICONS, age_of, due, source_of, timeline, told_line
from shopdesk.orders import queries as orders
from shopdesk.orders.states import AmendmentState, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import StageFact, Stop
from shopdesk.parcels.queries.stops import is_overdue, stops_over
from shopdesk.parcels.states import PATH, STAGE_RANK, FactEffect, HoldCause, Stage
from shopdesk.reconciling.queries import recoveries
from shopdesk.staff import queries as staff
from shopdesk.staff.service.cut_offs import next_cut_off
from shopdesk.web.forms import new_key
from shopdesk.web.locale import label, when


def page(view: OrderView, actor: Actor) -> dict[str, Any]:
    """Names for templates/desk/order.html."""
    zone = view.store.zone
    shown = view.shown_parcel
    past = past_of(view)
    own = [c for c in view.open_changes if (c.change.follower_id or c.change.asked_by_id) == actor.id]
    return {
        "view": view,
        "order": view.order,
        "store": view.store,
        "zone": zone,
        "age": age_of(shown.knowledge if shown else None, view.stage, zone),
        "stages": _stages(view, past, zone),
        "cut_off": _cut_off(view, shown),
        "held": _held(shown, zone),
        "cards": cards(view, past.signatures),
        "source_of": source_of,
        "disagreements": _disagreements(view, actor),
        "stops": _stops(view, actor),
        "refunded_not_stopped": _refunded_not_stopped(view),
        "overpaid_minor": recoveries.open_minor_of(view.order.id, view.store.id) if view.sees_money else 0,
        "may_recover": actor.may(Permission.PAYOUT_CONFIRM, view.store.id),
        "options": _options(view),
        "pull_back_until": min((o.pull_back_until for o in view.options if o.pull_back_until), default=None),
        "cases": view.cases,
        "ready": ready_of(view, actor, past.signatures),
        "supplier_channels": supplier_channels,
        "supplier_answers": supplier_answers,
        "may_open_case": may_open_case(view),
        "fast_lane": fast_lane(view.order, actor),
        "refusals": _refusals(view),
        "to_enter": [_to_enter(a, view, past) for a in view.amendments if _is_to_enter(a)],
        "lines": [line_of(line) for line in view.lines],
        "numbers": _numbers(view, actor),
        "unprinted_others": _others_meant(view),
        "timeline": [*timeline(past.events, past.facts, past.signatures, zone), told_line(view.order, zone)],
        "may_write": actor.may(Permission.MEMO_WRITE, view.store.id),
        "may_ask": actor.may(Permission.CHANGE_ASK, view.store.id),
        "may_reveal": actor.may(Permission.PERSONAL_REVEAL, view.store.id),
        "reasons": [] if own else [(str(reason), label(reason)) for reason in RevealReason],
        "flags": flags.offered(str(view.store.platform)),
        "memo_ending": _memo_ending(view, actor),
        "memo_tail": _tail(view, actor),
        "unpasted": sum(1 for memo in view.memos if memo.memo.pasted_at is None),
        "may_answer": actor.may(Permission.NOTICE_ANSWER, view.store.id)
        and actor.acts_as(Role.PRINTING, view.store.id),
        "refunded_minor": refunded_minor(step for found in view.changes for step in found.steps),
        **_personal(view),
        "ended_why": _ended_why,
        "channels": channels,
        "destinations": destinations,
        "paid_to": paid_to,
        "invoice_answers": invoice_answers,
        "may_refund": actor.may(Permission.REFUND_ASK, view.store.id),
        "there": standing_of(view.order.id, view.store.id) if actor.may(Permission.REFUND_READ, view.store.id) else [],
        "plain_money": plain,
        "due": due,
        "new_key": new_key,
        "age_of": age_of,
    }


def _personal(view: OrderView) -> dict[str, Any]:
    """Texts of the customer, clear for who may see them on the open order (domain.md §1)."""
    order = view.order
    kept = {
        "buyer_nick": order.buyer_nick,
        "buyer_message": order.buyer_message,
        "invoice_title": order.invoice_title,
        "foreign_memo": order.platform_memo,
    }
    why = "shown on the open order"
    shown = {k: (v.reveal(why) if view.sees_personal else str(v)) if v else None for k, v in kept.items()}
    ours = {str(a.amendment.field): a.new for a in view.amendments if a.amendment.field in SPECIAL}
    return {**shown, "effective": ours}


def _ended_why(change: Change) -> str:
    why = change.ended_why.reveal("shown with the change") if change.ended_why else ""
    return gettext("the hold had expired") if why == HOLD_EXPIRED else why


def _stages(view: OrderView, past: Past, zone: str) -> list[tuple[Stage, str | None]]:
    """Each stage with when it was reached, as far as anybody said so."""
    order, shown = view.order, view.shown_parcel
    moved: dict[Stage, StageFact] = {}
    for fact in past.facts:
        if fact.effect is FactEffect.MOVED and shown and fact.parcel_id == shown.parcel.id:
            moved = {stage: former for stage, former in moved.items() if _is_before(stage, fact.stage)}
            moved[fact.stage] = fact
    times: dict[Stage, str | None] = {
        stage: when(fact.happened_at, zone) if fact.happened_at else None for stage, fact in moved.items()
    }
    if order.paid_at:
        times[Stage.UNPRINTED] = gettext("paid %(at)s", at=when(order.paid_at, zone))
    elif order.status is OrderStatus.UNPAID:
        times[Stage.UNPRINTED] = label(order.status)
    return [(stage, times.get(stage)) for stage in PATH]


def _is_before(stage: Stage, other: Stage) -> bool:
    """What it was put back from, or pulled back from, was not reached after all; what was voided had got that far."""
    return other not in STAGE_RANK or stage not in STAGE_RANK or STAGE_RANK[stage] < STAGE_RANK[other]


def _held(shown: ParcelView | None, zone: str) -> tuple[str, str]:
    """Until when the first hold of the parcel lasts: (words, level).  Overdue is what is kept beyond it."""
    if shown is None or not shown.holds:
        return "", "far"
    hold = shown.holds[0]
    words, level = due(hold.expires_at)
    if level == "over" and not is_overdue(hold):  # what happens when its time is over is about to
        return gettext("held until %(at)s", at=when(hold.expires_at, zone)), "soon"
    return gettext("held until %(at)s · %(left)s", at=when(hold.expires_at, zone), left=words), level


def _cut_off(view: OrderView, shown: ParcelView | None) -> tuple[str, str]:
    """The next cut-off of an unprinted parcel that nothing holds: (words, level)."""
    if shown is None or shown.holds or shown.parcel.stage is not Stage.UNPRINTED:
        return "", "far"
    times = staff.warehouse(shown.parcel.warehouse_id).cut_offs
    at = next_cut_off(clock.now(), times, view.store.zone)
    words, level = due(at)
    return gettext("cut-off %(at)s · %(left)s", at=when(at, view.store.zone), left=words), level


def _disagreements(view: OrderView, actor: Actor) -> list[dict[str, Any]]:
    """Parcels of whose stage two sources say different things: both, with who may decide it."""
    zone = view.store.zone
    may = actor.may(Permission.PRINT_CHECK, view.store.id)
    found = []
    for one in (one for one in view.standing if one.against):
        said = [
            (source_of(f.source, f.origin), label(f.stage), when(f.happened_at or f.as_of, zone)) for f in one.against
        ]
        at = one.parcel.stage_at or one.knowledge.as_of
        shown = (
            source_of(one.parcel.stage_source, one.parcel.stage_origin), label(one.parcel.stage),
            when(at, zone) if at else "—",
        )  # fmt: skip
        words = gettext("; ").join(
            gettext("%(who)s: %(stage)s, %(at)s", who=who, stage=stage, at=at) for who, stage, at in (shown, *said)
        )
        chosen = parcels.stage_choices(one.parcel, one.against) if may else []
        found.append({"words": words, "parcel_id": one.parcel.id, "stage": one.parcel.stage, "choices": chosen})
    return found


def _stops(view: OrderView, actor: Actor) -> list[Stop]:
    """The stops that hold a parcel of the order, each once."""
    held = [p.parcel.id for p in view.parcels if any(hold.cause is HoldCause.STOP for hold in p.holds)]
    over = stops_over(held, actor) if held else {}
    return list({stop.id: stop for stops in over.values() for stop in stops}.values())


def _refunded_not_stopped(view: OrderView) -> int | None:
    """The open cancel change of what the platform has refunded already."""
    told = [c for c in view.open_changes if any(a.state is ApplicationState.REFUNDED for a in c.applications)]
    still = [c for c in told if not any(s.code in CANCELLING and s.state is StepState.DONE for s in c.steps)]
    return still[0].change.id if still else None


def _options(view: OrderView) -> list[dict[str, Any]]:
    return [_option(option, view) for option in view.options]


def _option(option: Option, view: OrderView) -> dict[str, Any]:
    """What can still be pulled back is asked for like a change; the page of the wish offers the case too."""
    back = option.pull_back_until is not None
    return {
        "kind": option.kind, "words": label(option.kind), "icon": KIND_ICONS[option.kind],
        "why": "" if back else refusal(option), "is_open": option.open_change_id is not None,
        "case": None if back else case_choice(view, option),
    }  # fmt: skip


def refusal(option: Option) -> str:
    """Why a change is not possible, in the person's language; empty when it is."""
    return "" if option.is_allowed else gettext(str(option.message))


def _refusals(view: OrderView) -> list[tuple[str, str]]:
    """(why, the kinds it is about) of what is refused, for those who would otherwise ask."""
    found: dict[str, list[Kind]] = {}
    for option in view.options:
        if not option.is_allowed and option.pull_back_until is None and case_choice(view, option) is None:
            found.setdefault(refusal(option), []).append(option.kind)
    every = len(view.options)
    return [
        (why, "" if len(kinds) == every else gettext(", ").join(label(k) for k in kinds))
        for why, kinds in found.items()
    ]


def _is_to_enter(amendment: AmendmentView) -> bool:
    return amendment.amendment.state in {AmendmentState.TO_DO, AmendmentState.CONTRADICTED}


def _to_enter(found: AmendmentView, view: OrderView, past: Past) -> dict[str, Any]:
    amendment = found.amendment
    line = next((ln.line for ln in view.lines if ln.line.id == amendment.line_id), None)
    told, field = amendment.third, amendment.field
    third = orders.worded(field, told, is_clear=view.sees_personal) if told else ""
    name = label(Kind(field))
    return {
        "id": amendment.id,
        "name": f"{name} · {line.title or line.sku}" if line and (line.title or line.sku) else name,
        "old": worded(field, found.old, found.old_minor, view),
        "new": worded(field, found.new, found.new_minor, view),
        "third": worded(field, third, orders.minor_in(field, told), view) if told else "",
        "is_contradicted": amendment.state is AmendmentState.CONTRADICTED,
        "made_at": amendment.made_at,
        "made_by": past.signatures.get(amendment.made_by_id or 0, ""),
    }


def _numbers(view: OrderView, actor: Actor) -> dict[int, str]:
    """Numbers of the orders that a parcel is merged with."""
    ids = sorted({order_id for parcel in view.parcels for order_id in parcel.other_order_ids})
    return {order.id: order.number for order in orders.orders_by_ids(ids, actor)} if ids else {}


def _others_meant(view: OrderView) -> list[Hit]:
    """Without those in the same parcel, which are named there; what goes for all of them is said with the change."""
    beside = {order_id for parcel in view.parcels for order_id in parcel.other_order_ids}
    return [hit for hit in view.others if hit.order_id not in beside and _may_be_meant(hit)]


def _may_be_meant(hit: Hit) -> bool:
    return hit.stage is Stage.UNPRINTED and hit.status is not OrderStatus.CLOSED


def _tail(view: OrderView, actor: Actor) -> str:
    return memo_text.sign("", clock.now().astimezone(ZoneInfo(view.store.zone)).date(), actor.signature)


def _memo_ending(view: OrderView, actor: Actor) -> int:
    """What the date and name behind a further line take."""
    return memo_text.measure(f"\n{_tail(view, actor)}", str(view.store.platform)).used
