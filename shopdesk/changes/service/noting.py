"""A memo written by hand: signed by the desk, told to printing while the parcel is here (M054-M056)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from shopdesk.core import audit, clock, flags, memo_text
from shopdesk.core.db import command
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Memo, Order
from shopdesk.orders.states import Flag
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import IN_HOUSE
from shopdesk.staff import queries as staff


@command
def write_note(order_id: int, text: str, *, flag: Flag, actor: Actor) -> Memo:
    """Write a memo ending in ---date name, which the writer cannot edit; printing gets a notice at once.

    Raises RuleViolation: `value_required`, `no_such_flag` (a colour that the platform lacks), or, for a line that alone
    is more than the platform takes, `memo_too_long` with `used`, `limit`, `unit` and a `shorter` text to send instead.
    Where only the older lines make the whole too long, the memo is kept, and the desk offers a shorter text to paste
    (memo_text.condense).
    """
    order = load(Order, order_id, actor, Permission.MEMO_WRITE, lock="update")
    store = staff.store_by_id(order.store_id)
    said = " ".join(strip_controls(text).split())
    if not said:
        raise RuleViolation("A memo needs words.", code="value_required", missing="text")
    offered = flags.offered(str(store.platform))
    if flag not in offered:
        raise RuleViolation(
            "This store's platform has no such flag.", code="no_such_flag", flag=str(flag),
            offered=[str(one) for one in offered],
        )  # fmt: skip
    on = clock.now().astimezone(ZoneInfo(store.zone)).date()
    line = memo_text.sign(said, on, actor.signature)
    _check_fits(line, str(store.platform))
    memo = order_service.write_memo(order, line, flag=flag, on=on, signed=actor.signature, actor=actor)
    audit.record("memo.written", "memo", memo.id, actor, store_id=store.id, order_id=order.id, flag=str(flag))
    for parcel in parcels.parcels_of_order(order.id, store.id):
        if parcel.stage in IN_HOUSE:
            notices.put(Role.PRINTING, NoticeKind.MEMO, order, actor=actor, parcel_id=parcel.id, memo_id=memo.id)
    return memo


def _check_fits(line: str, platform: str) -> None:
    measured = memo_text.measure(line, platform)
    if not measured.fits:
        raise RuleViolation(
            "The platform takes %(limit)d %(unit)s; this memo would have %(used)d. Please shorten it.",
            code="memo_too_long", used=measured.used, limit=measured.limit, unit=measured.unit,
            shorter=memo_text.shorten(line, platform).rsplit("---", 1)[0],
        )  # fmt: skip
