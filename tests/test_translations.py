"""Every visible string has its Chinese, with the same places to fill."""

import ast
import re
from pathlib import Path

import shopdesk
from setup_steps.messages import catalogue, found

PRODUCT = Path(shopdesk.__file__).parent
PLACE = re.compile(r"%\((\w+)\)[sd]")


def _first(message: object) -> str:
    return str(message[0]) if isinstance(message, tuple | list) else str(message)


def test_every_visible_string_is_in_the_chinese_catalogue():
    known = {_first(m.id): _first(m.string) for m in catalogue() if m.id}
    strings = [(name, _first(message)) for name, _line, message in found()]
    assert len(strings) > 200
    missing = sorted({f"{name}: {text}" for name, text in strings if text and not known.get(text)})
    assert missing == [], "run: .venv/bin/python -m setup_steps.messages FILLED.json"


def test_no_visible_string_hides_in_an_f_string_where_nothing_collects_it():
    asked = {"_", "gettext", "ngettext", "lazy_gettext"}
    hidden = [
        f"{path.relative_to(PRODUCT)}:{call.lineno}"
        for path in PRODUCT.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) in asked
    ]
    assert hidden == []


def test_a_translation_fills_the_same_places():
    wrong = [
        _first(m.id)
        for m in catalogue()
        if m.id and set(PLACE.findall(_first(m.id))) != set(PLACE.findall(_first(m.string)))
    ]
    assert wrong == []


#: Words of outsiders, and what the screens say instead.
AVOIDED = {
    "未打单": "待打单", "别打": "不要打", "打了没有": "是否已打单", "承运商": "快递", "检索": "查单", "台账": "登记表",
    "收货人": "收件人", "流水号": "退款编号", "未打印": "待打单", "已送达": "已签收",
    "商品行": "商品明细", "轮到你": "轮到您",
}  # fmt: skip


def test_the_chinese_uses_the_words_of_the_trade():
    strings = [_first(m.string) for m in catalogue() if m.id]
    found = {(word, text) for text in strings for word in AVOIDED if word in text}
    assert found == set()


def test_chinese_sentences_have_chinese_punctuation():
    half = re.compile(r"[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]|[「」]")
    assert [text for m in catalogue() if m.id and half.search(text := _first(m.string))] == []
