"""Order lines as the page shows them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from shopdesk.desk.queries.order_view import LineView
from shopdesk.orders.states import NO_REFUND, LineKind
from shopdesk.web.locale import label

LINE_ICONS = {LineKind.GIFT: "gift", LineKind.FEE: "coin", LineKind.VIRTUAL: "file-text", LineKind.BUNDLE: "category"}


def line_of(found: LineView) -> dict[str, Any]:
    line = found.line
    return {
        "view": found,
        "title": line.title or gettext("Not known yet: import the detail file"),
        "attributes": [part.strip() for part in (found.attributes or "").split(";") if part.strip()],
        "sku": line.sku,
        "quantity": found.remaining,
        "icon": LINE_ICONS.get(line.kind, "package"),
        "gone": found.remaining == 0,
        "price_minor": _times(found.unit_price_minor, line.quantity),
        "mirrored_price_minor": _times(line.unit_price_minor, line.quantity),
        "share_minor": found.share_minor,
        "notes": _line_notes(found),
    }


def _times(price_minor: int | None, units: int) -> int | None:
    return None if price_minor is None else price_minor * units


def _line_notes(found: LineView) -> list[tuple[str, str]]:
    """(words, tone) of what differs from an ordinary line."""
    line = found.line
    notes = [] if line.kind is LineKind.GOODS else [(label(line.kind), "mute")]
    counts = (
        (line.cancelled, gettext("cancelled %(units)s", units=line.cancelled), "warn"),
        (line.shipped, gettext("shipped %(units)s", units=line.shipped), "mute"),
        (line.in_return, gettext("in return %(units)s", units=line.in_return), "warn"),
        (line.returned, gettext("returned %(units)s", units=line.returned), "mute"),
    )
    notes += [(words, tone) for count, words, tone in counts if count]
    if line.told_quantity is not None and line.told_quantity not in {line.quantity, found.remaining}:
        notes.append((gettext("the platform says ×%(units)s", units=line.told_quantity), "bad"))
    if found.mirrored_attributes:
        notes.append((gettext("on the platform: %(text)s", text=found.mirrored_attributes), "info"))
    if line.incomplete:
        notes.append((gettext("incomplete"), "warn"))
    if line.refund_state and line.refund_state not in NO_REFUND:
        notes.append((line.refund_state, "warn"))
    return notes
