"""Bringing exports in by page, and the account that comes back."""

import io
import re

import pytest

from shopdesk.core import audit, clock
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Role
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.imports import queries, service
from shopdesk.imports.models import ImportNote, RunState, Severity
from shopdesk.imports.readers.messages import MESSAGES
from shopdesk.imports.service import note_orders_feed
from shopdesk.imports.views.runs import _words
from shopdesk.orders import queries as orders
from shopdesk.staff import queries as staff
from tests import make
from tests.imports.readers import reader_exports as exports

pytestmark = pytest.mark.usefixtures("app")
UPLOAD = "/feeds/my-shop/files"
NAMED = "ExportOrderList202603121400.csv"


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def desk(sign_in, store):
    """Somebody of pre-sale, in English, so that the words below are those of the code."""
    client = sign_in(make.person(Role.PRE_SALE))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def upload(desk, *files, **typed):
    page = desk.get(UPLOAD)
    key = re.search(r'name="command_key" value="([^"]+)"', page.text)[1]
    sent = [(io.BytesIO(content), name) for name, content in files]
    data = {"csrf_token": make.token(page), "command_key": key, "files": sent, **typed}
    return desk.post(UPLOAD, data=data, content_type="multipart/form-data")


def run_of(where):
    """The run behind an address, as it stands now."""
    actor = Actor.system([make.store().id])
    return queries.run_by_id(int(where.rsplit("/", 1)[1]), actor)


def work(app, where):
    """What the worker does."""
    run = run_of(where)
    starter = staff.actor_for(staff.person_by_id(run.started_by_id), channel="file")
    service.run_queued(run.store_id, run.id, app.config["DATA"] / "imports", actor=starter)


def test_files_are_kept_queued_imported_and_accounted_for(app, desk):
    folder = app.config["DATA"] / "imports"
    before = set(folder.iterdir()) if folder.exists() else set()
    both = (NAMED, exports.order_list(exports.order())), ("details.csv", exports.details(exports.LINE_OLD))
    answer = upload(desk, *both, as_of="2026-03-12T14:00")
    assert answer.status_code == 303
    waiting = desk.get(answer.location)
    assert "Waiting for its turn" in waiting.text
    assert 'hx-trigger="every 2s"' in waiting.text
    assert run_of(answer.location).state is RunState.QUEUED

    work(app, answer.location)

    page = desk.get(answer.location)
    assert "Every row is accounted for." in page.text
    assert "hx-trigger" not in page.text
    assert re.findall(r"<strong>(\d+)</strong>", page.text)[:2] == ["1", "1"]
    assert orders.order_by_number(exports.NUMBER, make.store().id)
    assert set(folder.iterdir()) == before
    assert NAMED in page.text


def test_a_row_that_is_refused_says_why_and_the_others_are_taken(app, desk):
    bad = exports.order(订单编号="4.1E+18")
    answer = upload(desk, (NAMED, exports.order_list(exports.order(), bad)))
    work(app, answer.location)
    page = desk.get(answer.location)
    assert "Done; some rows were refused." in page.text
    assert "Excel has destroyed the number" in page.text
    run = run_of(answer.location)
    assert (run.created, run.state) == (1, RunState.DONE)
    assert desk.get("/imports").text.count("data-row") == 1


def test_a_file_that_cannot_be_read_names_itself_and_what_to_do(app, desk):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(2000)
    answer = upload(desk, ("photo<b>.csv", picture), file_times="1700000000000")
    assert answer.status_code == 303
    work(app, answer.location)
    page = desk.get(answer.location)
    assert "Nothing of these files was applied." in page.text
    assert "Choose the exported .csv or .xlsx file." in page.text
    assert "photo&lt;b&gt;.csv" in page.text
    assert "<b>.csv" not in page.text


def test_rows_are_counted_and_not_their_notes(app, desk):
    bad = exports.order(订单编号="4.1E+18", 订单创建时间="someday", 总金额="-5")
    odd = exports.order(总金额="999.00")
    answer = upload(desk, (NAMED, exports.order_list(bad, odd)))
    work(app, answer.location)
    assert len(queries.notes_of(run_of(answer.location))) > 2
    page = desk.get(answer.location).text
    assert re.search(r"<strong>1</strong><span><b>Refused</b><small>rows</small>", page)
    assert "1 refused, " in page
    assert queries.row_counts(run_of(answer.location))[0] == 1


def test_the_list_of_imports_counts_refused_rows(app, desk):
    bad = [exports.order(订单编号="4.1E+18") for _ in range(3)]
    work(app, upload(desk, (NAMED, exports.order_list(*bad, exports.order()))).location)
    page = desk.get("/imports").text
    row = page[page.index("data-row") :]
    assert "Rows refused" in page
    assert re.findall(r'<td class="is-r[^"]*">(\d+)</td>', row) == ["1", "1", "0", "3"]


def test_a_failed_import_shows_no_row_as_accepted(app, desk):
    files = (NAMED, exports.order_list(exports.order())), ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(2000))
    answer = upload(desk, *files, as_of="2026-03-12T14:00")
    work(app, answer.location)
    assert run_of(answer.location).state is RunState.FAILED
    page = desk.get(answer.location).text
    assert re.findall(r"Accepted </span>([^<]+)<", page) == ["—", "—"]
    assert "rows = accepted" not in page


def test_notes_are_shown_a_hundred_at_a_time(app, desk):
    rows = [exports.order(订单编号="4.1E+18") for _ in range(130)]
    answer = upload(desk, (NAMED, exports.order_list(*rows)))
    work(app, answer.location)
    page = desk.get(answer.location)
    following = re.search(r'rel="next" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert page.text.count("Excel has destroyed") == 100
    assert desk.get(following).text.count("Excel has destroyed") == 30
    assert desk.get(f"{answer.location}?after=nonsense").status_code == 200


def test_previous_leads_one_page_back_and_not_to_the_start(app, desk):
    rows = [exports.order(订单编号="4.1E+18") for _ in range(230)]
    answer = upload(desk, (NAMED, exports.order_list(*rows)))
    work(app, answer.location)

    def link(page, rel):
        found = re.search(rf'rel="{rel}" href="([^"#]+)', page.text)
        return found and found[1]

    first = desk.get(answer.location)
    second = desk.get(link(first, "next"))
    third = desk.get(link(second, "next"))
    assert third.text.count("Excel has destroyed") == 30
    assert link(third, "prev") == link(first, "next")
    assert link(second, "prev") == answer.location
    assert link(first, "prev") is None


def test_a_running_import_shows_how_far_it_is(desk):
    answer = upload(desk, (NAMED, exports.order_list(exports.order())))
    make._write(
        run_of(answer.location), {"state": RunState.RUNNING, "orders_total": 900, "created": 100, "updated": 20}
    )
    page = desk.get(answer.location)
    assert "120 of 900 orders" in page.text
    assert '<progress value="120" max="900"' in page.text


def test_without_a_time_in_name_or_file_it_is_asked_and_never_the_time_of_the_upload(app, desk):
    """D1: a value carries the moment its source told it."""
    plain = exports.order_list(exports.order())
    asked = upload(desk, ("orders.csv", plain))
    assert asked.status_code == 422
    assert "orders.csv does not say when it was exported." in asked.text
    answer = upload(desk, ("orders.csv", plain), as_of="2026-03-12T14:30")
    work(app, answer.location)
    order = orders.order_by_number(exports.NUMBER, make.store().id)
    assert order.as_of.isoformat() == "2026-03-12T06:30:00+00:00"


def test_the_files_own_time_counts_where_the_browser_tells_it(app, desk):
    answer = upload(desk, ("orders.csv", exports.order_list(exports.order())), file_times="1773297000000")
    work(app, answer.location)
    assert orders.order_by_number(exports.NUMBER, make.store().id).as_of.timestamp() == 1773297000


@pytest.mark.parametrize("times", ["", "x", "1 2", "9" * 30, "-5"])
def test_times_that_make_no_sense_are_as_good_as_none(desk, times):
    answer = upload(desk, ("orders.csv", exports.order_list(exports.order())), file_times=times)
    assert answer.status_code == 422


@pytest.mark.parametrize("given", ["yesterday", "2026-13-40T99:00", "2026-03-12T14:00+08:00", "0001-01-01T00:00"])
def test_a_time_that_is_none_is_refused_and_kept(desk, given):
    answer = upload(desk, (NAMED, b"x"), as_of=given)
    assert answer.status_code == 422
    assert "This is not a date and time" in answer.text
    assert f'value="{given}"' in answer.text


def test_no_file_is_refused(desk):
    answer = upload(desk)
    assert answer.status_code == 422
    assert "Choose the exported files first." in answer.text


def test_more_than_ten_files_are_refused(desk):
    answer = upload(desk, *[(f"ExportOrderList2026031214{n:02d}.csv", b"x") for n in range(11)])
    assert answer.status_code == 422
    assert "Give 1 to 10 files." in answer.text


def test_a_file_over_the_limit_is_refused_and_nothing_is_kept(app, desk, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_UPLOAD_BYTES", 100_000)
    answer = upload(desk, (NAMED, bytes(100_001)))
    assert answer.status_code == 422
    assert "is larger than" in answer.text
    assert "Nothing was imported." in answer.text


def test_a_double_click_imports_once_and_other_files_under_the_same_key_are_another_import(desk):
    page = desk.get(UPLOAD)
    key = re.search(r'name="command_key" value="([^"]+)"', page.text)[1]

    def post(number):
        content = exports.order_list(exports.order(订单编号=number))
        data = {"csrf_token": make.token(page), "command_key": key, "files": [(io.BytesIO(content), NAMED)]}
        return desk.post(UPLOAD, data=data, content_type="multipart/form-data").location

    first, second, other = post("3900123456789012345"), post("3900123456789012345"), post("3900123456789012377")
    assert first == second != other


def test_another_stores_run_and_form_do_not_exist(sign_in, desk):
    answer = upload(desk, (NAMED, exports.order_list(exports.order())))
    stranger = sign_in(make.person(Role.PRE_SALE, store_id=make.store("elsewhere").id))
    assert stranger.get(answer.location).status_code == 404
    assert stranger.get(UPLOAD).status_code == 404
    assert stranger.get("/imports").text.count("data-row") == 0
    assert stranger.get("/imports/99999999999999999999999").status_code == 404


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.FINANCE])
def test_who_may_not_import_sees_feeds_but_no_form(sign_in, store, role):
    client = sign_in(make.person(role))
    assert client.get(UPLOAD).status_code == 403
    page = client.get("/feeds")
    assert page.status_code == 200
    assert "multipart" not in page.text


def test_every_note_of_the_readers_can_be_said(app, store):
    """Whatever facts a note has kept, its words never fail."""
    for code in [*MESSAGES, "older_than_known", "not_stored", "something_new"]:
        note = ImportNote(
            store_id=store.id, run_id=1, file="a.csv", row_no=3, severity=Severity.WARNING, code=code, field="总金额",
            excerpt="-5", facts={"limit": 5}, order_number="39001",
        )  # fmt: skip
        with app.test_request_context():
            assert _words(note)


def test_the_page_of_feeds_says_how_old_each_source_is(desk, store):
    page = desk.get("/feeds")
    assert "No orders yet." in page.text
    make.order(as_of=clock.now() - make.timedelta(minutes=5))
    page = desk.get("/feeds")
    assert "5 minutes ago · fresh" in page.text
    assert "every parcel" not in page.text
    assert "the pre-print check tells them too" in page.text


def test_a_stale_source_says_what_to_do(desk, store):
    make.order(as_of=clock.now() - make.timedelta(hours=9))
    page = desk.get("/feeds")
    assert "is-stale" in page.text
    assert "Drop a new export here" in page.text
    make.store("second")
    assert desk.get("/feeds").text.count("multipart") == 2


@command
def _tell_stages(store):
    feeds.note(store, FeedKind.STAGES, "ERP", as_of=clock.now(), covers="store")
    audit.record("test.fed", "store", store.id, make.ROOT)


def test_where_the_stages_are_fresh_a_stale_export_does_not_say_that_printing_is_asked(desk, store):
    make.order(as_of=clock.now() - make.timedelta(hours=9))
    assert "changes ask printing first" in desk.get("/feeds").text
    _tell_stages(store)
    page = desk.get("/feeds").text
    assert "changes ask printing first" not in page
    assert "Drop a new export here" in page


def test_an_order_export_covers_its_orders_not_every_parcel(desk, store):
    note_orders_feed(store, "taobao export", as_of=clock.now(), actor=make.actor(Role.INTEGRATION))
    page = desk.get("/feeds").text
    assert "the orders in the export" in page
    assert "every parcel" not in page
