"""What the frame of every page shows to this person: navigation with live counts, inbox, stores, who it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, g, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import SQLAlchemyError

from shopdesk.cases import queries as cases
from shopdesk.cases.queries import settling
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.queries.work import count_mine
from shopdesk.desk.views import bp
from shopdesk.notices import queries as notices
from shopdesk.reconciling.queries import payouts
from shopdesk.refunds import queries as refunds
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, here, in_api
from shopdesk.web.locale import label, when

__all__ = ["Place", "here", "places", "there_is"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the navigation; shown where the route exists and the person may go."""

    endpoint: str
    icon: str
    words: Any
    permission: Permission
    counts: str = ""  # "work", "inbox", "cases", "payouts", "refunds" or "invoices"
    inner: tuple[str, ...] = ()  # how the endpoints of the pages behind it begin


#: None is the line "More".  Routes of other features appear when they are there.
PLACES: tuple[Place | None, ...] = (
    Place("desk.look_up", "search", _("Look up"), Permission.ORDER_READ),
    Place("desk.work", "checklist", _("My work"), Permission.ORDER_READ, "work", inner=("desk.hand_over",)),
    Place("desk.changes", "list-check", _("Open changes"), Permission.CHANGE_WATCH, inner=("desk.nudge",)),
    Place("desk.inbox", "inbox", _("Inbox"), Permission.NOTICE_READ, "inbox"),
    Place("cases.cases", "headset", _("Cases"), Permission.CASE_READ, "cases", inner=("cases.",)),
    Place("desk.case_day", "checklist", _("Supervisor"), Permission.CASE_COUNT),
    Place("printing.queue", "printer", _("To print"), Permission.PARCEL_PRINT, inner=("printing.",)),
    Place(
        "changes.print_check",
        "clipboard-check",
        _("Pre-print check"),
        Permission.PRINT_CHECK,
        inner=("changes.check", "changes.make_check", "changes.mark_printed"),
    ),
    Place(
        "changes.dispatch_check",
        "truck-delivery",
        _("Pre-dispatch check"),
        Permission.DISPATCH_CHECK,
        inner=("changes.dispatch", "changes.make_dispatch", "changes.mark_shipped"),
    ),
    Place("warehouse.board", "building-warehouse", _("Warehouse board"), Permission.PARCEL_PACK),
    Place(
        "warehouse.scan",
        "scan",
        _("Pack and ship"),
        Permission.PARCEL_PACK,
        inner=("warehouse.take_scan", "warehouse.parcel"),
    ),
    Place("dock.sign_in", "arrow-back-up", _("Returns sign-in"), Permission.ARRIVAL_SIGN, inner=("dock.take_in",)),
    Place("dock.unpack", "package", _("Unpack and inspect"), Permission.ARRIVAL_READ, inner=("dock.",)),
    Place("finance.payouts", "coin", _("Payouts"), Permission.PAYOUT_CONFIRM, "payouts", inner=("finance.",)),
    Place("refunds.refunds", "receipt-refund", _("Refunds"), Permission.REFUND_READ, "refunds", inner=("refunds.",)),
    Place("invoices.invoices", "file-invoice", _("Invoices to issue"), Permission.INVOICE_DO, "invoices"),
    Place("stops.stops", "hand-stop", _("Stops"), Permission.ORDER_READ, inner=("stops.",)),
    Place(
        "desk.readiness",
        "hourglass",
        _("Out of stock"),
        Permission.ORDER_READY,
        inner=("desk.mark_sku", "desk.lift_sku"),
    ),
    None,
    Place("desk.feeds", "database", _("Data feeds"), Permission.FEED_READ, inner=("imports.",)),
    Place(
        "desk.stand_ins",
        "user-plus",
        _("Stand-ins"),
        Permission.STAND_IN_GIVE,
        inner=("desk.give_stand_in", "desk.end_stand_in"),
    ),
)


@bp.before_app_request
def keep_chosen_store() -> None:
    """The switcher sends `?store=ID`; the choice lasts for this session, empty is all stores."""
    if "store" not in request.args or g.get("actor") is None or request.method != "GET" or in_api():
        return
    wanted = request.args["store"]
    if wanted.isascii() and wanted.isdigit() and int(wanted) in g.actor.roles:
        session["store"] = int(wanted)
    else:
        session.pop("store", None)


def there_is(endpoint: str) -> bool:
    """Whether a page of another feature is installed."""
    return endpoint in current_app.view_functions


@bp.app_context_processor
def frame() -> dict[str, Any]:
    """Names for base.html; an error page goes without figures when the database does not answer."""
    if g.get("actor") is None or g.get("person") is None or request.path.startswith("/api/"):
        return {"there_is": there_is}
    try:
        return {"there_is": there_is, **_figures(here())}
    except SQLAlchemyError:
        return {"there_is": there_is, "nav_items": _places(here(), {})}


def _figures(who: Actor) -> dict[str, Any]:
    counts = {
        "work": count_mine(who) + cases.count_for_me(who),
        "inbox": notices.count_open(who) if _has_inbox(who) else 0,
    }
    counts["cases"] = cases.count_waiting(who)
    counts["invoices"] = settling.count_invoice_tasks(who) if who.has_anywhere(Permission.INVOICE_DO) else 0
    counts["payouts"] = payouts.count_waiting(who) if who.has_anywhere(Permission.PAYOUT_CONFIRM) else 0
    counts["refunds"] = refunds.count_to_approve(who) if who.has_anywhere(Permission.REFUND_APPROVE) else 0
    counts["work"] += counts["refunds"]
    stores = staff.stores_of(actor())
    return {
        "nav_items": _places(who, counts),
        "person": {"name": actor().signature or actor().name, "role": _roles(actor())},
        "inbox_url": url_for("desk.inbox") if _has_inbox(who) else None,
        "inbox_count": counts["inbox"],
        "stores": [(s.id, s.name, s.id == session.get("store")) for s in stores] if len(stores) > 1 else [],
    }


def _has_inbox(who: Actor) -> bool:
    return there_is("desk.inbox") and who.has_anywhere(Permission.NOTICE_READ)


def _places(who: Actor, counts: dict[str, int]) -> list[tuple[str, str, str, int, bool] | None]:
    found: list[tuple[str, str, str, int, bool] | None] = []
    for place in PLACES:
        if place is None:
            found.append(None)
        elif there_is(place.endpoint) and who.has_anywhere(place.permission):
            found.append((place.endpoint, place.icon, str(place.words), counts.get(place.counts, 0), _is_at(place)))
    return found if found[-1] is not None else found[:-1]


def _is_at(place: Place) -> bool:
    """On the place's own page, or on one that was opened from it."""
    at = request.endpoint or ""
    if any(other is not None and other.endpoint == at for other in PLACES):  # it has a line of its own
        return at == place.endpoint
    return at == place.endpoint or at.startswith(place.inner)


def places(who: Actor) -> list[tuple[str, str, str]]:
    """(endpoint, icon, words) of the navigation of this person."""
    return [(place[0], place[1], place[2]) for place in _places(who, {}) if place]


def _roles(who: Actor) -> str:
    held = {role for roles in (*who.roles.values(), who.everywhere) for role in roles}
    words = [label(role) for role in Role if role in held and not _only_stands_in(who, role)]
    return " · ".join([*words, *_standing(who)])


def _only_stands_in(who: Actor, role: Role) -> bool:
    """Whether the person has the role nowhere of their own."""
    return all(who.stands_in(role, store_id) for store_id, roles in who.roles.items() if role in roles)


def _standing(who: Actor) -> list[str]:
    """For which roles the person stands in, each until its last end, in the zone of that store."""
    zones = {store.id: store.zone for store in staff.stores_of(who)} if who.standing else {}
    last: dict[Role, tuple[datetime, str]] = {}
    for store_id, stood in who.standing.items():
        for role, until in stood.items():
            last[role] = max(last.get(role, (until, "")), (until, zones[store_id]))
    return [
        gettext("standing in: %(role)s until %(at)s", role=label(role), at=when(until, zone))
        for role, (until, zone) in last.items()
    ]
