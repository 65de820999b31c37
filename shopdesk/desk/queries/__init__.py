"""Reads of the workbench: look-up, one order whole, lists of work."""

from shopdesk.desk.queries.hits import Hit, hits_of
from shopdesk.desk.queries.look_up import Found, look_up
from shopdesk.desk.queries.order_view import OrderView, order_view

__all__ = ["Found", "Hit", "OrderView", "hits_of", "look_up", "order_view"]
