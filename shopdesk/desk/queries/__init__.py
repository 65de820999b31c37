"""Reads of the workbench: look-up, one order whole, lists of work."""

from shopdesk.desk.queries.change_view import ChangeView, WishView, change_view
from shopdesk.desk.queries.feeding import events_after, newest
from shopdesk.desk.queries.hits import Hit, hits_of
from shopdesk.desk.queries.look_up import Found, look_up
from shopdesk.desk.queries.notice_view import NoticeView, kinds_of, notice_views, wishes_by_change
from shopdesk.desk.queries.order_view import (
    AmendmentView,
    LineView,
    MemoView,
    OrderView,
    ParcelView,
    Past,
    order_view,
    past_of,
)

__all__ = [
    "AmendmentView",
    "ChangeView",
    "Found",
    "Hit",
    "LineView",
    "MemoView",
    "NoticeView",
    "OrderView",
    "ParcelView",
    "Past",
    "WishView",
    "change_view",
    "events_after",
    "hits_of",
    "kinds_of",
    "look_up",
    "newest",
    "notice_views",
    "order_view",
    "past_of",
    "wishes_by_change",
]
