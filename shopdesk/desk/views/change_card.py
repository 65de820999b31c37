"""A change as its card shows it: old and new, the one next step, every step with its owner, the phrase to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _

from shopdesk.changes.models import Change, Handover, RefundApplication, Step
from shopdesk.changes.queries.papers import expected_units
from shopdesk.changes.states import (
    DONE_BY_PEOPLE,
    ON_LINE,
    ONLY_UNPAID,
    ApplicationState,
    ChangeState,
    Code,
    Destination,
    Kind,
    StepState,
)
from shopdesk.core import masking
from shopdesk.core.addresses import place_line
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import unpack
from shopdesk.desk.queries import OrderView
from shopdesk.desk.queries.change_view import ChangeView, WishView
from shopdesk.desk.queries.supplier_view import asked_of
from shopdesk.desk.service import message_text
from shopdesk.desk.views.words import BUTTONS, KIND_ICONS, TO_DO, due, waited
from shopdesk.notices.models import Notice, NoticeState
from shopdesk.parcels.states import OnExpiry, Stage
from shopdesk.staff import queries as staff
from shopdesk.web.locale import label, money_text, when


@dataclass(frozen=True, slots=True)
class Card:
    view: ChangeView
    title: str
    icon: str
    place: str  # 3 / 5 · your turn
    heading: str
    is_mine: bool
    is_waiting: bool  # a step is left
    diffs: list[tuple[str, str, str]]  # (what, old, new)
    parts: list[str]  # a cancel of lines: which, and how many units
    platform: list[tuple[str, str, str]]  # (what the platform says of it, until when, tone)
    phrase: str | None
    button: str  # of the next step
    papers_text: str  # where papers or parcel are
    steps: list[dict[str, Any]]
    hold_text: str
    hold_level: str
    waited: str
    counts: list[tuple[int, str]]  # (line, article) to be counted when the goods are booked in
    reminders: list[tuple[str, str, bool]]  # (when, who → whom, what came of it), answered or not
    hands: list[tuple[str, str, str]]  # (when, from → to, why)
    nudge_step: int | None  # position of the step that this person may remind of
    may_assign: bool
    may_take: bool  # the refund task, which nobody has
    may_pull_back: bool  # and says what came of it with the parcel
    supplier_text: str  # of a step at a supplier's, masked
    supplier_waiting: bool  # the message was sent, the answer is not there
    supplier_log: list[str]  # what was sent and answered for that step


def cards(view: OrderView, names: dict[int, str]) -> list[Card]:
    """Changes with a step left first, one's own turn before the others'; then those that are over."""
    found = [card(change, view, names) for change in view.changes]
    return sorted(found, key=lambda c: (not c.is_waiting, not c.is_mine, -c.view.change.id))


def card(change: ChangeView, view: OrderView, names: dict[int, str]) -> Card:
    step = change.next_step if _goes_on(change) else None
    _words, level = due(change.hold_expires_at)
    can_do = change.can_do_next and step is not None
    return Card(
        view=change,
        title=gettext("Cancel lines") if change.parts else label(change.change.kind),
        icon=KIND_ICONS[change.change.kind],
        place=_place(change, step, view.actor, names),
        heading=_heading(step, can_do=can_do),
        is_mine=can_do,
        is_waiting=step is not None,
        diffs=[diff(wish, view) for wish in change.wishes],
        parts=[part.words for part in change.parts],
        platform=[_platform(row, view.store.zone) for row in change.applications],
        phrase=_phrase(change, view) if step is not None and step.code == Code.CONFIRM else None,
        button=str(BUTTONS.get(Code(step.code), gettext("Done"))) if step else "",
        papers_text=_papers(change),
        steps=_steps(change, step, view, names),
        hold_text=_hold(change, view.store.zone),
        hold_level=level,
        waited=waited(_last(change)) if step else "",
        counts=_counts(change, view) if can_do and step is not None and step.code == Code.BOOK_IN else [],
        reminders=[_reminder(notice, view, names) for notice in change.nudges],
        hands=[_hand(given, view, names) for given in change.handovers],
        nudge_step=step.position if step is not None and _may_nudge(change, step, view.actor) else None,
        may_assign=step is not None and _may_assign(change, step, view.actor),
        may_take=step is not None and _may_take(step, view.actor),
        may_pull_back=step is not None and _may_pull_back(step, view.actor),
        supplier_text=_supplier_text(step, view.actor) if step is not None and step.by_message and can_do else "",
        supplier_waiting=step is not None and any(m.step_id == step.id and not m.answered_at for m in change.messages),
        supplier_log=_supplier_log(change, step, view, names) if step is not None and step.by_message else [],
    )


def _counts(change: ChangeView, view: OrderView) -> list[tuple[int, str]]:
    names = {found.line.id: found.line.title or found.line.sku or "" for found in view.lines}
    return [(line_id, names.get(line_id, "")) for line_id in expected_units(change.change)]


def _counted(found: dict[str, Any], view: OrderView) -> str:
    """What was booked in, and where it differs from the document."""
    if not found["differs"]:
        return gettext("counted: as on the document")
    names = {shown.line.id: shown.line.title or shown.line.sku or "" for shown in view.lines}
    parts = [
        gettext("%(article)s: %(expected)s on the document, %(counted)s counted", article=names.get(line_id, ""),
                expected=expected, counted=counted)
        for line_id, expected, counted in found["counted"]
        if expected != counted
    ]  # fmt: skip
    return gettext("differs: %(what)s", what="; ".join(parts))


def _reminder(notice: Notice, view: OrderView, names: dict[int, str]) -> tuple[str, str, bool]:
    sent = when(notice.made_at, view.store.zone)
    whom = names.get(notice.person_id or 0) or label(notice.role)
    words = f"{names.get(notice.made_by_id or 0, '')} → {whom}"
    if notice.state is NoticeState.ACKNOWLEDGED:
        who = names.get(notice.answered_by_id or 0, gettext("The desk"))
        said = gettext("%(who)s answered %(at)s", who=who, at=when(notice.answered_at, view.store.zone))
        return sent, f"{words} · {said}", True
    if notice.state is NoticeState.OPEN:
        return sent, " · ".join((words, gettext("not answered yet"))), False
    return sent, " · ".join((words, gettext("no longer needed"))), True


def _may_pull_back(step: Step, actor: Actor) -> bool:
    packs = actor.may(Permission.PARCEL_PACK, step.store_id) and actor.acts_as(step.role, step.store_id)
    return step.code == Code.PULL_BACK and packs


def _hand(given: Handover, view: OrderView, names: dict[int, str]) -> tuple[str, str, str]:
    words = f"{names.get(given.from_id or 0, '—')} → {names.get(given.to_id, '—')} ({label(given.role)})"
    return when(given.given_at, view.store.zone), words, given.reason.reveal("shown with the change")


def named_of(change: Change, step: Step) -> int | None:
    """Who has a step by name, unless it is still with who asked."""
    return step.person_id or (change.follower_id if step.role is Role.PRE_SALE else None)


def _may_nudge(change: ChangeView, step: Step, actor: Actor) -> bool:
    named = step.person_id or (change.change.follower_id or change.change.asked_by_id)
    is_own = named == actor.id and (step.person_id is not None or step.role is Role.PRE_SALE)
    roles = actor.roles.get(step.store_id, frozenset())
    alone = step.person_id is None and step.role is not Role.PRE_SALE and step.role in roles
    return actor.may(Permission.CHANGE_NUDGE, step.store_id) and not is_own and not alone


def _may_assign(change: ChangeView, step: Step, actor: Actor) -> bool:
    if not actor.may(Permission.CHANGE_ASSIGN, step.store_id):
        return False
    has = {change.change.asked_by_id, change.change.follower_id} | {s.person_id for s in change.steps}
    return actor.acts_as(Role.SUPERVISOR, step.store_id) or actor.id in has


def _may_take(step: Step, actor: Actor) -> bool:
    is_free = step.role is Role.AFTER_SALE and step.person_id is None
    return is_free and Role.AFTER_SALE in actor.roles.get(step.store_id, frozenset())


#: What the platform's word asks of the reader, with the tone.
PLATFORM_SAYS = {
    ApplicationState.APPLIED: (_("Refund applied for on the platform"), "warn"),
    ApplicationState.WITHDRAWN: (_("The platform closed the application: withdraw this if the order is to go"), "info"),
    ApplicationState.REFUNDED: (_("The platform has refunded this"), "bad"),
}


def _platform(row: RefundApplication, zone: str) -> tuple[str, str, str]:
    """The platform's word and its clock, beside our own."""
    words, tone = PLATFORM_SAYS[row.state]
    said = " · ".join(part for part in (str(words), row.told) if part)
    if row.due_at is None or row.state is not ApplicationState.APPLIED:
        return said, "", tone
    return said, gettext("platform's clock: %(at)s, %(left)s", at=when(row.due_at, zone), left=due(row.due_at)[0]), tone


def _supplier_text(step: Step, actor: Actor) -> str:
    return message_text(asked_of(step.change_id, step.position, actor), is_clear=False)


def _supplier_log(change: ChangeView, step: Step, view: OrderView, names: dict[int, str]) -> list[str]:
    found, zone = [], view.store.zone
    for message in change.messages:
        if message.step_id != step.id:
            continue
        who, via = names.get(message.sent_by_id or 0, ""), label(message.sent_via)
        found.append(gettext("Sent %(at)s by %(who)s: %(via)s", at=when(message.sent_at, zone), who=who, via=via))
        if message.answered_at:
            words = message.words.reveal("shown with the step") if message.words and view.sees_personal else ""
            said = " · ".join(part for part in (label(message.answer), words) if part)
            found.append(gettext("Answered %(at)s: %(said)s", at=when(message.said_at, zone), said=said))
    return found


def _goes_on(change: ChangeView) -> bool:
    step = change.next_step
    alive = change.change.state in {ChangeState.OPEN, ChangeState.WITHDRAWN}  # of a withdrawn one papers may be out
    return step is not None and (alive or step.after_hold)


def _turn(change: ChangeView, step: Step, names: dict[int, str]) -> str:
    who = names.get(named_of(change.change, step) or 0)
    return f"{label(step.role)} {who}" if who else label(step.role)


def _place(change: ChangeView, step: Step | None, actor: Actor, names: dict[int, str]) -> str:
    if step is None:
        return label(change.change.state)
    at = gettext("step %(at)s of %(all)s", at=change.steps.index(step) + 1, all=len(change.steps))
    if step.role is Role.SYSTEM:
        return at
    if change.can_do_next or _may_pull_back(step, actor):
        return " · ".join((at, gettext("your turn")))
    return " · ".join((at, gettext("waiting for %(role)s", role=_turn(change, step, names))))


def _heading(step: Step | None, *, can_do: bool) -> str:
    if step is None:
        return ""
    code = Code(step.code)
    if step.by_message:
        return gettext("Ask the supplier: %(what)s", what=label(code))
    return str(TO_DO[code]) if code in TO_DO and (can_do or code not in DONE_BY_PEOPLE) else label(code)


def diff(wish: WishView, view: OrderView) -> tuple[str, str, str]:
    """(what it is about, old, new) of a wish; amounts only for those who see money."""
    kind = wish.wish.kind
    line = next((ln.line for ln in view.lines if ln.line.id == wish.wish.line_id), None)
    what = (line.title or line.sku or "") if line and kind in ON_LINE else ""
    return what, worded(kind, wish.old, wish.old_minor, view), worded(kind, wish.new, wish.new_minor, view)


def worded(kind: Kind | str, text: str, amount_minor: int | None, view: OrderView) -> str:
    """What stands for a value on the page: an amount as money, and only for who sees money."""
    if kind not in ONLY_UNPAID:
        return text
    return money_text(amount_minor if view.sees_money else None, view.order.currency)


def _papers(change: ChangeView) -> str:
    """Where what is recalled is."""
    if change.recall is None:
        return ""
    what = label(change.recall.kind)
    if change.holder is None:
        return gettext("%(what)s asked back", what=what)
    return gettext("%(what)s with %(name)s", what=what, name=change.holder)


def _hold(change: ChangeView, zone: str) -> str:
    """Until when it holds its parcel, and what happens then or happened already."""
    if change.hold_expires_at is None:
        return ""
    at = when(change.hold_expires_at, zone)
    if change.is_hold_overdue:
        return gettext("Hold overdue since %(at)s, kept", at=at)
    if change.has_expired:
        return gettext("The hold ran out at %(at)s: it ships as changed once printing has noted it", at=at)
    words = {
        OnExpiry.KEEP: gettext("On hold until %(at)s, then kept", at=at),
        OnExpiry.SHIP_AS_CHANGED: gettext("On hold until %(at)s, then it ships as changed", at=at),
        OnExpiry.SHIP_AS_ORDERED: gettext("On hold until %(at)s, then it ships as ordered", at=at),
    }
    return words[change.on_expiry or OnExpiry.KEEP]


def _last(change: ChangeView) -> datetime:
    done = [step.done_at for step in change.steps if step.done_at]
    return max(done, default=change.change.opened_at)


def _steps(change: ChangeView, following: Step | None, view: OrderView, names: dict[int, str]) -> list[dict[str, Any]]:
    return [_step(step, change, following, view, names) for step in change.steps]


def _step(
    step: Step, change: ChangeView, following: Step | None, view: OrderView, names: dict[int, str]
) -> dict[str, Any]:
    is_done = step.state is StepState.DONE
    code = Code(step.code)
    return {
        "state": "done" if is_done else "next" if step is following else "open",
        "code": code,
        "position": step.position,
        "title": label(code),
        "owner": _owner(step, change, view, names),
        "time": when(step.done_at, view.store.zone) if step.done_at else "",
        "evidence": _evidence(step, change, view, names) if is_done else "",
        "form": not is_done
        and code is Code.CONFIRM
        and step is not following
        and _may_confirm_early(change, view.actor),
    }


def _may_confirm_early(change: ChangeView, actor: Actor) -> bool:
    """While printing is still asked, the customer's yes may be noted already."""
    store_id = change.change.store_id
    may = actor.may(Permission.STEP_DO, store_id) and actor.acts_as(Role.PRE_SALE, store_id)
    is_asked = change.change.column is Stage.UNPRINTED and not change.change.is_applied
    return is_asked and change.change.state is ChangeState.OPEN and may


def _owner(step: Step, change: ChangeView, view: OrderView, names: dict[int, str]) -> str:
    if step.state is StepState.DONE:
        return names.get(step.done_by_id or 0) or gettext("The desk")
    named = named_of(change.change, step)
    if named is not None:
        return gettext("you") if named == view.actor.id else names.get(named, label(step.role))
    is_mine = step.role in view.actor.roles.get(view.store.id, frozenset())
    return gettext("you") if is_mine and step.role is not Role.SYSTEM else label(step.role)


def _evidence(step: Step, change: ChangeView, view: OrderView, names: dict[int, str]) -> str:
    found = step.evidence or {}
    if step.code == Code.CONFIRM:
        said = [(w.wish.confirmed_text, w.wish.confirmed_via) for w in change.wishes if w.wish.confirmed_text]
        text, via = said[-1] if said else (None, None)
        if text is None:
            return ""
        words = text.reveal("shown with the step") if view.sees_personal else str(text)
        return f"{label(via)}: {words}"
    if step.code == Code.REFUND and view.sees_money and "amount_minor" in found:
        return _refunded(found, view.order.currency)
    if step.code == Code.REPRINT and found.get("waybill"):
        return gettext("new waybill %(number)s, version %(version)s", number=found["waybill"], version=found["version"])
    if step.code == Code.BOOK_IN and "differs" in found:
        return _counted(found, view)
    if found.get("to"):
        return names.get(found["to"]) or staff.signatures({found["to"]}).get(found["to"], "")
    return gettext("%(grams)s g", grams=found["grams"]) if found.get("grams") else ""


def _refunded(found: dict[str, Any], currency: str) -> str:
    where = Destination(found["destination"]) if found.get("destination") in set(Destination) else None
    parts = [money_text(found["amount_minor"], currency), label(where) if where else "", found.get("reference")]
    return " · ".join(part for part in parts if part)


def _phrase(change: ChangeView, view: OrderView) -> str | None:
    """What to send to the customer, in the store's language; only for who may see what it says."""
    if not view.sees_personal or not change.wishes:
        return None
    with force_locale("zh_Hans_CN" if view.store.memo_language == "zh" else "en"):
        if change.change.kind is Kind.ADDRESS:
            return _address_phrase(change.wishes[-1])
        said = "; ".join(_said(wish, view) for wish in change.wishes)
        return gettext("Let me read it back: %(said)s. Is that right? Answer “yes” and we go on at once.", said=said)


def _address_phrase(wish: WishView) -> str:
    new = unpack(wish.wish.new, "to read it back to the customer")
    place = place_line(*(new.get(part) for part in ("province", "city", "district", "street")))
    tail = masking.mask_phone(new.get("phone"))[-4:]
    if tail.isdigit():
        return gettext(
            "Let me read it back: recipient %(name)s, address %(place)s, phone ending in %(tail)s. Is that right? "
            "Answer “yes” and we go on at once.",
            name=new.get("name") or "", place=place, tail=tail,
        )  # fmt: skip
    return gettext(
        "Let me read it back: recipient %(name)s, address %(place)s. Is that right? Answer “yes” and we go on at once.",
        name=new.get("name") or "",
        place=place,
    )


def _said(wish: WishView, view: OrderView) -> str:
    what, old, new = diff(wish, view)
    name = " ".join(part for part in (label(wish.wish.kind), what) if part)
    return gettext("%(name)s, from %(old)s to %(new)s", name=name, old=old, new=new) if old else f"{name}: {new}"
