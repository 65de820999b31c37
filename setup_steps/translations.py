"""Compiled catalogues: `messages.mo` beside each `messages.po`."""

from __future__ import annotations

from setup_steps.paths import ROOT, VENV_PYTHON, SetupError
from setup_steps.process import call_quietly, say
from setup_steps.stamps import Stamps, digest

FOLDER = ROOT / "shopdesk" / "translations"


def ensure_translations(stamps: Stamps) -> None:
    """Compile the catalogues when one of them changed."""
    sources = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
    if not sources:
        return
    languages = " ".join(path.parent.parent.name for path in sources)
    outputs = [path.with_suffix(".mo") for path in sources]
    stamps.ensure("translations", digest(sources, extra=languages), _compile, outputs)


def _compile() -> None:
    say("Compiling translations …")
    babel = [str(VENV_PYTHON), "-m", "babel.messages.frontend", "--quiet"]
    if call_quietly([*babel, "compile", "-d", str(FOLDER), "-D", "messages"]) != 0:
        raise SetupError("The translations could not be compiled; the lines above say which line is wrong.")
