"""A desk without a store yet: the first supervisor comes in and sees what is to be done."""

import pytest

from shopdesk.core.permissions import Permission, Role
from shopdesk.staff import queries
from tests import make

PAGES = ["/", "/?q=4100", "/work", "/inbox", "/feeds", "/imports", "/print-check"]


def test_the_first_supervisor_of_an_empty_desk_gets_pages_and_not_a_refusal(sign_in):
    client = sign_in(make.person(Role.SUPERVISOR))
    for path in PAGES:
        assert client.get(path).status_code == 200, path
    assert "cli store add" in client.get("/").text


def test_a_role_in_every_store_opens_no_page_of_other_roles_on_an_empty_desk(sign_in):
    client = sign_in(make.person(Role.WAREHOUSE))
    assert client.get("/").status_code == 200
    assert client.get("/print-check").status_code == 403


def test_a_role_in_one_store_opens_nothing_once_that_store_is_closed(app):
    there = make.store()
    person = make.person(Role.SUPERVISOR, store_id=there.id)
    make._set(there, {"disabled_at": make.clock.now()})
    assert not queries.actor_for(person, channel="page").has_anywhere(Permission.ORDER_READ)


@pytest.mark.usefixtures("app")
def test_a_token_of_an_empty_desk_keeps_its_scopes():
    person = make.person(Role.SUPERVISOR)
    limit = frozenset({Permission.ORDER_READ})
    actor = queries.actor_for(person, channel="api", limit=limit)
    assert actor.has_anywhere(Permission.ORDER_READ)
    assert not actor.has_anywhere(Permission.IMPORT_WRITE)
