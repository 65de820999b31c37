"""What people type, paste and scan, made comparable: folded keys, cleaned lists, grams."""

import re
import unicodedata

#: A figure as Excel writes a long number: its digits are lost.
SCIENTIFIC = re.compile(r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$", re.ASCII)

_BREAKS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
_BREAK = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c\x85]")
# ZWNJ and ZWJ shape words and emoji that people see; every other format character is invisible.
_SHAPING = frozenset("\u200c\u200d")
_LOOKS_EMPTY = frozenset("\u034f\u115f\u1160\u3164\uffa0\u2800")

_SEPARATORS = re.compile(r"[\t,;|、]+")
_GAPS = re.compile(r"[ /]+")
_WRAPPING = " =\"'“”‘’`´「」『』《》<>[]{}。.:!?…"
_ID_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*\Z")
_DATE = re.compile(r"(?:19|20)\d\d[-_]\d{1,2}[-_]\d{1,2}\Z")
_SPLIT_NUMBER = re.compile(r"\+?\d{1,6}(?: \d{1,4})+\Z|\+\d{1,3} \d{7,11}\Z")

_ZH_NUMBER_LABEL = re.compile(
    r"(?:(?:主|子|原)?订单(?:编号|号码|号|ID)|(?:运单|快递单|物流单|面单|售后单|退款单|单)(?:编号|号码|号)|(?:售后|退款)编号"
    r"|(?:收货人)?(?:联系|收货)?(?:手机号码|手机号|手机|电话号码|电话)|(?:手机)?尾号|后四位|商家编码|货号)"
    r"(?:\s*[:=是为]\s*|\s+|(?=[A-Za-z0-9+*#]))",
    re.IGNORECASE,
)
_NAME_LABEL = re.compile(
    r"(?:买家(?:昵称|会员名|ID|账号)?|会员名|昵称|旺旺|淘宝ID|收货人(?:姓名)?|收件人(?:姓名)?|姓名"
    r"|buyer(?: id)?|customer|name|sku)\s*[:=]\s*",
    re.IGNORECASE,
)
_EN_NUMBER_LABEL = re.compile(
    r"(?:order (?:number|no|id)|order|tracking (?:number|no)|tracking|waybill(?: no)?|case(?: no)?|phone|tel|no|nr)"
    r"(?:\s*[.:=]+\s*|\s*(?=#)|\s+(?=\d))",
    re.IGNORECASE,
)
_LABELS = (_ZH_NUMBER_LABEL, _NAME_LABEL, _EN_NUMBER_LABEL)

_SHORTEST_ID = 4
_SHORTEST_ID_AMONG_WORDS = 6
_SHORTEST_ID_TOUCHING_WORDS = 10  # "小张201912" is a nickname, "订单是410000000000" carries a number
_SHORTEST_SPLIT = 10  # "1380 1234 567" is one number, "1001 1002" are two


def strip_controls(text: str) -> str:
    """Drop what nobody sees: controls, bidi and zero-width marks, half surrogates. Line breaks become `\\n`."""
    if text.isascii() and text.isprintable():
        return text
    text = _BREAK.sub(lambda found: _BREAKS[found[0]], text)
    return "".join(char for char in text if _is_kept(char))


def typed_name(text: str) -> str:
    """A name that people type again and again, as a batch's: full-width letters and digits are plain ones."""
    return " ".join(unicodedata.normalize("NFKC", strip_controls(text)).split())


def _is_kept(char: str) -> bool:
    if char in "\n\t" or char in _SHAPING:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs") and char not in _LOOKS_EMPTY


def fold(text: str) -> str:
    """Bring `text` to the form every search key is kept in: NFKC, casefolded, one blank between words."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    folded = strip_controls(text).replace("\u200c", "").replace("\u200d", "")
    # Folding can take a composed form apart and the other way round; the second round settles it.
    for _round in range(2):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    return " ".join("".join(char for char in folded if char not in _LOOKS_EMPTY).split())


def bare(text: str) -> str:
    """Fold `text` and keep only its letters, digits and marks: what grams are cut from and hits are verified on."""
    return "".join(char for char in fold(text) if unicodedata.category(char)[0] in "LNM")


def grams(text: str) -> set[str]:
    """Return every 1- and 2-gram of `bare(text)`: the rows of the gram index."""
    letters = bare(text)
    return set(letters) | {letters[i : i + 2] for i in range(len(letters) - 1)}


def query_grams(text: str) -> list[str]:
    """Return the grams that a hit must have: the 2-grams in order, or the one letter typed; verify hits on `bare`."""
    letters = bare(text)
    if len(letters) < 2:
        return [letters] if letters else []
    return list(dict.fromkeys(letters[i : i + 2] for i in range(len(letters) - 1)))


def is_id_like(text: str) -> bool:
    """Tell whether `text` is one number or code: ASCII letters, digits, - and _ with four digits or more, no date."""
    if not _ID.match(text) or _DATE.match(text):
        return False
    return sum(char.isdigit() for char in text) >= _SHORTEST_ID


def clean_pasted(text: str) -> list[str]:
    """Return what was meant by a paste, without repeats: lines, commas, tabs and semicolons make a list.

    Among words the longest id wins; without an id the line is returned itself, cleaned.
    """
    if text.isascii() and text.isdigit():
        return [text]
    return list(dict.fromkeys(item for line in _plain(text).split("\n") for item in _clean_line(line)))


def clean_listed(text: str) -> list[str]:
    """As `clean_pasted`, of a box for a list: also what else in a line looks like a number, so that none is lost."""
    found: dict[str, None] = {}
    for line in _plain(text).split("\n"):
        if line.isascii() and line.isdigit():  # most lines of most lists
            found[line] = None
            continue
        items = _clean_line(line)
        found.update(dict.fromkeys(items))
        joined = "".join(item for item in items if item not in line)
        taken = {run[0].rstrip("-_") for item in items for run in _ID_RUN.finditer(item)}
        found.update(dict.fromkeys(piece for piece in _pieces(line) if piece not in taken and piece not in joined))
    return list(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", strip_controls(text))


def _clean_line(line: str) -> list[str]:
    items = [item for part in _SEPARATORS.split(line) for item in _clean_part(part)]
    if any(is_id_like(item) for item in items):
        # A sentence around a number: its other parts are not looked for, codes without digits (CUP-SLEEVE) are.
        return [one for item in items for one in _beside_a_number(item)]
    return items


def _beside_a_number(item: str) -> list[str]:
    if " " not in item:
        return [item] if item.isascii() else []
    return [word for word in item.split(" ") if is_id_like(word)]


def _pieces(line: str) -> list[str]:
    """Everything of four letters and digits or more with a digit in it that is no date, time, sum or mask."""
    runs = [run for run in _ID_RUN.finditer(line) if not _is_figure(line, run) and not _is_masked_part(line, run)]
    words = [run[0].rstrip("-_") for run in runs]
    return [w for w in words if len(w) >= _SHORTEST_ID and any(c.isdigit() for c in w) and not _DATE.match(w)]


def _is_figure(line: str, run: re.Match[str]) -> bool:
    before, after = line[max(run.start() - 2, 0) : run.start()], line[run.end() : run.end() + 2]
    return bool(re.match(r"\.\d|年|[:/]\d\d?\b", after) or re.match(r"\d\.", before))


def _clean_part(line: str) -> list[str]:
    line = _without_label(_unwrap(line))
    if not line:
        return []
    words = [word for word in _GAPS.split(line) if word]
    are_ids = len(words) > 1 and all(is_id_like(word) for word in words)
    if _SPLIT_NUMBER.match(line) and not (are_ids and len("".join(words)) < _SHORTEST_SPLIT):
        return [line.replace(" ", "")]
    if are_ids:
        return words
    ids = _ids_among_words(line)
    return [max(ids, key=len)] if ids else [line]


def _unwrap(line: str) -> str:
    line = " ".join(line.split())
    # A lone "..." or "?" is all wrapping: nothing was meant by it.
    return line.strip(_WRAPPING)


def _without_label(line: str) -> str:
    for label in _LABELS:
        found = label.match(line)
        if found and found.end() < len(line):
            return _unwrap(line[found.end() :])
    return line


def _ids_among_words(line: str) -> list[str]:
    ids = []
    for run in _ID_RUN.finditer(line):
        word = run[0].rstrip("-_")
        touches = _is_word(line[run.start() - 1 : run.start()]) or _is_word(line[run.end() : run.end() + 1])
        shortest = _SHORTEST_ID_TOUCHING_WORDS if touches else _SHORTEST_ID_AMONG_WORDS
        if len(word) >= shortest and is_id_like(word) and not _is_masked_part(line, run):
            ids.append(word)
    return ids


def _is_word(char: str) -> bool:
    return char.isalpha() or char in ("_", "-")


def _is_masked_part(line: str, run: re.Match[str]) -> bool:
    around = line[max(run.start() - 1, 0) : run.start()] + line[run.end() : run.end() + 1]
    return "*" in around or "@" in around
