"""Shapes of goods that come back, of couriers and claims."""

from shopdesk.returns.schemas.courier import ClaimIn, ClaimMoveIn, ClaimOut, CourierOut, CourierWordIn
from shopdesk.returns.schemas.returning import (
    CancellationIn,
    ExtensionIn,
    GivingUpIn,
    PolicyIn,
    PolicyOut,
    ReturnIn,
    ReturnOut,
    Returns,
    SlipOut,
    WaybillsIn,
)
from shopdesk.web.api import Nothing

__all__ = [
    "CancellationIn",
    "ClaimIn",
    "ClaimMoveIn",
    "ClaimOut",
    "CourierOut",
    "CourierWordIn",
    "ExtensionIn",
    "GivingUpIn",
    "Nothing",
    "PolicyIn",
    "PolicyOut",
    "ReturnIn",
    "ReturnOut",
    "Returns",
    "SlipOut",
    "WaybillsIn",
]
