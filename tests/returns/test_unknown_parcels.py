"""无主件: what nobody expected finds its return by clues that a person confirms; without one, a case is made."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase, WaitingFor
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import NoticeKind
from shopdesk.returns import service
from shopdesk.returns.queries import candidates, docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Clue, Disposal, Grade, Identity, ReturnState, Whose
from tests import make
from tests.returns import rows

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


def unknown(clerk, waybill="ZZ900800700"):
    return service.sign_in(waybill, docks.warehouses_of(clerk)[0].id, actor=clerk).arrival


def suggested(arrival, clerk):
    return [(s.back.id, [str(c) for c in s.candidate.clues]) for s in candidates.candidates(arrival, clerk)]


def test_e28_somebody_elses_parcel_changes_no_case_until_a_person_matches_it(clerk):
    back = rows.back(rows.shipped(phone="13900001234"))
    arrival = unknown(clerk)
    before = rows.case_of(back).version
    service.describe(arrival.id, phone="1234", inside="HAT-01", actor=clerk)
    ((found, clues),) = suggested(arrival, clerk)
    assert (found, clues[:2]) == (back.id, ["phone", "sku"])
    assert rows.case_of(back).version == before
    service.match(arrival.id, back.id, actor=clerk)
    assert (docks.unknown(clerk), rows.case_of(back).waiting_for) == ([], "warehouse")


@pytest.mark.parametrize(
    ("told", "clue"),
    [
        ({"sender": "欧阳若晴"}, Clue.NAME),
        ({"phone": "13900001234"}, Clue.PHONE),
        ({"phone": "139****1234"}, Clue.PHONE),
        ({"inside": "CUP-7"}, Clue.SKU),
    ],
)
def test_each_clue_on_the_box_finds_the_return(clerk, told, clue):
    lines = (make.line(sku="CUP-7", title="白瓷杯"),)
    wanted = rows.back(rows.shipped(recipient_name="欧阳若晴", phone="13900001234", lines=lines))
    rows.back(rows.shipped(recipient_name="李四", phone="13700005678"))
    arrival = unknown(clerk)
    service.describe(arrival.id, **told, actor=clerk)
    ((found, clues),) = suggested(arrival, clerk)
    assert (found, clue in clues) == (wanted.id, True)


@pytest.mark.parametrize("words", ["{}", "蓝色杯子 1 只, 单号{}", "里面有纸条：{} ，已拆"])
def test_the_case_or_order_number_on_the_slip_inside_finds_the_return(clerk, words):
    back = rows.back(rows.shipped(number="TB-7788-01"))
    rows.back(rows.shipped())
    case, arrival = rows.case_of(back), unknown(clerk)
    for number, clue in ((case.number.lower(), Clue.CASE_NUMBER), ("tb-7788-01", Clue.ORDER_NUMBER)):
        service.describe(arrival.id, inside=words.format(number), actor=clerk)
        assert suggested(arrival, clerk) == [(back.id, [clue, "here"])]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("加厚 羊毛·帽（灰）", "羊毛帽"),
        ("加厚 羊毛·帽（灰）", "羊毛 帽, 没有字条"),
        ("Wool Hat - grey", "wool-hat GREY"),
        ("羊毛 帽", "羊毛帽一顶"),
    ],
)
def test_goods_are_known_by_their_name_whatever_blanks_and_signs_stand_in_it(clerk, title, words):
    back = rows.back(rows.shipped(lines=(make.line(sku="HAT-9", title=title),)))
    rows.back(rows.shipped(lines=(make.line(sku="CUP-9", title="白瓷 杯"),)))
    arrival = unknown(clerk)
    service.describe(arrival.id, inside=words, actor=clerk)
    assert suggested(arrival, clerk) == [(back.id, ["title", "here"])]


def test_a_waybill_that_was_told_with_one_wrong_sign_is_a_candidate(clerk):
    back = rows.back(rows.shipped(), None, "SF1020304050")
    assert suggested(unknown(clerk, "SF1020304051"), clerk) == [(back.id, ["waybill_part", "here"])]
    assert suggested(unknown(clerk, "YT1020304050"), clerk) == [(back.id, ["waybill_part", "here"])]


def stranger_in(clerk, *found):
    """A parcel of one hat in which something else lay too; what was taken out of it."""
    one = rows.back(rows.shipped(), None, "ZZ900800700")
    arrival = unknown(clerk)
    line = rows.lines(one)[0].id
    hat = Found(Identity.RIGHT, 1, line, Grade.A, has_defect=False)
    return one, service.inspect(arrival.id, [hat, *found], actor=clerk), docks.taken_out(arrival, clerk)


UMBRELLA = Found(Identity.UNEXPECTED, 1, None, Grade.A, sku="RAIN-1", has_defect=False, whose=Whose.OTHERS)


def test_somebody_elses_goods_in_a_parcel_are_unknown_goods_of_their_own_until_they_are_matched(clerk):
    rows.back(rows.shipped())  # more of the same hats are awaited
    wanted = rows.back(rows.shipped(lines=(make.line(sku="RAIN-1", title="雨伞"),)))
    one, arrival, (apart,) = stranger_in(clerk, UMBRELLA)
    assert ([f.return_line_id for f in docks.findings(arrival)], rows.back_state(one)) == (
        [rows.lines(one)[0].id], "inspected"
    )  # fmt: skip
    assert docks.unknown(clerk) == [apart]
    assert (apart.waybill, apart.inside) == ("ZZ900800700-X1", "RAIN-1")
    assert docks.taken_from(apart, clerk).id == arrival.id
    assert docks.taken_from(arrival, clerk) is None
    offered = [back for back, clues in suggested(apart, clerk) if "sku" in clues]
    assert offered == [wanted.id], "not what the parcel itself is for"
    (found,) = docks.findings(apart)
    assert candidates.find(docks.label(found), clerk).arrivals == [apart], "its label opens it"
    service.match(apart.id, wanted.id, actor=clerk)
    assert docks.unknown(clerk) == []
    counted = [Found(Identity.RIGHT, 1, rows.lines(wanted)[0].id, Grade.A, has_defect=False)]
    service.correct(apart.id, counted, seen_version=apart.version, actor=clerk)
    assert (rows.units(wanted), rows.back_state(wanted)) == ([(1, 1, 0)], "inspected")


def test_the_returns_of_its_own_parcel_are_not_suggested_for_what_is_somebody_elses(clerk):
    elsewhere = rows.back(rows.shipped())  # more of the same hats are awaited
    hat = Found(Identity.UNEXPECTED, 1, None, Grade.B, title="羊毛帽", whose=Whose.OTHERS)
    _one, _arrival, (apart,) = stranger_in(clerk, hat)
    assert [back for back, _clues in suggested(apart, clerk)] == [elsewhere.id]


def test_somebody_elses_goods_are_sent_back_and_looked_for_no_more(clerk):
    _one, _arrival, (apart,) = stranger_in(clerk, UMBRELLA)
    (found,) = docks.findings(apart)
    service.describe(apart.id, place="待查 3", actor=clerk)
    assert [each.place for each in docks.unknown(clerk)] == ["待查 3"], "held, with its place"
    service.dispose(apart.id, [service.Decided(found.id, Disposal.SEND_BACK, 1)], actor=clerk)
    assert (docks.unknown(clerk), docks.undecided(clerk)[0].finding.id != found.id) == ([], True)


def test_a_correction_says_anew_what_was_somebody_elses_as_long_as_nothing_came_of_it(clerk):
    one, arrival, (apart,) = stranger_in(clerk, UMBRELLA)
    line = rows.lines(one)[0].id
    hat = Found(Identity.RIGHT, 1, line, Grade.B, has_defect=False)
    again = service.correct(arrival.id, [hat, UMBRELLA], seen_version=arrival.version, actor=clerk)
    assert docks.unknown(clerk) == [apart], "what stays as it was is not touched"
    more = Found(Identity.UNEXPECTED, 1, line, Grade.A, sku="RAIN-1", whose=Whose.MORE)
    service.correct(arrival.id, [hat, more], seen_version=again.version, actor=clerk)
    assert (docks.unknown(clerk), docks.taken_out(arrival, clerk)) == ([], [])
    assert len(docks.findings(arrival)) == 2


def test_without_any_clue_nobody_is_suggested(clerk):
    rows.back(rows.shipped())
    assert suggested(unknown(clerk), clerk) == []


def test_returns_of_a_store_that_is_not_ones_own_are_not_suggested(clerk):
    theirs = rows.back(rows.shipped(make.store("theirs"), phone="13900001234"))
    arrival = unknown(clerk)
    service.describe(arrival.id, phone="13900001234", actor=clerk)
    assert suggested(arrival, clerk) == []
    with pytest.raises(NotFound):
        service.match(arrival.id, theirs.id, actor=clerk)


def awaited(back):
    return db.session.scalar(in_store(select(Case.waiting_for).where(Case.id == back.case_id), back.store_id, Case))


def test_a_match_is_taken_back_until_something_was_found_for_it(clerk):
    back = rows.back(rows.shipped())
    arrival = unknown(clerk)
    service.match(arrival.id, back.id, actor=clerk)
    service.match(arrival.id, back.id, actor=clerk)
    assert awaited(back) is WaitingFor.WAREHOUSE
    service.unmatch(arrival.id, back.id, actor=clerk)
    assert not docks.load_arrival(arrival.id, clerk).is_matched
    assert awaited(back) is WaitingFor.CUSTOMER, "nothing of it lies at the dock any more"
    service.match(arrival.id, back.id, actor=clerk)
    line = rows.lines(back)[0].id
    service.inspect(arrival.id, [Found(Identity.RIGHT, 1, line, Grade.A, has_defect=False)], actor=clerk)
    with pytest.raises(IllegalMove) as refused:
        service.unmatch(arrival.id, back.id, actor=clerk)
    assert refused.value.code == "found_already"


def test_nonsense_for_a_phone_is_refused(clerk):
    arrival = unknown(clerk)
    with pytest.raises(RuleViolation):
        service.describe(arrival.id, phone="call me", actor=clerk)


# -- no case yet -------------------------------------------------------------------------------------------------------


def test_one_click_makes_the_case_and_tells_after_sale_and_the_return_is_matched_when_it_is_confirmed(clerk):
    order = rows.shipped(lines=(make.line(quantity=2),))
    arrival = unknown(clerk)
    case = service.open_for_goods(arrival.id, order.id, actor=clerk)
    assert (case.kind, case.phase, case.owner_id, case.source) == ("return", CasePhase.RECEIVE, None, "asked")
    (told,) = make.notices(order, NoticeKind.ALARM)
    assert (told.role, told.body["code"]) == (Role.AFTER_SALE, "goods_without_return")
    assert rows.order_units(order) == [(2, 0, 0)], "the return itself is after-sale's to confirm"
    back = rows.back(order, {1: 2}, case=case)
    arrival = docks.load_arrival(arrival.id, clerk)
    assert suggested(arrival, clerk)[0][1][0] == "case"
    assert service.match_waiting(back, actor=Actor.system([back.store_id])) == 1
    assert docks.load_arrival(arrival.id, clerk).is_matched


def test_a_case_about_goods_that_is_open_on_the_order_is_taken_instead_of_a_second_one(clerk):
    order = rows.shipped()
    there = rows.case_of(rows.back(order))
    assert service.open_for_goods(unknown(clerk).id, order.id, actor=clerk).id == there.id


def test_goods_of_an_order_that_never_left_and_more_units_than_left_make_no_case(clerk):
    arrival = unknown(clerk)
    with pytest.raises(IllegalMove):
        service.open_for_goods(arrival.id, make.order().id, actor=clerk)
    order = rows.shipped()
    line = rows.orders.lines(order.id, order.store_id)[0].id
    for units, error in [
        ({line: 2}, RuleViolation),
        ({}, RuleViolation),
        ({999: 1}, NotFound),
        ({line: 0}, RuleViolation),
    ]:
        with pytest.raises(error):
            service.open_for_goods(arrival.id, order.id, units, actor=clerk)
    service.open_for_goods(arrival.id, order.id, {line: 1}, actor=clerk)
    with pytest.raises(IllegalMove):
        service.open_for_goods(arrival.id, order.id, actor=clerk)


# -- found by what stands on a slip ------------------------------------------------------------------------------------


@pytest.mark.mission("M094")
def test_a_parcel_is_found_by_its_waybill_case_order_phone_tail_name_and_sku(clerk):
    order = rows.shipped(recipient_name="欧阳若晴", phone="13900001234", waybills=(("YT5566778899", "圆通"),))
    back = rows.back(order, None, "SF1020304050")
    case = rows.case_of(back)
    slip = [
        "SF1020304050",
        case.number,
        order.number,
        "13900001234",
        "1234",
        "欧阳若晴",
        "欧阳",
        "HAT-01",
        "YT5566778899",
    ]
    for text in slip:
        hits = candidates.find(text, clerk)
        assert ([s.back.id for s in hits.returns], hits.arrivals) == ([back.id], []), f"{text}: expected, not here yet"
    arrival = service.sign_in("SF1020304050", docks.warehouses_of(clerk)[0].id, actor=clerk).arrival
    for text in slip:
        hits = candidates.find(text, clerk)
        assert ([a.id for a in hits.arrivals], hits.returns) == ([arrival.id], []), text
    stranger = make.actor(Role.WAREHOUSE, store_id=make.store("theirs").id)
    for text in slip:
        hits = candidates.find(text, stranger)
        assert (hits.arrivals, hits.returns) == ([], []), text


def found(text, clerk):
    hits = candidates.find(text, clerk)
    return [one.id for one in hits.arrivals], [one.back.id for one in hits.returns]


def test_an_unknown_parcel_that_is_here_is_found_by_the_numbers_on_its_slip(clerk):
    order = rows.shipped(number="TB-7788-01")
    back = rows.back(order)
    number, arrival = rows.case_of(back).number, unknown(clerk)
    assert found(number, clerk) == ([], [back.id]), "nothing says so yet"
    for words in (number.lower(), "杯子，订单号：TB-7788-01"):
        service.describe(arrival.id, inside=words, actor=clerk)
        for asked in (number, "TB-7788-01"):
            assert found(asked, clerk) == ([arrival.id], []), (words, asked)
    service.describe(arrival.id, inside="订单 NOBODYS-100", actor=clerk)
    assert found("nobodys-100", clerk) == ([arrival.id], []), "also a number that means nothing here"
    assert found(number, clerk) == ([], [back.id])


def test_goods_without_a_return_are_found_by_the_case_that_was_opened_for_them_and_as_our_own_parcel(clerk):
    order = rows.shipped(waybills=(("YT5566778899", "圆通"),))
    arrival = unknown(clerk, "yt5566778899")
    assert found(order.number, clerk) == ([arrival.id], [])
    other, mine = rows.shipped(), unknown(clerk, "ZZ1")
    case = service.open_for_goods(mine.id, other.id, actor=clerk)
    assert found(case.number, clerk) == ([mine.id], [])


def test_after_an_unknown_parcel_was_inspected_it_is_matched_and_inspected_anew(clerk):
    back = rows.back(rows.shipped())
    arrival = unknown(clerk)
    first = service.inspect(arrival.id, [Found(Identity.UNEXPECTED, 1, None, Grade.A, title="帽子")], actor=clerk)
    service.match(arrival.id, back.id, actor=clerk)
    line = rows.lines(back)[0].id
    again = [Found(Identity.RIGHT, 1, line, Grade.A, has_defect=False)]
    service.correct(arrival.id, again, seen_version=first.version, actor=clerk)
    assert rows.units(back) == [(1, 1, 0)]
    assert rows.back_state(back) is ReturnState.INSPECTED
