"""Adding stores and warehouses."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.core.money import EXPONENT
from shopdesk.core.permissions import Actor
from shopdesk.staff import queries, rules
from shopdesk.staff.models import (
    HOLD_EXPIRY,
    MOST_COMPENSATION,
    NUDGE_MINUTES,
    PULL_BACK_MINUTES,
    RETURN_EXTENSIONS,
    Platform,
    Store,
    Warehouse,
    WarehouseKind,
    WarehouseStore,
)

MOST_NAME = 80  # characters of a warehouse


@command
def add_store(
    slug: str,
    *,
    platform: str,
    currency: str,
    zone: str,
    actor: Actor,
    name: str | None = None,
    warehouse_id: int | None = None,
    memo_language: str = "zh",
) -> Store:
    """Open a store.  Raises RuleViolation for an unknown platform, currency or zone, Conflict for a taken name."""
    rules.check_slug(slug)
    if platform not in set(Platform):
        raise RuleViolation("There is no platform %(platform)s.", code="bad_platform", platform=platform)
    if currency not in EXPONENT:
        raise RuleViolation("There is no currency %(currency)s.", code="bad_currency", currency=currency)
    check_zone(zone)
    if queries.store_named(slug):
        raise Conflict("There is a store named %(slug)s already.", code="store_taken", slug=slug)
    store = Store(
        slug=slug,
        name=name or slug,
        platform=Platform(platform),
        currency=currency,
        zone=zone,
        memo_language=memo_language,
        warehouse_id=warehouse_id or ensure_warehouse(actor=actor).id,
    )
    db.session.add(store)
    db.session.flush()
    audit.record("store.added", "store", store.id, actor, store_id=store.id, platform=platform, currency=currency)
    return store


MOST_NUDGE_MINUTES = 1440
MOST_EXTENSIONS = 9
MOST_PULL_BACK_MINUTES = 1440
HOLD_EXPIRIES = ("keep", "ship_as_changed", "ship_as_ordered")


@command
def set_hold_expiry(slug: str, act: str, *, actor: Actor) -> Store:
    """Decide what happens from now on when the hold of a change expires.  Raises RuleViolation."""
    store = _named(slug)
    if act not in HOLD_EXPIRIES:
        raise RuleViolation("A hold that expires can keep, ship_as_changed or ship_as_ordered.", code="bad_expiry_act")
    _set(store, HOLD_EXPIRY, act)
    audit.record("store.expiry_set", "store", store.id, actor, store_id=store.id, act=act)
    return store


@command
def set_pull_back(slug: str, minutes: int, *, actor: Actor) -> Store:
    """Decide how long the warehouse has to pull back what it handed over; 0 = never.  Raises RuleViolation."""
    store = _named(slug)
    if not 0 <= minutes <= MOST_PULL_BACK_MINUTES:
        raise RuleViolation("Say from 0 to 1440 minutes.", code="bad_minutes", minutes=minutes)
    _set(store, PULL_BACK_MINUTES, minutes)
    audit.record("store.pull_back_set", "store", store.id, actor, store_id=store.id, minutes=minutes)
    return store


@command
def set_compensation(slug: str, most_minor: int, *, actor: Actor) -> Store:
    """Decide how much compensation one case may give (minor units); 0 = none.  Raises RuleViolation."""
    store = _named(slug)
    if most_minor < 0:
        raise RuleViolation("Say the amount.", code="value_required", missing="amount_minor")
    _set(store, MOST_COMPENSATION, most_minor)
    audit.record("store.compensation_set", "store", store.id, actor, store_id=store.id, amount_minor=most_minor)
    return store


@command
def set_return_extensions(slug: str, times: int, *, actor: Actor) -> Store:
    """Decide how often after-sale gives a customer longer to send goods back; 0 = never.  Raises RuleViolation."""
    store = _named(slug)
    if not 0 <= times <= MOST_EXTENSIONS:
        raise RuleViolation("Say from 0 to %(most)s times.", code="bad_times", most=MOST_EXTENSIONS)
    _set(store, RETURN_EXTENSIONS, times)
    audit.record("store.extensions_set", "store", store.id, actor, store_id=store.id, times=times)
    return store


@command
def set_nudge_minutes(slug: str, minutes: int, *, actor: Actor) -> Store:
    """Decide how long a reminder stands before the same step may be reminded of again.  Raises RuleViolation."""
    store = _named(slug)
    if not 1 <= minutes <= MOST_NUDGE_MINUTES:
        raise RuleViolation("Between 1 and %(most)d minutes.", code="bad_minutes", most=MOST_NUDGE_MINUTES)
    _set(store, NUDGE_MINUTES, minutes)
    audit.record("store.nudge_set", "store", store.id, actor, store_id=store.id, minutes=minutes)
    return store


def _named(slug: str) -> Store:
    store = queries.store_named(slug)
    if store is None:
        raise RuleViolation("There is no store %(slug)s.", code="unknown_store", slug=slug)
    return store


def _set(store: Store, setting: str, value: str | int) -> None:
    store.settings = {**store.settings, setting: value}
    db.session.flush()


def check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RuleViolation("There is no time zone %(zone)s.", code="bad_zone", zone=zone) from error


@command
def add_warehouse(
    name: str, *, kind: WarehouseKind, serves: Sequence[str] = (), cut_offs: Sequence[str] = (), actor: Actor
) -> Warehouse:
    """Open a warehouse, own or a supplier's, that serves the stores named.

    Raises Conflict (the name is taken), RuleViolation (name, a store, a cut-off).
    """
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME:
        raise RuleViolation("A warehouse has a name of at most %(most)d characters.", code="bad_name", most=MOST_NAME)
    if queries.warehouse_named(name):
        raise Conflict("There is a warehouse named %(name)s already.", code="warehouse_taken", name=name)
    for cut_off in cut_offs:
        rules.check_cut_off(cut_off)
    made = Warehouse(name=name, kind=kind, cut_offs=sorted(set(cut_offs)))
    db.session.add(made)
    db.session.flush()
    audit.record("warehouse.added", "warehouse", made.id, actor, warehouse_kind=str(kind))
    for slug in serves:
        serve_store(name, slug, actor=actor)
    return made


@command
def serve_store(name: str, slug: str, *, actor: Actor) -> Warehouse:
    """Say that a warehouse serves a store; once said it stays said.  Raises RuleViolation for unknown names."""
    found, store = queries.warehouse_named(name), queries.store_named(slug)
    if found is None:
        raise RuleViolation("There is no warehouse %(name)s.", code="unknown_warehouse", name=name)
    if store is None:
        raise RuleViolation("There is no store %(slug)s.", code="unknown_store", slug=slug)
    if found.id not in {one.id for one in queries.warehouses_of(store.id)}:
        db.session.add(WarehouseStore(warehouse_id=found.id, store_id=store.id))
        db.session.flush()
    audit.record("warehouse.serves", "warehouse", found.id, actor, store_id=store.id)
    return found


@command
def ensure_warehouse(name: str = "main", *, actor: Actor) -> Warehouse:
    """The warehouse of that name, made when it is missing."""
    found = db.session.scalars(select(Warehouse).where(Warehouse.name == name)).one_or_none()
    if found:
        return found
    made = Warehouse(name=name, cut_offs=[])
    db.session.add(made)
    db.session.flush()
    audit.record("warehouse.added", "warehouse", made.id, actor)
    return made
