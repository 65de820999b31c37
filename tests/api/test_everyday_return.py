"""The everyday return in one request: what the order page's one click does, once, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import queries as cases
from shopdesk.cases.states import CasePhase, Reason
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries as returns
from tests import make
from tests.returns.world import case_of, counters, sent

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def agent(api):
    return api(make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾"))


def path(order):
    return f"/orders/{order.id}/everyday-return"


def there(order):
    return cases.of_order(order.id, order.store_id, make.actor(Role.SUPERVISOR))


@pytest.mark.mission("M107")
def test_one_request_opens_accepts_and_confirms_and_a_repeat_gets_the_same_answer(agent):
    order = sent(units=1)
    made = agent("POST", path(order), {}, key="k")
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(f"/cases/{made.json['id']}")
    assert (made.json["phase"], made.json["owner"]) == ("receive", "阿禾")
    assert agent("POST", path(order), {}, key="k").json == made.json
    (row,) = there(order)
    case = cases.case_by_id(row.id, make.actor(Role.SUPERVISOR))
    assert (case.phase, case.reason) == (CasePhase.RECEIVE, Reason.UNWANTED)
    (back,) = returns.of_case(case.id, case.store_id)
    assert (made.json["return_id"], counters(order)) == (str(back.id), (1, 1, 0))
    assert agent("POST", path(order), {"wish": "买大了"}, key="k").status_code == 422, "another body under this key"


def test_the_customers_words_stand_in_the_case(agent):
    order = sent(units=1)
    made = agent("POST", path(order), {"wish": "买大了"}, key="k").json
    assert agent("GET", f"/cases/{made['id']}").json["wish"] == "买大了"


def late():
    return sent(units=1, ago=timedelta(days=60))


def open_already():
    order = sent(units=1)
    case_of(order, make.actor(Role.AFTER_SALE))
    return order


def on_its_way():
    order = make.order(lines=(make.line(quantity=1),))
    make.fact(order, Stage.SHIPPED)
    return order


@pytest.mark.parametrize("has_more_to_it", [lambda: sent(units=2), late, open_already, on_its_way])
def test_what_has_more_to_it_is_refused_and_nothing_is_written(agent, has_more_to_it):
    order = has_more_to_it()
    before = len(there(order))
    answer = agent("POST", path(order), {}, key="k")
    assert (answer.status_code, answer.json["error"]) == (409, "not_everyday")
    assert (len(there(order)), counters(order)[1]) == (before, 0)


def test_it_needs_a_key_a_person_of_after_sale_and_the_store(agent, api):
    order = sent(units=1)
    assert agent("POST", path(order), {}).json["error"] == "command_key_required"
    assert agent("POST", path(order), {"strange": 1}, key="k").status_code == 400
    for role in (Role.SUPERVISOR, Role.PRE_SALE, Role.WAREHOUSE, Role.PRINTING):
        assert api(make.person(role))("POST", path(order), {}, key="k").status_code == 403, role
    elsewhere = api(make.person(Role.AFTER_SALE, store_id=make.store("far").id))
    assert elsewhere("POST", path(order), {}, key="k").status_code == 404
    assert there(order) == []
