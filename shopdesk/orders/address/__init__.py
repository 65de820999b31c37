"""Recipients' addresses: taken apart from one line, written as one line, compared."""

from shopdesk.orders.address.parse import parse_address
from shopdesk.orders.address.shape import FIELDS, ParsedAddress, address_diff, address_line

__all__ = ["FIELDS", "ParsedAddress", "address_diff", "address_line", "parse_address"]
