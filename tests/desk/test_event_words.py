"""Every event that the code records can be told in words, in both languages."""

import ast
import re

import pytest
from flask_babel import force_locale, gettext

from setup_steps.paths import ROOT
from shopdesk.changes.states import ChangeState
from shopdesk.desk.views.event_words import EVENTS

CODE = ROOT / "shopdesk"


def recorded():
    """(name of an event, where) of every `audit.record(…)` in the source."""
    for path in sorted(CODE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        plain = [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
        texts = {ast.unparse(node.targets[0]): node.value.value for node in plain}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield from ((name, where) for name in names(node.args[0], texts))


def names(given, texts):
    """The names that an argument may stand for; one that ends with a state stands for every end of a change."""
    if isinstance(given, ast.Constant):
        return [given.value]
    if isinstance(given, ast.IfExp):
        return [*names(given.body, texts), *names(given.orelse, texts)]
    if isinstance(given, ast.Name) and given.id in texts:
        return [texts[given.id]]
    if isinstance(given, ast.JoinedStr) and ast.unparse(given) == "f'change.{state}'":
        return [f"change.{state}" for state in ChangeState if state is not ChangeState.OPEN]
    raise AssertionError(f"this test does not understand the event name {ast.unparse(given)}")


def test_every_event_that_is_recorded_has_its_words():
    found = list(recorded())
    assert len({name for name, _where in found}) > 40, "the search finds nothing any more"
    missing = [f"{name} ({where})" for name, where in found if name not in EVENTS]
    assert not missing, missing


@pytest.mark.parametrize("name", EVENTS)
def test_the_words_are_there_in_both_languages(app, name):
    said = EVENTS[name][1]
    with app.test_request_context():
        with force_locale("en"):
            english = gettext(str(said))
        with force_locale("zh_Hans_CN"):
            chinese = str(said)
    assert re.search(r"[a-z]", english)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert re.search(r"[\u4e00-\u9fff]", chinese), chinese


def test_every_icon_of_an_event_is_in_the_sprite():
    icons = set((CODE / "static" / "icons.txt").read_text(encoding="utf-8").split())
    assert {icon for icon, _words in EVENTS.values()} <= icons
