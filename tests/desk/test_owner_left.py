"""A case whose owner has left: shown as such, found in one list, accepted or given to somebody else, also many."""

from __future__ import annotations

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.queries import Whose
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases import days, following, queue
from shopdesk.desk.queries.cases.filters import Filter, View
from shopdesk.staff import service as staff
from tests import after_sale_made as made
from tests import make
from tests.desk.pages import EN, by, send

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def left_alone():
    """(case, person who left)."""
    gone = make.person(Role.AFTER_SALE, login="gone", signature="阿走")
    order = made.shipped()
    case = service.record(order.id, Application(CaseKind.RETURN, "不合适"), actor=by(gone))
    service.accept(case.id, actor=by(gone))
    staff.disable_person(gone.id, actor=make.ROOT)
    return made.now(case), gone


def test_the_queue_and_the_days_figures_name_it_and_the_api_lists_it(left_alone, sign_in, api):
    case, gone = left_alone
    boss = make.person(Role.SUPERVISOR, login="boss")
    assert [row.id for row in queue.page(by(boss), Filter(view=View.LEFT)).rows] == [case.id]
    assert [row.id for row in queries.page(by(boss), Whose.LEFT)] == [case.id]
    assert days.standing(by(boss))["left"] == 1
    assert following.left_over(by(boss), everybody=True).total == 0  # opened today
    page = sign_in(boss).get("/cases?whose=left", headers=EN).text
    assert "has left" in page
    assert gone.signature in page
    listed = api(boss, "case:read")("GET", "/cases?owner=left").json["items"]
    assert [row["id"] for row in listed] == [str(case.id)]


def test_without_leavers_there_is_no_such_tab(sign_in):
    assert "whose=left" not in sign_in(make.person(Role.SUPERVISOR)).get("/cases").text


def test_whoever_has_the_role_accepts_it_once_and_a_supervisor_alone_gives_it_to_somebody(left_alone, sign_in):
    case, gone = left_alone
    heir = make.person(Role.AFTER_SALE, login="heir", signature="阿接")
    boss = sign_in(make.person(Role.SUPERVISOR, login="boss"))
    page = boss.get(f"/cases/{case.id}", headers=EN)
    assert f"{gone.signature} has left" in page.text
    assert send(boss, page, f"/cases/{case.id}/assign", to=str(heir.id)).status_code == 303
    assert made.now(case).owner_id == heir.id
    with pytest.raises(DomainError) as taken:
        service.accept(case.id, actor=by(make.person(Role.AFTER_SALE, login="late")))
    assert taken.value.code == "case_taken"


def test_a_colleague_accepts_it_without_a_supervisor(left_alone, sign_in):
    case, _gone = left_alone
    heir = make.person(Role.AFTER_SALE, login="heir")
    browser = sign_in(heir)
    page = browser.get(f"/cases/{case.id}", headers=EN)
    assert send(browser, page, f"/cases/{case.id}/accept").status_code == 303
    assert made.now(case).owner_id == heir.id


def test_many_are_given_to_others_at_once(left_alone, sign_in):
    case, _gone = left_alone
    heir = make.person(Role.AFTER_SALE, login="heir")
    boss = sign_in(make.person(Role.SUPERVISOR, login="boss"))
    page = boss.get("/cases?whose=left", headers=EN)
    done = send(boss, page, "/cases/bulk", case=str(case.id), to=str(heir.id), act="assign")
    assert (done.status_code, made.now(case).owner_id) == (200, heir.id)


def test_a_supervisor_gives_what_nobody_has_from_the_head_of_the_page_and_with_the_role_takes_it_over(sign_in):
    agent = make.person(Role.AFTER_SALE, login="agent")
    case = service.record(made.shipped().id, Application(CaseKind.RETURN, "不合适"), actor=by(agent))
    alone = sign_in(make.person(Role.SUPERVISOR, login="boss"))
    page = alone.get(f"/cases/{case.id}", headers=EN)
    assert "/accept" not in page.text
    assert send(alone, page, f"/cases/{case.id}/assign", to=str(agent.id)).status_code == 303
    both = make.person(Role.SUPERVISOR, Role.AFTER_SALE, login="both")
    browser = sign_in(both)
    page = browser.get(f"/cases/{case.id}", headers=EN)
    assert send(browser, page, f"/cases/{case.id}/assign", to=str(both.id)).status_code == 303
    assert made.now(case).owner_id == both.id
