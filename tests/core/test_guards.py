"""The guards of the unit of work and of the store scope: each must stop what it is there to stop."""

from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import NoResultFound

import shopdesk
from shopdesk.core import audit, outbox
from shopdesk.core.db import OUTSIDE, TRACELESS, command, db, housekeeping, rows_changed, transaction
from shopdesk.core.errors import NotAllowed, NotFound
from shopdesk.core.outbox import OutboxItem
from shopdesk.core.permissions import Permission, Role
from shopdesk.core.scope import MISSING, UNLIMITED, found, in_store, load, of_found, within
from shopdesk.orders.models import Order
from shopdesk.staff.models import Person
from tests import make
from tests.statements import seen_statements

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]
P = Permission


def items():
    return db.session.scalar(select(func.count()).select_from(OutboxItem))


def test_a_row_added_outside_a_command_is_refused_at_the_flush():
    outbox.put("test")
    with pytest.raises(RuntimeError, match=OUTSIDE):
        db.session.flush()
    db.session.rollback()
    assert items() == 0


def test_a_row_changed_outside_a_command_is_refused_even_by_an_unnoticed_flush():
    person = make.person()
    person.display = "somebody else"
    with pytest.raises(RuntimeError, match=OUTSIDE):
        items()  # a read, which flushes first
    db.session.rollback()
    assert person.display != "somebody else"


def test_a_statement_outside_a_command_is_refused():
    person = make.person()
    with pytest.raises(RuntimeError, match=OUTSIDE):
        rows_changed(update(Person).values(display="x"))
    db.session.rollback()
    assert person.display != "x"


def test_a_command_does_not_begin_on_top_of_unsaved_changes():
    person = make.person()
    person.display = "somebody else"
    with pytest.raises(RuntimeError, match=OUTSIDE), transaction():
        pass
    db.session.rollback()


def test_a_command_that_writes_without_a_trace_is_undone():
    @command
    def quietly():
        outbox.put("test")

    with pytest.raises(RuntimeError, match=TRACELESS):
        quietly()
    assert items() == 0


def test_a_command_that_writes_by_a_statement_without_a_trace_is_undone():
    person = make.person()

    @command
    def quietly():
        rows_changed(update(Person).where(Person.id == person.id).values(display="x"))

    with pytest.raises(RuntimeError, match=TRACELESS):
        quietly()
    assert person.display != "x"


def test_a_command_with_a_trace_is_kept_and_the_desks_own_machinery_needs_none():
    @command
    def openly():
        outbox.put("test")
        audit.record("test.done", "test", 1, make.ROOT)

    @housekeeping
    def machinery():
        outbox.put("test")

    openly()
    machinery()
    assert items() == 2


def test_an_error_in_an_outer_command_undoes_the_inner_one_and_its_event():
    before = audit.heads().get(audit.DESK)

    @command
    def inner():
        outbox.put("test")
        audit.record("test.done", "test", 1, make.ROOT)

    @command
    def outer():
        inner()
        raise NotFound("no")

    with pytest.raises(NotFound):
        outer()
    assert items() == 0
    assert audit.heads().get(audit.DESK) == before


# -- the store scope


@pytest.mark.parametrize(
    "statement",
    [select(Order), select(Order.id), select(func.count()).select_from(Order), select(Order.id).where(Order.id == 1)],
    ids=["rows", "column", "count", "by id"],
)
def test_a_read_without_a_store_scope_raises(statement):
    with pytest.raises(RuntimeError, match=MISSING):
        db.session.execute(statement)


def test_a_join_that_reaches_a_stores_rows_needs_the_scope_too():
    with pytest.raises(RuntimeError, match=MISSING):
        db.session.execute(select(Person.id).join(Order, Order.id == Person.id))


def test_the_scope_gives_the_own_stores_rows_and_no_others():
    mine, theirs = make.store("mine"), make.store("theirs")
    ours = [make.order(mine), make.order(mine)]
    other = make.order(theirs)
    who = make.actor(Role.PRE_SALE, store_id=mine.id)
    there = db.session.scalars(within(select(Order), who, P.ORDER_READ, Order)).all()
    assert {o.id for o in there} == {o.id for o in ours}
    assert [o.id for o in db.session.scalars(in_store(select(Order), theirs.id, Order))] == [other.id]


def test_a_row_that_the_session_holds_is_not_read_again_and_is_no_other_stores():
    order = make.order(make.store("mine"))
    theirs = make.store("theirs").id
    order_id, store_id = order.id, order.store_id
    with seen_statements() as seen:
        assert found(Order, order_id, store_id) is order
    assert seen == []
    with pytest.raises(NoResultFound):
        found(Order, order_id, theirs)
    db.session.expire(order)
    with seen_statements() as seen, pytest.raises(NoResultFound):
        found(Order, order_id, theirs)
    assert ["store_id" in statement.split("WHERE")[1] for statement, _ in seen] == [True]
    assert found(Order, order_id, store_id).id == order_id


def test_a_scope_without_a_model_is_refused():
    with pytest.raises(ValueError, match="name the model"):
        within(select(Order), make.actor(), P.ORDER_READ)


@housekeeping
def write(statement):
    return rows_changed(statement)


#: Writes to a store's rows that go through the door, because their caller found the row and hands on its id alone.
DOORS = {
    "notices/service.py": 3, "orders/service/amending.py": 2, "refunds/queries/__init__.py": 2,
    "returns/queries/docks.py": 1
}  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        update(Order).where(Order.id == 1).values(version=9),
        update(Order).values(version=9),
        delete(Order).where(Order.id == 1),
        update(Order.__table__).values(version=9),
        update(Person).where(Person.id.in_(select(Order.id))).values(display="x"),
    ],
    ids=["by id", "all", "delete", "table", "another table by a store's rows"],
)
def test_a_write_without_a_store_scope_raises(statement):
    before = make.order().version
    with pytest.raises(RuntimeError, match=UNLIMITED):
        write(statement)
    assert db.session.scalars(of_found(select(Order.version))).all() == [before]


def test_a_write_within_a_store_reaches_no_row_of_another_one():
    ours, theirs = make.order(make.store("ours")), make.order(make.store("theirs"))
    by_id = update(Order).where(Order.id.in_([ours.id, theirs.id])).values(version=9)
    assert write(in_store(by_id, ours.store_id, Order)) == 1
    who = make.actor(Role.PRE_SALE, store_id=theirs.store_id)
    assert write(within(by_id, who, P.MEMO_WRITE, Order)) == 1
    gone = delete(Order).where(Order.id == theirs.id)
    assert write(in_store(gone, ours.store_id, Order)) == 0


def test_the_doors_past_the_scope_are_the_reviewed_ones():
    root = Path(shopdesk.__file__).parent
    texts = {str(path.relative_to(root)): path.read_text().count("of_found(") for path in root.rglob("*.py")}
    doors = {name: count for name, count in texts.items() if count and name != "core/scope.py"}
    assert doors == DOORS


def test_another_stores_row_does_not_exist_and_ones_own_may_be_forbidden():
    mine, theirs = make.store("mine"), make.store("theirs")
    who = make.actor(Role.WAREHOUSE, store_id=mine.id)
    with pytest.raises(NotFound):
        load(Order, make.order(theirs).id, who, P.MEMO_WRITE)
    with pytest.raises(NotAllowed):
        load(Order, make.order(mine).id, who, P.MEMO_WRITE)
    assert load(Order, make.order(mine).id, who, P.ORDER_READ)


def test_a_person_without_a_store_sees_nothing():
    make.order()
    assert db.session.scalars(within(select(Order), make.actor(), P.ORDER_READ, Order)).all() == []
