"""Who approves or signs a request for a certificate must be allowed to do so for the signer that it names.

`approve` and `sign` on `signers`, by the signer's name or by `DOMAIN/*`. It must never take a right to write the
request itself for either.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import forbidden
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.routes import Target

JSON = dict[str, Any]
_REQUESTS: Final = find("certificatesigningrequests", "certificates.k8s.io")
_VERBS: Final = {"approval": "approve", "status": "sign"}


class CertificateSigner(BasePlugin):
    """See the module."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Updates of signing requests."""
        return resource is _REQUESTS and verb == "update"

    def validate(self, attributes: Attributes) -> None:
        """Refuse what the user may not do for this signer. Raises ApiError 403."""
        ctx, old = attributes.ctx, attributes.old or {}
        verb = _VERBS.get(ctx.subresource)
        if verb is None or (verb == "sign" and _said(attributes.obj or {}) == _said(old)):
            return
        signer: str = (old.get("spec") or {}).get("signerName") or ""
        if not any(
            self._authorizer.decide(ctx.user, _target(verb, name)).allowed
            for name in (signer, f"{signer.partition('/')[0]}/*")
        ):
            why = f'user not permitted to {verb} requests with signerName "{signer}"'
            raise forbidden(_REQUESTS.qualified, attributes.name, why)


def _said(obj: JSON) -> tuple[Any, Any]:
    """What a signer says of a request."""
    status: JSON = obj.get("status") or {}
    return status.get("certificate") or "", status.get("conditions") or []


def _target(verb: str, name: str) -> Target:
    group, version = _REQUESTS.group, _REQUESTS.version
    return Target("", "", verb, resource=True, group=group, version=version, plural="signers", name=name)
