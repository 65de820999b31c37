"""Where `manage.py run` may listen, and under which names it then answers."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping

from setup_steps.paths import SetupError
from setup_steps.process import say

EVERYWHERE = "0.0.0.0"
HOSTS = "SHOPDESK_TRUSTED_HOSTS"
HERE = "127.0.0.1"


def check_port(host: str, port: int) -> None:
    """Say at once, before anything is installed, that the address cannot be served."""
    if ":" in host:
        raise SetupError(
            f"ShopDesk does not serve the IPv6 address {host}: give --host an IPv4 address or a name. "
            "A proxy in front of it may listen on IPv6.",
            exit_code=2,
        )
    try:
        address = _resolved(host, port)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SetupError(
            f"ShopDesk cannot listen on {host}:{port} ({error.strerror or error}): choose another with --port N.",
            exit_code=2,
        ) from error


def is_loopback(host: str) -> bool:
    """Whether this machine alone reaches the address."""
    return ipaddress.ip_address(_resolved(host, 0)[0]).is_loopback


def _resolved(host: str, port: int) -> tuple[str, int]:
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
    return str(found[0]), int(found[1])


def check_network(host: str, env: Mapping[str, str], *, demo: bool) -> None:
    """Refuse what other machines must not reach; warn of what they can read.  Raises SetupError."""
    if is_loopback(host):
        return
    if demo:
        raise SetupError(
            f"The demo shop's passwords are public, and other machines reach {host}: add --no-demo.", exit_code=2
        )
    if host == EVERYWHERE and not env.get(HOSTS):
        raise SetupError(
            f"--host {host} listens on every address: name those that people type in {HOSTS}, "
            "e.g. 192.168.1.5,desk.local.",
            exit_code=2,
        )
    say(f"Without TLS others on the network can read what {host} is sent; docs/operations.md shows nginx in front.")


def answering(host: str, env: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the desk answers under the address it is served at.

    What TRUSTED_HOSTS names stays; the address that the health check asks joins it.
    """
    named = env.get(HOSTS, "")
    if not named and host in (HERE, "localhost"):
        return dict(env)  # the application's own default, or its refusal where SHOPDESK_LOOPBACK=0
    reached = HERE if host == EVERYWHERE else host
    return {**env, HOSTS: f"{named},{reached}" if named else reached}
