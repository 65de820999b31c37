"""Pictures that people send: what they are is read from their content, and only what was drawn anew is kept.

A picture is decoded and encoded again as a JPEG of its own: EXIF (the place where it was taken), comments, profiles and
whatever was hung behind it do not come along.  Its file is named by the hash of its bytes, below DATA/photos.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from PIL import Image, ImageOps

from shopdesk.core.errors import RuleViolation

MOST_BYTES = 10 * 1024 * 1024  # of a file as it is sent
MOST_PIXELS = 50_000_000  # decoded; a hundred megapixels would be 300 MB of memory
LONG_SIDE = 2048  # pixels of what is kept
QUALITY = 85  # of the JPEG
KINDS = ("JPEG", "PNG", "WEBP")
SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
FOLDER = "photos"

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: the bytes of a JPEG, its size in pixels, the hash that names its file."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def tidy(content: bytes) -> Picture:
    """Draw a picture anew: at most 2048 px on its long side, upright, without anything but its pixels.

    Raises RuleViolation: `picture_empty`, `picture_too_large` (bytes), `picture_too_many_pixels`, `not_a_picture` (SVG,
    HTML, anything that is not JPEG, PNG or WebP), `picture_broken` (cut off, damaged).
    """
    if not content:
        raise RuleViolation("The picture is empty.", code="picture_empty")
    if len(content) > MOST_BYTES:
        raise RuleViolation(
            "The picture is larger than %(limit_mb)s MB.", code="picture_too_large", limit_mb=MOST_BYTES // 1024**2
        )
    with _opened(content) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _flood()
        try:
            drawn = _drawn(image)
        except Exception as error:  # bytes made to break a decoder make it raise anything
            raise RuleViolation("The picture is damaged or cut off: send it again.", code="picture_broken") from error
    target = io.BytesIO()
    drawn.save(target, "JPEG", quality=QUALITY, optimize=True)
    jpeg = target.getvalue()
    return Picture(jpeg, drawn.width, drawn.height, hashlib.sha256(jpeg).hexdigest())


def keep(picture: Picture) -> Path:
    """Write the file unless it is there; before the commit of the row that names it.  Whole, or not at all."""
    path = path_of(picture.sha256)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(picture.jpeg)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def path_of(sha256: str) -> Path:
    """Where the file of that hash stands, whether it is there or not.  Raises ValueError for what is no hash."""
    if not SHA256.match(sha256):
        raise ValueError(sha256)
    folder: Path = current_app.config["DATA"]
    return folder / FOLDER / sha256[:2] / f"{sha256}.jpg"


def _opened(content: bytes) -> Image.Image:
    """The picture, its head read and nothing decoded yet."""
    try:
        return Image.open(io.BytesIO(content), formats=KINDS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _flood() from error
    except Exception as error:
        raise RuleViolation("Only pictures can be kept here: JPEG, PNG or WebP.", code="not_a_picture") from error


def _flood() -> RuleViolation:
    return RuleViolation(
        "The picture has too many pixels: at most %(most)s million.",
        code="picture_too_many_pixels", most=MOST_PIXELS // 1_000_000,
    )  # fmt: skip


def _drawn(image: Image.Image) -> Image.Image:
    image.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded no larger than needed
    image.load()
    upright = _upright(image)
    if upright.mode.startswith("I"):  # 16 bits a pixel, where white would be clipped
        upright = upright.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return clean


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what a broken EXIF says about the orientation is nothing
        return image
