"""`fake-place` on the command line: what it needs, and what it says where it cannot serve."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from flask import Flask

from shopdesk.cli import fake_places
from shopdesk.connectors.fake_place.plans import Mode
from shopdesk.connectors.places import fake_table

pytestmark = pytest.mark.enable_socket


def test_without_a_secret_a_free_port_or_a_whole_book_it_serves_nobody(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    book = tmp_path / "book"
    words = ["shopdesk", "fake-place", "--file", str(book)]
    refused = app.test_cli_runner().invoke(args=words)
    assert (refused.exit_code, refused.stderr) == (2, "SHOPDESK_FAKE_PLACE_SECRET is missing.\n")
    monkeypatch.setitem(app.config, "FAKE_PLACE_SECRET", "a secret")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = app.test_cli_runner().invoke(args=[*words, "--port", str(taken.getsockname()[1])])
    assert (busy.exit_code, busy.stderr.count("\n")) == (1, 1), busy.stderr
    book.write_text("{}x\n{}\n")
    broken = app.test_cli_runner().invoke(args=words)
    assert (broken.exit_code, broken.stderr.count("\n")) == (1, 1), broken.stderr


@pytest.mark.parametrize(
    ("mode", "more"), [("fail", {"code": "REFUSED_BY_BANK"}), ("echo", {"echo": {"amount_minor": 1}}), ("drop", {})]
)
def test_a_mode_named_on_the_command_line_is_what_it_says(
    app: Flask, monkeypatch: pytest.MonkeyPatch, mode: str, more: dict[str, object]
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(fake_places, "_tell", told.append)
    app.test_cli_runner().invoke(args=["shopdesk", "fake-place", "mode", mode])
    assert told == [{"plan": {"mode": mode, **more}, "on": "send", "when": "default"}]


def test_the_code_of_a_refusal_is_final_at_the_place() -> None:
    assert fake_places.MORE[Mode.FAIL]["code"] in fake_table.FINAL
