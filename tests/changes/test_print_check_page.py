"""The page of the pre-print check: a batch pasted, three answers, one button."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from shopdesk.changes import queries, service
from shopdesk.changes.models import PrintCheck
from shopdesk.changes.queries.batches import next_name
from shopdesk.changes.queries.check_view import check_view
from shopdesk.changes.states import ChangeState, Group, Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.states import Flag, Readiness
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from tests import make, worlds
from tests.desk.pages import send
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
START = "/print-check"


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def asker(store):
    return make.actor(Role.PRE_SALE, signature="小满")


@pytest.fixture
def clerk(store):
    return make.person(Role.PRINTING, signature="敏敏")


@pytest.fixture
def desk(sign_in, clerk):
    """The clerk's browser, in English, so that the words below are those of the code."""
    client = sign_in(clerk)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def check(desk):
    """Paste orders and follow to the list; the address of the list and its page."""

    def paste(*orders, text=None):
        pasted = text if text is not None else "\n".join(order.number for order in orders)
        answer = send(desk, desk.get(START), START, numbers=pasted)
        assert answer.status_code == 303, answer.text
        return answer.location, desk.get(answer.location)

    return paste


def stages(*orders):
    db.session.expire_all()
    return [str(make.parcel(order).stage) for order in orders]


def rows(page):
    return re.findall(r'<td class="sd-meta">(\d+)</td>', page.text)


@pytest.mark.both_engines
@pytest.mark.mission("M032")
def test_a_batch_is_sorted_into_three_answers_and_one_button_prints_what_may_be(desk, check, asker):
    plain, asked, confirmed = make.order(), make.order(), make.order()
    make.change(asked, by=asker)
    change = make.change(confirmed, by=asker, yes=True)

    where, page = check(plain, asked, confirmed)

    assert "Do not print 1" in page.text
    assert "the customer has not confirmed yet" in page.text
    assert "Changed 1" in page.text
    assert "Printable 1" in page.text
    assert "Prints 2 = printable 1 + changed 1" in page.text
    assert "小满" in page.text

    answer = send(desk, page, f"{where}/printed", batch="W231")
    assert answer.status_code == 303
    assert answer.location == where
    assert stages(plain, asked, confirmed) == ["printed", "unprinted", "printed"]
    assert db.session.get_one(type(change), change.id, execution_options={"store_scope": ()}).state is ChangeState.DONE
    assert make.parcel(confirmed).holds == 0
    after = desk.get(where)
    assert "Printed: batch W231" in after.text
    assert f"{where}/printed" not in after.text


def test_old_stands_struck_through_beside_new_in_clear_with_the_phone_masked(check, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    _, page = check(order)
    assert "<del>" in page.text
    assert "星澜街128号7幢1203室" in page.text
    assert "云帆路66号禾悦公寓2幢602室" in page.text
    assert "138****5678" in page.text
    assert "13812345678" not in page.text
    assert "still the old" in page.text


@pytest.mark.both_engines
def test_a_printed_list_goes_on_showing_what_it_was_printed_with(desk, check, asker):
    order, noted = make.order(), make.order()
    make.change(order, by=asker, yes=True)
    service.write_note(noted.id, "请放两张贺卡", flag=Flag.RED, actor=asker)
    where, page = check(order, noted)
    send(desk, page, f"{where}/printed", batch="W1")
    assert stages(order, noted) == ["printed"] * 2
    service.write_note(noted.id, "后来才写的", flag=Flag.RED, actor=asker)
    page = desk.get(where)
    assert re.search(r"<del>.*星澜街128号7幢1203室.*</del>", page.text)
    assert re.search(r"<ins[^>]*>.*云帆路66号禾悦公寓2幢602室.*</ins>", page.text)
    assert "请放两张贺卡" in page.text
    assert "后来才写的" not in page.text


def test_in_a_merged_parcel_every_change_says_whose_order_it_is_about(check, asker):
    first, second = make.order(), make.order()
    worlds.merge(first, second)
    make.change(second, Kind.INVOICE, {"text": "云帆贸易公司"}, by=asker, yes=True)
    _, page = check(first, second)
    table = page.text.partition('id="changed"')[2]
    assert table.count(f"merged order …{second.number[-4:]}") == 1, "in the row of the first order"
    assert table.count(f"this order …{second.number[-4:]}") == 1, "in its own row"
    make.change(first, Kind.GREETING_CARD, {"text": "生日快乐"}, by=asker)
    _, page = check(second)
    assert f"the customer has not confirmed yet · merged order …{first.number[-4:]}" in page.text


def test_it_says_when_the_platform_has_the_new_value_already(check, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    at = make.clock.now()
    done = make.put_order(
        make.store(), make.sale(number=order.number, province="浙江省", city="杭州市", district="滨江区",
        street_address="云帆路66号禾悦公寓2幢602室"), (), as_of=at, origin="test",
        actor=make.Actor.system([order.store_id]),
    )  # fmt: skip
    assert done.order.id == order.id
    _, page = check(order)
    assert "new already" in page.text


def test_two_wishes_about_the_same_thing_show_the_first_old_and_the_last_new(check, asker):
    order = make.order(lines=(make.line(attributes="红色"),))
    line = worlds.line(order)
    make.change(order, Kind.ATTRIBUTE, {"attributes": "蓝色"}, by=asker, line_id=line.id, yes=True)
    make.change(order, Kind.ATTRIBUTE, {"attributes": "白色"}, by=asker, line_id=line.id, yes=True)
    _, page = check(order)
    assert re.search(r"<del>红色</del>.*?<ins[^>]*>白色</ins>", page.text, re.DOTALL)
    assert "蓝色" not in page.text


def test_every_reason_has_its_words(check, asker):
    printed, void, refunding, stale_one = make.order(), make.order(), make.order(), make.order()
    make.fact(printed, Stage.PRINTED)
    make.change(void, Kind.CANCEL, {}, by=asker)
    make._write(refunding, {"readiness": Readiness.REFUNDING})
    stale_one = make.order(as_of=make.clock.now() - make.timedelta(hours=9))
    make.change(stale_one, by=asker)
    _, page = check(printed, void, refunding, stale_one)
    for words in ("Printed", "not to be printed again", "waits to be voided", "Refunding", "answer in the inbox"):
        assert words in page.text
    assert "Do not print 4" in page.text
    assert "Nothing in this list may be printed." in page.text


def test_a_memo_that_printing_has_not_seen_is_shown_with_its_batch(check, asker):
    order = make.order()
    service.write_note(order.id, "请放两张贺卡 <b>x</b>", flag=Flag.RED, actor=asker)
    _, page = check(order)
    assert "Changed 1" in page.text
    assert "请放两张贺卡 &lt;b&gt;x&lt;/b&gt;" in page.text


def test_orders_of_a_merged_parcel_stand_together_and_are_printed_once(desk, check):
    first, between, second = make.order(), make.order(), make.order()
    worlds.merge(first, second)
    where, page = check(first, between, second)
    assert "Prints 3 = printable 3 + changed 0 · 2 parcels" in page.text
    view = check_view(*_own(where))
    assert [line.pasted for line in view.lines] == [first.number, second.number, between.number]
    assert view.lines[0].mates[0].number == second.number
    send(desk, page, f"{where}/printed", batch="W1")
    assert stages(first, second, between) == ["printed"] * 3


def _own(where):
    found = db.session.scalars(select(PrintCheck).where(PrintCheck.id == int(where.rsplit("/")[-1]))).one()
    person = staff.person_by_id(found.made_by_id)
    return found, queries.check_rows(found.id), staff.actor_for(person, channel="page")


def test_a_merged_parcel_is_held_for_all_its_orders_and_says_which_one_is_not_ready(check):
    first, second = make.order(), make.order()
    worlds.merge(first, second)
    make._write(second, {"readiness": Readiness.AWAITING_REVIEW})
    _, page = check(first)
    assert "Do not print 1" in page.text
    assert f"merged order …{second.number[-4:]}" in page.text
    assert f"Merged with …{second.number[-4:]}" in page.text.replace("\n", "")


@pytest.mark.both_engines
def test_a_change_asked_between_look_and_press_prints_nothing_and_shows_the_list_as_it_is_now(desk, check, asker):
    quiet, moved = make.order(), make.order()
    where, page = check(quiet, moved)
    make.change(moved, by=asker)

    answer = send(desk, page, f"{where}/printed", batch="W9")

    assert answer.status_code == 409
    assert "Nothing was printed." in answer.text
    assert "Do not print 1" in answer.text
    assert stages(quiet, moved) == ["unprinted", "unprinted"]
    assert "Printed, batch" not in answer.text
    again = send(desk, answer, f"{where}/again")
    assert again.status_code == 303
    assert again.location != where
    fresh = desk.get(again.location)
    assert send(desk, fresh, f"{again.location}/printed", batch="W9").status_code == 303
    assert stages(quiet, moved) == ["printed", "unprinted"]


def test_a_list_that_moved_says_so_before_anything_is_pressed(desk, check, asker):
    order = make.order()
    where, _ = check(order)
    make.change(order, by=asker)
    page = desk.get(where)
    assert "The list has changed since you checked it." in page.text
    assert "Printed, batch" not in page.text


def test_pressing_twice_prints_once(desk, check):
    order = make.order()
    where, page = check(order)
    first = send(desk, page, f"{where}/printed", batch="W5")
    second = send(desk, page, f"{where}/printed", batch="W5")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert make.parcel(order).position == 1
    third = send(desk, page, f"{where}/printed", batch="W5", command_key="another")
    assert third.status_code == 409
    assert "This list was printed already." in third.text


def test_checking_twice_with_one_key_makes_one_list(desk):
    order, page = make.order(), desk.get(START)
    places = {send(desk, page, START, numbers=order.number).location for _ in range(2)}
    assert len(places) == 1
    assert db.session.scalar(select(func.count(PrintCheck.id))) == 1


def test_the_next_batch_is_proposed_from_the_last_one(desk, check):
    first, second = make.order(), make.order()
    where, page = check(first)
    assert 'value="W1"' in page.text
    send(desk, page, f"{where}/printed", batch="早W099")
    _, page = check(second)
    assert 'value="早W100"' in page.text


@pytest.mark.parametrize(
    ("newest_first", "name"),
    [
        ([], "W1"),
        (["W231", "W230"], "W232"),
        (["W009"], "W010"),
        (["A2", "B7", "A9"], "A10"),
        (["morning"], "W1"),
        (["9" * 32], "W1"),
        (["W2", "morning", "W3"], "W4"),
    ],
)
def test_a_name_keeps_prefix_and_zeros(newest_first, name):
    assert next_name(newest_first) == name


@pytest.mark.parametrize("batch", ["", "   ", "x" * 33])
def test_a_batch_needs_a_name_that_fits_and_what_was_typed_is_kept(desk, check, batch):
    order = make.order()
    where, page = check(order)
    answer = send(desk, page, f"{where}/printed", batch=batch)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert stages(order) == ["unprinted"]


def test_an_empty_paste_and_one_of_signs_only_are_refused(desk):
    for text in ("", "   \n ", '="" \u200b'):
        answer = send(desk, desk.get(START), START, numbers=text)
        assert answer.status_code == 422
        assert "Paste the order numbers of a batch." in answer.text


def test_two_thousand_and_one_rows_are_refused_and_kept(desk):
    text = "\n".join(f"4100000000{number:09d}" for number in range(2001))
    answer = send(desk, desk.get(START), START, numbers=text)
    assert answer.status_code == 422
    assert "At most 2000 rows at once." in answer.text
    assert "4100000000000002000" in answer.text


def test_numbers_from_excel_with_labels_and_waybills_are_understood(check):
    order = make.order(waybills=(("YT8812345678901", "圆通"),))
    other = make.order()
    pasted = f'="{other.number}"\r\n运单号:YT8812345678901\n订单编号：{other.number}'
    where, _page = check(text=pasted)
    view = check_view(*_own(where))
    assert [(line.row_no, line.order.order_id) for line in view.lines] == [(1, other.id), (2, order.id)]


def test_what_is_unknown_is_listed_and_harmless(check):
    order = make.order()
    _, page = check(text=f"{order.number}\n9999999999999999\n<script>alert(1)</script>")
    assert "Not found 2" in page.text
    assert "9999999999999999" in page.text
    assert "<script>alert" not in page.text


def test_orders_of_another_store_are_unknown(check, clerk):
    theirs = make.store("theirs")
    order = make.order(theirs)
    person = make.person(Role.PRINTING, store_id=make.store().id)
    held = staff.actor_for(person, channel="page")
    _check, found = service.make_check([order.number], actor=held)
    assert [row.group for row in found] == [Group.UNKNOWN]


def test_somebody_elses_list_does_not_exist(desk, check, sign_in):
    where, _ = check(make.order())
    other = sign_in(make.person(Role.PRINTING))
    assert other.get(where).status_code == 404
    token = make.token(other.get(START))
    for action in ("printed", "again"):
        assert other.post(f"{where}/{action}", data={"csrf_token": token, "batch": "W1"}).status_code == 404
    assert desk.get(f"{START}/99999999999999999999999").status_code == 404


@pytest.mark.parametrize("role", [Role.PRE_SALE, Role.WAREHOUSE, Role.AFTER_SALE])
def test_only_printing_and_supervisors_check(sign_in, store, role):
    assert sign_in(make.person(role)).get(START).status_code == 403


def test_the_numbers_to_take_out_are_copied_with_one_click(check, asker):
    first, second = make.order(), make.order()
    make.change(first, by=asker)
    make.change(second, by=asker)
    _, page = check(first, second)
    assert f'data-copy="{first.number}\n{second.number}"' in page.text


def _statements(view):
    with seen_statements() as seen:
        view()
    return len(seen)


@pytest.mark.both_engines
def test_a_list_of_two_hundred_takes_no_more_statements_than_one_of_four(asker, clerk):
    held = staff.actor_for(clerk, channel="page")
    orders = [make.order() for _ in range(4)]
    for order in orders[:2]:
        make.change(order, by=asker, yes=True)
    service.write_note(orders[2].id, "快", flag=Flag.RED, actor=asker)
    few = [order.number for order in orders]
    many = [*few, *make.copies(orders[3], 196)]
    making, looking = [], []
    for numbers in (few, few, many):
        with seen_statements() as seen:
            made, rows = service.make_check(numbers, actor=held)
        assert Counter(str(row.group) for row in rows) == {"changed": 3, "printable": len(numbers) - 3}
        making.append(len(seen))
        kept = queries.check_rows(made.id)
        looking.append(_statements(lambda made=made, kept=kept: check_view(made, kept, held)))
    assert making[1] == making[2] <= 12
    assert looking[1] == looking[2] <= 25


def test_times_are_those_of_the_store(desk, monkeypatch):
    order = make.order(make.store(zone="America/New_York"))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 7, 49, tzinfo=UTC))
    answer = send(desk, desk.get(START), START, numbers=order.number)
    page = desk.get(answer.location)
    assert "checked 02:49" in page.text
    assert ">02:49</a>" in desk.get(START).text
    printed = send(desk, page, f"{answer.location}/printed", batch="W1")
    assert "at 02:49. The rows" in desk.get(printed.location).text
