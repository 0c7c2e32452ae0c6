"""The seam between the server and whoever decides what a user may do.

The server asks one `Authorizer` about every request; access reviews ask the same one about requests that nobody has
made. It must never read an object on the way of a request: what it needs, an authorizer holds ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from podwright.api.errors import ApiError, forbidden
from podwright.api.quoting import quote
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. `denied` is final also for other authorizers; `reason` is for people."""

    allowed: bool
    reason: str = ""
    denied: bool = False


ALLOWED: Final = Decision(allowed=True)
NO_OPINION: Final = Decision(allowed=False)


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """Verbs allowed on resources; `names` limits them to these objects, if there are any."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathRule:
    """Verbs allowed on paths outside the resources."""

    verbs: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a user may do in a namespace; `incomplete` when there may be more."""

    resources: tuple[ResourceRule, ...] = ()
    paths: tuple[PathRule, ...] = ()
    incomplete: bool = False
    error: str = ""
    """Why there may be more."""


class Authorizer(Protocol):
    """Decides what users may do."""

    def decide(self, user: User, target: Target) -> Decision:
        """Tell whether a user may do this. Called for every request: it must be fast."""
        ...

    def rules(self, user: User, namespace: str) -> Rules:
        """List what a user may do in a namespace."""
        ...


def authorize(authorizer: Authorizer, user: User, target: Target) -> None:
    """Let the request pass. Raises ApiError 403."""
    decision = authorizer.decide(user, target)
    if not decision.allowed:
        raise refusal(user, target, decision.reason)


def refusal(user: User, target: Target, reason: str = "") -> ApiError:
    """The 403 for a user and a target."""
    more, who = f": {reason}" if reason else "", quote(user.name)
    if not target.resource:
        verb = "get" if target.verb == "head" else target.verb
        error = forbidden("", "", _plain(f"User {who} cannot {verb} path {quote(target.path)}") + more)
        error.details = {}
        return error
    shown = f"{target.plural}/{target.subresource}" if target.subresource else target.plural
    where = f"in the namespace {quote(target.namespace)}" if target.namespace else "at the cluster scope"
    why = f"User {who} cannot {target.verb} resource {quote(shown)} in API group {quote(target.group)} {where}"
    return forbidden(target.plural, target.name, _plain(why) + more, group=target.group)


def _plain(text: str) -> str:
    """A text that no program takes for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
