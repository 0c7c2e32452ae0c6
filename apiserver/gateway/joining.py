"""Whether a node may join with a bootstrap token: who has it must be allowed to ask for a node's first certificate.

The same right lets a request for such a certificate be approved by itself: both ways to join ask for it. It must never
tell why a token is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from podwright.api.resources import find
from podwright.apiserver.authentication.authenticator import TokenVerifier
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.routes import Target

_REQUESTS: Final = find("certificatesigningrequests", "certificates.k8s.io")
_ASKS: Final = Target(
    "", "", "create", resource=True, group=_REQUESTS.group, version=_REQUESTS.version, plural=_REQUESTS.plural,
    subresource="nodeclient",
)  # fmt: skip


def admitting(verifier: Callable[[], TokenVerifier], authorizer: Authorizer) -> Callable[[str], bool]:
    """Return what judges tokens; `verifier` is asked for when it is needed."""

    def admits(token: str) -> bool:
        user = verifier().user_of(token)
        return user is not None and authorizer.decide(user, _ASKS).allowed

    return admits
