"""Every socket of a test run is refused but loopback and unix ones; what is refused says so.

Loaded by tests/conftest.py in the test process and, through the folder tests/guard on PYTHONPATH, by sitecustomize in
every Python that a test starts.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", ""})


class NetworkRefused(RuntimeError):
    """A test, or what it ran, asked for the network."""


def is_local(host: object) -> bool:
    """Whether a host is this machine's loopback, without asking a resolver."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def _refuse(what: object) -> None:
    raise NetworkRefused(f"the network is refused in tests: {what!r}")


def _check_address(family: int, address: Any) -> None:
    """A socket's peer: unix sockets may pass, internet ones on loopback alone; other families never."""
    if family == getattr(socket, "AF_UNIX", None):
        return
    if family not in (socket.AF_INET, socket.AF_INET6) or not is_local(address[0]):
        _refuse(address)


def _guarded_peer(method: str, position: int) -> Callable[..., Any]:
    """A method of a socket whose argument at ``position`` (counted from the end if negative) is the peer."""
    kept = getattr(socket.socket, method)

    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[position]
        if address is not None:
            _check_address(self.family, address)
        return kept(self, *arguments)

    return guarded


def _guarded_name(function: str) -> Callable[..., Any]:
    """A resolver of the module socket, for local names alone."""
    kept = getattr(socket, function)

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local(host):
            _refuse(host)
        return kept(host, *arguments, **options)

    return guarded


def install() -> Callable[[], None]:
    """Refuse the network from now on; gives the function that allows it again."""
    methods = {"connect": 0, "connect_ex": 0, "sendto": -1}
    names = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")
    kept_names = {name: getattr(socket, name) for name in names}
    for name, position in methods.items():
        setattr(socket.socket, name, _guarded_peer(name, position))
    for name in names:
        setattr(socket, name, _guarded_name(name))

    def allow() -> None:
        for name in methods:
            delattr(socket.socket, name)  # the C base class has the method still
        for name, function in kept_names.items():
            setattr(socket, name, function)

    return allow
