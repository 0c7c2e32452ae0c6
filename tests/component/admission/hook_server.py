"""A web server in this process that is asked reviews, and answers, lies, hangs or dies as a test wants."""

import asyncio
import base64
import contextlib
import inspect
import ipaddress
import json
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SERVICE = "hooks.ns.svc"


class HookFiles:
    """A CA, and the certificate of a program that it signed."""

    def __init__(self, folder):
        self._now = datetime.now(UTC)
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook ca")])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        ca = self._builder(ca_name, ca_name, ca_key).add_extension(constraints, critical=True)
        ca = ca.sign(ca_key, hashes.SHA256())
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName(SERVICE)]
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook")])
        leaf = self._builder(name, ca_name, key).add_extension(x509.SubjectAlternativeName(names), critical=False)
        leaf = leaf.sign(ca_key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        self.ca = ca.public_bytes(pem)
        self.path = folder / "hook.pem"
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.path.write_bytes(private + leaf.public_bytes(pem))

    def _builder(self, subject, issuer, key):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(minutes=5))
            .not_valid_after(self._now + timedelta(hours=1))
        )


class Raw(bytes):
    """An answer as it goes over the wire; the connection ends after it."""


class Hang:
    """No answer ever."""


class Reset:
    """The connection breaks without a word."""


def patch(*steps):
    """A response that changes the object."""
    return {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(steps).encode()).decode()}


def deny(message="", **status):
    """A response that refuses."""
    return {"allowed": False, "status": {"message": message, **status}}


ALLOW = {"allowed": True}


class HookServer:
    """`answers` maps a path to a response, or to a function of the request that returns one (awaited if need be).

    A response is the `response` of a review; `Raw`, `Hang`, `Reset` are what they say; a review is sent as it is.
    """

    def __init__(self, files):
        self.files = files
        self.answers = {}
        self.asked = []
        self.heads = []
        self.connections = 0
        self._open = set()
        self._server = None

    async def start(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.files.path)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def end_connections(self):
        """End what is open, as a program does that is started again."""
        for task in list(self._open):
            task.cancel()

    @property
    def open(self):
        """How many connections there are now."""
        return len(self._open)

    @property
    def bundle(self):
        return base64.b64encode(self.files.ca).decode()

    def config(self, path="/"):
        """The client configuration that leads to a path."""
        return {"url": f"https://127.0.0.1:{self.port}{path}", "caBundle": self.bundle}

    def requests(self, path=None):
        """The requests of the reviews that were asked, of one path or of all."""
        return [review["request"] for where, review in self.asked if path in {None, where}]

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._open.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
        )
        review = json.loads(await reader.readexactly(length))
        path = head.split()[1].partition("?")[0]
        self.heads.append(head)
        self.asked.append((path, review))
        response = self.answers.get(path, ALLOW)
        if callable(response) and not isinstance(response, type):
            response = response(review["request"])
        if inspect.isawaitable(response):
            response = await response
        if response is Hang:
            await reader.read()
            return False
        if response is Reset:
            return False
        if isinstance(response, Raw):
            writer.write(response)
            writer.close()
            await writer.wait_closed()
            return False
        if "response" not in response:
            head = {"kind": review["kind"], "apiVersion": review["apiVersion"]}
            response = {**head, "response": {"uid": review["request"]["uid"], **response}}
        body = json.dumps(response).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        return True


def rule(*resources, operations=("*",), groups=("*",), versions=("*",), **more):
    return {
        "operations": list(operations),
        "apiGroups": list(groups),
        "apiVersions": list(versions),
        "resources": list(resources),
        **more,
    }


def hook(name, client, *rules, **more):
    """A webhook; it is asked about ConfigMaps unless told otherwise."""
    return {
        "name": f"{name}.example.com",
        "clientConfig": client,
        "rules": list(rules) or [rule("configmaps")],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **more,
    }
