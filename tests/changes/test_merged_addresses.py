"""An address wish on a merged parcel asks: all orders go there, or this one leaves the others."""

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind, Others
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds
from tests.desk.pages import fields

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
NEW, OLD = make.NEW_ADDRESS["street"], "星澜街128号7幢1203室"


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRE_SALE)


def merged(clerk):
    first, second = make.order(), make.order()
    changes.merge_parcels([make.parcel(first).id, make.parcel(second).id], actor=clerk)
    return first, second


def test_all_go_there_in_one_change_and_each_order_says_so(clerk):
    first, second = merged(clerk)
    change = make.change(second, by=clerk, yes=True, others=Others.ALL)
    assert [worlds.effective(order) for order in (first, second)] == [NEW, NEW]
    assert worlds.street(make.parcel(first)) == NEW
    assert make.parcel(first).holds == 1
    assert worlds.open_codes(change) == ["acknowledge"]
    assert all(NEW in " ".join(worlds.memos(order)) for order in (first, second))
    assert invariants.broken(first.store_id) == []


def test_split_gives_this_one_a_parcel_of_its_own_and_leaves_the_others(clerk):
    first, second = merged(clerk)
    change = make.change(second, by=clerk, others=Others.SPLIT)
    home, own = make.parcel(first), make.parcel(second)
    assert home.id != own.id == change.parcel_id
    assert [worlds.street(home), worlds.street(own)] == [OLD, NEW]
    assert [home.holds, own.holds] == [0, 1]
    assert [o.id for o in parcels.orders_in_parcel(home.id, home.store_id)] == [first.id]
    assert invariants.broken(first.store_id) == []


def test_printed_papers_are_not_split(clerk):
    first, second = merged(clerk)
    make.fact(first, Stage.PRINTED)
    with pytest.raises(IllegalMove) as caught:
        make.change(second, by=clerk, others=Others.SPLIT)
    assert caught.value.code == "not_unprinted"
    assert worlds.effective(second) == OLD


@pytest.mark.parametrize("chosen", ["", "split"])
def test_the_page_asks_and_keeps_what_was_typed(clerk, sign_in, chosen):
    first, second = merged(clerk)
    ids = (first.id, second.id, first.store_id)
    browser = sign_in(make.person(Role.PRE_SALE))
    address = f"/orders/{ids[1]}/changes/address"
    sent = fields(browser.get(address), "") | make.NEW_ADDRESS | {"action": "preview"}
    page = browser.post(address, data=sent)
    assert 'name="others"' in page.text
    sent = fields(page, "") | {"action": "submit", "others": chosen}
    answer = browser.post(address, data=sent)
    if chosen:
        assert answer.status_code == 303
        assert len(parcels.parcels_of_order(ids[1], ids[2])) == 1
        assert make.parcel(second).id != make.parcel(first).id
    else:
        assert answer.status_code == 422
        assert NEW in answer.text
        assert len(parcels.parcels_of_order(ids[0], ids[2])) == 1


def test_a_wish_that_does_not_say_what_becomes_of_the_others_is_refused_by_the_command_and_the_api(clerk, api):
    _first, second = merged(clerk)
    with pytest.raises(RuleViolation) as caught:
        changes.ask(second.id, changes.Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=clerk)
    assert caught.value.code == "others_wanted"
    call = api(make.person(Role.PRE_SALE))
    body = {"kind": "address", "value": make.NEW_ADDRESS}
    refused = call("POST", f"/orders/{second.id}/changes", body)
    assert (refused.status_code, refused.json["error"]) == (422, "others_wanted")
    assert worlds.effective(second) == OLD
    assert call("POST", f"/orders/{second.id}/changes", body | {"others": "all"}).status_code == 201
