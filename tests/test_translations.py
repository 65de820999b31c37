"""Every visible string has its Chinese, with the same places to fill."""

import re

from setup_steps.messages import catalogue, found

PLACE = re.compile(r"%\((\w+)\)[sd]")


def _first(message: object) -> str:
    return str(message[0]) if isinstance(message, tuple | list) else str(message)


def test_every_visible_string_is_in_the_chinese_catalogue():
    known = {_first(m.id): _first(m.string) for m in catalogue() if m.id}
    strings = [(name, _first(message)) for name, _line, message in found()]
    assert len(strings) > 200
    missing = sorted({f"{name}: {text}" for name, text in strings if text and not known.get(text)})
    assert missing == [], "run: .venv/bin/python -m setup_steps.messages FILLED.json"


def test_a_translation_fills_the_same_places():
    wrong = [
        _first(m.id)
        for m in catalogue()
        if m.id and set(PLACE.findall(_first(m.id))) != set(PLACE.findall(_first(m.string)))
    ]
    assert wrong == []
