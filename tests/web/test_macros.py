"""The components of templates/_macros.html: what each may never do, whatever it is given."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from markupsafe import Markup

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
HOSTILE = '"><script>alert(1)</script>'
STAGES = '[("unprinted", "11:32"), ("printed", None), ("packed", None), ("shipped", None), ("delivered", None)]'


@pytest.fixture(scope="module")
def bare_app():
    app = Flask("macros", root_path=str(ROOT), template_folder=str(TEMPLATES))
    Babel(app)
    app.jinja_env.filters.update(label=str, money=lambda minor, currency: f"{currency} {minor}")
    app.jinja_env.globals.update(asset=lambda path: f"/static/{path}", csrf_token=lambda: "token")
    return app


def render(app, source, **values):
    with app.test_request_context():
        return render_template_string('{% import "_macros.html" as m %}' + source, **values)


def macro_names():
    parts = sorted((TEMPLATES / "macros").glob("*.html"))
    return {name for part in parts for name in re.findall(r"{%-? macro ([a-z]\w*)\(", part.read_text("utf-8"))}


def test_every_macro_can_be_imported_from_the_one_file(bare_app):
    with bare_app.test_request_context():
        module = bare_app.jinja_env.get_template("_macros.html").module
    assert sorted(name for name in macro_names() if not hasattr(module, name)) == []


@pytest.mark.parametrize(
    "call",
    [
        "m.badge(x, 'ok', 'check')",
        "m.flag('red', x)",
        "m.freshness(x, 'stale')",
        "m.deadline(x, 'over')",
        "m.copy(x, x, bold_last=4)",
        "m.masked(x, x, x)",
        "m.masked(x, '/reveal', x, reasons=[(x, x)])",
        "m.post_button(x, x, fields={'id': x})",
        "m.copy_button(x, x)",
        "m.link_button(x, x, blocked=x)",
        "m.stage_mini(x, x)",
        "m.stage_bar('unprinted', " + STAGES + ", x, x)",
        "m.step_list([{'state': 'next', 'title': x, 'owner': x, 'time': x, 'evidence': x, 'note': x}])",
        "m.diff(x, x)",
        "m.diff(x, x, inline=True)",
        "m.kv([(x, x)])",
        "m.timeline([{'time': x, 'who': x, 'what': x, 'note': x}])",
        "m.order_lines([{'title': x, 'attributes': [x], 'sku': x, 'quantity': 1, 'paid': x, 'share': x}])",
        "m.banner('warn', x, x)",
        "m.empty(x, x)",
        "m.toast(x, 'bad')",
        "m.tile(x, x, x, 'bad', href=x)",
        "m.pills([{'label': x, 'count': 3, 'href': x}])",
        "m.confirm_dialog('ask', x, x, x, x, fields={'id': x})",
        "m.memo_composer(x, text=x, refs=[{'token': x, 'name': x, 'masked': x, 'size': 3}], tail=x)",
        "m.recall_card(x, x, x, x, x, x)",
    ],
)
def test_hostile_text_stays_text(bare_app, call):
    html = render(bare_app, "{{ " + call + " }}", x=HOSTILE)
    assert "<script" not in html
    assert '"><' + "script" not in html


def test_the_current_stage_is_said_in_words_and_not_only_by_colour(bare_app):
    html = render(bare_app, "{{ m.stage_bar('printed', " + STAGES + ") }}")
    assert html.count('aria-current="step"') == 1
    assert re.search(r'aria-current="step">\s*<b><svg[^>]*aria-label="Now:"', html)


def test_a_voided_parcel_shows_the_side_exit_after_the_stages_it_reached(bare_app):
    html = render(bare_app, "{{ m.stage_bar('voided', " + STAGES + ") }}")
    assert [html.count(name) for name in ('class="is-done"', 'class="is-ahead"', 'class="is-void"')] == [1, 4, 1]


def test_the_callers_form_goes_to_the_next_step_and_to_steps_that_ask_for_it(bare_app):
    steps = [
        {"state": "done", "title": "a"},
        {"state": "next", "title": "b"},
        {"state": "open", "title": "c", "form": True},
    ]
    html = render(bare_app, "{% call(step) m.step_list(steps) %}form of {{ step.title }}{% endcall %}", steps=steps)
    assert re.findall(r"form of \w", html) == ["form of b", "form of c"]


def test_a_blocked_button_says_why_and_sends_nothing(bare_app):
    html = render(bare_app, "{{ m.submit('Refund', blocked='decide on the third piece first') }}")
    assert 'type="button"' in html
    assert "decide on the third piece first" in Markup(html).striptags()


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_carries_an_inline_style_or_handler(path):
    text = path.read_text("utf-8")
    assert re.findall(r"\s(?:style|on[a-z]+)=", text) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "nonce=" not in tag] == []
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", sorted((ROOT / "shopdesk/static/js").glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_markup_or_runs_text(path):
    assert (
        re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text("utf-8")
        )
        == []
    )


def test_every_script_module_is_in_the_import_map():
    base = (TEMPLATES / "base.html").read_text("utf-8")
    modules = {path.stem for path in (ROOT / "shopdesk/static/js").glob("*.js")} - {"main", "api_docs"}
    mapped = set(re.findall(r'"(\w+)"', re.search(r"for name in \(([^)]*)\)", base).group(1)))
    assert mapped == modules
