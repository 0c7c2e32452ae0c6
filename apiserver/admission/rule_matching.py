"""Which requests a webhook or a policy is for: operations on resources, by names and by labels.

Compiled once from a configuration, asked at every write. It is pure: what is equivalent to a resource and which labels
a namespace has are told by who asks, and only worked out when they matter. It must never look at an object beyond its
labels; conditions in expressions come after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from podwright.api.labels import Selector

JSON = dict[str, Any]
_ALL: Final = "*"
_EXACT: Final = "Exact"


class Gvr(NamedTuple):
    """A resource as rules name it."""

    group: str
    version: str
    plural: str


EXEMPT: Final = frozenset(
    ("admissionregistration.k8s.io", f"{when}{what}")
    for when in ("mutating", "validating")
    for what in ("webhookconfigurations", "admissionpolicies", "admissionpolicybindings")
)
"""Group and plural of what no webhook and no policy is ever asked about, so that it can always be put right."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules look at of a write. `namespace` of a namespace that is there already is its own name."""

    operation: str
    resource: Gvr
    subresource: str = ""
    name: str = ""
    namespace: str = ""


Equivalents = Callable[[], Iterable[Gvr]]
"""The other resources under which the same objects are served."""
NamespaceLabels = Callable[[], Mapping[str, str] | None]
"""The labels of the namespace that a write is about. Raises ApiError when there is none."""


class Rule:
    """Operations on resources, perhaps only on some names."""

    __slots__ = ("_groups", "_names", "_operations", "_resources", "_scope", "_versions")

    def __init__(self, rule: JSON) -> None:
        self._operations = _listed(rule.get("operations"))
        self._groups = _listed(rule.get("apiGroups"))
        self._versions = _listed(rule.get("apiVersions"))
        parts = [resource.partition("/") for resource in rule.get("resources") or ()]
        self._resources = frozenset((plural, subresource) for plural, _, subresource in parts)
        self._scope: str = rule.get("scope") or _ALL
        self._names: frozenset[str] = frozenset(rule.get("resourceNames") or ())

    def fits(self, asked: Asked, resource: Gvr) -> bool:
        """Tell whether a write is meant, when its resource is taken to be `resource`."""
        return (
            self.names(asked.operation, resource, asked.subresource)
            and self._reaches(asked, resource)
            and (not self._names or asked.name in self._names)
        )

    def names(self, operation: str, resource: Gvr, subresource: str) -> bool:
        """Tell whether writes of this kind may be meant, whatever their objects are."""
        return (
            _has(self._operations, operation)
            and _has(self._groups, resource.group)
            and _has(self._versions, resource.version)
            and self._names_resource(resource.plural, subresource)
        )

    def _names_resource(self, plural: str, subresource: str) -> bool:
        named = self._resources
        return any(pair in named for pair in ((plural, subresource), (_ALL, subresource), (plural, _ALL), (_ALL, _ALL)))

    def _reaches(self, asked: Asked, resource: Gvr) -> bool:
        if self._scope == _ALL:
            return True
        namespaced = bool(asked.namespace) and (resource.group, resource.plural) != ("", "namespaces")
        return namespaced is (self._scope == "Namespaced")


class Matching:
    """All that a configuration says of the writes that it is for.

    Read from the `matchConstraints` of a policy, the `matchResources` of a binding, or from a webhook, whose rules are
    called `rules`. Without any rules everything fits. Raises SelectorError.
    """

    __slots__ = ("_exact", "_excluded", "_namespaces", "_objects", "_rules", "_unruled")

    def __init__(self, match: JSON, *, rules: str = "resourceRules") -> None:
        self._rules = tuple(map(Rule, match.get(rules) or ()))
        self._excluded = tuple(map(Rule, match.get("excludeResourceRules") or ()))
        self._unruled = rules == "resourceRules" and not self._rules
        self._exact = match.get("matchPolicy", "Equivalent") == _EXACT
        self._namespaces = Selector.from_label_selector(match.get("namespaceSelector") or {})
        self._objects = Selector.from_label_selector(match.get("objectSelector") or {})

    def find(
        self,
        asked: Asked,
        objects: Sequence[JSON | None],
        equivalents: Equivalents,
        labels: NamespaceLabels,
    ) -> Gvr | None:
        """Return the resource as which a write is meant, or None if it is not.

        `objects` are the states before and after: the labels of either may fit. Raises what `labels` raises.
        """
        if not self._fits_object(objects):
            return None
        found = self.meant(asked, equivalents)
        return found if found is not None and self._fits_namespace(asked, labels) else None

    def meant(self, asked: Asked, equivalents: Equivalents) -> Gvr | None:
        """Return the resource as which a write is meant by the rules alone: labels may leave it out yet."""
        if self._excluded and self._first(self._excluded, asked, equivalents) is not None:
            return None
        return asked.resource if self._unruled else self._first(self._rules, asked, equivalents)

    def selects(self, asked: Asked, objects: Sequence[JSON | None], labels: NamespaceLabels) -> bool:
        """Tell whether the labels of a write that is meant leave it in. Raises what `labels` raises."""
        return self._fits_object(objects) and self._fits_namespace(asked, labels)

    def _fits_object(self, objects: Sequence[JSON | None]) -> bool:
        return self._objects.empty or any(self._objects.matches(_labels(obj)) for obj in objects if obj)

    def _fits_namespace(self, asked: Asked, labels: NamespaceLabels) -> bool:
        if self._namespaces.empty or (not asked.namespace and asked.resource.plural != "namespaces"):
            return True  # what is not in a namespace is never left out by one
        return self._namespaces.matches(labels())

    def may_find(self, operation: str, resource: Gvr, subresource: str, equivalents: Equivalents) -> bool:
        """Tell whether `find` could find anything for writes of this kind, whatever their objects are."""
        named = (resource,) if self._exact else (resource, *equivalents())
        return self._unruled or any(rule.names(operation, name, subresource) for rule in self._rules for name in named)

    def _first(self, rules: Sequence[Rule], asked: Asked, equivalents: Equivalents) -> Gvr | None:
        if any(rule.fits(asked, asked.resource) for rule in rules):
            return asked.resource
        if self._exact:
            return None
        others = [other for other in equivalents() if other != asked.resource]
        return next((other for rule in rules for other in others if rule.fits(asked, other)), None)


def _listed(values: Collection[str] | None) -> frozenset[str] | None:
    """The values, or None for all."""
    return None if values and _ALL in values else frozenset(values or ())


def _has(listed: frozenset[str] | None, value: str) -> bool:
    return listed is None or value in listed


def _labels(obj: JSON) -> Mapping[str, str] | None:
    metadata = obj.get("metadata")
    return metadata.get("labels") if isinstance(metadata, dict) else None
