"""The text that a supplier is sent, in the language of the store's memos."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _

from shopdesk.changes.models import Wish
from shopdesk.changes.queries.parts import part_views
from shopdesk.changes.states import Code, Kind
from shopdesk.desk.queries.supplier_view import Asked
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field
from shopdesk.web.locale import label

#: What is asked of them, by step.
PLEASE: dict[Code, Any] = {
    Code.ASK_STAGE: _("A change is coming: please do not print it yet, and tell us whether it is printed already."),
    Code.ACKNOWLEDGE: _("This was changed: please print and send it with the new data only, and tell us."),
    Code.HAND_OUT: _("Please stop this parcel and put it aside; tell us when you have it."),
    Code.AMEND_PAPERS: _("Please amend the papers by hand and tell us."),
    Code.REPRINT: _("Please print the papers again with the new data and tell us the new waybill number."),
    Code.TAKE_BACK: _("Please put the amended papers back and go on."),
    Code.REPACK: _("Please pack it again with the new papers and go on."),
    Code.HAND_TO_AFTER_SALE: _("Please stop this parcel and do not send it; tell us when you have it."),
    Code.VOID: _("The order is cancelled: please void it, do not send it, and tell us."),
    Code.TAKE_OUT: _("This is cancelled: please take it out of the parcel, and tell us."),
    Code.DESTROY_PAPERS: _("Please destroy the papers and tell us."),
    Code.BOOK_IN: _("Please take the goods back into stock and tell us."),
}
#: Steps for which the supplier has to know the new value.
TELLS_NEW = frozenset({Code.ACKNOWLEDGE, Code.AMEND_PAPERS, Code.REPRINT, Code.TAKE_BACK, Code.REPACK})


def message_text(asked: Asked, *, is_clear: bool) -> str:
    """Order number, articles, what is to be done, and where it is needed the new value (masked unless `is_clear`)."""
    with force_locale("zh_Hans_CN" if asked.store.memo_language == "zh" else "en"):
        lines = [gettext("Order %(number)s", number=asked.order.number)]
        if asked.waybill:
            lines.append(gettext("Waybill %(number)s", number=asked.waybill))
        lines += [
            " ".join(p for p in (title, attributes) if p) + f" × {units}" for title, attributes, units in asked.goods
        ]
        if asked.code in TELLS_NEW:
            lines += [_new(wish, is_clear=is_clear) for wish in asked.wishes if wish.kind is not Kind.CANCEL]
        if asked.code is Code.TAKE_OUT:
            lines += [f"− {part.words}" for part in part_views([asked.change.id], asked.change.store_id)]
        lines.append(str(PLEASE[asked.code]))
    return "\n".join(lines)


def _new(wish: Wish, *, is_clear: bool) -> str:
    field = Field(wish.kind)
    if field is Field.ADDRESS:
        said = orders.address_text(orders.value_in(wish.new), is_clear=is_clear)
    else:
        said = orders.worded(field, wish.new, is_clear=is_clear)
    return f"{label(wish.kind)}: {said}"
