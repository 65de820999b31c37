"""Pictures that people send: what is taken, what is refused, and what is left of them."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib

import pytest
from PIL import Image

from shopdesk.core import pictures
from shopdesk.core.errors import RuleViolation

GPS, ORIENTATION = 0x8825, 0x0112


def made(kind: str = "JPEG", size: tuple[int, int] = (64, 40), mode: str = "RGB", **more) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, more.pop("color", None) or 0).save(target, kind, **more)
    return target.getvalue()


def code(content: bytes) -> str:
    with pytest.raises(RuleViolation) as refused:
        pictures.tidy(content)
    return refused.value.code


def png_head(width: int, height: int) -> bytes:
    """A PNG that says it is that large; its pixels are not even there."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_jpeg_png_and_webp_become_a_jpeg_named_by_its_hash(kind):
    found = pictures.tidy(made(kind))
    assert (found.width, found.height, len(found.sha256)) == (64, 40, 64)
    assert Image.open(io.BytesIO(found.jpeg)).format == "JPEG"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_way_of_storing_pixels_is_read(mode):
    assert pictures.tidy(made("PNG", mode=mode)).width == 64


def test_white_of_sixteen_bits_stays_white_and_what_is_clear_becomes_white():
    deep = pictures.tidy(made("PNG", mode="I;16", color=65535))
    clear = pictures.tidy(made("PNG", mode="RGBA", color=(0, 0, 0, 0)))
    for found in (deep, clear):
        assert min(Image.open(io.BytesIO(found.jpeg)).getpixel((10, 10))) > 250


def test_the_long_side_is_at_most_2048_pixels():
    assert (lambda p: (p.width, p.height))(pictures.tidy(made(size=(5000, 2500)))) == (2048, 1024)
    assert (lambda p: (p.width, p.height))(pictures.tidy(made("PNG", size=(30, 4000)))) == (15, 2048)


def test_the_place_where_it_was_taken_and_every_word_in_it_are_gone():
    exif = Image.Exif()
    exif.get_ifd(GPS)[2] = (31.0, 18.0, 1.0)
    exif[0x010F] = "Yunfan"
    found = pictures.tidy(made(exif=exif, comment=b"secret words"))
    kept = Image.open(io.BytesIO(found.jpeg))
    assert not kept.getexif()
    assert not kept.getexif().get_ifd(GPS)
    assert b"Yunfan" not in found.jpeg
    assert b"secret words" not in found.jpeg


def test_a_picture_taken_upright_is_shown_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    found = pictures.tidy(made(size=(64, 40), exif=exif))
    assert (found.width, found.height) == (40, 64)


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"GIF89a" + b"\x00" * 40,
        b"%PDF-1.7\n",
        b"BM" + b"\x00" * 60,
        b"\xff\xd8\xff",
        b"nothing at all",
    ],
)
def test_what_is_no_photo_by_its_content_is_refused(content):
    assert code(content) == "not_a_picture"


def test_what_hangs_behind_a_photo_or_stands_in_it_is_not_kept():
    tail = b"<html><script>alert(1)</script></html>PK\x03\x04"
    for kind in pictures.KINDS:
        assert b"script" not in pictures.tidy(made(kind) + tail).jpeg
    assert b"script" not in pictures.tidy(made(comment=tail)).jpeg


def test_a_hundred_megapixels_are_refused_before_anything_is_decoded():
    assert code(png_head(10_000, 10_000)) == "picture_too_many_pixels"
    assert code(png_head(60_000, 60_000)) == "picture_too_many_pixels"


def test_what_is_cut_off_empty_or_too_large_says_so():
    noise = Image.frombytes("RGB", (200, 200), os.urandom(120_000))
    target = io.BytesIO()
    noise.save(target, "PNG")
    for content in (target.getvalue(), made(size=(600, 600))):
        assert code(content[: len(content) * 6 // 10]) == "picture_broken"
    assert code(b"") == "picture_empty"
    assert code(made() + b"\x00" * pictures.MOST_BYTES) == "picture_too_large"


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_bytes_that_were_tampered_with_are_refused_or_drawn_never_an_error(kind):
    sound = made(kind, size=(80, 60))
    for at in range(0, len(sound), max(1, len(sound) // 150)):
        broken = sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :]
        with contextlib.suppress(RuleViolation):
            assert pictures.tidy(broken).width


def test_a_file_is_written_once_whole_and_for_nobody_else(app):
    found = pictures.tidy(made())
    path = pictures.keep(found)
    assert path == pictures.keep(found) == pictures.path_of(found.sha256)
    assert path.relative_to(app.config["DATA"]).as_posix() == f"photos/{found.sha256[:2]}/{found.sha256}.jpg"
    assert path.read_bytes() == found.jpeg
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["", "../../secret_key", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_a_hash_names_a_file(app, name):
    with pytest.raises(ValueError, match=r"^"):
        pictures.path_of(name)
