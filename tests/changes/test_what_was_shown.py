"""What nobody was shown is neither printed nor acknowledged nor loaded: also where the group is the same as before."""

import re

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Wished
from shopdesk.changes.states import ChangeState, Kind, Purpose
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.states import Flag
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.desk.pages import send
from tests.racing import race, rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
OTHER = {"province": "广东省", "city": "深圳市", "district": "南山区", "street": "海棠路9号1栋301室"}
ROUNDS = rounds(6)


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk(asker):
    return make.actor(Role.PRINTING)


def write_memo(order, asker):
    service.write_note(order.id, "请加一层气泡膜", flag=Flag.RED, actor=asker)


def change_address(order, asker):
    make.change(order, by=asker, yes=True)


def join_another_address(order, asker):
    make.change(order, value=OTHER, by=asker, yes=True)


def change_courier(order, asker):
    make.change(order, Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)


def change_and_acknowledge(order, asker):
    make.change(order, Kind.GREETING_CARD, {"text": "生日快乐"}, by=asker, yes=True)
    notice = make.notices(order, NoticeKind.CHANGE)[-1]
    service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))


def nothing(order, asker):
    """As it was ordered."""


def standing(order):
    db.session.expire_all()
    states = [str(c.state) for c in changes_of(order)]
    open_memos = len(make.notices(order, NoticeKind.MEMO))
    return str(make.parcel(order).stage), make.parcel(order).holds, states, open_memos


def changes_of(order):
    return queries.changes_of_order(order.id, order.store_id)


MEANWHILE = [
    (write_memo, change_address),
    (change_address, join_another_address),
    (change_address, change_courier),
    (change_address, write_memo),
    (write_memo, write_memo),
    (nothing, change_and_acknowledge),
]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize(("before", "meanwhile"), MEANWHILE, ids=lambda f: f.__name__)
def test_a_row_that_is_changed_for_another_reason_by_now_is_not_printed(asker, clerk, before, meanwhile):
    plain, order = make.order(), make.order()
    before(order, asker)
    made, _rows = service.make_check([plain.number, order.number], actor=clerk)
    meanwhile(order, asker)
    as_before = standing(order)
    with pytest.raises(Conflict) as refused:
        service.mark_printed(made.id, "W9", actor=clerk)
    assert (refused.value.code, refused.value.facts["rows"]) == ("list_changed", [order.number])
    assert standing(order) == as_before
    assert make.parcel(plain).stage is Stage.UNPRINTED
    again, _rows = service.make_check([plain.number, order.number], actor=clerk)
    service.mark_printed(again.id, "W9", actor=clerk)
    assert standing(order)[:2] == ("printed", 0)
    assert set(standing(order)[2]) <= {"done"}
    assert standing(order)[3] == 0


def test_what_does_not_go_either_way_holds_no_list_back(asker, clerk):
    plain, held = make.order(), make.order()
    make.change(held, by=asker)
    made, _rows = service.make_check([plain.number, held.number], actor=clerk)
    make.change(held, Kind.COURIER, {"text": "顺丰速运"}, by=asker)
    service.mark_printed(made.id, "W9", actor=clerk)
    assert (make.parcel(plain).stage, make.parcel(held).stage) == (Stage.PRINTED, Stage.UNPRINTED)


def test_a_list_of_before_the_desk_kept_what_it_showed_is_checked_again(asker, clerk):
    order = make.order()
    made, _rows = service.make_check([order.number], actor=clerk)
    make._set(queries.check_rows(made.id)[0], {"shown": None})
    with pytest.raises(Conflict, match="have changed"):
        service.mark_printed(made.id, "W9", actor=clerk)


def test_the_page_answers_409_names_the_row_and_shows_what_is_new(asker, sign_in):
    desk = sign_in(make.person(Role.PRINTING))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    plain, order = make.order(), make.order()
    change_address(order, asker)
    answer = send(desk, desk.get("/print-check"), "/print-check", numbers=f"{plain.number}\n{order.number}")
    page = desk.get(answer.location)
    assert "Not as it was" not in page.text
    join_another_address(order, asker)
    refused = send(desk, page, f"{answer.location}/printed", batch="W9")
    assert refused.status_code == 409
    assert re.search(r"<ins[^>]*>.*海棠路9号1栋301室.*</ins>", refused.text)
    assert refused.text.count("Not as it was") == 2, "above, with its number, and in its row"
    assert f"{answer.location}/printed" in refused.text
    assert "Check again" in refused.text
    looked = desk.get(answer.location)
    assert "1 row is not as it was" in looked.text
    again = desk.get(send(desk, looked, f"{answer.location}/again").location)
    assert "Not as it was" not in again.text


def test_a_list_with_memos_alone_speaks_of_memos_and_of_no_change(asker, sign_in):
    desk = sign_in(make.person(Role.PRINTING))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def check(*orders):
        numbers = "\n".join(order.number for order in orders)
        return desk.get(send(desk, desk.get("/print-check"), "/print-check", numbers=numbers).location)

    noted, twice = make.order(), make.order()
    service.write_note(noted.id, "请放两张贺卡", flag=Flag.RED, actor=asker)
    page = check(noted)
    for said in ("read the memo", "no change, only memos that printing has not seen yet", "1 memo counts as read"):
        assert said in page.text
    for untrue in ("the customer has confirmed", "acknowledged as not printed", "No change is open"):
        assert untrue not in page.text
    make.change(twice, by=asker, yes=True)
    make.change(twice, Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)
    page = check(noted, twice)
    assert "print what stands under “new”, and read the memos" in page.text
    assert (
        "2 changes are acknowledged as not printed until now and their holds end · 1 memo counts as read" in page.text
    )


def test_the_api_says_409_list_changed(asker, api):
    call = api(make.person(Role.PRINTING))
    order = make.order()
    write_memo(order, asker)
    made = call("POST", "/print-checks", {"numbers": [order.number]}, key="a")
    change_address(order, asker)
    answer = call("POST", f"/print-checks/{made.json['id']}/printed", {"batch": "W9"}, key="b")
    assert (answer.status_code, answer.json["error"]) == (409, "list_changed")
    assert make.parcel(order).stage is Stage.UNPRINTED


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_load_that_was_changed_and_is_free_again_is_looked_at_again(asker):
    loader, clerk = make.actor(Role.WAREHOUSE), make.actor(Role.PRINTING)
    one, other = make.order(), make.order()
    made, _rows = service.make_check([one.number, other.number], actor=loader, purpose=Purpose.DISPATCH)
    make.change(other, by=asker, yes=True)
    service.answer_notice(make.notices(other)[0].id, Answer.NOT_PRINTED, actor=clerk)
    with pytest.raises(Conflict) as refused:
        service.mark_shipped(made.id, clock.now(), actor=loader)
    assert (refused.value.code, refused.value.facts["rows"]) == ("list_changed", [other.number])
    assert make.parcel(one).stage is Stage.UNPRINTED
    again, _rows = service.make_check([one.number, other.number], actor=loader, purpose=Purpose.DISPATCH)
    service.mark_shipped(again.id, clock.now(), actor=loader)
    assert {make.parcel(one).stage, make.parcel(other).stage} == {Stage.SHIPPED}


@pytest.mark.both_engines
@pytest.mark.parametrize("what", ["memo", "wish", "yes"])
def test_what_comes_while_the_button_is_pressed_is_printed_seen_or_not_acknowledged(app, asker, clerk, what):
    for number in range(ROUNDS):
        order = make.order()
        if what == "memo":
            write_memo(order, asker)
        else:
            make.change(order, Kind.COURIER, {"text": "中通快递"}, by=asker, yes=True)
        store_id, order_id = order.store_id, order.id
        made = service.make_check([order.number], actor=clerk)[0].id
        wished = Wished(Kind.ADDRESS, OTHER, confirmation=make.YES, seen_stage=Stage.UNPRINTED)
        comes = {
            "memo": lambda i=order_id: service.write_note(i, "另外一条备注", flag=Flag.RED, actor=asker),
            "wish": lambda i=order_id, w=wished: service.ask(i, w, actor=asker),
            "yes": lambda o=order_id: service.ask(
                o, Wished(Kind.COURIER, {"text": "顺丰速运"}, confirmation=make.YES, seen_stage=Stage.UNPRINTED),
                actor=asker,
            ),
        }[what]  # fmt: skip
        calls = [comes, lambda i=made: service.mark_printed(i, "W9", actor=clerk)]
        outcomes = race(app, *(calls if number % 2 else calls[::-1]))
        came, printed = outcomes if number % 2 else outcomes[::-1]
        if printed == "ok":
            assert came == ("ok" if what == "memo" else "stage_moved")
            assert [c.state for c in changes_of(order)] == ([] if what == "memo" else [ChangeState.DONE])
            assert len(make.notices(order, NoticeKind.MEMO)) == (1 if what == "memo" else 0), "nobody has read it yet"
        else:
            assert (came, printed) == ("ok", "list_changed")
            assert make.parcel(order).stage is Stage.UNPRINTED
            assert {c.state for c in changes_of(order)} <= {ChangeState.OPEN}
        assert invariants.broken(store_id) == []
