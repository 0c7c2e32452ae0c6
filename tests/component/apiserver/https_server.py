"""A server behind real sockets and TLS, and clients that speak to it."""

import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from api_client import Api

from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.token_file import parse_tokens
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.store.memory import MemoryStore

TOKENS = 'tok,admin,1,"system:masters"\nplain,jane,2,"devs"\n'


class HttpsServer:
    """Where it listens, and how to reach it."""

    def __init__(self, server, http, port, pki, folder):
        self.server = server
        self.http = http
        self.port = port
        self.pki = pki
        self.folder = folder
        self.api = Api(server)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def tls(self, certificate=None):
        """A client's TLS settings; `certificate` is a pair of files."""
        context = ssl.create_default_context(cafile=str(self.pki.server.ca))
        if certificate:
            context.load_cert_chain(*certificate)
        return context

    @contextlib.asynccontextmanager
    async def session(self, token="tok", certificate=None, **headers):
        """An aiohttp session as somebody."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connector = aiohttp.TCPConnector(ssl=self.tls(certificate))
        async with aiohttp.ClientSession(self.url, headers=headers, connector=connector) as session:
            yield session

    def kubeconfig(self) -> Path:
        """A kubeconfig of the administrator."""
        path = self.folder / "kubeconfig"
        cluster = {"server": self.url, "certificate-authority": str(self.pki.server.ca)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": "tok"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(json.dumps(config))
        return path


@contextlib.asynccontextmanager
async def serving(pki, signing_key, folder, *, store=None, tokens=TOKENS, **config) -> AsyncIterator[HttpsServer]:
    """Start a server on a free port, over memory or the given store; everything is closed at the end."""
    store = store or MemoryStore()
    files = pki.server
    settings = ServerConfig(
        port=0,
        tls_cert_file=files.cert,
        tls_key_file=files.key,
        client_ca_file=files.ca,
        service_account_key_file=signing_key,
        proxy_client_cert_file=files.proxy_cert,
        proxy_client_key_file=files.proxy_key,
        requestheader_client_ca_file=files.proxy_ca,
        access_log_file=folder / "access.log",
        **config,
    )
    server = ApiServer(settings, store)
    await server.start()
    http = HttpServer(server, Authenticator(parse_tokens(tokens), server.verifier))
    try:
        port = await http.start()
        await server.bootstrap(port)
        yield HttpsServer(server, http, port, pki, folder)
    finally:
        await server.stop()
        await http.stop()
        await store.close()
