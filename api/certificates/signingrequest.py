"""The CertificateSigningRequest kind: a certificate that somebody wants."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import ConditionStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    EMPTY,
    REQUIRED,
    Bytes,
    Int32,
    Map,
    Time,
    api_type,
    map_by,
    named,
)

KeyUsage = Annotated[str, named("v1.KeyUsage")]
RequestConditionType = Annotated[str, named("v1.RequestConditionType")]


@api_type("certificates.v1")
class CertificateSigningRequestSpec:
    """What certificate is wanted, and by whom. It cannot be changed."""

    request: Annotated[Bytes, REQUIRED] = b""
    """The request in PEM (PKCS#10), base64-encoded."""
    signer_name: Annotated[str, REQUIRED] = ""
    """Who is to sign it, as `domain/path`."""
    expiration_seconds: Int32 | None = None
    """How long the certificate should be valid, in seconds, at least 600. The signer may decide otherwise."""
    usages: Annotated[tuple[KeyUsage, ...], ATOMIC] = ()
    """What the key may be used for, such as `client auth`."""
    username: str = ""
    """Who asks. Written by the server."""
    uid: str = ""
    """The uid of who asks. Written by the server."""
    groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The groups of who asks. Written by the server."""
    extra: Map[str, tuple[str, ...]] = EMPTY
    """What else is known of who asks. Written by the server."""


@api_type("certificates.v1")
class CertificateSigningRequestCondition:
    """One decision about a request."""

    type: Annotated[RequestConditionType, REQUIRED] = ""
    """Approved, Denied, Failed, or a name of the signer's own."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds; always True for the three."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""
    last_update_time: Annotated[Time | None, ALWAYS] = None
    """When it was last written."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""


@api_type("certificates.v1")
class CertificateSigningRequestStatus:
    """What became of a request."""

    conditions: Annotated[tuple[CertificateSigningRequestCondition, ...], map_by("type")] = ()
    """What was decided."""
    certificate: Bytes = b""
    """The certificate and those that lead to its authority, in PEM, base64-encoded. Written by the signer, once."""


@api_type("certificates.v1")
class CertificateSigningRequest:
    """Asks a signer for a certificate; somebody has to approve it first."""

    kind: str = "CertificateSigningRequest"
    """The kind of this object."""
    api_version: str = "certificates.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[CertificateSigningRequestSpec, REQUIRED] = field(default_factory=CertificateSigningRequestSpec)
    """What is wanted."""
    status: CertificateSigningRequestStatus = field(default_factory=CertificateSigningRequestStatus)
    """What became of it."""
