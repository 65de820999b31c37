"""Resources of what comes in: orders from the shop's own system, files."""

from shopdesk.imports.api.orders import bp as orders
from shopdesk.imports.api.runs import bp as runs

__all__ = ["orders", "runs"]
