"""What every page's frame shows, whoever is signed in: the languages, and who it is."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_locale

#: (code, its own name for itself); never translated.
LANGUAGES = (("zh_Hans_CN", "简体中文"), ("en", "English"))
HTML_LANG = {"zh_Hans_CN": "zh-CN", "en": "en"}


def frame() -> dict[str, Any]:
    """Names for base.html.  The workbench adds navigation, inbox and stores, and says more of the person."""
    code = str(get_locale())
    person = g.get("person")
    return {
        "languages": [(c, name, c == code) for c, name in LANGUAGES],
        "html_lang": HTML_LANG.get(code, "zh-CN"),
        "person": {"name": person.display, "role": None} if person else None,
    }


def init_app(app: Flask) -> None:
    app.context_processor(frame)
