"""One call to the outside: where it may go, how long it may take, how much it may read."""

from __future__ import annotations

import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shopdesk.connectors.breaker import Breaker
from shopdesk.connectors.places import Code, places
from shopdesk.connectors.places.fake import FakePlace
from shopdesk.connectors.wire import Address, Limits, NoReply, Why, Wire, is_loopback, is_public
from shopdesk.refunds.states import Outcome, Payout
from tests.fake_place import SECRET, FakeProcess

pytestmark = pytest.mark.enable_socket
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def speaking(speak: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that takes one call and says whatever `speak` sends; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            try:
                with context.wrap_socket(caller, server_side=True) if context else caller as talk:
                    talk.recv(65536)
                    speak(talk)
            except OSError:
                return  # the caller had enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def wire(port: int, **limits: float) -> Wire:
    return Wire(Address.pinned(f"http://127.0.0.1:{port}", is_loopback), Limits(**{"total_s": 5.0, **limits}))  # type: ignore[arg-type]


def why(of: Wire) -> tuple[Why, float]:
    """Why there was no reply, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(NoReply) as found:
        of.call("GET", "/")
    return found.value.why, time.monotonic() - began


def bytewise(data: bytes) -> Callable[[socket.socket], None]:
    def speak(caller: socket.socket) -> None:
        for byte in data:
            caller.sendall(bytes([byte]))
            time.sleep(0.02)

    return speak


def at_once(data: bytes, *, then_s: float = 0.0) -> Callable[[socket.socket], None]:
    def speak(caller: socket.socket) -> None:
        caller.sendall(data)
        time.sleep(then_s)

    return speak


@pytest.mark.parametrize(
    ("speak", "reason"),
    [
        (at_once(b"", then_s=0.5), Why.TIMED_OUT),
        (bytewise(HEAD + b"X-Long: " + b"a" * 40), Why.TIMED_OUT),
        (at_once(HEAD + b"\r\n{}", then_s=0.5), Why.TIMED_OUT),  # without a length the body may go on
        (at_once(HEAD + b"Content-Length: 9\r\n\r\n{}"), Why.NO_ANSWER),
        (at_once(b"SSH-2.0-x\r\n"), Why.NO_ANSWER),
        (at_once(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), Why.NO_ANSWER),
        (at_once(HEAD + b"Content-Length: 70000\r\n\r\n" + b" " * 70000), Why.TOO_LONG),
        (at_once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b" " * 65535), Why.TOO_LONG),
    ],
)
def test_half_an_answer_is_none(speak: Callable[[socket.socket], None], reason: Why) -> None:
    with speaking(speak) as port:
        found, seconds = why(wire(port, total_s=0.2, most_bytes=60000))
    assert (found, seconds < 1.1) == (reason, True)


def test_a_whole_answer_is_read_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with speaking(at_once(HEAD + b"Content-Length: 2\r\n\r\n{}")) as port:
        assert wire(port).call("GET", "/").body == b"{}"


def test_where_nobody_takes_the_call_the_time_to_connect_is_short() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert why(wire(port))[0] is Why.NO_ANSWER
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        port = busy.getsockname()[1]
        waiting = [socket.socket() for _n in range(4)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        found, seconds = why(wire(port, connect_s=0.2))
        for caller in waiting:
            caller.close()
    assert (found, seconds < 1) == (Why.TIMED_OUT, True)


def test_the_address_is_looked_up_once(monkeypatch: pytest.MonkeyPatch, fake_place: FakeProcess) -> None:
    address = Address.pinned(f"http://localhost:{fake_place.port}", is_loopback)
    there, looked_up = replace(address, ip="127.0.0.1"), socket.getaddrinfo  # the fake takes no IPv6

    def only_numbers(host: str, *rest: Any, **options: Any) -> Any:
        assert host == "127.0.0.1", "the name was looked up again"
        return looked_up(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    assert address.ip in {"127.0.0.1", "::1"}
    assert Wire(there).call("GET", "/healthz").status == 200


@pytest.mark.parametrize(
    "url",
    [
        "", "127.0.0.1:80", "ftp://127.0.0.1", "file:///etc/passwd", "http://", "http://user:word@127.0.0.1",
        "http://127.0.0.1/path", "http://127.0.0.1/?q", "http://127.0.0.1:99999", "http://10.0.0.1", "http://0.0.0.0",
        "http://169.254.169.254", "http://[::ffff:10.0.0.1]", "http://no-such-name.invalid",
    ],
)  # fmt: skip
def test_an_address_that_is_not_this_machine_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Address.pinned(url, is_loopback)
    with pytest.raises(ValueError):
        places(
            {"FAKE_PLACE_URL": url or "x", "FAKE_PLACE_SECRET": "s", "PLACE_DEADLINE_MS": 1, "PLACE_REST_SECONDS": 1}
        )


def test_a_name_that_leads_here_and_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("127.0.0.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: found)
    with pytest.raises(ValueError, match="not allowed"):
        Address.pinned("http://both.example.test", is_loopback)


def test_a_fake_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="SECRET"):
        places({"FAKE_PLACE_URL": "http://127.0.0.1:1", "FAKE_PLACE_SECRET": ""})


def test_only_public_addresses_are_public() -> None:
    inside = (
        "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255"
        " 192.0.2.1 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 2002:7f00:1::"
        " 64:ff9b::7f00:1 2001:0:1::1 2001:db8::1 64:ff9b:1::1"
    )
    assert [ip for ip in inside.split() if is_public(ipaddress.ip_address(ip))] == []
    assert [is_public(ipaddress.ip_address(ip)) for ip in ("8.8.8.8", "2606:4700::1111")] == [True, True]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of pay.example.test, signed by itself: (certificate, key)."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", made, "-subj", "/CN=pay.example.test", "-addext",
         "subjectAltName=DNS:pay.example.test"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@pytest.mark.parametrize(("host", "is_trusted", "answers"), [
    ("pay.example.test", True, True), ("pay.example.test", False, False), ("other.example.test", True, False),
])  # fmt: skip
def test_over_tls_the_place_must_be_who_its_name_says(
    host: str, is_trusted: bool, answers: bool, certificate: tuple[Path, Path]
) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(*certificate)
    ours = ssl.create_default_context(cafile=str(certificate[0]) if is_trusted else None)
    with speaking(at_once(HEAD + b"Content-Length: 2\r\n\r\n{}"), theirs) as port:
        call = Wire(Address(is_https=True, host=host, port=port, ip="127.0.0.1"), trusted=ours).call
        if answers:
            assert call("GET", "/").body == b"{}"
        else:
            with pytest.raises(NoReply):
                call("GET", "/")


class Watch:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_place_that_does_not_answer_is_left_alone_and_tried_by_one_caller(fake_place: FakeProcess) -> None:
    watch = Watch()
    breaker = Breaker(after=3, rest_s=30, clock=watch)
    place = FakePlace(Wire(Address.pinned(fake_place.url, is_loopback)), SECRET, breaker)
    payout = Payout(fake_place.number(), 100, "CNY")
    before = fake_place.calls().get("send", 0)

    def calls() -> int:
        return fake_place.calls().get("send", 0) - before

    fake_place.behave("drop", times=2)
    assert [place.send(payout).code for _n in range(2)] == [Why.NO_ANSWER] * 2
    assert place.send(payout).outcome is Outcome.SUCCEEDED, "a success between begins the count anew"
    fake_place.behave("error_before", status=429)
    fake_place.behave("error_before", status=500)
    fake_place.behave("drop", times=2)
    for _n in range(3):
        assert place.send(payout).outcome is Outcome.UNKNOWN
    assert calls() == 6
    resting = place.send(payout)
    assert (resting.outcome, resting.code, calls()) == (Outcome.UNKNOWN, Code.RESTING, 6)
    watch.at += 31
    assert place.send(payout).code != Code.RESTING
    assert (place.ask(payout.number).code, calls()) == (Code.RESTING, 7), "the one that tried met silence"
    watch.at += 31
    assert place.send(payout).outcome is Outcome.SUCCEEDED
    assert place.ask(payout.number).outcome is Outcome.SUCCEEDED


def test_after_the_rest_only_one_of_many_tries() -> None:
    watch = Watch()
    breaker = Breaker(after=1, rest_s=10, clock=watch)
    breaker.failed()
    assert not breaker.may_call()
    watch.at = 11
    assert [breaker.may_call() for _n in range(5)] == [True] + [False] * 4
    breaker.answered()
    assert breaker.may_call()
