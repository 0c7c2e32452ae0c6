"""Turns a store's URL into an open store, importing only the one that is asked for.

    sqlite                       <data>/store/state.db
    sqlite:///path/to/file       another file
    memory                       nothing survives the process
    etcd://[user:password@]host:port[,host:port...][/root][?ca=FILE&cert=FILE&key=FILE]

`etcds://` asks for TLS; so does naming any of ca, cert and key (the last two identify us to the server). All keys
live under `root` (default `podwright`), so several clusters can share one etcd.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from podwright.store.protocol import Store, StoreError


async def open_store(url: str, data_dir: Path | str) -> Store:
    """Open the store that `url` names. Raises StoreError for a bad URL, StoreUnavailable when it cannot be reached."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from podwright.store.sqlite import SqliteStore

        path = urlsplit(url).path
        return await SqliteStore.open(Path(path) if path and "://" in url else Path(data_dir) / "store" / "state.db")
    if url == "memory":
        from podwright.store.memory import MemoryStore

        return MemoryStore()
    if scheme in {"etcd", "etcds"}:
        from podwright.store.etcd import EtcdStore
        from podwright.store.etcd_url import parse

        return await EtcdStore.open(parse(url))
    raise StoreError(f"cannot open store {url!r}: it must be sqlite, memory or begin with etcd://")
