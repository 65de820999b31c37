"""Saved views of the queue: kept, renamed, shared with a store by who may, taken back, deleted."""

from __future__ import annotations

import pytest

from shopdesk.core.errors import Conflict, NotAllowed, NotFound
from shopdesk.core.permissions import Role
from shopdesk.staff import queries, service
from tests import make
from tests.desk.pages import EN, by, send

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def store():
    return make.store()


def kept(actor, title="急件"):
    return service.save_view("cases", title, {"whose": ["overdue"]}, actor=actor)


def titles(store_id, *people):
    own = [one.title for person in people for one in queries.views_of(person.id, "cases")]
    return own, [one.title for one in queries.shared_views("cases", [store_id])]


def test_a_supervisor_shares_a_view_everybody_of_the_store_sees_it_and_only_who_shares_changes_it(store):
    boss, agent = make.actor(Role.SUPERVISOR), make.actor(Role.AFTER_SALE)
    view = kept(boss)
    service.share_view(view.id, store.id, actor=boss)
    assert titles(store.id, boss, agent) == ([], ["急件"])
    for attempt in (
        lambda: service.rename_view(view.id, "x", actor=agent),
        lambda: service.delete_view(view.id, actor=agent),
        lambda: service.share_view(view.id, None, actor=agent),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    other = make.actor(Role.SUPERVISOR, signature="主管")
    assert service.rename_view(view.id, " 当天 到期 ", actor=other).title == "当天 到期"
    service.share_view(view.id, None, actor=boss)
    assert titles(store.id, boss, agent) == (["当天 到期"], [])
    service.delete_view(view.id, actor=boss)
    assert titles(store.id, boss) == ([], [])


def test_after_sale_keeps_and_renames_its_own_and_shares_none(store):
    agent, other = make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)
    view = kept(agent)
    with pytest.raises(NotAllowed):
        service.share_view(view.id, store.id, actor=agent)
    with pytest.raises(NotFound):
        service.rename_view(view.id, "x", actor=other)
    kept(agent, "第二")
    with pytest.raises(Conflict):
        service.rename_view(view.id, "第二", actor=agent)
    assert service.rename_view(view.id, "第一", actor=agent).title == "第一"


def test_one_name_stands_once_in_a_store_and_another_stores_view_is_not_there(store):
    boss, second = make.actor(Role.SUPERVISOR), make.actor(Role.SUPERVISOR)
    service.share_view(kept(boss).id, store.id, actor=boss)
    with pytest.raises(Conflict):
        service.share_view(kept(second).id, store.id, actor=second)
    elsewhere = make.store("other")
    stranger = make.actor(Role.SUPERVISOR, store_id=elsewhere.id)
    (shared,) = queries.shared_views("cases", [store.id])
    with pytest.raises(NotFound):
        service.delete_view(shared.id, actor=stranger)
    with pytest.raises(NotAllowed):
        service.share_view(kept(stranger).id, store.id, actor=stranger)


def test_the_page_renames_shares_and_shows_who_shared(store, sign_in):
    boss, agent = make.person(Role.SUPERVISOR, signature="青禾"), make.person(Role.AFTER_SALE)
    browser, reader = sign_in(boss), sign_in(agent)
    view = kept(by(boss))
    page = browser.get("/cases?whose=overdue", headers=EN)
    assert send(browser, page, f"/cases/views/{view.id}/rename", title="赶快办").status_code == 303
    page = browser.get("/cases", headers=EN)
    assert send(browser, page, f"/cases/views/{view.id}/share").status_code == 303
    seen = reader.get("/cases", headers=EN).text
    assert "shared with" in seen
    assert "青禾" in seen
    assert "赶快办" in seen
    assert f"/cases/views/{view.id}" not in seen
    page = browser.get("/cases", headers=EN)
    assert send(browser, page, f"/cases/views/{view.id}/share").status_code == 303
    assert "赶快办" not in reader.get("/cases").text
