"""The sites over https: real names, certificates that hold, and nothing else."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.process import EmbeddedAws

PORTAL = "abc.labeling.eu-west-1.sagemaker.aws"
SIGN_IN = "workers.auth.us-east-1.amazoncognito.com"


@pytest.fixture(scope="module")
def opened() -> Iterator[EmbeddedAws]:
    """Give an embedded AWS of its own: the shared one keeps to a single port."""
    with EmbeddedAws.started() as aws:
        yield aws


def answer(aws: EmbeddedAws, name: str, host: str | None = None) -> bytes:
    """Return the first bytes that a site answers to a browser that checks names."""
    front = aws.control.https()
    trusting = ssl.create_default_context(cadata=front["certificate_authority"])
    with (
        socket.create_connection(("127.0.0.1", front["port"]), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as secured,
    ):
        lines = f"GET / HTTP/1.1\r\nHost: {host or name}\r\nConnection: close\r\n\r\n"
        secured.sendall(lines.encode())
        return secured.recv(4096)


@pytest.mark.local_aws
@pytest.mark.parametrize("name", [PORTAL, SIGN_IN])
def test_a_site_proves_its_real_name(opened: EmbeddedAws, name: str) -> None:
    assert answer(opened, name).startswith(b"HTTP/1.1 404")


@pytest.mark.local_aws
def test_there_is_no_certificate_for_any_other_name(opened: EmbeddedAws) -> None:
    with pytest.raises(OSError):
        answer(opened, "www.example.com")


@pytest.mark.local_aws
def test_only_its_own_authority_vouches_for_it(opened: EmbeddedAws) -> None:
    front = opened.control.https()
    default: Any = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", front["port"]), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        default.wrap_socket(plain, server_hostname=PORTAL)


@pytest.mark.local_aws
def test_the_port_is_opened_once_and_on_loopback(opened: EmbeddedAws) -> None:
    front = opened.control.https()
    assert opened.control.https() == front
    addresses = socket.gethostbyname_ex(socket.gethostname())[2]
    for address in [each for each in addresses if not each.startswith("127.")]:
        with pytest.raises(OSError):
            socket.create_connection((address, front["port"]), timeout=2)
