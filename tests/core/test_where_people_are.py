"""Where the database holds what names or reaches a person: in the columns that docs/trust.md lists, in no other.

Canaries go through a day's work; then every column of every table is looked through.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import String, cast, func, select

from shopdesk.cases import service as cases
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, PaidTo
from shopdesk.changes import service
from shopdesk.changes.service import Contacted, Evidence, Reply
from shopdesk.changes.states import ConfirmChannel, Kind, SupplierAnswer, SupplierChannel
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.personal import PersonalText
from shopdesk.core.scope import of_found
from shopdesk.imports.service import InputFile, run_files
from shopdesk.notices.models import Answer
from shopdesk.orders.service import Wanted
from shopdesk.orders.states import ContactOutcome, Flag, Readiness
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Stage
from shopdesk.refunds import service as refunds
from shopdesk.refunds.service import Wish
from shopdesk.refunds.states import RefundKind
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from tests import make, worlds
from tests.core.carried import carry

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {
    "name": "欧阳金丝雀",
    "phone": "13987650011",
    "street": "金丝雀路8号9幢1001室",
    "buyer": "金丝雀的网名_1",
    "message": "放门口金丝雀",
    "invoice": "金丝雀个人抬头",
    "new_name": "司徒杜鹃",
    "new_phone": "13712340077",
    "new_street": "杜鹃里5号302室",
    "card": "杜鹃生日快乐",
    "new_invoice": "杜鹃个人抬头",
    "memo": "请给杜鹃女士打电话",
    "platform_memo": "金丝雀老顾客",
    "said": "杜鹃说对的",
    "reason": "杜鹃不要了",
    "late": "改派给杜鹃女士",
    "ended": "已经和杜鹃通过电话",
    "handed": "杜鹃女士的单子",
    "supplier": "杜鹃的件已经拦下",
    "contacted": "杜鹃说愿意等",
    "carried": "雨燕女士说家里没人",
    "sender": "雨燕寄",
    "sender_phone": "13655550099",
    "account": "杜鹃的支付宝 13712340077",
    "goodwill": "杜鹃等了三天",
}
#: The columns that may hold them, as docs/trust.md says; an erasure has to empty each.
HELD = {
    "customer.buyer_key", "customer.buyer_nick", "orders.buyer_nick",
    "orders.recipient_name", "orders.phone", "orders.street_address",
    "orders.buyer_message", "orders.invoice_title", "orders.platform_memo", "memo.text",
    "search_key.value", "search_gram.gram",
    "parcel.ship_name", "parcel.ship_phone", "parcel.ship_address",
    "amendment.value", "amendment.was", "wish.old", "wish.new", "wish.confirmed_text", "change.ended_why",
    "cases.wish", "cases.outcome", "handover.reason", "supplier_message.words", "contact_task.said",
    "refund.account", "refund.reason",
}  # fmt: skip
#: What is typed while a case is carried.
AFTER_SALE = {
    "arrival.sender", "arrival.sender_phone", "case_answer.answer", "case_hand_over.words", "case_note.text",
    "case_reminder.answer", "case_reminder.words", "case_resolution.exception", "case_settlement.account",
    "case_settlement.taken_back_why", "cases.fault_said", "courier_claim.result", "courier_word.said",
    "replacement.why", "return_line.given_up_why", "return_policy.receiver", "returns.ended_why", "returns.exception",
}  # fmt: skip
#: Pieces, not whole words; what a feed says against both; why a fee is kept, money given up, a difference left.
UNVISITED = {"search_gram.gram", "amendment.third", "difference_answer.note", "recovery.reason", "refund_line.reason"}


def tables():
    return [table for table in db.metadata.sorted_tables if table.name != "person"]


def holding(words):
    """The columns in which one of the words stands."""
    found, examined, wanted = set(), 0, [word.encode().hex().upper() for word in words]
    for table in tables():
        examined += len(table.columns)
        written = [func.hex(cast(column, String)) for column in table.columns]  # bytes need not be text
        for row in db.session.execute(of_found(select(*written).select_from(table))):
            hits = zip(table.columns, row, strict=True)
            found |= {f"{table.name}.{c.name}" for c, held in hits if any(word in held for word in wanted)}
    assert examined > 150
    return found


@pytest.fixture
def worked(app, api):
    """A day with them: imported, changed, confirmed, answered, noted, refused, revealed, sent twice by the API."""
    p = PEOPLE
    shop = make.store()
    order = make.order(
        shop, recipient_name=p["name"], phone=p["phone"], street_address=p["street"], buyer_id=p["buyer"],
        buyer_nick=p["buyer"], buyer_message=p["message"], invoice_title=p["invoice"], platform_memo=p["platform_memo"],
        lines=(make.line(quantity=3, price_minor=1000),),
    )  # fmt: skip
    asker, clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
    new = {**make.NEW_ADDRESS, "name": p["new_name"], "phone": p["new_phone"], "street": p["new_street"]}
    change = make.change(order, value=new, by=asker)
    worlds.do(change, "confirm", asker, Evidence(p["said"], ConfirmChannel.CHAT, clock.now()))
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    card = make.change(order, Kind.GREETING_CARD, {"text": p["card"]}, by=asker)
    service.assign(card.id, make.person(Role.PRE_SALE).id, reason=p["handed"], actor=asker)
    service.withdraw(card.id, p["reason"], actor=asker)
    service.write_note(order.id, p["memo"], flag=Flag.RED, actor=asker)
    sent = make.order(shop)
    make.fact(sent, Stage.SHIPPED)
    case = cases.record(sent.id, Application(CaseKind.TRACE, p["late"]), actor=asker)
    cases.close(case.id, p["ended"], actor=asker)
    _of_a_supplier(shop, p["supplier"], asker)
    scarce = make.order(shop)
    parcel_service.set_readiness(scarce.id, Wanted(Readiness.OUT_OF_STOCK), actor=asker)
    service.end_contact(scarce.id, Contacted(ContactOutcome.WAITS, p["contacted"]), actor=asker)
    wanted = Wish(RefundKind.GOODWILL, 100, PaidTo.ALIPAY, p["account"], p["goodwill"])
    refunds.request(order.id, wanted, actor=make.actor(Role.AFTER_SALE))
    call = api(make.person(Role.SUPERVISOR))
    wish = {"kind": "invoice", "value": {"text": p["new_invoice"]}}
    wish["confirmation"] = {"text": p["said"], "via": "phone", "at": clock.now().isoformat()}
    for number in range(2):
        assert call("POST", f"/orders/{order.id}/changes", wish, key="w").status_code == 201
        what = {"what": ["phone", "address"][number], "reason": "call_customer"}
        assert call("POST", f"/orders/{order.id}/reveal", what, key=f"r{number}").status_code == 200
    call("POST", f"/orders/{order.id}/memo-text", {}, key="m")
    call("GET", f"/orders?q={p['phone']}")
    head = "订单编号,买家会员名,总金额,订单状态,收货人姓名,收货地址 ,联系手机,订单创建时间\n"
    row = f"4199,{p['buyer']},x,买家已付款,{p['name']},{p['street']},{p['phone']},never\n"
    run_files(shop, [InputFile("orders.csv", (head + row).encode("gb18030"))], as_of=clock.now(), actor=clerk)
    carry(shop, p["carried"], p["sender"], p["sender_phone"])
    db.session.rollback()
    return order


def _of_a_supplier(shop, words, asker):
    supplier = staff.add_warehouse("合作厂家", kind=WarehouseKind.SUPPLIER, serves=[shop.slug], actor=make.ROOT)
    order = make.order(shop)
    service.ship_from(make.parcel(order).id, supplier.id, actor=asker)
    make.fact(order, Stage.PRINTED)
    change = make.change(order, by=asker)
    at = worlds.position(change, "hand_out")
    service.ask_supplier(change.id, at, SupplierChannel.WECHAT, actor=asker)
    service.note_reply(change.id, at, Reply(SupplierAnswer.DONE, words), actor=asker)


def test_people_stand_only_in_the_columns_that_are_listed(worked):
    assert holding(PEOPLE.values()) | UNVISITED == HELD | AFTER_SALE | UNVISITED
    _keys_hold_them_folded_and_stay_within_their_order(worked)


def test_every_column_of_personal_text_is_listed():
    typed = {f"{t.name}.{c.name}" for t in tables() for c in t.columns if isinstance(c.type, PersonalText)}
    assert typed <= HELD | AFTER_SALE | UNVISITED


def _keys_hold_them_folded_and_stay_within_their_order(worked):
    grams = db.metadata.tables["search_gram"]
    found = db.session.scalars(of_found(select(grams.c.gram).where(grams.c.order_id == worked.id))).all()
    assert {"欧阳", "金丝"} & set(found)
    for name in ("search_key", "search_gram"):
        (order_id,) = db.metadata.tables[name].c.order_id.foreign_keys
        assert order_id.column.table.name == "orders"


def test_the_document_lists_every_one_of_them():
    text = (ROOT / "docs" / "trust.md").read_text()
    assert [name for name in sorted(HELD | AFTER_SALE | UNVISITED) if f"`{name}`" not in text] == []


@pytest.mark.usefixtures("app")
def test_the_look_finds_a_value_that_stands_where_it_should_not():
    """The control: a name in an event's body, as `audit.record` would take it from a careless caller."""
    from shopdesk.core import audit
    from shopdesk.core.db import command

    @command
    def careless():
        audit.record("test.done", "test", 1, make.ROOT, name=PEOPLE["name"])

    careless()
    assert "event.body" in holding(PEOPLE.values())


def test_what_the_tokens_and_links_are_made_of_is_nowhere(app):
    person = make.person(Role.PRE_SALE)
    secrets = [make.api_token(person), staff.new_link(person.id, actor=make.ROOT)]
    assert holding(secrets) == set()
