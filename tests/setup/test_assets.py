"""Only the used front-end files are served, and the icons come as one sprite."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from setup_steps import assets
from setup_steps.assets import COPIES, ICON_LIST, OUTLINE_ICONS, SVG, copy_assets, icon_names, sprite
from setup_steps.paths import ROOT, SetupError

ICON = """<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none"
  stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" class="icon">
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M21 21l-6 -6" />
</svg>"""
FILLED_ICON = """<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="currentColor">
  <path d="M4 5a1 1 0 0 1 .3 -.714" />
</svg>"""


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A node_modules folder with every file that is copied, and two icons."""
    folder = tmp_path / "node_modules"
    for source in COPIES.values():
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content\n//# sourceMappingURL=content.map\n")
    (folder / OUTLINE_ICONS).mkdir(parents=True)
    for name in ("search", "bell"):
        (folder / OUTLINE_ICONS / f"{name}.svg").write_text(ICON)
    filled = (folder / OUTLINE_ICONS).with_name("filled")
    filled.mkdir()
    (filled / "bell.svg").write_text(FILLED_ICON)
    return folder


def test_the_used_files_and_the_sprite_are_copied_without_source_maps(modules: Path, tmp_path: Path) -> None:
    icons = tmp_path / "icons.txt"
    icons.write_text("search\n")
    copy_assets(modules, tmp_path / "vendor", icons)
    assert {path.name for path in (tmp_path / "vendor").iterdir()} == {*COPIES, "icons.svg"}
    assert (tmp_path / "vendor/tinykeys.js").read_text() == "content\n"


def test_the_sprite_holds_one_symbol_for_each_icon_in_the_colour_of_the_text(modules: Path) -> None:
    root = ET.fromstring(sprite(modules / OUTLINE_ICONS, ["bell", "search"]))
    symbols = root.findall(f"{{{SVG}}}symbol")
    assert [symbol.get("id") for symbol in symbols] == ["i-bell", "i-search"]
    assert {symbol.get("stroke") for symbol in symbols} == {"currentColor"}
    assert {symbol.get("viewBox") for symbol in symbols} == {"0 0 24 24"}
    assert [shape.get("d") for shape in symbols[0]] == ["M21 21l-6 -6"]


def test_a_filled_icon_is_filled_with_the_colour_of_the_text(modules: Path) -> None:
    root = ET.fromstring(sprite(modules / OUTLINE_ICONS, ["bell-filled"]))
    symbol = root.find(f"{{{SVG}}}symbol")
    assert symbol is not None
    assert (symbol.get("id"), symbol.get("fill"), symbol.get("stroke")) == ("i-bell-filled", "currentColor", "none")


@pytest.mark.parametrize("name", ["no-such-icon", "no-such-filled", "../search", "Search"])
def test_an_icon_that_does_not_exist_is_said_by_name(modules: Path, name: str) -> None:
    with pytest.raises(SetupError, match=r"no icon .* shopdesk/static/icons\.txt"):
        sprite(modules / OUTLINE_ICONS, [name])


def test_a_file_that_left_its_package_is_said_by_name(modules: Path, tmp_path: Path) -> None:
    (modules / COPIES["htmx.min.js"]).unlink()
    icons = tmp_path / "icons.txt"
    icons.write_text("search\n")
    with pytest.raises(SetupError, match=r"htmx\.min\.js"):
        copy_assets(modules, tmp_path / "vendor", icons)


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a program in npm's place; it counts its calls in the file `calls`."""

    def replace(code: str) -> None:
        script = tmp_path / "npm.py"
        script.write_text(f"open({str(tmp_path / 'calls')!r}, 'a').write('.')\n{code}")
        monkeypatch.setattr(assets, "_node_and_npm", lambda: (Path(sys.executable), script))
        monkeypatch.setattr(assets, "NPM_SECONDS", (0.3, 10))

    return replace


def test_npm_that_waits_for_ever_is_asked_again(npm: Callable[[str], None], tmp_path: Path) -> None:
    npm(f"import time; len(open({str(tmp_path / 'calls')!r}).read()) == 1 and time.sleep(60)")
    assets._fetch()
    assert (tmp_path / "calls").read_text() == ".."


def test_npm_that_fails_is_not_asked_again_and_its_words_are_shown(
    npm: Callable[[str], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    npm("import sys; print('no such version'); sys.exit(1)")
    with pytest.raises(SetupError, match="npm could not fetch"):
        assets._fetch()
    assert (tmp_path / "calls").read_text() == "."
    assert "no such version" in capfd.readouterr().err


def test_the_icon_list_may_have_empty_lines_comments_and_repetitions(tmp_path: Path) -> None:
    path = tmp_path / "icons.txt"
    path.write_text("search\n\n# the header\nbell\nsearch\n")
    assert icon_names(path) == ["bell", "search"]


def test_our_own_icon_list_is_one_name_a_line() -> None:
    lines = ICON_LIST.read_text().split("\n")
    assert len(lines) - 1 == len(set(lines) - {""}), "an icon is listed twice or a line is empty"


def test_the_npm_lock_names_no_registry_and_pins_every_package_by_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
    assert "registry=" not in (ROOT / ".npmrc").read_text()


def test_the_sprite_has_the_icons_that_pages_name_and_no_others() -> None:
    pages = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "shopdesk").rglob("*.py"),
        *ICON_LIST.parent.glob("js/*.js"),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    listed = set(icon_names(ICON_LIST))
    mentioned = set(re.findall(r"[\"']([a-z0-9-]+)[\"']|#i-([a-z0-9-]+)", text))
    assert listed <= {name for pair in mentioned for name in pair}
    drawn = re.findall(r"\bicon\(\"([a-z0-9-]+)\"|icon_name=\"([a-z0-9-]+)\"|#i-([a-z0-9-]+)", text)
    assert {name for names in drawn for name in names if name} <= listed
