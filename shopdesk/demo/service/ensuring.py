"""Loading the demo shop into an empty desk, and its feed at every later start."""

from __future__ import annotations

import random

from shopdesk.core import clock
from shopdesk.core.db import db, transaction
from shopdesk.core.permissions import Actor, Role
from shopdesk.demo.service import makers, people
from shopdesk.demo.service.case_stories import tell_cases
from shopdesk.demo.service.desk import ORIGIN, Desk
from shopdesk.demo.service.loading import load_orders, paste_all_but, print_a_batch
from shopdesk.demo.service.people import Account
from shopdesk.demo.service.plan import TEL, YUHE
from shopdesk.demo.service.refund_stories import tell_refunds
from shopdesk.demo.service.return_stories import tell_returns
from shopdesk.demo.service.stories import tell_all
from shopdesk.demo.service.teller import Teller
from shopdesk.staff import queries as staff

SEED = 20
TO_PASTE = 4  # orders whose memo is still to be pasted into the platform: an afternoon's rest
BATCH = 8  # orders that the demo's pre-print check prints


def ensure() -> list[Account]:
    """Load the demo shop into an empty desk, else refresh it; its accounts, none where there is no demo.

    Where somebody works already it is never loaded: its passwords are known to everybody.
    """
    if not staff.all_store_ids() and db.session.scalars(staff.people().limit(1)).first() is None:
        load()
    elif not _refresh():
        return []
    return people.accounts()


def load() -> None:
    """The whole demo in one transaction: a broken-off start leaves nothing behind."""
    with transaction():
        makers_of = Actor.system(())
        stores = {
            YUHE: makers.open_store(YUHE, "屿禾家居旗舰店", "taobao", actor=makers_of),
            TEL: makers.open_store(TEL, "屿禾电话订单", "phone", actor=makers_of),
        }
        makers.open_supplier(actor=makers_of)
        people.add_people(makers_of)
        desk = Desk(clock.now(), stores, random.Random(SEED))  # noqa: S311 the same shop every time, no secret
        for slug, store in stores.items():
            makers.tell_feeds(store, ORIGIN[slug], desk.told_at(slug), actor=desk.person(Role.INTEGRATION))
        load_orders(desk)
        _print_some(desk)
        tell_all(desk)
        tell_cases(desk)
        tell_returns(desk)
        tell_refunds(desk)
        paste_all_but(desk, TO_PASTE)
        makers.tell_feeds(stores[YUHE], ORIGIN[YUHE], clock.now(), actor=desk.person(Role.INTEGRATION))


def _print_some(desk: Desk) -> None:
    teller = Teller(desk)
    print_a_batch(desk, [teller.new(hours=4.5)[0] for _ in range(BATCH)])


def _refresh() -> bool:
    """The first store's system tells unchanged values as of now; the second stays silent.  False without a demo."""
    store = staff.store_named(YUHE)
    if store is None or not store.settings.get("demo"):
        return False
    makers.tell_feeds(store, ORIGIN[YUHE], clock.now(), actor=Actor.system([store.id]))
    return True
