"""What is done with a parcel on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotFound, RuleViolation, Stale
from shopdesk.core.permissions import Permission
from shopdesk.orders.states import KeyKind
from shopdesk.returns import service
from shopdesk.returns.queries import candidates, docks
from shopdesk.warehouse.forms import BoxForm, CaseForGoodsForm, FindingsForm, MatchForm, PutAwayForm
from shopdesk.warehouse.views.dock import ID, bp
from shopdesk.warehouse.views.dock.parcel import may_correct, parcel_orders, show
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.guard import actor, needs
from shopdesk.web.photos import PhotosForm, taken
from shopdesk.web.pictures import picture

Page = tuple[str, int] | Response
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation, Stale)


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/open")
@needs(Permission.ARRIVAL_INSPECT)
def open_parcel(arrival_id: int) -> Page:
    return _done(arrival_id, DeskForm(), lambda: service.open_arrival(arrival_id, actor=actor()))


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/findings")
@needs(Permission.ARRIVAL_INSPECT)
def inspect(arrival_id: int) -> Page:
    form = FindingsForm()

    def act() -> object:
        if form.seen_version.data is not None:
            return service.correct(arrival_id, form.found(), seen_version=form.seen_version.data, actor=actor())
        return service.inspect(arrival_id, form.found(), actor=actor())

    return _done(arrival_id, form, act, said=_("The inspection is written down."))


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/dispositions")
@needs(Permission.ARRIVAL_INSPECT)
def put_away(arrival_id: int) -> Page:
    form = PutAwayForm()
    return _done(arrival_id, form, lambda: service.dispose(arrival_id, [form.decided()], actor=actor()))


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/matches")
@needs(Permission.ARRIVAL_MATCH)
def match(arrival_id: int) -> Page:
    form = MatchForm()
    return _done(
        arrival_id, form, lambda: service.match(arrival_id, form.return_id.data or 0, actor=actor()),
        said=_("Matched."), is_counted_next=True,
    )  # fmt: skip


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/unmatch")
@needs(Permission.ARRIVAL_MATCH)
def unmatch(arrival_id: int) -> Page:
    form = MatchForm()
    return _done(arrival_id, form, lambda: service.unmatch(arrival_id, form.return_id.data or 0, actor=actor()))


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/describe")
@needs(Permission.ARRIVAL_MATCH)
def describe(arrival_id: int) -> Page:
    form = BoxForm()

    def act() -> object:
        return service.describe(
            arrival_id, sender=form.sender.data, phone=form.phone.data, inside=form.inside.data, place=form.place.data,
            actor=actor(),
        )  # fmt: skip

    return _done(arrival_id, form, act)


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/cases")
@needs(Permission.ARRIVAL_MATCH)
def open_case(arrival_id: int) -> Page:
    """No case yet: one click makes it, on the order that a number means."""
    form = CaseForGoodsForm()

    def act() -> object:
        found = candidates.orders_meant(form.number.data or "", actor(), KeyKind.NUMBER, KeyKind.WAYBILL)
        waits = {order.id for order in parcel_orders(docks.load_arrival(arrival_id, actor()))}
        found = sorted(waits & set(found))[:1] or found  # of a parcel of ours all orders are meant
        if len(found) != 1:
            raise RuleViolation("No single order goes by this number.", code="no_such_order")
        return service.open_for_goods(arrival_id, found[0], actor=actor())

    return _done(arrival_id, form, act, said=_("After-sale is told: they confirm the return."))


@bp.get(f"/dock/arrivals/<{ID}:arrival_id>/photos/<{ID}:picture_id>")
@needs(Permission.ARRIVAL_READ)
def photo(arrival_id: int, picture_id: int) -> Response:
    return picture(docks.photo(docks.load_arrival(arrival_id, actor()), picture_id).sha256)


@bp.post(f"/dock/arrivals/<{ID}:arrival_id>/photos")
@needs(Permission.ARRIVAL_INSPECT)
def add_photos(arrival_id: int) -> Page:
    form = PhotosForm()
    arrival = docks.load_arrival(arrival_id, actor(), Permission.ARRIVAL_INSPECT)
    try:
        found = taken(form)
    except RuleViolation as error:
        return show(arrival, status=422, problem=message_of(error))
    return _done(
        arrival_id, form, lambda: service.add_photos(arrival_id, found, actor=actor()), said=_("The photos are kept.")
    )


def _done(
    arrival_id: int, form: DeskForm, act: Callable[[], object], *, said: str = "", is_counted_next: bool = False
) -> Page:
    """Once behind its key, then the parcel again; a refusal shows it with the reason and what was typed.

    `is_counted_next`: what was found in it before is now to be counted for what it was matched with.
    """
    arrival = docks.load_arrival(arrival_id, actor())
    if not form.validate():
        words = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return show(arrival, status=422, problem=words or _("This cannot be done here."), typed=form)

    def run() -> str:
        act()
        is_counted = is_counted_next and may_correct(docks.load_arrival(arrival_id, actor()))
        return url_for("dock.parcel", arrival_id=arrival_id, correct=1 if is_counted else None)

    try:
        answer = submit(form, run)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE) and not (isinstance(error, NotFound) and error.code == "no_such_line"):
            raise
        arrival = docks.load_arrival(arrival_id, actor())
        surplus = cast("list[int]", error.facts["lines"]) if error.code == "surplus" else []
        return show(arrival, status=STATUS[type(error)], problem=message_of(error), typed=form, surplus=surplus)
    if said:
        flash(said, "success")
    return answer
