"""Loading the demo shop, and keeping its first store fresh."""

from shopdesk.demo.service.ensuring import ensure
from shopdesk.demo.service.people import Account, is_open

__all__ = ["Account", "ensure", "is_open"]
