"""Two changes on one parcel: it is fetched once, and goes back once, when both are through."""

import pytest

from shopdesk.changes import service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


class Desk:
    def __init__(self, stage=Stage.PRINTED):
        make.store()
        self.asker, self.packer = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE)
        self.clerk, self.after = make.actor(Role.PRINTING), make.actor(Role.AFTER_SALE)
        self.order = make.order(lines=(make.line(quantity=3), make.line("n2")))
        make.fact(self.order, stage)
        self.parcel = make.parcel(self.order)

    def card(self):
        return make.change(self.order, Kind.GREETING_CARD, {"text": "祝好"}, by=self.asker, yes=True)

    def invoice(self):
        return make.change(self.order, Kind.INVOICE, {"text": "星澜贸易"}, by=self.asker, yes=True)

    def recalls(self):
        return len(make.notices(self.order, NoticeKind.RECALL))

    def hand_out(self, change, to=None):
        worlds.do(change, "hand_out", self.packer, Evidence(to=(to or self.packer).id))

    def through(self, change):
        worlds.do(change, "amend_papers", self.packer, Evidence())
        worlds.do(change, "amend", self.asker, Evidence())

    def whole(self):
        assert invariants.broken(self.order.store_id) == []


def test_asked_for_by_two_it_is_handed_out_once():
    desk = Desk()
    card, invoice = desk.card(), desk.invoice()
    assert desk.recalls() == 2
    desk.hand_out(card)
    assert (desk.recalls(), worlds.open_codes(invoice)[0]) == (0, "amend_papers")
    desk.whole()


def test_a_second_wish_finds_the_papers_out_and_nobody_is_asked_for_them_again():
    desk = Desk()
    card = desk.card()
    desk.hand_out(card)
    invoice = desk.invoice()
    assert (desk.recalls(), worlds.open_codes(invoice)[0]) == (0, "amend_papers")
    desk.whole()


def test_they_go_back_once_when_both_are_through_and_not_before():
    desk = Desk()
    card, invoice = desk.card(), desk.invoice()
    desk.hand_out(card)
    desk.through(card)
    with pytest.raises(IllegalMove) as caught:
        worlds.do(card, "take_back", desk.packer, Evidence())
    assert (caught.value.code, caught.value.facts["change"]) == ("still_out", invoice.id)
    desk.through(invoice)
    worlds.do(card, "take_back", desk.packer, Evidence())
    worlds.refresh(desk.parcel)
    assert (card.state, invoice.state, desk.parcel.holds) == (ChangeState.DONE, ChangeState.DONE, 0)
    desk.whole()


def test_a_withdrawn_one_goes_back_with_the_other():
    desk = Desk()
    card, invoice = desk.card(), desk.invoice()
    desk.hand_out(card)
    service.withdraw(card.id, "不要了", actor=desk.asker)
    desk.through(invoice)
    worlds.do(invoice, "take_back", desk.packer, Evidence())
    worlds.refresh(desk.parcel)
    assert (card.state, worlds.open_codes(card)) == (ChangeState.WITHDRAWN, [])
    assert (invoice.state, desk.parcel.holds) == (ChangeState.DONE, 0)
    desk.whole()


def test_a_cancel_is_handed_to_after_sale_whoever_holds_it_for_another_change():
    desk = Desk()
    card = desk.card()
    desk.hand_out(card)  # to the packer, who is not in after-sale
    cancel = make.change(desk.order, Kind.CANCEL, {"lines": {worlds.line(desk.order).id: 1}}, by=desk.asker)
    assert (desk.recalls(), worlds.open_codes(cancel)[0]) == (1, "hand_to_after_sale")
    worlds.do(cancel, "hand_to_after_sale", desk.packer, Evidence(to=desk.after.id))
    worlds.do(cancel, "take_out", desk.clerk, Evidence())
    worlds.do(cancel, "reprint", desk.clerk, Evidence())
    desk.through(card)
    worlds.do(cancel, "take_back", desk.packer, Evidence())
    worlds.refresh(desk.parcel)
    assert (card.state, cancel.state, desk.parcel.holds) == (ChangeState.DONE, ChangeState.DONE, 0)
    desk.whole()


def test_a_parcel_is_packed_again_once_for_both():
    desk = Desk(Stage.PACKED)
    card, invoice = desk.card(), desk.invoice()
    desk.hand_out(card)
    for change in (card, invoice):
        worlds.do(change, "amend", desk.asker, Evidence())
        worlds.do(change, "reprint", desk.clerk, Evidence())
    worlds.do(invoice, "repack", desk.packer, Evidence(grams=500))
    worlds.refresh(desk.parcel)
    assert (card.state, invoice.state, desk.parcel.holds) == (ChangeState.DONE, ChangeState.DONE, 0)
    desk.whole()
