"""Refund lists by page, API and command line, and what a case shows of the platform."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from shopdesk.cases import queries as cases
from shopdesk.cases import service
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports.service import InputFile, run_files
from shopdesk.parcels.states import Stage
from tests import make
from tests.imports.refund_exports import CLOSED, DONE, KEY, WAITS, taobao

pytestmark = pytest.mark.usefixtures("app")
NUMBER = "3900123456789012345"
NAME = "退款管理.csv"


def shipped():
    order = make.order(number=NUMBER, as_of=clock.now() - timedelta(hours=30))
    make.fact(order, Stage.SHIPPED)
    return order


def bring(cells, hours_ago=2):
    store = make.store()
    as_of = clock.now() - timedelta(hours=hours_ago)
    return run_files(store, [InputFile(NAME, taobao(cells))], as_of=as_of, actor=Actor.system([store.id]))


def case():
    return cases.of_platform(KEY, make.store().id)


@pytest.fixture
def agent(sign_in):
    """Somebody of after-sale, in English, so that the words below are those of the code."""
    client = sign_in(make.person(Role.AFTER_SALE, signature="阿禾"))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_list_dropped_on_the_page_is_queued_and_its_report_counts_applications(agent):
    shipped()
    page = agent.get("/feeds/my-shop/files")
    file = (io.BytesIO(taobao({}, {"退款编号": "170000000000000999", "订单编号": "3900123456789019999"})), NAME)
    data = {
        "csrf_token": make.token(page), "command_key": "a-list-of-refunds", "as_of": "2026-11-01T14:00",
        "file_times": "", "files": file,
    }  # fmt: skip
    answer = agent.post("/feeds/my-shop/files", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    run = bring({})
    assert agent.get(f"/imports/{run.id}").text.count("Applications") == 1
    refused = bring({"订单编号": "3900123456789019999"})
    assert "is not here yet; import the order list first." in agent.get(f"/imports/{refused.id}").text


def test_the_page_of_feeds_shows_the_kind_refunds_with_its_time(agent):
    count = agent.get("/feeds").text.count("Refunds")  # one is the place in the menu
    shipped()
    bring({}, hours_ago=1)
    text = agent.get("/feeds").text
    assert text.count("Refunds") > count
    assert "refund export" in text
    assert "1 hour ago · fresh" in text


@pytest.mark.parametrize(("word", "banner"), [
    (WAITS, None),
    (DONE, "The platform has refunded or ended this well."),
    (CLOSED, "The platform has closed this application."),
])  # fmt: skip
def test_a_case_shows_what_the_platform_says_and_asks_to_be_ended(agent, word, banner):
    shipped()
    bring({}, hours_ago=3)
    bring({"退款状态": word})
    text = agent.get(f"/cases/{case().id}").text
    assert word in text
    assert "¥128.00" in text
    for words in ("The platform has refunded", "The platform has closed"):
        assert (words in text) == (banner is not None and words in banner)


def test_a_case_that_was_ended_here_and_runs_on_there_says_so(agent):
    shipped()
    bring({})
    service.decline(case().id, "客户不退了", actor=make.actor(Role.SUPERVISOR))
    assert "Closed here, and still running on the platform." in agent.get(f"/cases/{case().id}").text


def test_the_api_tells_what_the_platform_says(api):
    order = shipped()
    bring({})
    told = api(make.person(Role.AFTER_SALE))("GET", f"/cases/{case().id}").json
    assert told["platform"]["number"] == KEY
    assert (told["platform"]["word"], told["platform"]["amount"]["amount_minor"]) == ("running", 12_800)
    own = service.record(
        order.id, service.Application(kind="trace", wish="一直没动"), actor=make.actor(Role.AFTER_SALE)
    )  # fmt: skip
    assert api(make.person(Role.AFTER_SALE))("GET", f"/cases/{own.id}").json["platform"] is None


def test_the_command_line_takes_them_too_and_says_what_became_of_each(app, tmp_path):
    shipped()
    path = tmp_path / "退款管理202611011000.csv"
    path.write_bytes(taobao({}, {"退款编号": "170000000000000999", "订单编号": "3900123456789019999"}))
    done = app.test_cli_runner().invoke(args=["shopdesk", "import", str(path), "--store", "my-shop", "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "2 rows = 1 accepted + 1 refused + 0 duplicates" in done.output
    assert "2 orders and applications: 1 new, 0 updated, 0 as before, 1 refused" in done.output
    assert "is not here yet; import the order list first." in done.output
