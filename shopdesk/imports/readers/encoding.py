"""Bytes to lines of text: what kind of file it is, and in which encoding each of its lines is written."""

import re
from dataclasses import dataclass, field

from charset_normalizer import from_bytes

from shopdesk.imports.readers.records import FileProblem

MAX_FILE_BYTES = 64 * 1024 * 1024
GUESS_BYTES = 64 * 1024
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WEBP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x1f\x8b", "GZIP"),
    (b"MZ\x90", "EXE"),
    (b"\x7fELF", "ELF"),
)
BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|meta|svg)", re.IGNORECASE)
JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d\]])")
LONG_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Lines without their ends. `mixed` and `nul` hold indexes of lines in another encoding, or that held NUL bytes."""

    lines: list[str]
    encoding: str
    ends_with_newline: bool
    mixed: frozenset[int] = field(default_factory=frozenset)
    nul: frozenset[int] = field(default_factory=frozenset)


def check_content(name: str, content: bytes) -> None:
    """Refuse what is empty, too large, or by its first bytes no table, whatever its name says."""
    if len(content) > MAX_FILE_BYTES:
        raise FileProblem("file_too_large", name, {"limit_mb": MAX_FILE_BYTES // (1024 * 1024)})
    if not content.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise FileProblem("file_empty", name)
    for magic, kind in MAGIC:
        if content.startswith(magic):
            raise FileProblem("not_a_table", name, {"kind": kind})
    if MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")[:200]):
        raise FileProblem("not_a_table", name, {"kind": "HTML/XML"})
    if JSON.match(content.removeprefix(b"\xef\xbb\xbf")[:200]):
        raise FileProblem("not_a_table", name, {"kind": "JSON"})


def decode(name: str, content: bytes) -> Decoded:
    """Decode by BOM, else strict UTF-8, else GB18030 line by line; what neither can read becomes U+FFFD in its line."""
    told, body = _without_bom(content)
    if told is None and b"\x00" in body:
        told = _utf16_without_bom(body)
    if told and told.startswith("utf-16"):
        body, told_as = body.decode(told, "replace").encode("utf-8", "replace"), told
    else:
        told_as = None
    raw, ends_with_newline = _split(body)
    nul = frozenset(i for i, line in enumerate(raw) if b"\x00" in line)
    if nul:
        raw = [line.replace(b"\x00", b"") for line in raw]
    if len(CONTROL.findall(b"\n".join(raw)[:4096])) > 200:
        raise FileProblem("not_a_text", name)
    lines, encoding, mixed = _decode_lines(raw, told)
    return Decoded(lines, told_as or encoding, ends_with_newline, mixed, nul)


def decode_by_guess(content: bytes) -> Decoded | None:
    """The statistical guess, for a file whose header nobody knows in UTF-8 or GB18030 (Big5, Shift-JIS)."""
    best = from_bytes(content[:GUESS_BYTES]).best()
    if best is None or best.encoding in {"utf_8", "gb18030", "ascii"}:
        return None
    raw, ends_with_newline = _split(content)
    return Decoded([line.decode(best.encoding, "replace") for line in raw], best.encoding, ends_with_newline)


def _without_bom(content: bytes) -> tuple[str | None, bytes]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return encoding, content[len(bom) :]
    return None, content


def _utf16_without_bom(body: bytes) -> str | None:
    head = body[:4096]
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > half * 0.3:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.3:
        return "utf-16-be"
    return None


def _split(body: bytes) -> tuple[list[bytes], bool]:
    """Split at line ends; a lone CR beside LFs is a blank. Safe on GB18030: no trail byte is CR or LF."""
    body = body.replace(b"\r\n", b"\n")
    body = body.replace(b"\r", b" " if b"\n" in body else b"\n")
    ends = body.endswith(b"\n")
    lines = body.split(b"\n")
    return (lines[:-1] if ends else lines), ends


def _decode_lines(raw: list[bytes], told: str | None) -> tuple[list[str], str, frozenset[int]]:
    try:
        return [line.decode("utf-8") for line in raw], _utf8_name(told), frozenset()
    except UnicodeDecodeError:
        pass
    kinds = [_kind(line) for line in raw]
    base = "utf-8" if kinds.count("utf-8") > kinds.count("gb18030") else "gb18030"
    if told in {"utf-8-sig", "gb18030"}:
        base = "gb18030" if told == "gb18030" else "utf-8"
    lines = [line.decode(kind or base, "replace") for line, kind in zip(raw, kinds, strict=True)]
    mixed = frozenset(i for i, kind in enumerate(kinds) if kind and kind != base)
    return lines, _utf8_name(told) if base == "utf-8" else base, mixed


def _utf8_name(told: str | None) -> str:
    return "utf-8-sig" if told == "utf-8-sig" else "utf-8"


def _kind(line: bytes) -> str | None:
    """The encoding that a line shows beyond doubt; None for plain ASCII, too little text, or damage.

    Two three-byte sequences and hardly any stray byte do not happen in GB18030 text, but UTF-8 often passes for
    GB18030: so UTF-8 is asked first, also for a line with a few broken bytes.
    """
    if line.isascii():
        return None
    if len(LONG_UTF8.findall(line)) >= 2:
        text = line.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        # Of two bytes is no Chinese character in UTF-8, but one in GB18030 often passes for two-byte UTF-8.
        good = sum(1 for char in text if char > "\u07ff") - broken
        if broken <= good * 0.3:
            return "utf-8"
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "gb18030"
