"""An authorizer that is a table of identities: administrators and the cluster's own parts may do everything.

Everybody else may ask about themselves and read what tells a client how to speak with this server. Roles will take
its place behind the same Protocol.
"""

from __future__ import annotations

from typing import Final

from podwright.apiserver.authorization.authorizer import (
    ALLOWED,
    NO_OPINION,
    Decision,
    PathRule,
    ResourceRule,
    Rules,
)
from podwright.apiserver.routes import Target
from podwright.apiserver.user import AUTHENTICATED, GATEWAY, MASTERS, User

COMPONENTS: Final = frozenset(("system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"))
_HEALTH = ("/healthz", "/livez", "/readyz")
_PUBLIC = frozenset((*_HEALTH, "/version", "/version/"))
_DISCOVERY = frozenset(("/api", "/apis", "/openapi", "/version", *_HEALTH))
_KEYS = frozenset(("/.well-known/openid-configuration", "/openid/v1/jwks"))
_ABOUT_ONESELF = (
    ResourceRule(("create",), ("authorization.k8s.io",), ("selfsubjectaccessreviews", "selfsubjectrulesreviews")),
    ResourceRule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
)
_OWN_QUESTIONS = frozenset((group, name) for rule in _ABOUT_ONESELF for group in rule.groups for name in rule.resources)
_PUBLIC_RULE = PathRule(("get",), (*_HEALTH, "/version", "/version/"))
_KEYS_RULE = PathRule(("get",), tuple(sorted(_KEYS)))
_DISCOVERY_RULE = PathRule(
    ("get",),
    ("/api", "/api/*", "/apis", "/apis/*", *_HEALTH[:2], "/openapi", "/openapi/*", _HEALTH[2], "/version", "/version/"),
)


class Identities:
    """See the module."""

    def decide(self, user: User, target: Target) -> Decision:
        """Tell whether a user may do this."""
        groups = user.groups
        if MASTERS in groups or GATEWAY in groups or user.name in COMPONENTS:
            return ALLOWED
        if target.resource:
            own = target.verb == "create" and AUTHENTICATED in groups and not target.subresource
            return ALLOWED if own and (target.group, target.plural) in _OWN_QUESTIONS else NO_OPINION
        readable = target.verb in {"get", "head"} and _readable(target.path, groups)
        return ALLOWED if readable else NO_OPINION

    def rules(self, user: User, namespace: str) -> Rules:
        """List what a user may do; it is the same in every namespace."""
        del namespace
        resources, paths = list[ResourceRule](), list[PathRule]()
        if MASTERS in user.groups or user.name in COMPONENTS:
            resources.append(ResourceRule(("*",), ("*",), ("*",)))
            paths.append(PathRule(("*",), ("*",)))
        if AUTHENTICATED in user.groups:
            resources += _ABOUT_ONESELF
            paths += (_KEYS_RULE, _DISCOVERY_RULE)
        return Rules(tuple(resources), (*paths, _PUBLIC_RULE))


def _readable(path: str, groups: tuple[str, ...]) -> bool:
    if path in _PUBLIC:
        return True
    if AUTHENTICATED not in groups:
        return False
    return path in _KEYS or "/" + path.split("/", 2)[1] in _DISCOVERY
