"""Who holds which role where, kept in step with the server's caches of roles and bindings.

An index over four caches: bindings by subject and namespace, roles by name. Before it answers it takes the changes
that came since it answered last, so a role counts from the moment its write was answered, and a request costs nothing
when nothing changed. It must never keep a grant whose binding or role is gone: after a gap everything is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.authorization.following import Followed
from podwright.apiserver.authorization.rules import Role, role_of
from podwright.apiserver.authorization.subjects import Key, keys_of, quoted, subject_of
from podwright.apiserver.cache.item import Item
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.user import User

GROUP: Final = "rbac.authorization.k8s.io"
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """One subject's part in a binding; `role` is the role's namespace ("" for a ClusterRole) and name."""

    binding: _Place
    role: _Place
    subject: str

    @property
    def reason(self) -> str:
        """Why somebody may do what the role allows."""
        namespace, name = self.binding
        bound = f"RoleBinding {quoted(f'{name}/{namespace}')}" if namespace else f"ClusterRoleBinding {quoted(name)}"
        kind = "Role" if self.role[0] else "ClusterRole"
        return f"RBAC: allowed by {bound} of {kind} {quoted(self.role[1])} to {self.subject}"

    @property
    def missing(self) -> str:
        """What there is to say when the role does not exist."""
        kind = "role" if self.role[0] else "clusterrole"
        return f"{kind}.{GROUP} {quoted(self.role[1])} not found"


_NOTHING: Final = dict[_Place, Grant]()


class Grants:
    """See the module."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        caches = {plural: endpoints[GROUP, "v1", plural].cache for plural in ("clusterroles", "roles")}
        bindings = {plural: endpoints[GROUP, "v1", plural].cache for plural in ("clusterrolebindings", "rolebindings")}
        self._roles: dict[_Place, Item | Role] = {}
        self._bindings: dict[_Place, tuple[tuple[str, Key], ...]] = {}
        self._by_subject: dict[tuple[str, Key], dict[_Place, Grant]] = {}
        self._followed = tuple(Followed(cache, self._take_role) for cache in caches.values())
        self._followed += tuple(Followed(cache, self._take_binding) for cache in bindings.values())

    def of(self, user: User, namespace: str) -> Iterator[tuple[Grant, Role | None]]:
        """What a user holds in the cluster and, if there is one, in a namespace; None for a role that is missing."""
        self._catch_up()
        table = self._by_subject
        keys = tuple(keys_of(user))
        for where in ("", namespace) if namespace else ("",):
            for key in keys:
                for grant in table.get((where, key), _NOTHING).values():
                    yield grant, self._role(grant.role)

    def role(self, place: _Place) -> Role | None:
        """A role, or None when there is none of this name."""
        self._catch_up()
        return self._role(place)

    def _role(self, place: _Place) -> Role | None:
        found = self._roles.get(place)
        if isinstance(found, Item):
            found = self._roles[place] = role_of(found.object().get("rules") or ())
        return found

    def _catch_up(self) -> None:
        for followed in self._followed:
            cache = followed.cache
            if followed.seen != (cache.loads, cache.changed):
                followed.catch_up()

    def _take_role(self, item: Item, *, gone: bool) -> None:
        place = (item.namespace, item.name)
        if gone:
            self._roles.pop(place, None)
        else:
            self._roles[place] = item  # taken apart when somebody needs it

    def _take_binding(self, item: Item, *, gone: bool) -> None:
        place = (item.namespace, item.name)
        for before in self._bindings.pop(place, ()):
            grants = self._by_subject[before]
            grants.pop(place, None)
            if not grants:
                del self._by_subject[before]
        if gone:
            return
        binding = item.object()
        reference: dict[str, Any] = binding.get("roleRef") or {}
        role = (item.namespace if reference.get("kind") == "Role" else "", reference.get("name") or "")
        held: list[tuple[str, Key]] = []
        for named in binding.get("subjects") or ():
            subject = subject_of(named, item.namespace)
            if subject is not None and (item.namespace, subject.key) not in held:
                held.append((item.namespace, subject.key))
                grant = Grant(place, role, subject.shown)
                self._by_subject.setdefault(held[-1], {})[place] = grant
        self._bindings[place] = tuple(held)
