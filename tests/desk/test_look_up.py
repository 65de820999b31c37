"""The one box."""

import pytest

from shopdesk.cases import service as case_service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core.permissions import Role
from shopdesk.desk import queries
from shopdesk.parcels.states import Stage
from tests import make

pytestmark = [pytest.mark.both_engines, pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]


@pytest.fixture
def world():
    first = make.order(recipient_name="张伟", phone="13812345678", lines=(make.line(sku="HAT-01-NAVY"),))
    second = make.order(
        recipient_name="李小明",
        phone="13900001111",
        lines=(make.line(sku="SCARF-02"),),
        buyer_id="tb_木子",
        buyer_nick="tb_木子",
    )
    return first, second


@pytest.mark.mission("M010", "M011")
@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("5678", [0]),
        ("+86 13812345678", [0]),
        ("8613812345678", [0]),
        ("86-138-1234-5678", [0]),
        ("138-1234-5678", [0]),
        ("+86 13812345678\n13900001111", [0, 1]),
        ("138 1234 5678", [0]),
        ("１３８１２３４５６７８", [0]),
        ("张伟", [0]),
        ("小明", [1]),
        ("李", [1]),
        ("雨天晒被子_07", [0]),
        ("木子", [1]),
        ("hat-01-navy", [0]),
        ("HAT", [0]),
        ("没有这个人", []),
    ],
)
def test_what_was_typed_decides(world, typed, hits):
    found = queries.look_up(typed, make.actor(Role.PRE_SALE))
    assert found.order_ids == [world[i].id for i in hits]


def test_a_pasted_order_number_is_cleaned(world):
    actor = make.actor(Role.PRE_SALE)
    for text in (
        f'="{world[0].number}"',
        f"订单编号: {world[0].number} ",
        world[0].number.translate({48 + i: 0xFF10 + i for i in range(10)}),
    ):
        assert queries.look_up(text, actor).order_ids == [world[0].id]


@pytest.mark.parametrize("digits", [5, 6, 10, 18])
def test_the_end_of_an_order_number_finds_it(digits):
    wanted, other = make.order(number="4100000000009876543"), make.order(number="4100000000001876543")
    found = queries.look_up(wanted.number[-digits:], make.actor(Role.PRE_SALE))
    assert (found.order_ids, found.matched) == ([wanted.id] if digits > 6 else [other.id, wanted.id], "number_end")


def test_what_may_be_a_beginning_or_an_end_finds_both():
    begun, ended = make.order(waybills=[("876543000111", "顺丰")]), make.order(number="4100000000009876543")
    assert queries.look_up("876543", make.actor(Role.PRE_SALE)).order_ids == [ended.id, begun.id]


def test_several_lines_make_a_list_and_name_what_is_missing(world):
    found = queries.look_up(f"{world[1].number}\n999999999999\n{world[0].number}", make.actor(Role.PRE_SALE))
    assert found.order_ids == [world[1].id, world[0].id]
    assert found.missing == ["999999999999"]


def test_the_newest_of_a_buyer_comes_first():
    older, newer = make.order(), make.order()
    assert queries.look_up("雨天晒被子_07", make.actor(Role.PRE_SALE)).order_ids == [newer.id, older.id]


def test_another_stores_orders_are_not_found(world):
    elsewhere = make.store("elsewhere")
    stranger = make.actor(Role.PRE_SALE, store_id=elsewhere.id)
    assert queries.look_up(world[0].number, stranger).order_ids == []
    assert queries.hits_of([world[0].id], stranger) == []


@pytest.mark.mission("M012", "M013")
def test_every_hit_shows_stage_with_age_and_source_flag_and_what_is_open(world):
    asker = make.actor(Role.PRE_SALE)
    make.change(world[0], by=asker)
    hit = queries.hits_of([world[0].id], asker)[0]
    assert (str(hit.stage), hit.knowledge.origin, str(hit.knowledge.freshness)) == ("unprinted", "test", "fresh")
    assert (str(hit.flag), hit.holds, [str(c.next_code) for c in hit.open_changes]) == ("red", 1, ["confirm"])
    assert hit.paid_minor == 12_800
    assert queries.hits_of([world[0].id], make.actor(Role.WAREHOUSE))[0].paid_minor is None
    assert (str(hit.recipient), hit.placed_at is not None) == ("张**", True)


def test_a_hit_shows_its_open_cases_to_those_who_see_them(world):
    asker = make.actor(Role.PRE_SALE)
    make.fact(world[0], Stage.SHIPPED)
    trace, invoice = (
        case_service.record(world[0].id, Application(kind, "where is it"), actor=asker)
        for kind in (CaseKind.TRACE, CaseKind.INVOICE)
    )

    def shown(role):
        return [case.number for case in queries.hits_of([world[0].id], make.actor(role))[0].open_cases]

    assert shown(Role.PRE_SALE) == [trace.number, invoice.number]
    assert (shown(Role.FINANCE), shown(Role.PRINTING)) == ([invoice.number], [])
    case_service.close(trace.id, "it came", actor=asker)
    assert shown(Role.AFTER_SALE) == [invoice.number]


def test_what_begins_so_is_shown_newest_first_and_to_the_last_page():
    made = [make.order(number=f"7700{place * 37 % 101:03}").id for place in range(30)]  # numbers in no order
    actor = make.actor(Role.PRE_SALE)
    pages, before = [], None
    while before is None or pages[-1]:
        found = queries.look_up("7700", actor, limit=7, before=before)
        pages.append(found.order_ids)
        before = found.order_ids[-1] if found.order_ids else 0
    assert [order_id for page in pages for order_id in page] == sorted(made, reverse=True)


def test_the_end_of_an_order_number_by_which_lists_name_it_finds_it_after_the_ends_of_phones(world):
    actor = make.actor(Role.PRE_SALE)
    named = make.order(number="4100000000000129", phone="13700002222")
    other = make.order(number="4100000000005678", phone="13700003333")
    phoned = queries.look_up("5678", actor)
    assert (phoned.order_ids, phoned.matched) == ([world[0].id, other.id], "phone_tail")
    assert queries.look_up("5678", actor, limit=1).has_more
    assert queries.look_up("5678", actor, before=other.id).order_ids == [world[0].id]
    found = queries.look_up("0129", actor)
    assert (found.order_ids, found.matched) == ([named.id], "number_tail")
    elsewhere = make.store("elsewhere")
    assert queries.look_up("0129", make.actor(Role.PRE_SALE, store_id=elsewhere.id)).order_ids == []
