"""The sites over https, under their real names, for browsers on this machine.

A second port of loopback, opened only when somebody asks for it: what comes there is
decrypted and handed to the first, as a load balancer does. The certificates are of an
authority that is made for it and never leaves the process: a browser has to be told to
believe it, together with the way to this port (`Front` says what). Nothing here is
imported before, as it is neither small nor quick.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from dataclasses import dataclass

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local_aws.web.sites import is_site_name

_CHUNK = 65_536


@dataclass(frozen=True)
class Front:
    """The open port, and what a browser needs to believe it.

    Attributes:
        port: The port of 127.0.0.1 that the names are to be mapped to.
        certificate_authority: The authority's certificate, in PEM.
        key_hash: The SHA-256 of the authority's public key, in Base64.
    """

    port: int
    certificate_authority: str
    key_hash: str


async def opened(http_port: int) -> Front:
    """Open the port in front of that of the embedded AWS, on the running loop."""
    authority = trustme.CA(organization_name="Embedded AWS")
    # The loop keeps the listener until it ends.
    listener = await asyncio.start_server(
        _Passage(http_port).hand_on, "127.0.0.1", 0, ssl=_answering_names(authority)
    )
    pem = authority.cert_pem.bytes()
    key = x509.load_pem_x509_certificate(pem).public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Front(
        port=listener.sockets[0].getsockname()[1],
        certificate_authority=pem.decode(),
        key_hash=base64.b64encode(hashlib.sha256(public).digest()).decode(),
    )


def _answering_names(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context that has a certificate for each site, and for nothing else."""
    contexts: dict[str, ssl.SSLContext] = {}

    def choose(
        connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> ssl.AlertDescription | None:
        if name is None or not is_site_name(name):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if name not in contexts:
            contexts[name] = _context(authority, name)
        connection.context = contexts[name]
        return None

    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.sni_callback = choose
    return listening


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    certificate = authority.issue_cert(name)
    # With the authority's own, by whose key a browser can be told to believe it.
    chain = trustme.Blob(
        certificate.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with chain.tempfile() as file:
        context.load_cert_chain(file)
    return context


@dataclass(frozen=True)
class _Passage:
    """The way of decrypted connections to the port of the embedded AWS."""

    port: int

    async def hand_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection of a browser."""
        inner_reader, inner_writer = await asyncio.open_connection(
            "127.0.0.1", self.port
        )
        await asyncio.gather(
            _copied(reader, inner_writer),
            _copied(inner_reader, writer),
            return_exceptions=True,
        )


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    finally:
        target.close()
