"""Which register a case stands in once it is decided how it is solved."""

from __future__ import annotations

from collections.abc import Collection

from shopdesk.cases.states import CaseKind, Resolution

#: Kinds that say what the customer gets; the others say what happened, and stay whatever is decided.
WISHES = frozenset({CaseKind.RETURN, CaseKind.REFUND_ONLY, CaseKind.EXCHANGE, CaseKind.RESHIP})
#: Goods that go out again are what a register is looked through for: they come before money that goes back.
GOES_OUT = ((Resolution.EXCHANGE, CaseKind.EXCHANGE), (Resolution.RESHIP, CaseKind.RESHIP))
#: A wish for other goods that ended in money.
REFUNDED = {CaseKind.EXCHANGE: CaseKind.RETURN, CaseKind.RESHIP: CaseKind.REFUND_ONLY}


def kind_decided(wished: CaseKind, decided: Collection[Resolution]) -> CaseKind:
    """The kind of a case that was applied for as `wished`, after these decisions.

    >>> str(kind_decided(CaseKind.RETURN, {Resolution.EXCHANGE, Resolution.COMPENSATION}))
    'exchange'
    """
    if wished not in WISHES:
        return wished
    for resolution, kind in GOES_OUT:
        if resolution in decided:
            return kind
    return REFUNDED.get(wished, wished) if Resolution.REFUND in decided else wished
