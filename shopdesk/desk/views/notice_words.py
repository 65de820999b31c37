"""What a notice says, in words."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from shopdesk.changes.service.answering import ASKING
from shopdesk.changes.states import Code
from shopdesk.desk.queries.inbox import Inbox, InboxRow
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels.states import Source, Stage
from shopdesk.web.locale import label, money_text

TONES = {
    NoticeKind.CHANGE: "warn",
    NoticeKind.STAGE: "info",
    NoticeKind.RECALL: "bad",
    NoticeKind.VOID: "bad",
    NoticeKind.MEMO: "info",
    NoticeKind.ALARM: "bad",
    NoticeKind.TOO_LATE: "bad",
    NoticeKind.CONTRADICTION: "warn",
    NoticeKind.NUDGE: "warn",
}
ICONS = {
    NoticeKind.CHANGE: "replace",
    NoticeKind.STAGE: "help",
    NoticeKind.RECALL: "arrow-back-up",
    NoticeKind.VOID: "ban",
    NoticeKind.MEMO: "note",
    NoticeKind.ALARM: "alert-octagon",
    NoticeKind.TOO_LATE: "alert-triangle",
    NoticeKind.CONTRADICTION: "arrows-exchange",
    NoticeKind.NUDGE: "bell-ringing",
}
#: What the dock tells is news, no alarm.
GOODS = {
    "goods_inspected": ("info", "clipboard-check"),
    "goods_unexpected": ("warn", "package"),
    "inspection_corrected": ("warn", "pencil"),
    "goods_without_return": ("warn", "package"),
    "parcel_came_back": ("warn", "arrow-back-up"),
}
#: What has to be done, by kind.
SAYS = {
    NoticeKind.CHANGE: _("The customer has confirmed: print it with the new value."),
    NoticeKind.STAGE: _("How far this order is, is not known well enough. Is it printed already?"),
    NoticeKind.VOID: _("The customer cancels: void the parcel, or say how far it is."),
    NoticeKind.MEMO: _("A new memo to observe when printing."),
    NoticeKind.TOO_LATE: _("The parcel left before this was carried out: the wish is now for after-sale."),
}
TAKE_OUT = _("The customer cancels part of what is in the parcel: take it out, the rest goes on. Or say how far it is.")
#: The same for alarms and contradictions, by the code they carry.
CODES = {
    "recall_papers": _("Fetch the papers back and hand them out: %(place)s."),
    "recall_parcel": _("Fetch the parcel back and hand it out: %(place)s."),
    "pull_back": _("Handed over, not collected yet: pull the parcel back, or say that it is too late: %(place)s."),
    "not_pulled_back": _("It could not be pulled back: the wish goes on as a case."),
    "overtaken": _("Reported as %(stage)s while a change was open: the papers may carry the old data."),
    "left_while_held": _("Left as %(stage)s although a change held it: it carries the old data."),
    "voided_parcel_shipped": _("A voided parcel was reported as %(stage)s. Find it and stop it."),
    "empty_parcel_moved": _("Reported as %(stage)s although nothing was left to send. Please check the parcel."),
    "moved_while_stopped": _("Reported as %(stage)s although a stop held it. Find the parcel and stop it."),
    "refunded_not_stopped": _("The platform has refunded this and it is not stopped. Find the parcel and stop it."),
    "hold_overdue": _("The hold has run out, and the change is still open: ask the customer again, or withdraw it."),
    "withdrawn_by_expiry": _(
        "The hold ran out before the customer confirmed: the change was taken back, and the order goes out as it was. "
        "Tell the customer, or ask for the change anew."
    ),
    "stop_overdue": _("A stop has run out and still holds its parcels: end it, or make a new one."),
    "void_reported": _("Reported as voided, but it stands here as %(stage)s. Please check the parcel."),
    "stage_contradicted": _("Reported as %(told)s, but our own hands have it as %(stage)s. Please check the parcel."),
    "goods_inspected": _("Returned goods were inspected: look at what was found, and decide."),
    "goods_unexpected": _("More came back than was awaited, or other goods: look at it, and decide."),
    "inspection_corrected": _("The inspection of returned goods was corrected: look at it again."),
    "parcel_came_back": _("The parcel was not delivered and lies in the warehouse: ask the customer what to do."),
    "goods_without_return": _("Goods came back without a return: ask the customer, then confirm the return."),
    "sources_disagree": _(
        "Reported as %(told)s; another source has it as %(stage)s. Scan the parcel, or look and say."
    ),
    "shipped_but_here": _("Reported as %(told)s, and it was scanned at the packing table. Please check that source."),
    "third_value": _("The platform now says something that is neither the old value nor ours. Which one holds?"),
}


def heading(row: InboxRow) -> str:
    """What happened or what to do, in one sentence."""
    body = row.notice.body
    if row.refund_id is not None:
        return _to_approve(row)
    if row.notice.kind is NoticeKind.NUDGE:
        return _reminder(row)
    if takes_out(row):
        return str(TAKE_OUT)
    if row.notice.kind in SAYS:
        return str(SAYS[row.notice.kind])
    words = CODES.get(str(body.get("code")))
    if words is None:
        return gettext("Please look at this order.")
    said = str(words) % {"stage": _stage(body.get("stage")), "told": _stage(body.get("told")), "place": _place(row)}
    source = body.get("source")
    return said if source not in set(Source) else f"{said} ({label(Source(source))})"


def _reminder(row: InboxRow) -> str:
    step = row.notice.body.get("step")
    what = label(Code(step)) if step in set(Code) else ""
    return gettext("%(who)s reminds you: %(what)s.", who=row.sent_by or gettext("The desk"), what=what)


def _to_approve(row: InboxRow) -> str:
    who = row.sent_by or gettext("The desk")
    if row.refunded is None:
        return gettext("%(who)s asks for a refund: approve it, or reject it.", who=who)
    amount = money_text(*row.refunded)
    return gettext("%(who)s asks to refund %(amount)s: approve it, or reject it.", who=who, amount=amount)


def takes_out(row: InboxRow) -> bool:
    """A cancel wish after which something stays in the parcel."""
    return row.notice.kind is NoticeKind.VOID and row.notice.body.get("code") == "take_out"


def _place(row: InboxRow) -> str:
    """Where papers lie: as it was told with the notice, else as it has become known since."""
    told = row.notice.body
    batch, position = (told["batch"], told.get("position")) if told.get("batch") else (row.batch, row.position)
    if not batch:
        return gettext("batch unknown")
    parts = [gettext("batch %(name)s", name=batch)]
    if position:
        parts.append(gettext("position %(number)s", number=position))
    return " · ".join(parts)


def _stage(code: Any) -> str:
    return label(Stage(code)) if code in set(Stage) else gettext("unknown")


def tone(row: InboxRow) -> tuple[str, str]:
    """(tone, icon) of a notice."""
    return GOODS.get(str(row.notice.body.get("code"))) or (TONES[row.notice.kind], ICONS[row.notice.kind])


def asks_stage(row: InboxRow) -> bool:
    """Whether it is answered with one of the three answers; the others are noted."""
    return row.notice.kind in ASKING


def pills(view: Inbox, chosen: NoticeKind | None) -> list[dict[str, Any]]:
    """One filter per kind that has open notices, after the one for all."""
    found = [
        {"label": gettext("All"), "count": sum(view.counts.values()), "href": url_for("desk.inbox"),
         "active": chosen is None}
    ]  # fmt: skip
    for kind in NoticeKind:
        if kind in view.counts or kind is chosen:
            found.append(
                {"label": label(kind), "count": view.counts.get(kind, 0), "href": url_for("desk.inbox", kind=str(kind)),
                 "active": kind is chosen, "icon": ICONS[kind]}
            )  # fmt: skip
    return found
