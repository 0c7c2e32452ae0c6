"""Servers for the tests of this folder; the helpers beside this file are importable."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from podwright.apiserver.authentication.signing_keys import new_key

sys.path.insert(0, str(Path(__file__).parent))

from api_client import Api, running
from https_server import HttpsServer, serving


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory) -> Path:
    """A file with a service-account key: making one takes a while."""
    from cryptography.hazmat.primitives import serialization

    path = tmp_path_factory.mktemp("keys") / "sa.key"
    private = serialization.PrivateFormat.PKCS8
    path.write_bytes(new_key().private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return path


@pytest.fixture
async def api(signing_key) -> AsyncIterator[Api]:
    """A server with a namespace "ns" that has its default service account."""
    async with running(service_account_key_file=signing_key, future_revision_seconds=0.05) as server:
        made = Api(server)
        await made.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await made.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "default"}})
        yield made
        await made.close()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """A CA, a serving certificate, and a way to get client certificates."""
    from tls_files import TlsFiles

    return TlsFiles(tmp_path_factory.mktemp("pki"))


@pytest.fixture
async def https(pki, signing_key, tmp_path) -> AsyncIterator[HttpsServer]:
    """A server on a loopback port with TLS, token file and access log."""
    async with serving(pki, signing_key, tmp_path) as server:
        yield server
