"""How a case is resolved: ways, money by hand, goods that go out, invoices, its end."""

from shopdesk.desk.api.resolving import deciding, invoices, paying, replacing
from shopdesk.desk.api.resolving.blueprint import bp

__all__ = ["bp", "deciding", "invoices", "paying", "replacing"]
