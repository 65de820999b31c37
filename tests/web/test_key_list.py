"""The sheet of keys lists what keys.js and the pages have, and nothing else."""

import re
from pathlib import Path

import pytest

from shopdesk.core.permissions import ASSIGNABLE
from tests import make

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "shopdesk/static/js/keys.js").read_text("utf-8")
TEMPLATES = "".join(path.read_text("utf-8") for path in sorted((ROOT / "templates").rglob("*.html")))
PLACES = dict(re.findall(r'Key([A-Z]): "([^"]+)"', SCRIPT))
NAMED = {"/": "Slash", "?": "Shift+Slash"}
OF_THE_BROWSER = {"Enter", "Esc", "Ctrl+V"}

pytestmark = pytest.mark.usefixtures("app")


def sheet(page: str) -> list[list[str]]:
    listed = page.split('<dl class="sd-keys">')[1].split("</dl>")[0]
    return [re.findall(r"<kbd[^>]*>([^<]+)</kbd>", row) for row in re.findall(r"<dt>.*?</dt>", listed, re.S)]


def is_there(keys: list[str]) -> bool:
    if keys[0] == "G":
        return keys[1] in PLACES
    if "+".join(keys) in OF_THE_BROWSER:
        return True
    if keys[0] == "Ctrl":
        return f"$mod+Key{keys[1]}" in SCRIPT
    return all(
        NAMED.get(key, f"Key{key}:") in SCRIPT or f'hotkey="{key}"' in TEMPLATES or f'"{key.lower()}" &&' in SCRIPT
        for key in keys
    )


def test_every_key_on_the_sheet_does_something(sign_in):
    listed = sheet(sign_in(make.person(*ASSIGNABLE)).get("/").text)
    assert len(listed) > 8
    assert [keys for keys in listed if not is_there(keys)] == []


def test_every_place_that_a_key_leads_to_is_on_the_menu(sign_in):
    page = sign_in(make.person(*ASSIGNABLE)).get("/").text
    menu = re.findall(r'data-nav="([^"]+)"', page)
    assert PLACES
    assert [p for p in PLACES.values() if p != "/" and not any(name.partition(".")[2] == p for name in menu)] == []
