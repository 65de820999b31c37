"""One article is one line, whichever file names it and under whichever key; nothing doubles, nothing is lost unsaid."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
import time_machine

from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLine
from shopdesk.orders.states import Field, Readiness
from shopdesk.parcels import queries as parcels
from tests import invariants, make
from tests.imports.readers.reader_exports import DETAIL_NEW, LINE_NEW, LINE_OLD, NUMBER, details, order, order_list
from tests.shorter import some

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
HAT = {"标题": "样品帽", "价格": "40.00", "购买数量": "1", "外部系统编号": "HAT-1-NAVY", "商家编码": "HAT-1",
       "商品属性": "颜色分类：藏青；尺码：均码"}  # fmt: skip
SCARF = {"标题": "样品围巾", "价格": "29.50", "购买数量": "2", "外部系统编号": "SCARF-2", "商家编码": "SCARF-2",
         "商品属性": "颜色分类：红色"}  # fmt: skip
LIST = order_list(order(宝贝总数量="3", 宝贝标题="样品帽，样品围巾"))
HAT_KEY, SCARF_KEY = "3900123456789012346", "3900123456789012347"


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False):
        yield


def old(*articles):
    return details(*(LINE_OLD | article for article in articles))


def new(*articles):
    return details(*(numbered(*article) for article in articles), headers=DETAIL_NEW)


def numbered(key, article, **more):
    said = {"子订单编号": key, "商品标题": article["标题"], "商品价格": article["价格"], "买家实付金额": "",
            "商品属性": article["商品属性"].replace("：", ":").replace("；", ";")}  # fmt: skip
    return LINE_NEW | {name: article[name] for name in ("购买数量", "外部系统编号", "商家编码")} | said | more


def bring(*contents, minute=0):
    store, by = make.store(), make.actor(Role.PRE_SALE)
    files = [InputFile(f"file{n}.csv", content) for n, content in enumerate(contents)]
    run = run_files(store, files, as_of=datetime(2026, 11, 1, 5, minute, tzinfo=UTC), actor=by)
    assert run.state is RunState.DONE, run.failure
    for file in queries.files_of(run):
        assert file.rows == file.accepted + file.refused + file.duplicates
    assert invariants.broken(store.id) == []
    return db.session.merge(run)


def codes(run):
    return [note.code for note in queries.notes_of(run)]


def found():
    return orders.order_by_number(NUMBER, make.store().id)


def lines():
    there = orders.lines(found().id, make.store().id)
    rows = parcels.parcel_lines([p.id for p in parcels.parcels_of_order(found().id, make.store().id)], make.store().id)
    assert sum(row.quantity for row in rows) == sum(line.quantity for line in there)
    return {line.title: (line.line_key, line.quantity, line.in_parcels) for line in there}


BOTH = {"样品帽": (HAT_KEY, 1, 1), "样品围巾": (SCARF_KEY, 2, 2)}


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_the_new_format_after_the_old_gives_the_same_lines_the_platforms_numbers():
    bring(LIST, minute=0)
    bring(old(HAT, SCARF), minute=10)
    before = {line.title: line.id for line in orders.lines(found().id, make.store().id)}
    run = bring(new((SCARF_KEY, SCARF), (HAT_KEY, HAT)), minute=20)
    assert (lines(), codes(run)) == (BOTH, [])
    there = orders.lines(found().id, make.store().id)
    assert {line.title: line.id for line in there} == before
    assert sum(line.share_minor for line in there) == 9_450
    bring(new((HAT_KEY, HAT | {"商品属性": "颜色分类：黑色"}), (SCARF_KEY, SCARF)), minute=30)
    assert {line.attributes for line in orders.lines(found().id, make.store().id)} == {"颜色分类:黑色", "颜色分类:红色"}


@pytest.mark.parametrize("turn", some(permutations(["list", "old", "new"]), of=2), ids="-".join)
@pytest.mark.parametrize("times", ["rising", "falling", "same"])
@pytest.mark.parametrize("of_new", ["whole", "part"])
def test_every_order_of_list_and_both_formats_gives_the_same_lines(turn, times, of_new):
    files = {"list": LIST, "old": old(HAT, SCARF), "new": new((SCARF_KEY, SCARF), (HAT_KEY, HAT))}
    if of_new == "part":
        files["new"] = new((SCARF_KEY, SCARF))
    minutes = {"rising": [10, 20, 30], "falling": [30, 20, 10], "same": [10, 10, 10]}[times]
    for kind, minute in zip(turn, minutes, strict=True):
        bring(files[kind], minute=minute)
    assert {title: counts for title, (_, *counts) in lines().items()} == {"样品帽": [1, 1], "样品围巾": [2, 2]}
    assert found().lines_complete
    assert sum(line.share_minor for line in orders.lines(found().id, make.store().id)) == 9_450
    if of_new == "whole":
        assert lines() == BOTH


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_the_three_files_in_one_import_give_the_same_lines_in_any_order(turn):
    files = [LIST, old(HAT, SCARF), new((SCARF_KEY, SCARF), (HAT_KEY, HAT))]
    bring(*(files[index] for index in turn))
    assert lines() == BOTH


def test_a_part_of_the_new_format_beside_the_whole_old_one_loses_no_line():
    run = bring(LIST, old(HAT, SCARF), new((SCARF_KEY, SCARF)))
    assert lines() == {"样品帽": ("n1", 1, 1), "样品围巾": (SCARF_KEY, 2, 2)}
    assert found().lines_complete
    assert "line_not_matched" not in codes(run)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_an_older_file_adds_no_line_to_a_complete_order_and_says_so():
    bring(LIST, old(HAT, SCARF), minute=20)
    mug = HAT | {"标题": "样品杯", "外部系统编号": "CUP-3", "商家编码": "CUP-3"}
    run = bring(new((SCARF_KEY, SCARF), (HAT_KEY, mug)), minute=10)
    assert lines() == {"样品帽": ("n1", 1, 1), "样品围巾": (SCARF_KEY, 2, 2)}
    note = next(note for note in queries.notes_of(run) if note.code == "line_not_matched")
    assert (str(note.severity), note.row_no, note.order_number) == ("refused", 3, NUMBER)
    assert note_message(note)[1]["title"] == "样品杯"
    assert [(file.accepted, file.refused) for file in queries.files_of(run)] == [(1, 1)]


def test_a_line_that_nobody_can_match_for_sure_is_refused_and_never_doubled():
    bring(LIST, old(HAT, SCARF), minute=10)
    run = bring(new((HAT_KEY, HAT | {"购买数量": "2"}), (SCARF_KEY, SCARF)), minute=20)
    assert lines() == {"样品帽": ("n1", 1, 1), "样品围巾": (SCARF_KEY, 2, 2)}
    assert codes(run) == ["line_not_matched"]


def test_a_further_number_of_the_platform_in_a_later_file_is_a_further_line():
    bring(LIST, old(HAT, SCARF), minute=10)
    cup = HAT | {"标题": "样品杯", "外部系统编号": "CUP-3", "商家编码": "CUP-3"}
    run = bring(new((HAT_KEY, HAT), (SCARF_KEY, SCARF), ("3900123456789012348", cup)), minute=20)
    assert lines() == BOTH | {"样品杯": ("3900123456789012348", 1, 1)}
    assert codes(run) == []


@pytest.mark.parametrize("turn", [1, -1])
def test_twins_are_told_apart_by_their_places(turn):
    twin = HAT | {"购买数量": "1"}
    files = [old(twin, twin), new((HAT_KEY, twin), (SCARF_KEY, twin))][::turn]
    for minute, content in enumerate(files, start=1):
        bring(order_list(order()), content, minute=minute)
    there = orders.lines(found().id, make.store().id)
    assert [(line.line_key, line.quantity) for line in there] == [(HAT_KEY, 1), (SCARF_KEY, 1)]


def test_rows_in_another_turn_swap_no_articles():
    bring(LIST, old(HAT, SCARF), minute=10)
    bring(old(SCARF, HAT), minute=20)
    assert {line.title: line.sku for line in orders.lines(found().id, make.store().id)} == {
        "样品帽": "HAT-1-NAVY", "样品围巾": "SCARF-2",
    }  # fmt: skip
    assert len(lines()) == 2


def test_what_the_desk_decided_of_a_line_stays_with_it_under_its_new_key():
    bring(LIST, old(HAT, SCARF), minute=10)
    hat = next(line for line in orders.lines(found().id, make.store().id) if line.title == "样品帽")
    by = make.actor(Role.PRE_SALE)
    change = make.change(found(), Kind.ATTRIBUTE, {"attributes": "颜色分类：黑色"}, line_id=hat.id, by=by, yes=True)
    bring(new((HAT_KEY, HAT), (SCARF_KEY, SCARF)), minute=20)
    line = next(line for line in orders.lines(found().id, make.store().id) if line.line_key == HAT_KEY)
    assert isinstance(line, OrderLine)
    assert line.id == hat.id
    assert change.state is ChangeState.OPEN
    assert orders.effective_value(found(), Field.ATTRIBUTE, line.id)["attributes"] == "颜色分类：黑色"


def test_details_with_fewer_units_than_an_earlier_list_do_not_complete_the_order():
    bring(LIST, minute=0)
    run = bring(new((SCARF_KEY, SCARF)), minute=10)
    assert not found().lines_complete
    assert "units_do_not_match_list" in codes(run)
    assert sum(quantity for _, quantity, _ in lines().values()) == 3


def test_a_list_after_details_that_lacked_a_line_shows_the_units_that_are_missing():
    bring(new((SCARF_KEY, SCARF)), minute=0)
    run = bring(LIST, minute=10)
    assert not found().lines_complete
    assert "units_do_not_match_list" in codes(run)
    assert sorted(quantity for _, quantity, _ in lines().values()) == [1, 2]


def test_the_old_format_which_says_nothing_of_refunds_ends_none():
    asked = numbered(HAT_KEY, HAT, 退款状态="买家已经申请退款，等待卖家同意")
    whole = details(asked, numbered(SCARF_KEY, SCARF), headers=DETAIL_NEW)
    bring(LIST, whole, minute=10)
    bring(old(HAT, SCARF), minute=20)
    assert found().readiness is Readiness.REFUNDING
