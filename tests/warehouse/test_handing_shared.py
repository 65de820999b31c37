"""Two changes share one physical thing: each scan does one act, once, for both."""

import pytest

from shopdesk.changes import service as change_service
from shopdesk.changes.service import Wished
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.warehouse import service
from shopdesk.warehouse.service import Given
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
BOTH = pytest.mark.parametrize("stage", [Stage.PRINTED, Stage.PACKED])


class Desk:
    def __init__(self, stage):
        make.store()
        self.packer, self.asker = make.actor(Role.WAREHOUSE), make.actor(Role.PRE_SALE)
        self.clerk, self.after = make.actor(Role.PRINTING), make.actor(Role.AFTER_SALE)
        self.order = make.order(lines=(make.line(quantity=3), make.line("n2")))
        make.fact(self.order, stage)
        self.line = worlds.line(self.order)

    def ask(self, kind, value, line_id=None):
        return change_service.ask(self.order.id, Wished(kind, value, line_id), actor=self.asker)[0]

    def colour(self):
        return self.ask(Kind.ATTRIBUTE, {"attributes": "蓝色"}, self.line.id)

    def invoice(self):
        return self.ask(Kind.INVOICE, {"text": "星澜贸易"})

    def cancel_of_lines(self):
        return self.ask(Kind.CANCEL, {"lines": {self.line.id: 1}})

    def hand_to(self, who):
        self.holder = who
        return self.scan(Mode.HAND_OUT, to=who.id)

    def scan(self, mode, **given):
        return service.hand(self.order.number, mode, Given(**given), actor=self.packer)

    def do(self, change, *codes):
        who = {"reprint": self.clerk, "take_out": self.clerk, "amend_papers": self.holder}
        for code in codes:
            if code in worlds.open_codes(change):
                worlds.do(change, code, who.get(code, self.asker))

    def whole(self):
        assert invariants.broken(self.order.store_id) == []


def through(desk, *changes):
    for change in changes:
        desk.do(change, "take_out", "amend_papers", "amend", "confirm", "reprint")


@BOTH
def test_what_two_changes_want_goes_out_and_comes_back_with_two_scans(stage):
    desk = Desk(stage)
    colour, invoice = desk.colour(), desk.invoice()
    assert desk.hand_to(desk.packer).result is Result.OK
    through(desk, colour, invoice)
    assert desk.scan(Mode.TAKE_BACK).result is Result.OK
    assert (colour.state, invoice.state, make.parcel(desk.order).holds) == (ChangeState.DONE, ChangeState.DONE, 0)
    desk.whole()


@BOTH
def test_somebody_of_after_sale_gets_it_for_both_and_it_comes_back_for_both(stage):
    desk = Desk(stage)
    colour, cancel = desk.colour(), desk.cancel_of_lines()
    assert desk.hand_to(desk.after).result is Result.OK
    through(desk, colour, cancel)
    assert desk.scan(Mode.TAKE_BACK, grams=300).result is Result.OK
    assert (colour.state, cancel.state, make.parcel(desk.order).holds) == (ChangeState.DONE, ChangeState.DONE, 0)
    desk.whole()


@BOTH
def test_who_may_not_have_it_for_the_cancel_gets_it_for_the_other_and_the_cancel_still_waits(stage):
    desk = Desk(stage)
    colour, cancel = desk.colour(), desk.cancel_of_lines()
    assert desk.hand_to(desk.packer).result is Result.OK
    assert "hand_out" not in worlds.open_codes(colour)
    assert worlds.open_codes(cancel)[0] == "hand_to_after_sale"
    with pytest.raises(RuleViolation) as caught:
        desk.scan(Mode.HAND_OUT, to=desk.packer.id)
    assert caught.value.code == "not_a_receiver"
    assert desk.hand_to(desk.after).result is Result.OK
    desk.whole()


def test_nobody_named_or_somebody_without_a_role_gets_nothing():
    desk = Desk(Stage.PRINTED)
    desk.colour(), desk.invoice()
    for to in (None, 10**9):
        with pytest.raises(RuleViolation):
            desk.scan(Mode.HAND_OUT, to=to)
