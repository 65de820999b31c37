"""Pages of refunds: the calculator, one refund, the lists, what a store sets."""

from shopdesk.desk.views.refunds import asking, deciding, settings, showing
from shopdesk.desk.views.refunds.blueprint import bp

__all__ = ["asking", "bp", "deciding", "settings", "showing"]
