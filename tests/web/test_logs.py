"""Logs hold no personal data: canaries are planted everywhere a person or program can write, and looked for."""

import json
import logging

import pytest
from sqlalchemy.exc import IntegrityError

from shopdesk.core.db import db, housekeeping
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Role
from shopdesk.staff.models import SignInTries
from shopdesk.web import logs
from shopdesk.web.guard import public
from tests import engines, make
from tests.conftest import Browser

CANARIES = {
    "phone": "13987650011",
    "name": "欧阳金丝雀",
    "address": "金丝雀路8号9幢1001室",
    "password": "canary-password-77",
    "token": "canary-token-abcdef",
    "link": "canary-link-secret",
    "number": "4199000011112222333",
}
PLANTED = 12


@pytest.fixture
def loud(app, tmp_path):
    """The desk with every log level on and a page that fails with a canary in its words."""
    other = engines.make_app(tmp_path, app.config["SQLALCHEMY_DATABASE_URI"])

    def fail():
        raise ValueError(f"no order of {CANARIES['name']} {CANARIES['phone']}")

    other.add_url_rule("/fail", "fail", public(fail))
    other.config["TESTING"] = False
    other.test_client_class = Browser
    logs.configure("DEBUG")
    yield other
    logs.configure("ERROR")
    with other.app_context():
        db.engine.dispose()


def plant(client):
    """Put every canary into requests, in the address, the query, forms, bodies and headers; count the answers."""
    c = CANARIES
    page = client.get("/sign-in")
    data = {"login": c["name"], "password": c["password"], "csrf_token": make.token(page)}
    bearer = {"Authorization": f"Bearer {c['token']}"}
    person = make.person(Role.PRE_SALE, login="ada")
    answers = [
        client.post("/sign-in", data=data),
        client.post(f"/sign-in?next=/{c['phone']}", data={**data, "login": c["phone"]}),
        client.get(f"/?q={c['phone']}"),
        client.get(f"/{c['address']}"),
        client.get(f"/welcome/{c['link']}"),
        client.post(f"/welcome/{c['link']}", data={"password": c["password"], "again": c["password"]}),
        client.get("/api/v1/orders", query_string={"q": c["name"]}, headers=bearer),
        client.post("/api/v1/openapi.json", json={"name": c["name"], "phone": c["phone"]}, headers=bearer),
        client.post("/api/v1/openapi.json", data=f"{{{c['address']}", content_type="application/json"),
        client.get("/fail", headers={"User-Agent": c["name"].encode().decode("latin-1"), "Referer": f"/{c['number']}"}),
        client.post("/sign-in", data={**data, "login": person.login, "password": make.PASSWORD}),
        client.get(f"/?q={c['number']}"),
    ]
    assert max(a.status_code for a in answers) == 500
    return len(answers)


def spoken(capsys, caplog):
    out, err = capsys.readouterr()
    return out + err + caplog.text


def test_no_canary_comes_out_in_the_logs(loud, capsys, caplog):
    caplog.set_level(logging.DEBUG, logger="shopdesk")
    caplog.set_level(logging.DEBUG, logger="werkzeug")
    assert plant(loud.test_client()) == PLANTED
    text = spoken(capsys, caplog)
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert len([line for line in lines if line["event"] == "request"]) >= PLANTED
    assert [line["kind"] for line in lines if line["event"] == "unexpected"] == ["ValueError"]
    assert {kind: value for kind, value in CANARIES.items() if value in text} == {}
    assert make.PASSWORD not in text


def test_the_search_for_canaries_finds_one_that_sings(loud, capsys, caplog):
    """The control: a log line with the path in it is found."""
    loud.after_request(lambda answer: [print(make.clock.now(), engines_path()), answer][1])  # noqa: T201
    plant(loud.test_client())
    assert CANARIES["phone"] in spoken(capsys, caplog)


def engines_path():
    from flask import request

    return request.full_path


def test_each_request_has_one_line_with_its_number_person_and_time(loud, capsys):
    person = make.person(Role.PRE_SALE, login="ada")
    client = loud.test_client()
    page = client.get("/sign-in")
    client.post("/sign-in", data={"login": "ada", "password": make.PASSWORD, "csrf_token": make.token(page)})
    capsys.readouterr()
    answer = client.get("/there-is-no-such-page")
    line = json.loads(capsys.readouterr().out)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["status"], line["person"]) == ("GET", 404, person.id)
    assert line["ms"] >= 0
    assert line["timestamp"].endswith("Z")


@pytest.mark.both_engines
def test_a_database_error_does_not_quote_what_was_written(app):
    @housekeeping
    def twice():
        for _ in range(2):
            db.session.execute(
                SignInTries.__table__.insert(), [{"key": CANARIES["name"], "since": make.clock.now(), "count": 1}]
            )

    with pytest.raises(Conflict) as error:
        twice()
    cause = error.value.__cause__
    assert isinstance(cause, IntegrityError)
    assert CANARIES["name"] not in str(cause.statement)
    assert "hidden" in str(cause)
