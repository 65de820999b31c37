"""Two clerks print the same list; a clerk prints while a customer changes her mind: one wins, nothing is half done."""

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import moving
from shopdesk.parcels.states import Stage
from shopdesk.printing import service
from shopdesk.printing.queries import runs
from shopdesk.printing.service import batches
from shopdesk.printing.states import Why
from tests import invariants, make
from tests.racing import race, rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
ROUNDS = rounds(4)


@pytest.fixture
def clerks(app):
    make.store()
    return make.actor(Role.PRINTING), make.actor(Role.PRINTING)


def test_of_two_clerks_who_print_the_same_list_one_prints_it_and_the_other_is_told(app, clerks):
    for _ in range(ROUNDS):
        orders = [make.order() for _ in range(3)]
        ids = [make.parcel(order).id for order in orders]
        store_id = orders[0].store_id
        outcomes = race(
            app,
            *(lambda c=clerk, i=found: service.print_batch(i, None, actor=c)
              for clerk, found in zip(clerks, (ids, ids[::-1]), strict=True)),
        )  # fmt: skip
        assert sorted(outcomes) == ["not_printable", "ok"], outcomes
        assert [make.parcel(order).stage for order in orders] == [Stage.PRINTED] * 3
        history = runs.history_of(ids, store_id)
        assert [len(history[i]) for i in ids] == [1, 1, 1]
        assert invariants.broken(store_id) == []


def test_a_change_and_a_print_at_the_same_moment_end_on_one_side_of_each_other(app, clerks):
    asker = make.actor(Role.PRE_SALE)
    for number in range(2 * ROUNDS):
        order = make.order()
        order_id, parcel_id = order.id, make.parcel(order).id
        wished = Wished(Kind.ADDRESS, make.NEW_ADDRESS, seen_stage=Stage.UNPRINTED)
        calls = [
            lambda i=order_id, w=wished: changes.ask(i, w, actor=asker),
            lambda i=parcel_id: service.print_batch([i], None, actor=clerks[0]),
        ]
        outcomes = race(app, *(calls if number % 2 else calls[::-1]))
        asked, printed = outcomes if number % 2 else outcomes[::-1]
        assert (asked, printed) in {("ok", "not_printable"), ("stage_moved", "ok")}
        parcel = make.parcel(order)
        assert (parcel.stage, parcel.holds) == ((Stage.PRINTED, 0) if printed == "ok" else (Stage.UNPRINTED, 1))
        assert invariants.broken(order.store_id) == []


def test_of_two_who_print_the_same_papers_once_more_each_has_a_version_of_its_own(app, clerks):
    order = make.order()
    parcel_id, store_id = make.parcel(order).id, order.store_id
    service.print_batch([parcel_id], "W1", actor=clerks[0])
    calls = [lambda c=clerk: service.reprint(parcel_id, Why.LOST, actor=c) for clerk in clerks]
    assert race(app, *calls) == ["ok", "ok"]
    assert [h.version for h in runs.history_of([parcel_id], store_id)[parcel_id]] == [3, 2, 1]


def test_without_looking_at_the_holds_a_held_parcel_would_be_printed(app, clerks, monkeypatch):
    """The control: both guards off, and what the tests above forbid happens."""
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE))
    parcel = make.parcel(order)
    monkeypatch.setattr(batches, "refuse", lambda _rows, _shown: None)
    assert race(app, lambda: service.print_batch([parcel.id], "W1", actor=clerks[0])) == ["stage_moved"]
    monkeypatch.setattr(moving, "_may_be_printed", lambda: (Parcel.stage == Stage.UNPRINTED,))
    assert race(app, lambda: service.print_batch([parcel.id], "W1", actor=clerks[0])) == ["ok"]
    assert any("printed" in line for line in invariants.broken(order.store_id))
