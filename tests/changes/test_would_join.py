"""Which open change a new wish would join: asked before the wish, so that the page can say whose it is."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.states import Kind
from shopdesk.core.errors import NotAllowed, NotFound
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")


def test_the_open_change_of_another_person_is_named_before_a_wish_joins_it():
    order = make.order()
    first, second = make.actor(Role.PRE_SALE, signature="阿青"), make.actor(Role.PRE_SALE, signature="小满")
    assert queries.would_join(order.id, Kind.ADDRESS, second) is None
    change = make.change(order, by=first)
    found = queries.would_join(order.id, Kind.ADDRESS, second)
    assert (found.id, found.asked_as, found.opened_at) == (change.id, "阿青", change.opened_at)
    assert found.asked_by_id == first.id
    assert queries.would_join(order.id, Kind.COURIER, second) is None
    assert make.change(order, value={"street": "别的路2号"}, by=second).id == found.id


def test_what_is_done_is_not_joined():
    order = make.order()
    asker = make.actor(Role.PRE_SALE)
    make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert queries.would_join(order.id, Kind.ADDRESS, asker) is None


def test_in_a_merged_parcel_the_address_change_of_the_other_order_is_joined_and_its_card_is_not():
    one, other = make.order(), make.order()
    worlds.merge(one, other)
    asker = make.actor(Role.PRE_SALE)
    change = make.change(one, by=asker)
    make.change(one, Kind.GREETING_CARD, {"text": "祝好"}, by=asker)
    found = queries.would_join(other.id, Kind.ADDRESS, asker)
    assert (found.id, found.order_id) == (change.id, one.id)
    assert queries.would_join(other.id, Kind.GREETING_CARD, asker) is None


def test_only_who_may_ask_is_told():
    order = make.order()
    with pytest.raises(NotAllowed):
        queries.would_join(order.id, Kind.ADDRESS, make.actor(Role.PRINTING))
    with pytest.raises(NotFound):
        queries.would_join(order.id, Kind.ADDRESS, make.actor(Role.PRE_SALE, store_id=make.store("other").id))
