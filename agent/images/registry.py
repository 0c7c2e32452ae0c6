"""Pulls images from a registry over the distribution API (v2): tokens, manifests, layers in parallel, digests checked.

Loopback registries may speak plain HTTP, as the field's engines allow; every other one must have a valid certificate.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from podwright.agent.images.blobs import BlobError, Blobs
from podwright.agent.images.manifest import (
    INDEXES,
    MANIFESTS,
    Descriptor,
    ManifestError,
    is_index,
    parse_manifest,
    select_platform,
)
from podwright.agent.images.reference import DEFAULT_REGISTRY, Reference
from podwright.client.tasks import TaskGroup

_HOSTS = {DEFAULT_REGISTRY: "registry-1.docker.io"}
_ACCEPT = ", ".join((*MANIFESTS, *INDEXES))
_PARALLEL = 3
_TRIES = 3
_MAX_MANIFEST = 4 << 20
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')

Progress = Callable[[str, int, int], None]


class RegistryError(Exception):
    """The registry refused, is not reachable, or sent what it should not. `retry` says whether later may be better."""

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


async def fetch_image(
    ref: Reference, blobs: Blobs, credentials: Sequence[Mapping[str, Any]], progress: Progress, machine: str
) -> Descriptor:
    """Bring manifest, config and layers into `blobs`; return this machine's manifest. Raises RegistryError."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)
    async with aiohttp.ClientSession(timeout=timeout, read_bufsize=1 << 20) as session:
        registry = _Registry(session, ref, _login(ref.registry, credentials))
        try:
            target, data = await registry.manifest(ref.digest or ref.tag, blobs)
            if is_index(data):
                chosen = select_platform(data, machine)
                target, data = await registry.manifest(chosen.digest, blobs)
            manifest = parse_manifest(data)
        except (ManifestError, BlobError) as e:
            raise RegistryError(str(e)) from e
        room = asyncio.Semaphore(_PARALLEL)

        async def bring(part: Descriptor) -> None:
            async with room:
                if not blobs.has(part.digest):
                    await registry.blob(part, blobs, progress)

        try:
            async with TaskGroup() as group:
                for part in {p.digest: p for p in (manifest.config, *manifest.layers)}.values():
                    group.create_task(bring(part))
        except* (RegistryError, BlobError) as e:
            first = e.exceptions[0]
            raise (first if isinstance(first, RegistryError) else RegistryError(str(first))) from e
    return target


class _Registry:
    """One repository of one registry, with the token that it gave us."""

    def __init__(self, session: aiohttp.ClientSession, ref: Reference, login: str) -> None:
        self._session = session
        self._repository = ref.repository
        self._login = login  # "Basic ..." or ""
        self._authorization = ""
        host = _HOSTS.get(ref.registry, ref.registry)
        name = urlsplit(f"//{host}").hostname or ""
        self._loopback = name in {"localhost", "::1"} or name.startswith("127.")
        self._base = f"https://{host}"
        self._host = host

    async def manifest(self, reference: str, blobs: Blobs) -> tuple[Descriptor, dict[str, Any]]:
        """Fetch a manifest or index by tag or digest and store it."""
        response = await self._get(f"/v2/{self._repository}/manifests/{reference}", accept=_ACCEPT)
        async with response:
            body = await response.content.read(_MAX_MANIFEST + 1)
            while not response.content.at_eof() and len(body) <= _MAX_MANIFEST:
                body += await response.content.read(_MAX_MANIFEST + 1)
        if len(body) > _MAX_MANIFEST:
            msg = f"manifest of {reference} is larger than {_MAX_MANIFEST} bytes"
            raise RegistryError(msg, retry=False)
        expected = reference if reference.startswith("sha256:") else f"sha256:{hashlib.sha256(body).hexdigest()}"
        digest = await asyncio.to_thread(blobs.add, body, expected)
        try:
            data = json.loads(body)
        except ValueError as e:
            msg = f"manifest of {reference} is not JSON: {e}"
            raise RegistryError(msg) from e
        return Descriptor(str(data.get("mediaType") or response.content_type), digest, len(body)), data

    async def blob(self, part: Descriptor, blobs: Blobs, progress: Progress) -> None:
        """Fetch one blob; a broken transfer is begun anew a few times."""
        for attempt in range(1, _TRIES + 1):
            try:
                response = await self._get(f"/v2/{self._repository}/blobs/{part.digest}")
                async with response:
                    with blobs.writer() as writer:
                        async for chunk in response.content.iter_chunked(1 << 20):
                            await asyncio.to_thread(writer.write, chunk)
                            progress(part.digest, writer.size, part.size)
                        await asyncio.to_thread(writer.commit, part.digest)
            except (aiohttp.ClientError, TimeoutError, BlobError) as e:
                if attempt == _TRIES:
                    msg = f"cannot fetch layer {part.digest}: {e}"
                    raise RegistryError(msg) from e
            else:
                return

    async def _get(self, path: str, *, accept: str = "*/*") -> aiohttp.ClientResponse:
        response = await self._send(path, accept)
        if response.status == 401:
            challenge = response.headers.get("WWW-Authenticate", "")
            response.release()
            self._authorization = await self._authorize(challenge)
            response = await self._send(path, accept)
        if response.status >= 300:
            text = (await response.content.read(4096)).decode(errors="replace")
            response.release()
            raise _refusal(response.status, text, self._host, self._repository)
        return response

    async def _send(self, path: str, accept: str) -> aiohttp.ClientResponse:
        headers = {"Accept": accept, **({"Authorization": self._authorization} if self._authorization else {})}
        try:
            # aiohttp drops Authorization when a redirect leads to another origin (blobs often live elsewhere)
            return await self._session.get(self._base + path, headers=headers)
        except aiohttp.ClientConnectorDNSError as e:
            msg = f"cannot reach registry {self._host}: no such host"
            raise RegistryError(msg) from e
        except (aiohttp.ClientError, TimeoutError) as e:
            if self._loopback and self._base.startswith("https:"):
                self._base = f"http://{self._host}"
                return await self._send(path, accept)
            msg = f"cannot reach registry {self._host}: {_why(e)}"
            raise RegistryError(msg) from e

    async def _authorize(self, challenge: str) -> str:
        """Answer a 401: basic credentials as they are, or a token from the realm the registry names."""
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            if not self._login:
                msg = f"registry {self._host} asks for a login: name an image pull secret (authorization required)"
                raise RegistryError(msg, retry=False)
            return self._login
        fields = dict(_CHALLENGE.findall(rest))
        if scheme.lower() != "bearer" or "realm" not in fields:
            msg = f"registry {self._host} asks for the unknown login scheme {scheme!r}"
            raise RegistryError(msg, retry=False)
        query = {"scope": fields.get("scope") or f"repository:{self._repository}:pull"}
        if "service" in fields:
            query["service"] = fields["service"]
        headers = {"Authorization": self._login} if self._login else {}
        try:
            async with self._session.get(fields["realm"], params=query, headers=headers) as response:
                if response.status >= 400:
                    msg = f"registry {self._host}: its token server {fields['realm']} answers {response.status}"
                    raise RegistryError(f"{msg}: pull access denied", retry=response.status >= 500)
                data = await response.json(content_type=None)
                token = str(data.get("token") or data["access_token"])
                if not (token.isascii() and token.isprintable()):
                    msg = f"registry {self._host}: its token server {fields['realm']} sends no usable token"
                    raise RegistryError(msg)
                return f"Bearer {token}"
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, AttributeError) as e:
            msg = f"cannot get a token from {fields['realm']}: {_why(e)}"
            raise RegistryError(msg) from e


def _why(error: Exception) -> str:
    """What went wrong, without the request: its headers hold credentials, and so may its URL after a redirect."""
    if isinstance(error, aiohttp.TooManyRedirects):
        return "it redirects for ever"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"status {error.status} {error.message}"
    if isinstance(error, aiohttp.ClientError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _refusal(status: int, text: str, host: str, repository: str) -> RegistryError:
    try:
        details = "; ".join(f"{e.get('code')}: {e.get('message')}" for e in json.loads(text)["errors"])
    except (ValueError, KeyError, TypeError, AttributeError):
        details = text.strip()[:200]
    what = {404: "not found", 401: "authorization failed", 403: "pull access denied"}.get(status, f"status {status}")
    return RegistryError(
        f"{host}/{repository}: {what}" + (f" ({details})" if details else ""), retry=status not in {401, 403}
    )


def _login(registry: str, credentials: Sequence[Mapping[str, Any]]) -> str:
    """The first matching entry of docker config "auths" maps, as an Authorization value."""
    spellings = {registry, f"https://{registry}", f"http://{registry}"}
    if registry == DEFAULT_REGISTRY:
        spellings |= {"https://index.docker.io/v1/", "index.docker.io"}
    for auths in credentials:
        for host, entry in auths.items():
            if host.rstrip("/") not in {s.rstrip("/") for s in spellings}:
                continue
            auth = str(entry.get("auth") or "")
            if not auth and "username" in entry:
                auth = base64.b64encode(f"{entry['username']}:{entry.get('password', '')}".encode()).decode()
            try:
                base64.b64decode(auth, validate=True)
            except binascii.Error as e:
                msg = f"cannot use the pull secret for {host}: its auth is not base64"
                raise RegistryError(msg, retry=False) from e
            if auth:
                return f"Basic {auth}"
    return ""
