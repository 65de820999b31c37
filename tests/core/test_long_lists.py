"""Long lists and many rows go to the database as one value each, and mean what a place for each would mean."""

import pytest
from sqlalchemy import select

from shopdesk.changes.models import PrintCheck, PrintCheckRow
from shopdesk.changes.states import Group, Purpose
from shopdesk.core import clock
from shopdesk.core.among import among
from shopdesk.core.db import db, transaction
from shopdesk.core.many import insert_many
from shopdesk.core.plain_rows import PlainRows
from shopdesk.orders.models import Order, SearchKey
from tests import make
from tests.statements import seen_statements

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]
ODD = ['41"6', "41\\6", "41{,}6", "雨天 晒被子", "4'16", ""]


def test_a_list_of_any_length_is_one_value_of_one_text():
    made = [make.order().id for _ in range(3)]
    some = PlainRows(select(Order.id).where(among(Order.id, "ids")).order_by(Order.id))
    with seen_statements() as seen:
        found = [[row.id for row in some.rows(ids=made[:size])] for size in range(4)]
    assert found == [made[:size] for size in range(4)]
    assert len({sql for sql, _ in seen}) == 1
    assert [row.id for row in some.rows(ids=[*made, *made])] == made


def test_texts_are_found_whatever_stands_in_them():
    order = make.order()
    with transaction(traced=False):
        keys = db.session.execute(
            select(SearchKey.kind, SearchKey.store_id)
            .where(SearchKey.store_id == order.store_id, SearchKey.order_id == order.id)
            .limit(1)
            .execution_options(store_scope=())
        ).one()
        insert_many(SearchKey, ("store_id", "value", "kind", "order_id"),
                    [(order.store_id, text, keys.kind, order.id) for text in ODD])  # fmt: skip
    known = PlainRows(select(SearchKey.value).where(among(SearchKey.value, "texts")))
    assert sorted(row.value for row in known.rows(texts=ODD)) == sorted(ODD)
    assert known.rows(texts=["41", "6"]) == []


def test_many_rows_are_kept_as_they_were_given():
    with transaction(traced=False):
        check = PrintCheck(purpose=Purpose.PRINT, made_at=clock.now())
        db.session.add(check)
        db.session.flush()
        rows = [(check.id, at, text, Group.UNKNOWN, None) for at, text in enumerate(ODD, start=1)]
        with seen_statements() as seen:
            insert_many(PrintCheckRow, ("check_id", "position", "pasted", "group_shown", "shown"), rows)
            insert_many(PrintCheckRow, ("check_id",), [])
        assert len(seen) == 1
    kept = db.session.scalars(select(PrintCheckRow).order_by(PrintCheckRow.position)).all()
    assert [(row.pasted, row.group_shown, row.shown) for row in kept] == [(text, Group.UNKNOWN, None) for text in ODD]
    assert type(kept[0].group_shown) is Group
