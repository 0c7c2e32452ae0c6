"""Reads an etcd URL (its form is described in `open.py`) into a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from podwright.store.protocol import StoreError

DEFAULT_ROOT = "podwright"
DEFAULT_PORT = "2379"
_FILES = ("ca", "cert", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdConfig:
    """Where etcd is, how to prove who we are, and under which root our keys live."""

    endpoints: tuple[str, ...]  # host:port
    root: str = DEFAULT_ROOT
    user: str = ""
    password: str = ""
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def parse(url: str) -> EtcdConfig:
    """Parse or raise StoreError. The password never shows in an error."""
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    authority, _, root = rest.partition("/")
    login, _, hosts = authority.rpartition("@")
    user, _, password = login.partition(":")
    shown = f"{scheme}://{'...@' if login else ''}{hosts}"
    endpoints = tuple(_endpoint(host) for host in hosts.split(",") if host)
    if scheme not in {"etcd", "etcds"} or not endpoints:
        raise StoreError(f"cannot use store {shown!r}: it must look like etcd://host:port[,host:port...]")
    if bool(user) != bool(password):
        raise StoreError(f"cannot use store {shown!r}: give both a user and a password, or neither")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - set(_FILES))
    if unknown:
        raise StoreError(f"cannot use store {shown!r}: unknown option {unknown[0]!r}, known are ca, cert, key")
    if ("cert" in options) != ("key" in options):
        raise StoreError(f"cannot use store {shown!r}: give both cert and key, or neither")
    files = {name: Path(options[name]) for name in _FILES if name in options}
    return EtcdConfig(
        endpoints=endpoints,
        root=unquote(root).strip("/") or DEFAULT_ROOT,
        user=unquote(user),
        password=unquote(password),
        tls=scheme == "etcds" or bool(files),
        **files,
    )


def _endpoint(host: str) -> str:
    _, colon, port = host.rpartition(":")
    return host if colon and port.isdigit() else f"{host}:{DEFAULT_PORT}"
