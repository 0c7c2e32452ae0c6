"""Who may do what. For now a table of identities; roles will take its place behind the same function.

Pure: (user, target) -> allowed or the refusal's words. It must never read an object.
"""

from __future__ import annotations

from podwright.api.errors import ApiError, forbidden
from podwright.apiserver.routes import Target
from podwright.apiserver.user import AUTHENTICATED, GATEWAY, MASTERS, User

COMPONENTS = frozenset(("system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"))
_PUBLIC = frozenset(("/healthz", "/livez", "/readyz", "/version", "/version/"))
_DISCOVERY = frozenset(("/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"))
_KEYS = frozenset(("/.well-known/openid-configuration", "/openid/v1/jwks"))


def authorize(user: User, target: Target) -> None:
    """Let the request pass. Raises ApiError 403."""
    groups = user.groups
    if MASTERS in groups or GATEWAY in groups or user.name in COMPONENTS:
        return
    if not target.resource and target.verb in {"get", "head"} and _readable(target.path, groups):
        return
    raise refusal(user, target)


def _readable(path: str, groups: tuple[str, ...]) -> bool:
    if path in _PUBLIC:
        return True
    if AUTHENTICATED not in groups:
        return False
    return path in _KEYS or "/" + path.split("/", 2)[1] in _DISCOVERY


def refusal(user: User, target: Target) -> ApiError:
    """The 403 for a user and a target."""
    if not target.resource:
        verb = "get" if target.verb == "head" else target.verb
        error = forbidden("", "", f'User "{user.name}" cannot {verb} path "{target.path}"')
        error.details = {}
        return error
    shown = f"{target.plural}/{target.subresource}" if target.subresource else target.plural
    where = f'in the namespace "{target.namespace}"' if target.namespace else "at the cluster scope"
    why = f'User "{user.name}" cannot {target.verb} resource "{shown}" in API group "{target.group}" {where}'
    return forbidden(target.plural, target.name, why, group=target.group)
