"""Seals values with keys, so that they can be neither read nor exchanged without them.

    pw:enc:CIPHER:v1:KEY NAME:  salt (24 bytes)  ciphertext and tag

Every value has a key of its own, made from the configured one and the salt: however many values a key seals, no two
are sealed alike. The store key is authenticated with the value. Pure; it must never log or raise anything with a value
or a key in it.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from podwright.apiserver.encryption.configuration import KeyChoice, Storing
from podwright.store.sealed import Unreadable

MARK: Final = b"pw:enc:"
"""What sealed values begin with; others are JSON."""
_VERSION: Final = b"v1"
_SALT: Final = 24
_NONCE: Final = 12  # of both ciphers; it need not be unique, as no two values share a key
_CIPHERS: Final[Mapping[str, type[AESGCM | ChaCha20Poly1305]]] = {"aesgcm": AESGCM, "secretbox": ChaCha20Poly1305}


class Sealing:
    """How the values of some resources are stored: a `Sealer`."""

    def __init__(self, storing: Storing) -> None:
        self._storing = storing
        self._keys = {_head(key): key for key in storing.keys}

    def seal(self, key: str, value: bytes) -> bytes:
        """Return what is stored."""
        head = self._first
        if not head:
            return value
        salt = os.urandom(_SALT)
        return b"".join((head, salt, _cipher(self._keys[head], salt).encrypt(salt[:_NONCE], value, key.encode())))

    def open(self, key: str, value: bytes) -> tuple[bytes, bool]:
        """Return what was sealed, and whether it is not sealed as it would be today. Raises Unreadable."""
        if not value.startswith(MARK):
            if not self._storing.open_plain:
                msg = f"cannot read {_shown(key)}: it is not encrypted, and the configuration has no identity provider"
                raise Unreadable(msg)
            return value, bool(self._first)
        head = value[: _end_of_head(value)]
        choice = self._keys.get(head)
        if choice is None:
            msg = f"cannot read {_shown(key)}: the configuration does not have its key, {_named(head)}"
            raise Unreadable(msg)
        salt = value[len(head) : len(head) + _SALT]
        try:
            plain = _cipher(choice, salt).decrypt(salt[:_NONCE], value[len(head) + _SALT :], key.encode())
        except (InvalidTag, ValueError) as error:
            msg = f"cannot read {_shown(key)}: {_named(head)} does not open it; the key or the value was changed"
            raise Unreadable(msg) from error
        return plain, head != self._first

    @cached_property
    def _first(self) -> bytes:
        """What new values begin with; empty when they are not sealed."""
        return b"" if self._storing.plain else _head(self._storing.keys[0])


def _head(key: KeyChoice) -> bytes:
    return b"%b%b:%b:%b:" % (MARK, key.cipher.encode(), _VERSION, key.name.encode())


def _end_of_head(value: bytes) -> int:
    """Where the salt begins: behind the third colon after the mark; 0 without one."""
    end = len(MARK) - 1
    for _ in range(3):
        end = value.find(b":", end + 1)
        if end < 0:
            return 0
    return end + 1


def _cipher(key: KeyChoice, salt: bytes) -> AESGCM | ChaCha20Poly1305:
    return _CIPHERS[key.cipher](hmac.digest(key.secret, b"podwright value key %b" % salt, "sha256"))


def _named(head: bytes) -> str:
    if not head:
        return "which is not named in it"
    _, _, cipher, version, name, _ = head.decode(errors="replace").split(":")
    return f'key "{name}" of {cipher} ({version})'


def _shown(key: str) -> str:
    """A store key as people know it: the resource and the object."""
    _, _, resource, name = key.split("/", 3)
    return f'{resource} "{name}"'
