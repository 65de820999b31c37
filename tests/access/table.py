"""The reviewed table: one row per endpoint and method.  A route without a row fails, and so does a row without a route.

A new route is one line:  row("desk.order", "GET", P.ORDER_READ)
An unsafe one with an id in its address also needs a body that is well formed, so that the id is what decides:
    row("api.withdraw_change", "POST", P.CHANGE_WITHDRAW, body={"reason": "changed her mind"})
    row("desk.write_memo", "POST", P.MEMO_WRITE, form={"text": "hello", "flag": "red"})
Bodies and forms may be functions of the world (tests/access/world.py): body=lambda w: {"order_id": str(w.order.id)}.
"""

from tests.access import of_after_sale, of_finance, of_refunds, of_the_desk
from tests.access.rows import TABLE, Row

__all__ = ["TABLE", "Row", "of_after_sale", "of_finance", "of_refunds", "of_the_desk"]
