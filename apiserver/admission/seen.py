"""A write as a rule means it: in the version of its resource that the rule names.

The same objects may be served under several versions and groups; rules that mean all of them are shown the one that
they name. It must never decide whether a rule fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from podwright.api.apply.shapes import Shape, shape_of
from podwright.api.errors import not_found
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.form import Form
from podwright.apiserver.admission.rule_matching import Asked, Gvr
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.endpoint import Endpoint

JSON = dict[str, Any]
_NAMESPACES = find("namespaces")


class Served(Protocol):
    """What is served; `generation` rises when that changes."""

    generation: int
    endpoints: dict[tuple[str, str, str], Endpoint]


@dataclass(frozen=True, slots=True)
class Seen:
    """The write in one version. Of `kind` group, version and kind count; it is that of the objects."""

    resource: Gvr
    kind: Resource
    obj: JSON | None
    old: JSON | None


class Versions:
    """Finds what is the same under another name, and shows writes under it."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._generation = -1
        self._alike: dict[int, list[Gvr]] = {}

    def equivalents(self, resource: Resource) -> Sequence[Gvr]:
        """The resources that hold the same objects, itself among them."""
        if self._generation != self._served.generation:
            self._generation = self._served.generation
            self._alike.clear()
            for key, endpoint in self._served.endpoints.items():
                self._alike.setdefault(id(endpoint.cache), []).append(Gvr(*key))
        return self._alike.get(id(self._endpoint(gvr_of(resource)).cache), [])

    def seen(self, attributes: Attributes, resource: Gvr) -> Seen:
        """The write as one of an equivalent resource."""
        if not self._converts(attributes, resource):
            return Seen(resource, attributes.kind, attributes.obj, attributes.old)
        here, there = self._endpoint(gvr_of(attributes.resource)), self._endpoint(resource)
        return Seen(
            resource,
            there.resource,
            None if attributes.obj is None else _converted(here, there, attributes.obj),
            None if attributes.old is None else _converted(here, there, attributes.old),
        )

    def form(self, attributes: Attributes, resource: Gvr) -> Form:
        """What the objects of the write are, as one of an equivalent resource."""
        if self._converts(attributes, resource) or attributes.form is None:
            return self._endpoint(resource).form
        return attributes.form

    def shape(self, attributes: Attributes, resource: Gvr) -> Shape:
        """How the fields of these objects are merged."""
        form, endpoint = self.form(attributes, resource), self._endpoint(resource)
        return endpoint.shape if form is endpoint.form else shape_of(form.codec.schema)

    async def learn(self, attributes: Attributes, resource: Gvr) -> None:
        """Have the write known as one of an equivalent resource, also where somebody outside converts."""
        if self._converts(attributes, resource):
            await settled(lambda: self.seen(attributes, resource))

    def taken_back(self, attributes: Attributes, seen: Seen, obj: JSON) -> JSON:
        """A changed object of what was shown, as one of the resource that was written."""
        if not self._converts(attributes, seen.resource):
            return obj
        return _converted(self._endpoint(seen.resource), self._endpoint(gvr_of(attributes.resource)), obj)

    def _converts(self, attributes: Attributes, resource: Gvr) -> bool:
        # Objects of another kind (a Scale, an Eviction) are the same, whichever version they were asked for under.
        return resource != gvr_of(attributes.resource) and attributes.kind == attributes.resource

    def _endpoint(self, resource: Gvr) -> Endpoint:
        return self._served.endpoints[resource]


def gvr_of(resource: Resource) -> Gvr:
    """A resource as rules name it."""
    return Gvr(resource.group, resource.version, resource.plural)


def asked_of(attributes: Attributes) -> Asked:
    """What rules look at of a write."""
    namespace = attributes.namespace
    if attributes.resource.qualified == _NAMESPACES.qualified and attributes.verb != "create":
        namespace = attributes.name
    return Asked(attributes.operation, gvr_of(attributes.resource), attributes.subresource, attributes.name, namespace)


def namespace_of(attributes: Attributes) -> JSON | None:
    """The namespace of what is written, if that is in one."""
    if not attributes.namespace:
        return None
    found = attributes.ctx.lookup.get(_NAMESPACES, attributes.namespace)
    if found is None:
        raise not_found(_NAMESPACES.qualified, attributes.namespace)
    return found


def namespace_labels(attributes: Attributes) -> Mapping[str, str] | None:
    """The labels of the namespace that a write is about: of a namespace that is written, its own.

    Raises ApiError 404 when there is no such namespace.
    """
    if attributes.resource.qualified != _NAMESPACES.qualified:
        namespace = namespace_of(attributes)
    elif attributes.obj is not None and not attributes.subresource:
        namespace = attributes.obj
    else:
        namespace = attributes.old or attributes.ctx.lookup.get(_NAMESPACES, attributes.name)
    return None if namespace is None else namespace["metadata"].get("labels")


def _converted(here: Endpoint, there: Endpoint, obj: JSON) -> JSON:
    resource = there.resource
    return {**there.shown(here.stored(obj)), "kind": resource.kind, "apiVersion": resource.api_version}
