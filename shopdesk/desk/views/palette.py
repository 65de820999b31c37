"""What Ctrl/⌘K offers: orders, what can be done with the one that is meant, and the places of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Permission
from shopdesk.desk import queries
from shopdesk.desk.queries.hits import Hit
from shopdesk.desk.queries.recent import with_my_changes
from shopdesk.desk.views import bp
from shopdesk.desk.views.frame import here, places
from shopdesk.desk.views.words import KIND_ICONS
from shopdesk.web.guard import needs
from shopdesk.web.locale import label

MOST = 6  # orders


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to choose."""

    words: str
    href: str
    icon: str
    sub: str = ""


@bp.get("/palette")
@needs(Permission.ORDER_READ)
def palette() -> str:
    text = request.args.get("q", "").strip()
    found = queries.look_up(text, here(), limit=MOST).order_ids if text else with_my_changes(here(), limit=MOST)
    hits = queries.hits_of(found[:MOST], here())
    orders = (_("Orders") if text else _("My open work"), [_order(hit) for hit in hits])
    actions = (_("Do"), _actions(text, hits))
    groups = [
        *((orders, actions) if text else (actions, orders)),
        (_("Go to"), [entry for entry in _places() if _fits(entry, text)]),
    ]
    if text:
        groups.append((_("Look up"), [Entry(text, url_for("desk.look_up", q=text), "search")]))
    return render_template("desk/palette.html", groups=[(name, entries) for name, entries in groups if entries])


def _order(hit: Hit) -> Entry:
    parts = (hit.recipient, hit.buyer, label(hit.stage), hit.batch)
    return Entry(
        hit.number,
        url_for("desk.order", order_id=hit.order_id),
        "package",
        " · ".join(str(part) for part in parts if part),
    )


def _actions(text: str, hits: list[Hit]) -> list[Entry]:
    """What can be begun: with the one order that was found, else with the one whose page is open."""
    if text and len(hits) == 1:
        return _actions_on(hits[0])
    opened = request.args.get("on", "")
    page = queries.hits_of([int(opened)], here()) if opened.isascii() and opened.isdigit() and len(opened) < 19 else []
    return [entry for hit in page for entry in _actions_on(hit) if _fits(entry, text)]


def _actions_on(hit: Hit) -> list[Entry]:
    about = f"…{hit.number[-4:]}"
    found = []
    if here().may(Permission.CHANGE_ASK, hit.store_id):
        found += [
            Entry(label(kind), url_for("desk.change", order_id=hit.order_id, kind=kind), KIND_ICONS[kind], about)
            for kind in Kind
        ]
    if here().may(Permission.MEMO_WRITE, hit.store_id):
        found.append(Entry(_("Memo"), url_for("desk.order", order_id=hit.order_id, _anchor="memo"), "note", about))
    return found


def _places() -> list[Entry]:
    return [Entry(words, url_for(endpoint), icon) for endpoint, icon, words in places(here())]


def _fits(entry: Entry, text: str) -> bool:
    return text.casefold() in entry.words.casefold()
