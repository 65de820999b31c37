"""What the customer's yes in the same submit is said to do, at each stage."""

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.desk.pages import EN

pytestmark = pytest.mark.usefixtures("app")
SAID = {
    Stage.UNPRINTED: "make one submit enough",
    Stage.PRINTED: "still have to be fetched and amended first",
    Stage.PACKED: "still have to be fetched and amended first",
}


@pytest.mark.parametrize("stage", SAID)
@pytest.mark.parametrize("kind", ["greeting_card", "courier"])
def test_only_where_nothing_is_printed_one_submit_is_said_to_be_enough(sign_in, stage, kind):
    make.store()
    order = make.order()
    if stage is not Stage.UNPRINTED:
        make.fact(order, stage, happened_at=clock.now())
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}/changes/{kind}", headers=EN)
    assert page.status_code == 200
    assert {words for words in SAID.values() if words in page.text} == {SAID[stage]}
