"""Headers on every answer, the nonce that lets our own scripts run, and whose pages may post to us."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_babel import gettext
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
#: On every answer, static files too.
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FIXED_NAMES = frozenset(map(str.lower, FIXED))
#: Of JSON, files and the like: shown as a page by mistake, it may do nothing.
NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}  # off loopback alone


def check_origin() -> None:
    """A page's form comes from a page of ours; the token is asked for as well.  The API takes no cookie.

    Old browsers say neither Origin nor Sec-Fetch-Site: there the token alone decides.
    """
    if request.method in SAFE_METHODS or request.path.startswith("/api/"):
        return
    origin = request.headers.get("Origin")
    if origin is not None:
        ours = urlsplit(origin).netloc.lower() == request.host.lower()
    else:
        ours = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    if not ours:
        raise Forbidden(gettext("This was sent from a page that is not the desk's. Nothing was changed."))


def is_storable(text: str) -> bool:
    """Whether both databases can hold the text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def check_text() -> None:
    """Nobody types a NUL; programs that look for holes send it, and PostgreSQL would answer with an error.

    The API looks at its parameters itself and names the one (`web.api.reading.check_address`).
    """
    in_api = request.path.startswith("/api/")
    values = [request.path, *(() if in_api else (v for pair in request.args.items(multi=True) for v in pair))]
    if request.method not in SAFE_METHODS and not in_api:
        values += (v for pair in request.form.items(multi=True) for v in pair)
    if not all(map(is_storable, values)):
        raise BadRequest


def answer_wrong_host(_error: HTTPException) -> BaseResponse:
    """A host we do not answer to gets no page: links in it would lead there."""
    return Response("This desk is not served under that name.\n", status=400, mimetype="text/plain")


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _is_page(response: Response) -> bool:
    return response.mimetype == "text/html"


def add_headers(response: Response) -> Response:
    """Looked up once and appended: asking Werkzeug for each is several times as long, on every answer."""
    headers = response.headers
    there = {name.lower() for name, _ in headers}
    if "content-security-policy" not in there:
        headers.add("Content-Security-Policy", POLICY.format(nonce=csp_nonce()) if _is_page(response) else NO_PAGE)
    put = headers.add if there.isdisjoint(FIXED_NAMES) else headers.set
    for name, value in FIXED.items():
        put(name, value)
    if "cache-control" not in there and request.endpoint != "static":
        headers.add("Cache-Control", "no-store")
    return response


def init_app(app: Flask) -> None:
    hops = app.config["PROXY_HOPS"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if not app.config["LOOPBACK"]:
        app.after_request(_strict_transport)
    app.after_request(add_headers)
    app.before_request(check_origin)
    app.before_request(check_text)
    app.register_error_handler(SecurityError, answer_wrong_host)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def _strict_transport(response: Response) -> Response:
    response.headers.update(STRICT_TRANSPORT)
    return response
