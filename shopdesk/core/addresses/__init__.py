"""Recipients' addresses: taken apart from one line, written as one line, compared."""

from shopdesk.core.addresses.parse import parse_address
from shopdesk.core.addresses.shape import FIELDS, ParsedAddress, address_diff, address_line, place_line

__all__ = ["FIELDS", "ParsedAddress", "address_diff", "address_line", "parse_address", "place_line"]
