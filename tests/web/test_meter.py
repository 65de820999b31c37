"""The meter beside a memo counts as the server does (static/js/meter.js, core/memo_text.py)."""

import json
import subprocess
from pathlib import Path

import playwright

from shopdesk.core.memo_text import measure

NODE = Path(playwright.__file__).parent / "driver" / "node"  # the one that drives the browser of the journeys
METER = Path(__file__).parents[2] / "shopdesk" / "static" / "js" / "meter.js"
TEXTS = [
    "", "plain", "客户要求修改地址", "😀😀😀", "ñ", "한국어", "ÀÉ", "①②③", "жЖ", "𠮷野家", "é ü à", "…—“”", "ḿ", "龴",
    "︐", "客户拍下黑色,要求修改成红色---2026.11.22 小满", "café 한 😀 客户", "\u200d\ufe0f", "€ £ ¥", "㐀㐁", "ⅷ ㎡ ℃",
]  # fmt: skip
ASKED = """
globalThis.document = { querySelectorAll: () => [], addEventListener: () => {} };
const { size } = await import(process.argv[1]);
const texts = JSON.parse(process.argv[2]);
console.log(JSON.stringify(texts.map((text) => [size(text, "bytes"), size(text, "characters")])));
"""
WATCHED = """
const field = { value: "", dataset: {}, addEventListener: (_name, act) => { field.typed = act; },
  toggleAttribute: () => {} };
const shown = {};
const box = {
  dataset: { meterFor: "memo", limit: "1000", unit: "bytes", used: "40", ending: "20" },
  querySelector: (name) => (shown[name] ??= {}), classList: { toggle: () => {} },
};
globalThis.document = { querySelectorAll: () => [box], addEventListener: () => {}, getElementById: () => field };
await import(process.argv[1]);
const seen = [shown["[data-meter-used]"].value];
field.value = "abc";
field.typed();
console.log(JSON.stringify([...seen, shown["[data-meter-used]"].value]));
"""


def test_the_browser_counts_every_text_as_the_server_does():
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", ASKED, METER.as_uri(), json.dumps(TEXTS)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    counted = dict(zip(TEXTS, json.loads(done.stdout), strict=True))
    assert counted == {text: [measure(text, "taobao").used, measure(text, "douyin").used] for text in TEXTS}


def test_an_empty_draft_takes_nothing_and_a_line_brings_its_ending():
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", WATCHED, METER.as_uri()],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout) == [40, 63]
