"""Who may amend recalled papers, and whether a re-print needs a new waybill."""

from collections import Counter

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change
from shopdesk.changes.queries import parts
from shopdesk.changes.states import WAREHOUSE_AMENDS, Kind
from shopdesk.core.permissions import Actor, Role
from shopdesk.parcels import queries as parcels
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store


def may_amend(change: Change, holder_id: int | None, actor: Actor) -> bool:
    """Whether this person may write on the papers that `holder_id` holds."""
    store = staff.store_by_id(change.store_id)
    return rules.may_amend_papers(
        is_holder=holder_id is not None and holder_id == actor.id,
        is_warehouse=actor.acts_as(Role.WAREHOUSE, store.id),
        store_allows=bool(store.settings.get(WAREHOUSE_AMENDS)),
        is_supervisor=actor.acts_as(Role.SUPERVISOR, store.id),
    )


def needs_new_waybill(change: Change) -> bool:
    electronic = staff.store_by_id(change.store_id).electronic_waybills
    return rules.needs_new_waybill(change.kind, has_electronic_waybill=electronic)


def expected_units(change: Change) -> dict[int, int]:
    """Line → units that come back: what a wish took out of its parcel, else all of its order that is in it."""
    taken = {part.line_id: part.taken for part in parts.parts_of([change.id], change.store_id) if part.taken}
    if taken:
        return taken
    if change.kind is Kind.QUANTITY:
        off: Counter[int] = Counter()
        for link, wish in queries.links_of(change):
            off[wish.line_id or 0] += link.units or 0
        return dict(+off)
    rows = parcels.parcel_lines([change.parcel_id], change.store_id)
    return {row.line_id: row.quantity for row in rows if row.order_id == change.order_id and row.quantity}


def label_changes(kind: Kind, store: Store) -> bool:
    """The same of a kind of wish, for lists."""
    return rules.needs_new_waybill(kind, has_electronic_waybill=store.electronic_waybills)
