"""The board in words.  Times stand beside them as moments: the page's own module counts them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from shopdesk.changes.states import Kind
from shopdesk.core.flags import Flag
from shopdesk.parcels.states import RecallKind, RecallState
from shopdesk.warehouse.queries.board import Card, Stopped, Watched, Why
from shopdesk.web.locale import label

OVER_MINUTES = 10  # to the end: red
SOON_MINUTES = 60  # amber
MOST_MINUTES = 100  # then whole hours: short enough to be read from three metres


@dataclass(frozen=True, slots=True)
class ShownCard:
    parcel_id: int
    mark: str  # a new one sounds
    position: str
    place: str
    what: str
    icon: str
    why: str
    level: str
    left_label: str
    left_text: str
    since: str
    end: str  # "" where nothing ends
    may_be_found: bool
    is_out: bool


def shown_card(card: Card, now: datetime) -> ShownCard:
    end = card.until if card.is_pull_back else card.due_at
    level, left_label, left_text = times(card.since, end, is_asked=card.is_asked, is_out=card.is_out, now=now)
    if card.is_refunded:
        level = "over"
    return ShownCard(
        parcel_id=card.parcel_id,
        mark=f"{card.parcel_id}-{len(card.whys)}-{int(card.is_asked)}{'-r' * card.is_refunded}",
        position=_found_by(card, _("…%(tail)s", tail=card.waybill_tail)),
        place=_place(card),
        what=_what(card),
        icon=_icon(card),
        why="\n".join(_why(why) for why in card.whys),
        level=level,
        left_label=left_label,
        left_text=left_text,
        since=card.since.isoformat(),
        end=end.isoformat() if end and card.is_asked else "",
        may_be_found=card.is_asked,
        is_out=card.is_out,
    )


def times(
    since: datetime, end: datetime | None, *, is_asked: bool, is_out: bool, now: datetime
) -> tuple[str, str, str]:
    """(level, label, text): minutes left where time runs out soon, else how long it has waited."""
    waited = int((now - since).total_seconds() // 60)
    if not is_asked:
        return "far", _("Handed out") if is_out else _("Found"), minutes(waited)
    if end is None:
        return "far", _("Waiting"), minutes(waited)
    seconds = (end - now).total_seconds()
    if seconds < 0:
        return "over", _("Overdue"), f"+{minutes(int(-seconds // 60))}"
    to_go = int(seconds // 60)
    if to_go >= SOON_MINUTES:
        return "far", _("Waiting"), minutes(waited)
    return ("over" if to_go < OVER_MINUTES else "soon"), _("Left"), minutes(to_go)


def minutes(count: int) -> str:
    if count >= MOST_MINUTES:
        return _("%(h)s h", h=count // 60)
    return _("%(m)s min", m=count)


def _place(card: Card) -> str:
    """Where it lies as far as the stage says, and the end of its waybill."""
    where = [label(card.stage)]
    if card.place and card.waybill_tail:
        where.append(_("waybill …%(tail)s", tail=card.waybill_tail))
    return " · ".join(where)


def _found_by(row: Card | Watched, waybill: str) -> str:
    """Batch and position, else the waybill, else the end of the order's number, which stands on every paper."""
    if row.place:
        return row.place
    return waybill if row.waybill_tail else _("order …%(tail)s", tail=row.order_tail)


def _what(card: Card) -> str:
    if card.is_refunded:
        return _("Refunded, not stopped: %(what)s", what=_next(card))
    return _next(card)


def _next(card: Card) -> str:
    if card.is_out:
        return _("Comes back")
    if not card.is_asked:
        return _("Found: hand it out")
    if card.is_pull_back:
        return _("Pull the parcel back")
    return _("Fetch the parcel") if card.what is RecallKind.PARCEL else _("Fetch the papers")


def _icon(card: Card) -> str:
    if card.is_refunded:
        return "alert-octagon"
    if card.is_out or not card.is_asked:
        return "check"
    if card.is_pull_back:
        return "truck-delivery"
    return "package" if card.what is RecallKind.PARCEL else "file-text"


def _why(why: Why) -> str:
    """What for and who of the desk asked; nothing that the customer wrote."""
    words = f"{label(why.kind)} · {why.asked_as}"
    if why.state is RecallState.HANDED_OUT:
        return f"{words} → {why.holder or '—'}"
    return words


@dataclass(frozen=True, slots=True)
class ShownWatch:
    text: str
    why: str
    flag: Flag | None = None
    icon: str = "player-pause"


def shown_watch(row: Watched) -> ShownWatch:
    kinds = " · ".join(label(Kind(kind)) for kind in row.kinds)
    flag = row.flag if row.flag is not Flag.NONE else None
    return ShownWatch(_found_by(row, _("waybill …%(tail)s", tail=row.waybill_tail)), kinds, flag)


def shown_stop(stop: Stopped) -> ShownWatch:
    return ShownWatch(stop.named, _("stop · %(count)s parcels", count=stop.parcels), icon="ban")
