"""Whose turn it is, through the API: the list, reminders, handing on."""

import pytest

from shopdesk.core.permissions import Role
from shopdesk.staff import queries
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def asker():
    make.store()
    return make.person(Role.PRE_SALE, signature="小满")


def by(person):
    return queries.actor_for(person, channel="api")


def test_the_list_goes_on_by_cursor_and_filters(asker, api):
    made = [make.change(make.order(), by=by(asker)) for _ in range(3)]
    ready = make.change(make.order(), by=by(asker), yes=True)
    call = api(make.person(Role.SUPERVISOR))
    first = call("GET", "/changes?limit=2").json
    rest = call("GET", f"/changes?limit=2&cursor={first['next']}").json
    found = [row["change_id"] for row in first["items"] + rest["items"]]
    assert found == [str(change.id) for change in (*made, ready)]
    assert rest["next"] is None
    only = call("GET", "/changes?role=printing&store=my-shop").json["items"]
    assert [(row["change_id"], row["code"], row["person"]) for row in only] == [(str(ready.id), "acknowledge", None)]
    assert first["items"][0]["person"] == "小满"
    assert call("GET", "/changes?store=nowhere").status_code == 404
    assert call("GET", "/changes?role=nobody").status_code == 400
    assert call("GET", "/changes?cursor=x").status_code == 400


def test_reminding_twice_is_a_conflict_that_says_when_and_by_whom(asker, api):
    change = make.change(make.order(), by=by(asker), yes=True)
    path = f"/changes/{change.id}/steps/{worlds.position(change, 'acknowledge')}/reminder"
    call = api(asker)
    sent = call("POST", path, {}, key="a")
    assert (sent.status_code, sent.json["role"], sent.json["person_id"]) == (201, "printing", None)
    assert call("POST", path, {}, key="a").json == sent.json
    again = call("POST", path, {}, key="b")
    assert (again.status_code, again.json["error"], again.json["facts"]["who"]) == (409, "nudged_lately", "小满")
    shown = call("GET", f"/changes/{change.id}").json["steps"]
    assert [step["reminders"] for step in shown if step["code"] == "acknowledge"] == [1]


@pytest.mark.mission("M015")
def test_a_change_is_handed_on_and_everything_over(asker, api):
    first, second = (make.change(make.order(), by=by(asker)) for _ in range(2))
    colleague, third = make.person(Role.PRE_SALE), make.person(Role.PRE_SALE)
    call = api(asker)
    body = {"to": str(colleague.id), "reason": "下班"}
    assert call("POST", f"/changes/{first.id}/assignment", body, key="a").json["follower_id"] == str(colleague.id)
    refused = call("POST", f"/changes/{first.id}/assignment", {"to": str(third.id)}, key="b")
    assert (refused.status_code, refused.json["error"]) == (422, "value_required")
    assert call("POST", f"/changes/{first.id}/assignment", body | {"role": "printing"}, key="c").status_code == 400
    done = call("POST", "/changes/hand-over", body, key="d").json
    assert done == {"changes": [str(second.id)], "stayed": 0}
    assert call("POST", "/changes/hand-over", {"to": "99999", "reason": "x"}, key="e").status_code == 404
