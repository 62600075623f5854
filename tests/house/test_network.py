"""A test run reaches loopback and nothing else."""

import socket
import subprocess
import sys

import pytest

from tests.refuse_network import NetworkRefused

DOCUMENTATION = "192.0.2.1"  # an address that belongs to nobody (RFC 5737)


@pytest.mark.parametrize("host", [DOCUMENTATION, "2001:db8::1", "example.org", b"example.org", "127.0.0.1.example.org"])
def test_no_name_is_resolved(host: str | bytes) -> None:
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo(host, 443)


@pytest.mark.parametrize("resolve", [socket.gethostbyname, socket.gethostbyname_ex, socket.gethostbyaddr])
def test_the_old_resolvers_are_refused_too(resolve: object) -> None:
    name = resolve.__name__  # imported before the guard: the guarded one is looked up in the module
    with pytest.raises(NetworkRefused):
        getattr(socket, name)("example.org")


def test_no_connection_leaves_the_machine() -> None:
    with socket.socket() as one, pytest.raises(NetworkRefused):
        one.connect((DOCUMENTATION, 443))
    with socket.socket() as one, pytest.raises(NetworkRefused):
        one.connect_ex((DOCUMENTATION, 443))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, pytest.raises(NetworkRefused):
        one.sendto(b"x", (DOCUMENTATION, 53))
    with pytest.raises(NetworkRefused):
        socket.create_connection((DOCUMENTATION, 443), timeout=1)


def test_loopback_works() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as client,
    ):
        client.sendall(b"x")
        peer, _ = server.accept()
        with peer:
            assert peer.recv(1) == b"x"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no unix sockets")
def test_unix_sockets_work(tmp_path_factory: pytest.TempPathFactory) -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"x")
        assert right.recv(1) == b"x"


def test_a_python_that_a_test_starts_is_refused_too() -> None:
    code = f"import socket; socket.create_connection(({DOCUMENTATION!r}, 443), timeout=1)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "NetworkRefused" in ended.stderr
