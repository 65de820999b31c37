"""What every page's frame shows, whoever is signed in: the languages, who it is, and where one is."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Flask, current_app, g, request
from flask_babel import get_locale

#: (code, its own name for itself); never translated.
LANGUAGES = (("zh_Hans_CN", "简体中文"), ("en", "English"))
HTML_LANG = {"zh_Hans_CN": "zh-CN", "en": "en"}
#: Not carried over to another store: the store itself, and places in a list.
OF_THIS_STORE = frozenset({"store", "before", "after"})


class Place(NamedTuple):
    """The page that is shown, as an address that can be opened again; `kept`: its filters, for another store too."""

    path: str
    address: str
    kept: list[tuple[str, str]]


def shown_at(path: str) -> None:
    """Say which page a submit to another address shows again."""
    g.shown_at = path


def here() -> Place:
    """Where one is.  After a refused submit: the page it came from, not the address that takes only submits."""
    path = request.path if request.method in {"GET", "HEAD"} else g.get("shown_at") or _page_above(request.path)
    query = request.query_string.decode("ascii", "ignore")
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in OF_THIS_STORE]
    return Place(path, f"{path}?{query}" if query else path, kept)


def _page_above(path: str) -> str:
    routes = current_app.create_url_adapter(request)
    while path != "/" and not (routes and routes.test(path, method="GET")):
        path = path.rpartition("/")[0] or "/"
    return path


def frame() -> dict[str, Any]:
    """Names for base.html.  The workbench adds navigation, inbox and stores, and says more of the person."""
    code = str(get_locale())
    person = g.get("person")
    return {
        "languages": [(c, name, c == code) for c, name in LANGUAGES],
        "html_lang": HTML_LANG.get(code, "zh-CN"),
        "person": {"name": person.display, "role": None} if person else None,
        "place": here(),
    }


def init_app(app: Flask) -> None:
    app.context_processor(frame)
