"""The certificates of the cluster on this machine, as one shows them: for whom, until when, and who renews them.

Reads files only. It must never show a key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from podwright.deploy.config import ClusterConfig
from podwright.deploy.pki import renew_at

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate. Moments are aware; `renews` is when it is due (None: never)."""

    name: str
    subject: str
    names: tuple[str, ...]
    issuer: str
    expires: dt.datetime
    renews: dt.datetime | None
    renewed_by: str

    def days_left(self, now: dt.datetime) -> int:
        """Whole days until it ends; negative afterwards."""
        return (self.expires - now).days


def certificates(config: ClusterConfig) -> Iterator[Shown]:
    """Yield all that can be read: the CA first, then the control plane's, then the nodes'. Raises OSError."""
    folder = config.data / "pki"
    ca = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    yield _shown("ca", ca, ca, NOBODY)
    for path in sorted(folder.glob("*.crt")):
        if path.name != "ca.crt":
            yield from _of_file(path.stem, path, ca, NOBODY if is_authority(path) else "control plane")
    for node in config.nodes:
        yield from _of_file(node, config.node_dir(node) / "identity" / "node.crt", ca, f"agent of {node}")


def is_authority(path: Path) -> bool:
    """Tell whether a file holds a CA, by its name: those are made once."""
    return path.name == "ca.crt" or path.name.endswith("-ca.crt")


def _of_file(name: str, path: Path, ca: x509.Certificate, renewed_by: str) -> Iterator[Shown]:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return  # a node that has not joined yet, a file that is no certificate
    yield _shown(name, certificate, ca, renewed_by)


def _shown(name: str, certificate: x509.Certificate, ca: x509.Certificate, renewed_by: str) -> Shown:
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(str(other.value) for other in others)
    except x509.ExtensionNotFound:
        names = ()
    return Shown(
        name,
        certificate.subject.rfc4514_string(),
        names,
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_after_utc,
        None if renewed_by == NOBODY else renew_at(certificate, ca),
        renewed_by,
    )
