"""Nobody becomes an administrator by asking for a client certificate: such a request is never stored."""

from __future__ import annotations

import base64

from podwright.api.errors import forbidden
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.user import MASTERS

_REQUESTS = find("certificatesigningrequests", "certificates.k8s.io")
_SIGNER = "kubernetes.io/kube-apiserver-client"


class CertificateSubject(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of signing requests."""
        return resource is _REQUESTS and verb == "create"

    def validate(self, attributes: Attributes) -> None:
        """Refuse a request for the administrators' group. Raises ApiError 403."""
        spec = (attributes.obj or {}).get("spec") or {}
        if spec.get("signerName") == _SIGNER and MASTERS in _groups(spec.get("request") or ""):
            why = f"use of {_SIGNER} signer with {MASTERS} group is not allowed"
            raise forbidden(_REQUESTS.qualified, attributes.name, why)


def _groups(request: str) -> list[str | bytes]:
    from cryptography.x509 import load_pem_x509_csr
    from cryptography.x509.oid import NameOID

    subject = load_pem_x509_csr(base64.b64decode(request)).subject
    return [part.value for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
