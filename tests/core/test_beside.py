"""What the API only reads goes by a connection beside the session, which no command uses and no request keeps."""

import pytest
from sqlalchemy import select

from shopdesk.core import beside
from shopdesk.core.db import db, housekeeping
from shopdesk.core.permissions import Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.staff.models import Person
from shopdesk.web.api.fields import Query
from tests import make

pytestmark = pytest.mark.usefixtures("app")
NAMES = PlainRows(select(Person.signature).order_by(Person.id))


@pytest.fixture
def read_beside():
    make.person()
    db.session.rollback()
    beside.begin(db.engine)
    yield
    beside.end()


def names():
    return [row.signature for row in NAMES.rows()]


@housekeeping
def rename(to):
    for person in db.session.scalars(select(Person)):
        person.signature = to
    db.session.flush()
    return names()


@housekeeping
def rename_and_fail():
    rename("nobody")
    raise ZeroDivisionError


@pytest.mark.both_engines
def test_a_command_reads_its_own_writes_and_a_read_after_it_what_it_committed(read_beside):
    assert names() != ["秦岚"]
    assert rename("秦岚") == ["秦岚"]
    assert names() == ["秦岚"]


@pytest.mark.both_engines
def test_a_read_beside_opens_no_session_and_gives_its_connection_back(read_beside):
    names()
    assert db.engine.pool.checkedout() == 1
    assert not db.session.registry.has() or db.session().get_transaction() is None
    beside.end()
    assert db.engine.pool.checkedout() == 0


@pytest.mark.both_engines
def test_the_connection_is_a_sessions_again_when_it_comes_back(read_beside):
    names()
    beside.end()
    with pytest.raises(ZeroDivisionError):
        rename_and_fail()
    assert names() != ["nobody"]


def test_all_statements_of_one_request_see_one_state_on_sqlite(read_beside):
    before = names()
    with db.engine.begin() as other:
        other.execute(Person.__table__.update().values(signature="somebody"))
    assert names() == before
    beside.pause()
    assert names() == ["somebody"]


@pytest.mark.both_engines
@pytest.mark.parametrize("status", [200, 404])
def test_a_request_that_reads_leaves_no_connection_behind(api, status):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    path = f"/orders/{order.id if status == 200 else order.id + 1}"
    db.session.rollback()
    assert call("GET", path).status_code == status
    assert beside.current() is None
    assert db.engine.pool.checkedout() == 0


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used():
    with db.engine.connect() as other:
        db.session.rollback()
        lost = db.session.connection().connection.driver_connection.info.backend_pid
        db.session.rollback()
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (lost,))
    assert db.session.scalar(select(1)) == 1
    assert db.session.connection().connection.driver_connection.info.backend_pid != lost


def known_queries(kind=Query):
    for each in kind.__subclasses__():
        yield each
        yield from known_queries(each)


def test_no_query_has_a_rule_that_reading_each_parameter_would_pass_over():
    for kind in known_queries():
        schema = kind()
        assert not any(schema._hooks.values()), kind
        assert all(field.data_key is None and field.attribute is None for field in schema.load_fields.values()), kind
