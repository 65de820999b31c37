"""What every answer says, which hosts and pages are listened to, and where a sign-in may lead."""

import pytest
from flask import request

from shopdesk.core.permissions import Role
from shopdesk.web import errors
from shopdesk.web.views import safe_next
from tests import engines, make

PLACES = ["/sign-in", "/there-is-no-such-page", "/api/v1/docs", "/api/v1/openapi.json", "/healthz", "/api/v1/nothing"]


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_carries_the_headers(browser, path):
    headers = browser().get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    if headers["Content-Type"].startswith("text/html"):
        assert policy["style-src"] == "'self'"
        assert policy["script-src"].startswith("'nonce-")
    else:
        assert "script-src" not in policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]
    assert "Strict-Transport-Security" not in headers  # on loopback there is no TLS


def test_the_nonce_is_new_each_time_and_on_every_script(browser):
    client = browser()
    pages = [client.get("/sign-in") for _ in range(2)]
    nonces = [p.headers["Content-Security-Policy"].split("nonce-")[1].split("'")[0] for p in pages]
    assert nonces[0] != nonces[1]
    for page, nonce in zip(pages, nonces, strict=True):
        assert page.text.count("<script") == page.text.count(f'nonce="{nonce}"') > 2


def test_a_static_file_may_be_kept(browser):
    with browser().get("/static/css/desk.css") as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "no-store" not in answer.headers["Cache-Control"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser, app):
    make.person(login="ada")
    client = browser()
    page = client.get("/sign-in")
    data = {"login": "ada", "password": make.PASSWORD, "csrf_token": make.token(page)}
    cookie = client.post("/sign-in", data=data).headers["Set-Cookie"]
    assert cookie.startswith("sd=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Expires" not in cookie  # it ends with the browser, too


def test_off_loopback_the_cookie_is_bound_to_the_host_and_to_tls(tmp_path):
    app = public_app(tmp_path)
    answer = app.test_client().get("/sign-in", base_url="https://desk.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sd=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def public_app(folder, **more):
    given = {"ENV": "test", "DATA": folder, "SECRET_KEY": engines.SECRET, "LOG_LEVEL": "ERROR", "LOOPBACK": "0"}
    return engines.create_app({**given, "TRUSTED_HOSTS": "desk.example", **more})


# -- hosts


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "evil.test:80", "127.0.0.1.evil.test", "a@b", ""])
def test_a_host_that_is_not_ours_gets_no_page(browser, host):
    answer = browser().get("/sign-in", headers={"Host": host}, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 400
    assert "<html" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000"])
def test_the_loopback_names_are_ours_with_any_port(browser, host):
    assert browser().get("/sign-in", headers={"Host": host}).status_code == 200


SPOKEN = [
    "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-User", "Forwarded", "X-Real-IP",
    "X-Original-URL", "X-Remote-User", "Remote-User",
]  # fmt: skip


@pytest.mark.parametrize("header", SPOKEN)
def test_without_a_proxy_nobody_speaks_for_the_client(sign_in, browser, header):
    make.person(login="ada")
    answer = browser().get("/", headers={header: "ada"})
    assert answer.status_code == 303
    assert "ada" not in answer.location


def test_a_proxys_word_counts_for_exactly_its_hops(tmp_path):
    app = public_app(tmp_path, PROXY_HOPS="1")
    seen = []
    app.before_request(lambda: seen.append(request.remote_addr))
    app.test_client().get("/healthz", base_url="https://desk.example", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
    assert seen == ["10.1.1.1"]


# -- forms from elsewhere


def post_language(client, **headers):
    page = client.get("/sign-in")
    data = {"language": "en", "csrf_token": make.token(page)}
    return client.post("/language", data=data, headers=headers).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.test"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_another_place_is_refused_even_with_its_token(browser, headers):
    assert post_language(browser(), **headers) == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
    ids=str,
)
def test_a_form_of_ours_is_taken(browser, headers):
    assert post_language(browser(), **headers) == 303


def unsafe_pages(app):
    """What browsers send to; machines sign what they tell (/hooks)."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(("/api/", "/hooks/")):
            for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
                yield rule, method


def test_no_page_takes_anything_without_a_token(app, sign_in, monkeypatch):
    monkeypatch.setattr(errors, "_page", lambda *_: "")  # drawing the whole page takes most of the time
    client = sign_in(make.person(*[r for r in Role if r is not Role.SYSTEM]))
    examined = 0
    for rule, method in unsafe_pages(app):
        path = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method=method)
        for data in ({}, {"csrf_token": "wrong"}):
            answer = client.open(path, method=method, data=data)
            assert answer.status_code == 400, f"{method} {path}"
        examined += 1
    assert examined >= 3


# -- where a sign-in may lead

HOSTILE = [
    "https://evil.test",
    "http://evil.test",
    "HTTPS://evil.test",
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "//evil.test/%2e%2e",
    "/\\evil.test",
    "\\/evil.test",
    "\\\\evil.test",
    "/\\/evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https:///evil.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "mailto:a@evil.test",
    "file:///etc/passwd",
    "evil.test",
    ".evil.test",
    "@evil.test",
    "/.//evil.test",
    "/..//evil.test",
    "/%2f/evil.test",
    "/%2F%2Fevil.test",
    "/%5cevil.test",
    "/%5C%5Cevil.test",
    "/%252f/evil.test",
    "/%09/evil.test",
    "/a//evil.test",
    "/./../evil",
    "http://[::1",
    "//[evil",
    "https://localhost@evil.test",
    "//localhost@evil.test",
    "?next=//evil.test",
    "#//evil.test",
    "*",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\nSet-Cookie: a=b",
    " //evil.test",
    "/\u0000/evil",
    "/\u2028/evil",
    "/" * 3000,
]


assert len(HOSTILE) >= 40


@pytest.mark.parametrize("wanted", HOSTILE)
def test_a_sign_in_leads_nowhere_else(app, wanted):
    with app.test_request_context():
        assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/?q=123", "/orders/12?tab=x#memo", "/?q=https://a.test", "/?q=%E5%BC%A0"])
def test_a_sign_in_leads_back_to_where_one_was(app, wanted):
    with app.test_request_context():
        assert safe_next(wanted) == wanted


def test_the_wish_survives_a_wrong_password_and_a_hostile_one_does_not_reach_the_page(browser, app):
    make.person(login="ada")
    client = browser()
    page = client.get("/sign-in?next=/orders/12")
    data = {"login": "ada", "password": "wrong", "csrf_token": make.token(page)}
    assert "next=/orders/12" in client.post("/sign-in?next=/orders/12", data=data).text
    data["password"] = make.PASSWORD
    assert client.post("/sign-in?next=//evil.test", data=data).location == "/"
    assert "evil.test" not in browser().get("/sign-in?next=//evil.test").text.split("<main")[1]
