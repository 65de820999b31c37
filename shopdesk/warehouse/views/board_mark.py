"""The mark of what a board shows, as the server gives it: `<digest>.<what it says>.<signature>` (ADR 0014).

It holds for the cookies that it was given to and for no others, and says nothing that its board does not know.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

LONGEST = 4000  # characters; a board of more stores than fit is asked about the long way


class Mark(NamedTuple):
    """What a board was told, of which stores, in which language, when rights were last asked."""

    shown: str  # digest of what is on it
    stores: tuple[int, ...]
    language: str
    desk_seq: int  # of the newest event of the desk's own chain: people, rights, passwords
    asked_at: float  # seconds since 1970


def written(mark: Mark, key: str, cookies: str) -> str:
    """For an ETag; the bare digest where the signed one would be too long for a header."""
    said = json.dumps([mark.stores, mark.language, mark.desk_seq, mark.asked_at], separators=(",", ":"))
    text = f"{mark.shown}.{urlsafe_b64encode(said.encode()).decode()}"
    signed = f"{text}.{_signer(key, cookies).get_signature(text).decode()}"
    return signed if len(signed) <= LONGEST else mark.shown


def read(text: str, key: str, cookies: str) -> Mark | None:
    """The mark as it was given to these cookies; None for anything else."""
    try:
        whole = _signer(key, cookies).unsign(text).decode()
    except (BadSignature, UnicodeError):
        return None
    shown, _, said = whole.partition(".")
    stores, language, desk_seq, asked_at = json.loads(urlsafe_b64decode(said))
    return Mark(shown, tuple(stores), language, desk_seq, asked_at)


def digest(header: str) -> str:
    """Of an If-None-Match or a mark: what the board shows, whoever wrote the rest.  A proxy may have weakened it."""
    return header.strip().removeprefix("W/").strip('"').partition(".")[0]


def _signer(key: str, cookies: str) -> Signer:
    salt = b"shopdesk.board:" + hashlib.sha256(cookies.encode("utf-8", "surrogateescape")).digest()
    return Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
