"""One order told by the shop's own system, unless it has moved on since the teller looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shopdesk.core import clock
from shopdesk.core.db import command
from shopdesk.core.errors import Stale
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.imports.service.applying import Waybills, put_order
from shopdesk.imports.service.hiding import tell_hidden_waybill
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Mirrored, Sale
from shopdesk.parcels.states import Source
from shopdesk.staff.models import Store


@command
def put_order_if(
    store: Store,
    sale: Sale,
    waybills: Waybills,
    *,
    is_expected: Callable[[Order | None], bool],
    hides_waybill: bool,
    as_of: datetime,
    origin: str,
    actor: Actor,
) -> Mirrored:
    """As `put_order`; the look and the write are one transaction.

    `hides_waybill`: there is one more, whose number the source masked.
    Raises Stale where the order is not as expected.
    """
    require(actor, Permission.IMPORT_WRITE, store.id)
    if not is_expected(orders.order_by_number(sale.number, store.id)):
        raise Stale("The order has changed since you read it.")
    done = put_order(store, sale, waybills, as_of=as_of, origin=origin, actor=actor)
    if hides_waybill:
        tell_hidden_waybill(done, as_of=min(as_of, clock.now()), origin=origin, source=Source.API, actor=actor)
    return done
