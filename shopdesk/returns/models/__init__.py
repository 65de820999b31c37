"""Tables of goods that come back."""

from shopdesk.returns.models.arrivals import Arrival, ArrivalMatch, ArrivalPhoto, Disposition, Finding
from shopdesk.returns.models.returning import Return, ReturnLine, ReturnPolicy, ReturnWaybill

__all__ = [
    "Arrival",
    "ArrivalMatch",
    "ArrivalPhoto",
    "Disposition",
    "Finding",
    "Return",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnWaybill",
]
