"""Loading the demo shop, and keeping its first store fresh."""

from shopdesk.demo.service.ensuring import ensure
from shopdesk.demo.service.people import Account

__all__ = ["Account", "ensure"]
