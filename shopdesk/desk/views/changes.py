"""Asking for a change: one page per kind; an address is pasted in one line, looked at as old → new, then sent."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.changes import service
from shopdesk.changes.playbook import PLAYBOOK
from shopdesk.changes.queries.given import given_up
from shopdesk.changes.queries.options import Option
from shopdesk.changes.queries.preview import PLACE, value_now, value_wanted
from shopdesk.changes.service import Confirmation, Wished
from shopdesk.changes.states import ON_LINE, Code, ConfirmChannel, Kind, Others
from shopdesk.core import clock
from shopdesk.core.addresses import FIELDS, ParsedAddress, parse_address
from shopdesk.core.errors import DomainError, RuleViolation
from shopdesk.core.idempotency import fingerprint
from shopdesk.core.masking import mask_phone
from shopdesk.core.permissions import Permission, require
from shopdesk.core.phones import phone_key
from shopdesk.desk.forms import FORMS, AddressForm, WishForm
from shopdesk.desk.queries import OrderView, order_view
from shopdesk.desk.queries.order_view import LineView
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.as_case import as_case, case_choice
from shopdesk.desk.views.joining import check_seen, joining
from shopdesk.desk.views.order import SHOWN_HERE, Answer
from shopdesk.desk.views.order_page import refusal
from shopdesk.desk.views.words import KIND_ICONS, age_of
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import NOT_PACKED
from shopdesk.parcels.states import Stage
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit, with_currency
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import label, left, when

Diff = tuple[str, str]


@bp.route(f"/orders/<{ID}:order_id>/changes/<kind>", methods=["GET", "POST"])
@needs(Permission.CHANGE_ASK)
def change(order_id: int, kind: str) -> Answer:
    wanted = _kind(kind)
    view = order_view(order_id, actor())
    require(actor(), Permission.CHANGE_ASK, view.store.id)
    option = next(o for o in view.options if o.kind is wanted)
    form = with_currency(FORMS[wanted], view.order.currency)()
    line = _line(view, wanted, form)
    old = value_now(order_id, wanted, line.line.id if line else None, actor=actor()) if _can_begin(wanted, line) else {}
    if request.method == "POST":
        return _post(view, wanted, option, form, line, old)
    form.seen_stage.data = str(option.stage or "")
    form.fill(old)
    return _page(view, wanted, option, form, line, old)


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        abort(404)
    return Kind(name)


def _can_begin(kind: Kind, line: LineView | None) -> bool:
    return kind not in ON_LINE or line is not None


def lines_for(view: OrderView, kind: Kind) -> list[LineView]:
    """The lines that a change of this kind may be about."""
    if kind is Kind.CANCEL and not view.order.lines_complete:
        return []
    if kind is Kind.PRICE:
        return view.lines
    given = most_units(view) if kind is Kind.QUANTITY else {}
    there = [found for found in view.lines if found.line.kind not in NOT_PACKED]
    return [found for found in there if found.remaining > 0 or given.get(found.line.id)]


def most_units(view: OrderView) -> dict[int, int]:
    """Line → as many units as may be wished for: what remains, and what an open change of it may give back."""
    most = {found.line.id: found.remaining for found in view.lines}
    if any(c.change.kind is Kind.QUANTITY for c in view.open_changes):
        for (line_id, _parcel_id), units in given_up(view.order.id, view.store.id).items():
            most[line_id] += units
    return most


def _line(view: OrderView, kind: Kind, form: WishForm) -> LineView | None:
    """The line that was chosen, or the only one there is."""
    if kind not in ON_LINE:
        return None
    lines = lines_for(view, kind)
    wanted = form.line_id.data or request.args.get("line") or ""
    chosen = next((found for found in lines if str(found.line.id) == wanted), None)
    if chosen is None and lines and (len(lines) == 1 or not wanted):
        chosen = lines[0]
    form.line_id.data = str(chosen.line.id) if chosen else None
    return chosen


def _post(
    view: OrderView, kind: Kind, option: Option, form: WishForm, line: LineView | None, old: dict[str, Any]
) -> Answer:
    action = request.form.get("action")
    if isinstance(form, AddressForm) and action in {"parse", "preview"}:
        return _previewed(view, option, form, old, is_paste=action == "parse")
    if not form.validate_on_submit():
        return _page(view, kind, option, form, line, old, status=422)
    try:
        if isinstance(form, AddressForm) and not _was_shown(form, old):
            return _page(
                view,
                kind,
                option,
                form,
                line,
                old,
                status=422,
                problem=_("Please look at old → new once more, then send it."),
            )
        answer = submit(form, lambda: _ask(view, kind, form, line))
    except SHOWN_HERE as error:
        return _refused(view.order.id, kind, form, error)
    flash(_("Asked for: %(kind)s.", kind=label(kind)), "success")
    return answer


def _ask(view: OrderView, kind: Kind, form: WishForm, line: LineView | None) -> str:
    check_seen(form, joining(view, kind, line.line.id if line else None, actor()))
    said, at = form.confirmed_text.data, form.confirmed_at.at(view.store.zone) or clock.now()
    yes = Confirmation(said, ConfirmChannel(form.confirmed_via.data), at) if said else None
    seen = form.seen_stage.data
    wished = Wished(
        kind, form.value(), line_id=line.line.id if line else None,
        seen_stage=Stage(seen) if seen in set(Stage) else None, confirmation=yes,
        pulls_back=form.pulls_back.data == "1", others=_others(view, form),
    )  # fmt: skip
    made = service.ask(view.order.id, wished, actor=actor())
    return url_for("desk.order", order_id=view.order.id, _anchor=f"change-{made[0].id}" if made else None)


def _others(view: OrderView, form: WishForm) -> Others | None:
    """Of a merged parcel: what the wish means for the other orders in it; the command refuses one that says nothing."""
    if not isinstance(form, AddressForm) or not any(p.other_order_ids for p in view.parcels):
        return None
    return Others(form.others.data) if form.others.data in set(Others) else None


def _refused(order_id: int, kind: Kind, form: WishForm, error: DomainError) -> Answer:
    """The page again with everything typed, the reason, and what is possible now; the next submit means it anew."""
    view = order_view(order_id, actor())
    option = next(o for o in view.options if o.kind is kind)
    form.seen_stage.data = str(option.stage or "")
    form.command_key.data = new_key()
    line = _line(view, kind, form)
    old = value_now(order_id, kind, line.line.id if line else None, actor=actor()) if _can_begin(kind, line) else {}
    return _page(view, kind, option, form, line, old, status=STATUS[type(error)], problem=message_of(error))


def _previewed(view: OrderView, option: Option, form: AddressForm, old: dict[str, Any], *, is_paste: bool) -> Answer:
    """Old → new of what stands in the fields; a pasted line is taken apart into them first."""
    if not form.validate_on_submit():
        return _page(view, Kind.ADDRESS, option, form, None, old, status=422)
    found = parse_address(form.pasted.data or "") if is_paste else ParsedAddress()
    if is_paste and not any(getattr(found, part) for part in FIELDS):
        form.pasted.errors = [_("Please fill this in.")]
        return _page(view, Kind.ADDRESS, option, form, None, old, status=422)
    if is_paste:
        for part, value in _as_it_stands(found, old).items():
            getattr(form, part).data = value
    return _page(view, Kind.ADDRESS, option, form, None, old, found=found)


def _as_it_stands(found: ParsedAddress, old: dict[str, Any]) -> dict[str, str | None]:
    """The parts that were found; where they say the present place or phone in another writing, as it stands now."""
    parts = {part: getattr(found, part) or None for part in FIELDS}
    now = parse_address(orders.address_text(old, is_clear=True))
    if all("".join(getattr(found, part).split()) == "".join(getattr(now, part).split()) for part in PLACE):
        parts |= {part: old.get(part) for part in PLACE}
    if (key := phone_key(found.phone)) and key == phone_key(old.get("phone")):
        parts["phone"] = old["phone"]
    return parts


def _mark(value: dict[str, Any]) -> str:
    """What stands for a value in the page, so that only what was looked at is sent."""
    return hashlib.sha256(fingerprint(value).encode()).hexdigest()[:16]


def _was_shown(form: AddressForm, old: dict[str, Any]) -> bool:
    return form.shown.data == _mark(value_wanted(Kind.ADDRESS, form.value(), old))


def _what_follows(kind: Kind, option: Option) -> str:
    """What the submit does, by the column of the playbook that it opens."""
    if option.asks_printing_first:
        return _("Holds the parcel and asks printing.")
    codes = [step.code for step in PLAYBOOK.get((kind, option.stage or Stage.UNPRINTED), ())]
    if Code.RECALL_PAPERS in codes:
        return _("Holds the parcel and asks for its papers; the order is amended when the papers are.")
    if Code.RECALL_PARCEL in codes:
        return _("Holds the parcel and has it fetched; the order is amended once it is in hand.")
    return _("Amends the order, writes the red-flag memo and holds the parcel.")


def _page(
    view: OrderView,
    kind: Kind,
    option: Option,
    form: WishForm,
    line: LineView | None,
    old: dict[str, Any],
    *,
    status: int = 200,
    problem: str = "",
    found: ParsedAddress | None = None,
) -> Answer:
    shown = view.shown_parcel
    join = joining(view, kind, line.line.id if line else None, actor())
    form.seen_change.data = str(join.change_id) if join else ""
    until = option.pull_back_until
    form.pulls_back.data = "1" if until else ""
    was_new = _diff(form, old) if isinstance(form, AddressForm) else None
    html = render_template(
        "desk/change.html",
        view=view,
        order=view.order,
        store=view.store,
        kind=kind,
        icon_name=KIND_ICONS[kind],
        form=form,
        line=line,
        what_follows=_what_follows(kind, option),
        most_units=most_units(view)[line.line.id] if line and kind is Kind.QUANTITY else 0,
        lines=lines_for(view, kind) if kind in ON_LINE else [],
        cancellable=lines_for(view, kind) if kind is Kind.CANCEL else [],
        other_orders=_other_orders(view),
        old=old,
        option=option,
        join=join,
        why_not="" if until else refusal(option),
        as_case=None if until else as_case(view, option, form, line),
        or_case=case_choice(view, option) if until else None,
        pull_back=_(
            "Handed over, not collected yet: the warehouse can pull it back until %(at)s (%(left)s).",
            at=when(until, view.store.zone),
            left=left(until),
        )
        if until
        else "",
        possible=[o for o in view.options if o.is_allowed],
        diff_found=was_new,
        drops_zip=was_new is not None and bool(old.get("zip")) and not value_wanted(kind, form.value(), old)["zip"],
        unsure=found.unsure if found else (),
        not_known=found.not_known if found else (),
        problem=problem,
        age=age_of(shown.knowledge if shown else None, view.stage, view.store.zone),
        icons=KIND_ICONS,
    )
    return html, status


def _other_orders(view: OrderView) -> list[Order]:
    """Orders that lie in the same parcels."""
    ids = sorted({order_id for parcel in view.parcels for order_id in parcel.other_order_ids})
    return orders.orders_by_ids(ids, actor()) if ids else []


def _diff(form: AddressForm, old: dict[str, Any]) -> Diff | None:
    """Old → new of the address as it stands in the fields; None while nothing is in them or it is not one yet."""
    form.shown.data = None
    if not any(form.value().values()):
        return None
    try:
        new = value_wanted(Kind.ADDRESS, form.value(), old)
    except RuleViolation as error:
        if request.form.get("action") in {"parse", "preview"}:
            form.street.errors = [message_of(error)]
        return None
    form.shown.data = _mark(new)
    was = {**old, "phone": mask_phone(old.get("phone"))}
    phone = new.get("phone") if form.phone.data else mask_phone(new.get("phone"))
    return orders.address_text(was, is_clear=True), orders.address_text({**new, "phone": phone}, is_clear=True)
