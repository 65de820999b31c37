"""One call to an outside service: a pinned address, one deadline for all of it, a limit of size, no redirects."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as LibraryTimeout
from urllib3.response import HTTPResponse

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class Why(StrEnum):
    """Why there is no reply.  None of them says whether the other side did what it was asked."""

    TIMED_OUT = "desk.timed_out"
    TOO_LONG = "desk.too_long"
    NO_ANSWER = "desk.no_answer"


class NoReply(Exception):
    """The call brought no whole answer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Limits:
    connect_s: float = 3.0
    total_s: float = 10.0  # from the first byte asked to the last byte read, however slowly they come
    most_bytes: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is: resolved once; later calls go to that address whatever its name says by then."""

    is_https: bool
    host: str
    port: int
    ip: str

    @classmethod
    def pinned(cls, url: str, allow: Callable[[Ip], bool]) -> Address:
        """Raises ValueError for all but `http(s)://host[:port]`, and where the name leads to what `allow` refuses."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            raise ValueError("an address is http(s)://host:port")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("an address has no path")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ValueError("the address is not known") from error
        ips = [str(entry[4][0]) for entry in found]
        if not ips or not all(allow(ipaddress.ip_address(ip.partition("%")[0])) for ip in ips):
            raise ValueError("the address is not allowed")
        return cls(is_https=parts.scheme == "https", host=parts.hostname, port=port, ip=ips[0])

    @property
    def named(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def is_loopback(ip: Ip) -> bool:
    return ip.is_loopback


def is_public(ip: Ip) -> bool:
    """Neither private nor local nor an address that carries another one in it."""
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return False
    if ip in _TRANSLATED or ip.is_multicast or ip.is_reserved:
        return False
    return ip.is_global


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # carries an IPv4 address


class Wire:
    """Calls one service.  Keeps nothing between two calls, so threads may share it."""

    def __init__(
        self, address: Address, limits: Limits | None = None, *, trusted: ssl.SSLContext | None = None
    ) -> None:
        self.address, self.limits = address, limits or Limits()
        self._trusted = trusted or (ssl.create_default_context() if address.is_https else None)

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """The answer, whatever its status.  Raises NoReply for everything else, and nothing but that."""
        until = time.monotonic() + self.limits.total_s
        connection = self._connection()
        cut = threading.Event()
        try:
            connection.connect()
            with _ending(connection.sock, until, cut):
                reply = self._exchange(connection, method, path, body, headers or {})
        except NoReply:
            raise
        except Exception as error:  # of the library, of TLS, of the socket that the deadline closed
            is_late = cut.is_set() or time.monotonic() >= until or _is_timeout(error)
            raise NoReply(Why.TIMED_OUT if is_late else Why.NO_ANSWER) from error
        finally:
            connection.close()
        if cut.is_set():  # a body without a length ends where the connection does: this one may be half of it
            raise NoReply(Why.TIMED_OUT)
        return reply

    def _connection(self) -> HTTPConnection:
        at, connect_s = self.address, min(self.limits.connect_s, self.limits.total_s)
        if not at.is_https:
            return HTTPConnection(at.ip, at.port, timeout=connect_s)
        return HTTPSConnection(at.ip, at.port, timeout=connect_s, ssl_context=self._trusted, server_hostname=at.host)

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        connection.timeout = self.limits.total_s  # of one read; the whole is ended by `_ending`
        connection.sock.settimeout(self.limits.total_s)
        always = {"Host": self.address.named, "Connection": "close", "Accept-Encoding": "identity"}
        connection.request(
            method, path, body=body or None, headers={**always, **headers}, preload_content=False, decode_content=False
        )
        response = connection.getresponse()
        return Reply(response.status, _read(response, self.limits.most_bytes))


def _is_timeout(error: Exception) -> bool:
    # of the library's own one is a time-out by name, but says that nobody took the call
    return isinstance(error, TimeoutError | LibraryTimeout) and not isinstance(error, NewConnectionError)


def _read(response: HTTPResponse, most_bytes: int) -> bytes:
    """The whole body: only a read that finds nothing more notices that less came than was announced."""
    body = b""
    while piece := response.read(most_bytes + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > most_bytes:
            raise NoReply(Why.TOO_LONG)
    return body


@contextmanager
def _ending(sock: socket.socket, until: float, cut: threading.Event) -> Iterator[None]:
    """Close the socket at that moment: time-outs of single reads let a server hold us by a byte now and then."""

    def end() -> None:
        cut.set()
        try:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # the plain one: that of TLS takes the reader's state away
        except OSError:
            return  # closed meanwhile

    timer = threading.Timer(max(0.0, until - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
