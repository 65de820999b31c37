"""People, roles, tokens and links: rights are what the rows say now."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from shopdesk.core import audit, clock
from shopdesk.core.errors import Conflict, NotFound, RuleViolation
from shopdesk.core.permissions import ASSIGNABLE, GRANTS, Permission, Role
from shopdesk.staff import queries, service
from tests import make

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
P = Permission


def held(person):
    return queries.actor_for(queries.person_by_id(person.id), channel="page")


def test_a_role_in_one_store_stays_there_and_a_role_in_all_reaches_the_next_store_too():
    first, second = make.store("first"), make.store("second")
    one, everywhere = make.person(Role.PRINTING, store_id=first.id), make.person(Role.PRINTING)
    third = make.store("third")
    assert set(held(one).roles) == {first.id}
    assert set(held(everywhere).roles) == {first.id, second.id, third.id}


def test_a_store_that_is_closed_gives_no_rights():
    store = make.store()
    person = make.person(Role.SUPERVISOR)
    make._set(store, {"disabled_at": clock.now()})
    assert held(person).roles == {}


@pytest.mark.mission("M005")
def test_rights_are_the_union_of_the_roles_within_a_store():
    store = make.store()
    person = make.person(Role.PRE_SALE, Role.PRINTING, store_id=store.id)
    assert held(person).permissions(store.id) == GRANTS[Role.PRE_SALE] | GRANTS[Role.PRINTING]


def test_giving_a_role_twice_gives_it_once_and_taking_it_takes_it_whole():
    store, person = make.store(), make.person()
    for _ in range(2):
        service.grant(person.id, Role.FINANCE, store_id=None, actor=make.ROOT)
    assert held(person).roles == {store.id: {Role.FINANCE}}
    service.take_away(person.id, Role.FINANCE, store_id=None, actor=make.ROOT)
    assert held(person).roles == {}


def test_the_desks_own_role_is_given_to_nobody():
    with pytest.raises(RuleViolation):
        service.grant(make.person().id, Role.SYSTEM, store_id=None, actor=make.ROOT)


def test_printing_and_warehouse_see_no_money_and_only_printing_voids():
    assert {r for r in ASSIGNABLE if P.MONEY_READ in GRANTS[r]}.isdisjoint({Role.PRINTING, Role.WAREHOUSE})
    assert {r for r in ASSIGNABLE if P.PARCEL_VOID in GRANTS[r]} == {Role.PRINTING, Role.SUPERVISOR}
    assert {r for r in ASSIGNABLE if P.FACTS_WRITE in GRANTS[r]} == {Role.INTEGRATION, Role.SUPERVISOR}


@pytest.mark.parametrize("login", ["", "a b", "a/b", "x" * 65, "a?b", "a%b"])
def test_a_sign_in_name_that_breaks_addresses_is_refused(login):
    with pytest.raises(RuleViolation):
        service.add_person(login, actor=make.ROOT)


def test_a_sign_in_name_is_taken_whatever_its_case_and_width():
    service.add_person("ada", actor=make.ROOT)
    with pytest.raises(Conflict):
        service.add_person("ＡＤＡ", actor=make.ROOT)


# -- tokens


def test_a_token_gives_what_the_roles_give_narrowed_by_its_scopes():
    store = make.store()
    person = make.person(Role.PRE_SALE)
    _, found = queries.token_holder(make.api_token(person, P.ORDER_READ, P.FACTS_WRITE))
    assert found.permissions(store.id) == {P.ORDER_READ}


def test_the_only_supervisor_stays_until_there_is_another():
    boss = make.person(Role.SUPERVISOR)
    with pytest.raises(Conflict) as refused:
        service.disable_person(boss.id, actor=make.ROOT)
    assert refused.value.code == "last_supervisor"
    make.person(Role.SUPERVISOR)
    service.disable_person(boss.id, actor=make.ROOT)
    with pytest.raises(RuleViolation) as refused:
        service.create_token(boss.id, scopes=None, days=1, actor=make.ROOT)
    assert refused.value.code == "disabled"


def test_a_token_ends_with_its_time_its_revocation_and_its_person(monkeypatch):
    person, other = make.person(Role.PRE_SALE), make.person(Role.PRE_SALE)
    first, second, third = make.api_token(person), make.api_token(person), make.api_token(other)
    service.revoke_token(1, actor=make.ROOT)
    assert queries.token_holder(first) is None
    assert queries.token_holder(second)
    service.disable_person(other.id, actor=make.ROOT)
    assert queries.token_holder(third) is None
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    assert queries.token_holder(second) is None


@pytest.mark.parametrize("secret", ["", " ", "nothing", "x" * 5000, "' OR 1=1 --", "令牌", "😀"])
def test_what_is_no_token_is_nobodys(secret):
    assert queries.token_holder(secret) is None


def test_no_secret_is_kept_in_clear():
    person = make.person()
    secrets = [make.api_token(person), service.new_link(person.id, actor=make.ROOT)]
    make.db.session.rollback()
    with make.db.engine.connect() as connection:
        kept = "".join(
            str(row)
            for table in ("api_token", "one_time_link", "event", "person")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        )
    assert not [secret for secret in [*secrets, make.PASSWORD] if secret in kept]


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_a_token_has_an_end_within_reason(days):
    with pytest.raises(RuleViolation):
        service.create_token(make.person().id, scopes=None, days=days, actor=make.ROOT)


def test_a_token_asks_for_nothing_that_the_persons_roles_do_not_allow():
    shop = make.store()
    printer = make.person(Role.PRINTING, store_id=shop.id)
    with pytest.raises(RuleViolation) as refused:
        service.create_token(printer.id, scopes=[P.ORDER_READ, P.FACTS_WRITE], days=1, actor=make.ROOT)
    assert (refused.value.code, refused.value.facts["scope"]) == ("scope_not_allowed", "facts:write")
    assert service.create_token(printer.id, scopes=[P.ORDER_READ], days=1, actor=make.ROOT)


@pytest.mark.parametrize("scopes", [[P.FACTS_WRITE], None])
def test_a_role_in_all_stores_gives_its_scopes_before_there_is_any_store(scopes):
    assert service.create_token(make.person(Role.INTEGRATION).id, scopes=scopes, days=1, actor=make.ROOT)


# -- the one-time link, by two at once


def test_of_two_who_use_a_link_at_once_one_sets_the_password(app):
    person = make.person()
    secret = service.new_link(person.id, actor=make.ROOT)
    make.db.session.rollback()
    gate = Barrier(2)

    def use(password):
        with app.app_context():
            gate.wait()
            try:
                service.redeem_link(secret, password)
            except NotFound:
                return "too late"
            return "set"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(use, ["the first password", "the second password"]))
    assert answers == ["set", "too late"]


def test_every_change_of_rights_is_on_record_and_the_chain_holds():
    store, person = make.store(), make.person()
    service.grant(person.id, Role.PRINTING, store_id=store.id, actor=make.ROOT)
    service.take_away(person.id, Role.PRINTING, store_id=store.id, actor=make.ROOT)
    service.sign_out_everywhere(person.id, actor=make.ROOT)
    service.disable_person(person.id, actor=make.ROOT)
    make.db.session.rollback()
    with make.db.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT action FROM event WHERE subject_id = {person.id} ORDER BY id")
        said = [row.action for row in rows]
    assert {"person.role_granted", "person.role_taken", "person.signed_out_everywhere", "person.disabled"} <= set(said)
    assert audit.verify(audit.heads())[1] == []
