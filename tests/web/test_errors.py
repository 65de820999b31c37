"""What a refusal looks like: words, what was kept, what to do next, a number to quote; never a trace."""

import io
import sqlite3

import psycopg
import pytest
from flask_babel import force_locale
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from shopdesk.core import errors
from shopdesk.core.beside import Beside
from shopdesk.core.db import is_away
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.guard import public
from shopdesk.web.typed import readable
from tests import engines, make
from tests.conftest import Browser
from tests.desk import pages as forms


@pytest.fixture
def failing(app, tmp_path):
    """An application whose page /fail and API address /api/v1/fail raise what the test named last."""
    other, raised = engines.make_app(tmp_path, app.config["SQLALCHEMY_DATABASE_URI"]), []
    other.test_client_class = Browser

    def view():
        raise raised[-1]

    for path in ("/fail", "/api/v1/fail"):
        other.add_url_rule(path, path, public(view))

    def build(error, **settings):
        raised.append(error)
        other.config.update(settings)
        return other.test_client()

    yield build
    with other.app_context():
        make.db.engine.dispose()


def test_an_expired_form_leaves_one_signed_in_and_leads_back_to_it(sign_in):
    order = make.order()
    client = sign_in(make.person(Role.PRE_SALE, signature="小满"))
    page = client.post(f"/orders/{order.id}/changes/address", data={"street": "1"}, headers={"Accept-Language": "en"})
    assert page.status_code == 400
    assert "Sign out" in page.text
    assert f'href="/orders/{order.id}/changes/address"' in page.text
    assert "What was kept" not in page.text


def test_every_refusal_of_the_business_has_a_status():
    ours = {kind for kind in errors.DomainError.__subclasses__() if kind.__module__.startswith("shopdesk.")}
    assert set(STATUS) == ours


def test_every_refusal_is_a_whole_page_and_one_error_body(failing):
    for kind in STATUS.keys() - {errors.NotSignedIn}:
        client = failing(kind("Too long: at most %(most)s characters.", code="too_long", most=5, retry_after_seconds=7))
        page, body = client.get("/fail", headers={"Accept-Language": "en"}), client.get("/api/v1/fail")
        assert page.status_code == body.status_code == STATUS[kind]
        assert ">Too long: at most 5 characters.</h1>" in page.text, kind
        assert "Nothing was " in page.text or "Everything is as it was" in page.text, kind
        assert "What to do next" in page.text, kind
        assert page.headers["X-Request-ID"] in page.text, kind
        assert body.json["error"] == "too_long", kind
        assert body.json["facts"]["most"] == 5, kind
        assert set(body.json) == {"error", "message", "facts", "fields"}, kind
        assert page.headers["Retry-After"] == body.headers["Retry-After"] == "7", kind


def test_an_unexpected_error_says_that_nothing_was_changed_and_shows_no_trace(failing):
    client = failing(ZeroDivisionError("canary 13800001111"), TESTING=False)
    page, body = client.get("/fail"), client.get("/api/v1/fail")
    assert page.status_code == body.status_code == 500
    assert body.json["error"] == "internal"
    for text in (page.text, body.text):
        assert "canary" not in text
        assert "Traceback" not in text
    assert page.headers["X-Request-ID"] in page.text


def test_a_database_that_is_gone_still_gets_a_page_even_for_somebody_signed_in(failing, monkeypatch):
    person = make.person(Role.PRE_SALE)
    client = failing(OperationalError("SELECT 1", {}, Exception("gone")), TESTING=False)
    page = client.get("/sign-in")
    client.post("/sign-in", data={"login": person.login, "password": make.PASSWORD, "csrf_token": make.token(page)})

    def gone(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("shopdesk.staff.queries.person_in_session", gone)
    for path in ("/fail", "/sign-in", "/"):
        answer = client.get(path)
        assert answer.status_code == 500, path
        assert "<h1" in answer.text


@pytest.mark.enable_socket
def test_a_database_server_that_is_not_there_is_503_and_promises_only_what_is_so(failing):
    nobody = create_engine("postgresql+psycopg://desk@127.0.0.1:1/desk?connect_timeout=2")
    reads = [nobody.connect, lambda: Beside(nobody).connection]
    for read in reads:
        with pytest.raises(OperationalError) as refused:
            read()
        client = failing(refused.value, TESTING=False)
        page, body = client.get("/fail", headers={"Accept-Language": "en"}), client.get("/api/v1/fail")
        assert (page.status_code, body.status_code, body.json["error"]) == (503, 503, "database_away")
        assert page.headers["Retry-After"] == body.headers["Retry-After"] == "1"
        said = page.text.partition("<main")[2].partition("</main")[0]
        assert "Nothing was changed" not in said, "of what was on its way nobody knows"
        assert "sent again, it has its effect once" in said
    nobody.dispose()


@pytest.mark.parametrize(("state", "is_so"), [("57P01", True), ("08006", True), (None, True), ("57014", False)])
def test_of_what_the_server_refuses_only_its_absence_is_an_absence(state, is_so):
    told = psycopg.OperationalError("x") if state is None else psycopg.errors.lookup(state)("x")
    assert is_away(OperationalError("SELECT 1", {}, told)) is is_so


def test_a_busy_database_asks_to_come_again(failing):
    from_sqlite = OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
    answer = failing(from_sqlite).get("/api/v1/fail")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/sign-in", 405),
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/openapi.json", 405),
    ],
)
def test_what_is_not_there_is_said_in_the_readers_form(browser, method, path, status):
    answer = browser().open(path, method=method)
    assert answer.status_code == status
    assert answer.is_json == path.startswith("/api/")
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def bearer():
    """The right to check batches."""
    make.store()
    return {"Authorization": f"Bearer {make.api_token(make.person(Role.PRINTING))}"}


BAD_BODIES = {
    "half": "{",
    "NaN": "NaN",
    "NaN inside": '{"a": NaN}',
    "Infinity": '{"a": -Infinity}',
    "a number that becomes infinite": '{"a": 1e999}',
    "a number with too many digits": '{"a": ' + "9" * 5000 + "}",
    "control character": "\x00",
    "nested without end": "[" * 100_000,
    "NUL in a text": '{"a": ["x\\u0000"]}',
    "NUL in a name": '{"a\\u0000": 1}',
    "half a character": '{"a": "\\ud83d"}',
    "not UTF-8": b'{"a": "\xff"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_not_json_is_malformed(browser, body):
    answer = browser().post("/api/v1/print-checks", data=body, content_type="application/json", headers=bearer())
    assert (answer.status_code, answer.json["error"]) == (400, "malformed")


def test_emoji_and_escapes_are_json(browser):
    body = '{"numbers": ["\\ud83d\\ude00 \\u4f60", "\\\\u0000"]}'
    answer = browser().post("/api/v1/print-checks", data=body, content_type="application/json", headers=bearer())
    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_does_not_say_it_is_json_is_refused(browser, content_type):
    answer = browser().post("/api/v1/print-checks", data="{}", content_type=content_type, headers=bearer())
    assert (answer.status_code, answer.json["error"]) == (415, "wrong_content_type")


@pytest.mark.parametrize("path", ["/%00", "/?q=%00", "/?%00=1", "/sign-in?next=%00", "/static/%00", "/api/v1/x?q=%00"])
def test_a_nul_in_an_address_is_malformed(browser, path):
    assert browser().get(path).status_code == 400


@pytest.mark.both_engines
def test_a_nul_in_a_form_is_malformed(browser):
    client = browser()
    data = {"login": "a\x00", "password": "b\x00", "csrf_token": make.token(client.get("/sign-in"))}
    assert client.post("/sign-in", data=data).status_code == 400


def test_the_codes_in_a_refusal_are_words_in_the_readers_language(app):
    refused = errors.RuleViolation("The address needs %(missing)s.", code="value_required", missing="name, street")
    moved = errors.Conflict("The parcel is %(stage)s meanwhile; nothing was changed.", stage="printed")
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert message_of(refused) == "地址缺少：收件人、详细地址。"
    with app.test_request_context(), force_locale("en"):
        assert message_of(moved).startswith("The parcel is Printed meanwhile")


def test_somebody_without_a_store_is_told_how_the_first_one_comes(sign_in):
    page = sign_in(make.person(login="first")).get("/", headers={"Accept-Language": "en"})
    assert page.status_code == 403
    assert "--create-store taobao,CNY,Asia/Shanghai" in page.text


def test_an_expired_form_is_said_within_the_persons_own_frame_with_a_way_back(app, sign_in):
    order = make.order()
    client = sign_in(make.person(Role.PRE_SALE, login="ada"))
    came_from = {"Referer": f"http://localhost/orders/{order.id}?from=inbox", "Accept-Language": "en"}
    page = client.post(f"/orders/{order.id}/memos", data={"csrf_token": "expired"}, headers=came_from)
    assert page.status_code == 400
    assert 'action="/sign-out"' in page.text  # who is signed in sees who it is
    assert f'href="/orders/{order.id}?from=inbox"' in page.text
    strange = client.post(
        f"/orders/{order.id}/memos", data={"csrf_token": "expired"}, headers={"Referer": "http://b.c/x"}
    )
    assert f'href="/orders/{order.id}"' in strange.text
    assert "b.c" not in strange.text


def expired(client, path, data, **headers):
    sent = {"Referer": "http://localhost/somewhere", "Accept-Language": "en", **headers}
    return client.post(path, data={"csrf_token": "expired", **data}, headers=sent)


def test_an_expired_form_is_offered_again_with_all_that_was_typed_and_works_without_a_script(sign_in):
    order = make.order()
    client = sign_in(make.person(Role.PRE_SALE))
    typed = {"text": '\n第一行\n<b>第二行</b> & "三"', "flag": "red", "command_key": "kept-as-it-was"}
    page = expired(client, f"/orders/{order.id}/memos", typed)
    assert page.status_code == 400
    assert "What you typed" in page.text
    assert "<b>第二行" not in page.text
    assert "&lt;b&gt;第二行" in page.text
    assert readable([("seen_stage", "unprinted"), ("confirmed_via", "chat"), ("text", "红色")]) == ["红色"]
    fields = forms.fields(page, f"/orders/{order.id}/memos")
    assert fields.pop("csrf_token") != "expired"
    fields = {name: value[1:] for name, value in fields.items()}  # a browser leaves out the first line break
    assert fields == typed
    sent = client.post(f"/orders/{order.id}/memos", data={**fields, "csrf_token": make.token(page)})
    assert sent.status_code == 303
    assert len(orders.memos(order.id, order.store_id)) == 1


@pytest.mark.parametrize(
    ("path", "data", "headers"),
    [
        ("/orders/{}/memos", {"text": "x"}, {"Referer": "http://evil.example/"}),
        ("/orders/{}/memos", {"text": "x"}, {"Referer": ""}),
        ("/orders/{}/memos", {"text": "x"}, {"HX-Request": "true"}),
        ("/orders/{}/memos", {"text": "x" * 100_001}, {}),
        ("/sign-in", {"login": "ada", "password": "geheim"}, {}),
        ("/feeds/my-shop/files", {"file": (io.BytesIO(b"a,b"), "a.csv"), "store": "1"}, {}),
    ],
)
def test_nothing_is_offered_again_from_elsewhere_with_a_password_a_file_or_for_a_part_of_a_page(
    sign_in, path, data, headers
):
    client = sign_in(make.person(Role.PRE_SALE))
    page = expired(client, path.format(make.order().id), data, **headers)
    assert page.status_code == 400
    assert "Send it again" not in page.text
    assert "geheim" not in page.text


def test_who_is_signed_out_is_offered_nothing(browser):
    page = expired(browser(), "/orders/1/memos", {"text": "secret words"})
    assert page.status_code == 400
    assert "secret words" not in page.text
