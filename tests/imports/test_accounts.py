"""What the report of a run says, and runs that must not run, or not stay, as they were handed in."""

import os
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, failure_message, queue, run_queued, running, sweep
from shopdesk.staff import queries as staff_queries
from shopdesk.staff.models import Membership
from tests import make
from tests.imports.readers.reader_exports import LINE_OLD, NUMBER, details, order, order_list
from tests.imports.test_running import DETAILS, LATER, LIST, NOW, bring, codes, found

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def clipped(run):
    return [
        (n.file, n.row_no, n.field, n.facts["header"], n.facts["length"], n.facts["limit"])
        for n in queries.notes_of(run)
        if n.code == "text_clipped"
    ]


@pytest.mark.both_engines
def test_a_text_longer_than_its_field_is_named_with_row_column_and_what_was_kept():
    row = LINE_OLD | {"外部系统编号": "S" * 200}
    run = bring((LIST, order_list(order(物流公司="顺" * 100))), (DETAILS, details(row)))
    assert clipped(run) == [
        (LIST, 2, "carrier", "物流公司", 100, 64),
        (DETAILS, 2, "sku", "外部系统编号", 200, 128),
    ]
    assert found().carrier == "顺" * 64
    assert all(n.order_number == NUMBER for n in queries.notes_of(run) if n.code == "text_clipped")


def test_what_fits_is_not_called_cut():
    run = bring((LIST, order_list(order(物流公司="顺" * 64))), (DETAILS, details(LINE_OLD)))
    assert clipped(run) == []


def test_a_list_without_details_says_how_many_orders_are_incomplete_and_details_end_it():
    run = bring((LIST, order_list(order(), order(订单编号="3900123456789012399"))))
    told = [n for n in queries.notes_of(run) if n.code == "orders_without_details"]
    assert [(n.file, n.facts) for n in told] == [(LIST, {"count": 2})]
    run = bring((DETAILS, details(LINE_OLD)))
    assert "orders_without_details" not in codes(run)
    run = bring((LATER, order_list(order())))
    assert "orders_without_details" not in codes(run)  # known from before


def waiting(folder, by, content=None):
    store = make.store()
    return store, queue(store, [InputFile(LIST, content or order_list(order()))], folder, as_of=None, actor=by).id


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("how", ["disabled", "stripped"])
def test_a_queued_import_does_not_run_with_the_rights_of_somebody_who_lost_them(tmp_path, how):
    make.store()
    person = make.person(Role.PRE_SALE)
    store, run_id = waiting(tmp_path, staff_queries.actor_for(person, channel="page"))
    if how == "disabled":
        make._write(person, {"disabled_at": clock.now()})
    else:
        remove_grants(person.id)
    run_queued(store.id, run_id, tmp_path, actor=staff_queries.actor_for(person, channel="file"))
    run = queries.run_by_id(run_id, make.actor(Role.SUPERVISOR))
    assert (run.state, run.failure["code"], run.handled) == (RunState.FAILED, "may_no_longer_import", 0)
    msgid, facts = failure_message(run.failure)
    assert "may no longer import" in msgid % facts
    assert found() is None
    assert list(tmp_path.iterdir()) == []
    assert audit.verify()[1] == []


@command
def remove_grants(person_id):
    rows_changed(delete(Membership).where(Membership.person_id == person_id))
    audit.record("test.stripped", "person", person_id, make.ROOT)


def test_files_that_no_run_waits_for_are_swept_and_those_that_wait_stay(tmp_path, afternoon):
    make.store()
    by = make.actor(Role.PRE_SALE)
    store, run_id = waiting(tmp_path, by)
    kept = {path.name for path in tmp_path.iterdir()}

    @command
    def broken():
        waiting(tmp_path, by)
        raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError):
        broken()
    db.session.rollback()
    assert len(list(tmp_path.iterdir())) == 2
    for path in tmp_path.iterdir():
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert sweep(tmp_path, [store.id]) == 0  # it may just be being handed in
    afternoon.move_to(NOW + timedelta(minutes=3))
    assert sweep(tmp_path, [store.id]) == 1
    assert {path.name for path in tmp_path.iterdir()} == kept
    run_queued(store.id, run_id, tmp_path, actor=by)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_taken_up_again_keeps_what_counted_as_now(tmp_path, monkeypatch, afternoon):
    """Otherwise the orders after the break would be told later than those before it."""
    rows = [order(订单编号=f'="390012345678901230{n}"') for n in range(2)]
    name = "ExportOrderList202611012300.csv"  # not before 23:00
    store, by = make.store(), make.actor(Role.PRE_SALE)
    run_id = queue(store, [InputFile(name, order_list(*rows))], tmp_path, as_of=None, actor=by).id
    monkeypatch.setattr(running, "CHUNK", 1)
    apply, left = running._apply_chunk, [1]

    def killed(*args, **kwargs):
        if not left:
            raise SystemExit("killed")
        left.pop()
        apply(*args, **kwargs)

    monkeypatch.setattr(running, "_apply_chunk", killed)
    with pytest.raises(SystemExit):
        run_queued(store.id, run_id, tmp_path, actor=by)
    monkeypatch.setattr(running, "_apply_chunk", apply)
    afternoon.move_to(NOW + timedelta(minutes=20))
    run_queued(store.id, run_id, tmp_path, actor=by)
    run = queries.run_by_id(run_id, by)
    assert (run.state, codes(run).count("as_of_in_future")) == (RunState.DONE, 1)
    assert [found(f"390012345678901230{n}").as_of for n in range(2)] == [NOW, NOW]


def test_names_and_messages_end_where_the_api_would_refuse_them_and_the_page_folds_them(sign_in):
    long = order(收货人姓名="名" * 10_000, 买家留言="请" * 10_000)
    run = bring((LIST, order_list(long)), (DETAILS, details(LINE_OLD)))
    assert clipped(run) == [
        (LIST, 2, "recipient_name", "收货人姓名", 10_000, 64),
        (LIST, 2, "buyer_message", "买家留言", 10_000, 2000),
    ]
    assert found().recipient_name.reveal("to compare it") == "名" * 64
    path = f"/orders/{found().id}"
    page = sign_in(make.person(Role.SUPERVISOR)).get(path).text
    assert f"<summary>{'请' * 200}…</summary>" in page
    again = bring((LATER, order_list(long)))
    assert (again.updated, again.unchanged) == (0, 1)


@pytest.mark.both_engines
def test_every_row_of_an_order_that_cannot_be_applied_is_refused(monkeypatch):
    def refuse(*_args, **_more):
        raise RuleViolation("bad", code="bad_order")

    monkeypatch.setattr(running, "apply_sale", refuse)
    run = bring((LIST, order_list(order())), (DETAILS, details(LINE_OLD, LINE_OLD | {"外部系统编号": "S2"})))
    files = queries.files_of(run)
    assert [(file.rows, file.accepted, file.refused) for file in files] == [(1, 0, 1), (2, 0, 2)]
    assert queries.row_counts(run)[0] == 3
    assert queries.refused_rows([run], make.actor(Role.PRE_SALE)) == {run.id: 3}
