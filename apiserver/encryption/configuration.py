"""The EncryptionConfiguration: which resources are sealed in the store, and with which keys.

The first provider of a resource's list seals, with its first key; every one of them opens. It must never show a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from podwright.api.modeling.fields import REQUIRED, AnyValue, Bytes, api_type
from podwright.api.resources import RESOURCES
from podwright.apiserver.config_file import read_config, refused

KIND: Final = "EncryptionConfiguration"
API_VERSION: Final = "apiserver.config.k8s.io/v1"
KEY_SIZES: Final = {"aesgcm": (16, 24, 32), "secretbox": (32,)}
"""Bytes that a key of each cipher may have."""
_NOT_SERVED: Final = {
    "aescbc": "it does not notice changed contents; use aesgcm or secretbox",
    "kms": "keys come from this file only",
}


@api_type("apiserver.v1")
class Key:
    """A key and what the store calls it."""

    name: Annotated[str, REQUIRED] = ""
    """What stored values name the key by; it must stay the same for as long as there are any."""
    secret: Annotated[Bytes, REQUIRED] = b""
    """The key, in base64."""


@api_type("apiserver.v1")
class Keys:
    """The keys of one cipher."""

    keys: Annotated[tuple[Key, ...], REQUIRED] = ()
    """The first one seals, all of them open."""


@api_type("apiserver.v1")
class Identity:
    """Values as they are."""


@api_type("apiserver.v1")
class Provider:
    """One way to store values: exactly one field is set."""

    aesgcm: Keys | None = None
    """AES in Galois/counter mode; keys of 16, 24 or 32 bytes."""
    secretbox: Keys | None = None
    """ChaCha20 with Poly1305; keys of 32 bytes."""
    identity: Identity | None = None
    """Not at all: for reading what was written before."""
    aescbc: AnyValue | None = None
    """Not served."""
    kms: AnyValue | None = None
    """Not served."""


@api_type("apiserver.v1")
class Entry:
    """Resources and how they are stored."""

    resources: Annotated[tuple[str, ...], REQUIRED] = ()
    """Plural names, with the group unless it is the core one; `*.GROUP` and `*.*` stand for all of a group, of all."""
    providers: Annotated[tuple[Provider, ...], REQUIRED] = ()
    """The first one seals, all of them open."""


@api_type("apiserver.v1")
class EncryptionConfiguration:
    """Which resources are sealed in the store."""

    kind: str = KIND
    """The kind of this document."""
    api_version: str = API_VERSION
    """The version of its form."""
    resources: Annotated[tuple[Entry, ...], REQUIRED] = ()
    """A resource may be named once; a name counts before what stands for several."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyChoice:
    """One key with its cipher."""

    cipher: str
    name: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Storing:
    """How values of some resources are stored: sealed with the first key, unless `plain` comes before all keys."""

    resources: tuple[str, ...]
    keys: tuple[KeyChoice, ...]
    plain: bool
    """New values are not sealed."""
    open_plain: bool
    """Values that are not sealed are read."""


def read_encryption(path: Path) -> tuple[Storing, ...]:
    """Read a configuration. Blocking. Raises ConfigFileError."""
    found = read_config(path, KIND, API_VERSION, EncryptionConfiguration)
    problems = list(_problems(found))
    if problems:
        raise refused(path, problems)
    return tuple(_storing(entry) for entry in found.resources)


def _storing(entry: Entry) -> Storing:
    keys = tuple(
        KeyChoice(cipher, key.name, key.secret)
        for provider in entry.providers
        for cipher in KEY_SIZES
        for key in _keys(provider, cipher)
    )
    plain = [provider.identity is not None for provider in entry.providers]
    return Storing(tuple(map(_stored_as, entry.resources)), keys, plain=plain[0], open_plain=any(plain))


def _keys(provider: Provider, cipher: str) -> tuple[Key, ...]:
    held: Keys | None = getattr(provider, cipher)
    return () if held is None else held.keys


def _stored_as(resource: str) -> str:
    """The name of what a resource's objects are stored as: some are only another view of it."""
    for row in RESOURCES:
        if row.qualified == resource and row.storage:
            return next(r.qualified for r in RESOURCES if r.versioned == row.storage)
    return resource


def _problems(found: EncryptionConfiguration) -> Iterator[str]:
    if not found.resources:
        yield "resources: Required value"
    seen: dict[str, str] = {}
    for number, entry in enumerate(found.resources):
        where = f"resources[{number}]"
        if not entry.resources:
            yield f"{where}.resources: Required value"
        if not entry.providers:
            yield f"{where}.providers: Required value"
        for index, resource in enumerate(entry.resources):
            here = f"{where}.resources[{index}]"
            problem = _name_problem(resource)
            if problem:
                yield f'{here}: Invalid value: "{resource}": {problem}'
            elif _stored_as(resource) in seen:
                yield f'{here}: Invalid value: "{resource}": {seen[_stored_as(resource)]} is stored as the same'
            seen.setdefault(_stored_as(resource), here)
        names: set[tuple[str, str]] = set()
        for index, provider in enumerate(entry.providers):
            yield from _provider_problems(f"{where}.providers[{index}]", provider, names)


def _name_problem(resource: str) -> str:
    if resource in {"*.*", "*."}:
        return ""
    name, _, group = resource.partition(".")
    if resource.lower() != resource or not name or (name == "*" and not group):
        return 'must be a plural name as "secrets" or "deployments.apps", "*.GROUP", or "*.*"'
    if name == "*" or resource in {row.qualified for row in RESOURCES}:
        return ""
    if not group or group in {row.group for row in RESOURCES}:
        return "there is no such resource"
    return ""  # of a kind that clients may define


def _provider_problems(where: str, provider: Provider, names: set[tuple[str, str]]) -> Iterator[str]:
    chosen = [name for name in (*KEY_SIZES, "identity", *_NOT_SERVED) if getattr(provider, name) is not None]
    for name in chosen:
        if name in _NOT_SERVED:
            yield f"{where}.{name}: not served: {_NOT_SERVED[name]}"
    if len(chosen) != 1:
        yield f"{where}: must have exactly one of aesgcm, secretbox, identity"
    for cipher in (name for name in chosen if name in KEY_SIZES):
        keys = _keys(provider, cipher)
        if not keys:
            yield f"{where}.{cipher}.keys: Required value"
        for index, key in enumerate(keys):
            here = f"{where}.{cipher}.keys[{index}]"
            if not key.name or any(c in key.name for c in ':"\\') or not key.name.isprintable():
                yield f"{here}.name: must be text without colons, quotes and backslashes"
            elif (cipher, key.name) in names:
                yield f'{here}.name: Duplicate value: "{key.name}"'
            names.add((cipher, key.name))
            if len(key.secret) not in KEY_SIZES[cipher]:
                sizes = " or ".join(map(str, KEY_SIZES[cipher]))
                yield f"{here}.secret: must be {sizes} bytes in base64, is {len(key.secret)}"
