"""The keys of service-account tokens: one file of PEM blocks. The first signs, all of them verify.

Keys change while the server runs: a new one is put before the others, and those go when no token of theirs is left. It
must never show a private key, nor say of one more than the file that holds it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InternalError, InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

JSON = dict[str, Any]
_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)
_PROBE: Final = b"does this key sign?"


class SigningKeyError(Exception):
    """The signing key cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """`public` holds every key by its id; `signer` is the private half of the key `key_id`."""

    signer: rsa.RSAPrivateKey
    key_id: str
    public: Mapping[str, rsa.RSAPublicKey]

    def documents(self) -> list[JSON]:
        """The public keys as JSON Web Keys, the one that signs first."""
        return [_document(key_id, key) for key_id, key in self.public.items()]


def keyring(signer: rsa.RSAPrivateKey, *others: rsa.RSAPublicKey) -> Keyring:
    """A key that signs, and others that verify as well."""
    keys = (signer.public_key(), *others)
    return Keyring(signer, key_id_of(keys[0]), {key_id_of(key): key for key in keys})


def load_keys(path: Path) -> Keyring:
    """Read the keys of a file: a private key first, then private or public ones. Raises SigningKeyError."""
    try:
        blocks = [(found[1], found[0]) for found in _BLOCK.finditer(path.read_bytes())]
    except OSError as error:
        msg = f"cannot read the service-account key {path}: {error}"
        raise SigningKeyError(msg) from error
    keys = [_public(kind, block, path) if b"PUBLIC" in kind else _private(block, path) for kind, block in blocks]
    signer = keys[0] if keys else None
    if not isinstance(signer, rsa.RSAPrivateKey):
        msg = f"cannot read the service-account key {path}: it does not begin with a private key"
        raise SigningKeyError(msg)
    if not _signs(signer):
        msg = f"cannot use the service-account key {path}: its parts do not belong together"
        raise SigningKeyError(msg)
    return keyring(signer, *(k.public_key() if isinstance(k, rsa.RSAPrivateKey) else k for k in keys[1:]))


def _private(block: bytes, path: Path) -> rsa.RSAPrivateKey:
    try:
        # The library's proof of a key's numbers takes 40 ms of a start; trying the key tells as well whether it signs.
        key = serialization.load_pem_private_key(block, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as error:
        msg = f"cannot read the service-account key {path}: {error}"
        raise SigningKeyError(msg) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        msg = f"cannot use the service-account key {path}: it is not an RSA key"
        raise SigningKeyError(msg)
    return key


def _public(kind: bytes, block: bytes, path: Path) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_pem_public_key(block)
    except ValueError as error:
        msg = f"cannot read the service-account key {path}: {kind.decode()}: {error}"
        raise SigningKeyError(msg) from error
    if not isinstance(key, rsa.RSAPublicKey):
        msg = f"cannot use the service-account key {path}: it is not an RSA key"
        raise SigningKeyError(msg)
    return key


def _signs(key: rsa.RSAPrivateKey) -> bool:
    try:
        signature = key.sign(_PROBE, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, _PROBE, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError, InternalError):
        return False
    return True


def new_key() -> rsa.RSAPrivateKey:
    """Make a key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """A key as a file has it."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def public_pem(key: rsa.RSAPublicKey) -> bytes:
    """The public half of a key as a file has it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id_of(key: rsa.RSAPublicKey) -> str:
    """What tokens name a key by."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b64(hashlib.sha256(der).digest())


def _document(key_id: str, key: rsa.RSAPublicKey) -> JSON:
    numbers = key.public_numbers()
    exponent = numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big")
    modulus = b64(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))
    return {"use": "sig", "kty": "RSA", "kid": key_id, "alg": "RS256", "n": modulus, "e": b64(exponent)}


def b64(data: bytes) -> str:
    """Base64 as tokens have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
