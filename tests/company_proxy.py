"""A cloud behind TLS, and the proxy that a company puts before it, which writes down all that it gets to see."""

from __future__ import annotations

import datetime
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from strange_cloud import Script, StrangeCloud

AUTH_HOST, API_HOST = "auth.cloud.test", "api.cloud.test"


@contextmanager
def tls_cloud(script: Script, folder: Path) -> Iterator[StrangeCloud]:
    """A strange cloud that speaks TLS as both, and `localhost`; whoever trusts `folder/trusted.pem` believes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    cloud = _TlsCloud(script, context)
    thread = threading.Thread(target=cloud.serve, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.close()
        thread.join(10)


@dataclass
class CompanyProxy:
    """Leads every CONNECT to the one cloud; `heads` are the requests that it read, `bytes` all that it was sent."""

    port_behind: int
    heads: list[bytes] = field(default_factory=list)
    bytes: bytearray = field(default_factory=bytearray)
    url: str = ""


@contextmanager
def company_proxy(cloud: StrangeCloud) -> Iterator[CompanyProxy]:
    """Run one before that cloud."""
    proxy = CompanyProxy(cloud._server.server_port)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline()):
                head += line
            proxy.heads.append(head)
            proxy.bytes += head
            if not head.startswith(b"CONNECT "):
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", proxy.port_behind)) as behind:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pass_on, args=(behind, self.connection, bytearray()))
                back.start()
                _pass_on(self.connection, behind, proxy.bytes)
                back.join(10)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join(10)


def _pass_on(one: socket.socket, other: socket.socket, seen: bytearray) -> None:
    try:
        while piece := one.recv(65_536):
            seen += piece
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two has gone


class _TlsCloud(StrangeCloud):
    def __init__(self, script: Script, context: ssl.SSLContext) -> None:
        super().__init__(script)
        # The handshake is left to the connection's own thread: who breaks it off holds up nobody.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )


def _certificate(folder: Path) -> Path:
    """A key with a certificate for those hosts, signed by itself; the certificate alone is `trusted.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, API_HOST)])
    hosts = [x509.DNSName(host) for host in (AUTH_HOST, API_HOST, "localhost")]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "trusted.pem").write_bytes(public)
    both = folder / "served.pem"
    both.write_bytes(public + private)
    return both
