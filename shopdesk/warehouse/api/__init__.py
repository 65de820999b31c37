"""The warehouse in the API: scans, and parcels that come back."""

from shopdesk.warehouse.api.arrivals import bp as arrivals
from shopdesk.warehouse.api.scans import bp

__all__ = ["arrivals", "bp"]
