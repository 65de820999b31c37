"""Rows by the driver: the same values in and out as by SQLAlchemy's own way, the same refusals."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.personal import Personal
from shopdesk.core.plain_rows import PlainRows
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from tests import make
from tests.statements import seen_statements

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]


def test_values_and_columns_go_through_the_types_of_their_columns():
    order = make.order(recipient_name="秦岚")
    known = PlainRows(
        select(Order.id, Order.status, Order.as_of, Order.recipient_name).where(
            Order.status == bindparam("status"), Order.as_of <= bindparam("until")
        )
    )
    (row,) = known.rows(status=order.status, until=clock.now() + timedelta(days=1))
    assert (row.id, row.status, row.as_of) == (order.id, order.status, order.as_of)
    assert type(row.status) is OrderStatus
    assert isinstance(row.recipient_name, Personal)
    assert known.rows(status=order.status, until=order.as_of - timedelta(seconds=1)) == []


def test_values_of_a_list_go_through_the_type_of_their_column():
    order = make.order()
    by_status = PlainRows(select(Order.id).where(Order.status.in_(bindparam("statuses", expanding=True))))
    assert [row.id for row in by_status.rows(statuses=[OrderStatus.CLOSED, order.status])] == [order.id]


def test_lists_of_every_length_find_each_row_once_and_an_empty_one_nothing():
    made = [make.order().id for _ in range(5)]
    some = PlainRows(select(Order.id).where(Order.id.in_(bindparam("ids", expanding=True))).order_by(Order.id))
    assert [[row.id for row in some.rows(ids=made[:size])] for size in range(6)] == [made[:size] for size in range(6)]


def test_constants_stand_in_the_text_so_that_a_partial_index_is_found():
    paid = PlainRows(select(Order.id).where(Order.status == OrderStatus.PAID, Order.number == bindparam("number")))
    with seen_statements() as seen:
        paid.rows(number="x")
    ((sql, values),) = seen
    assert "'paid'" in sql
    assert list(values.values() if isinstance(values, dict) else values) == ["x"]


def test_a_refusal_of_the_database_is_sqlalchemys_and_carries_no_value():
    wrong = PlainRows(select(Order.id).where(Order.number == bindparam("number")))
    wrong.rows(number="a")
    for key, text in list(wrong._texts.items()):
        object.__setattr__(text, "sql", text.sql.replace("orders", "there_is_none"))
        wrong._texts[key] = text
    with pytest.raises((OperationalError, ProgrammingError)) as refused:
        wrong.rows(number="Qin Lan")
    assert "Qin Lan" not in str(refused.value)
    db.session.rollback()


def test_prepared_statements_outlive_the_request(browser):
    make.store()
    caller, headers = browser(), {"Authorization": f"Bearer {make.api_token(make.person('pre_sale'))}"}
    db.session.commit()
    for _ in range(8):  # the driver prepares what it has seen five times
        assert caller.get("/api/v1/orders?q=4161428561700009801", headers=headers).status_code == 200
    if db.engine.dialect.name == "postgresql":  # SQLite keeps its own with the connection, whatever ends a transaction
        driver = db.session.connection().connection.driver_connection
        assert driver.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] >= 2
