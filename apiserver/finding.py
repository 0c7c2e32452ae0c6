"""Which endpoint a request means: everything that can be wrong with a path and its method is refused here.

The refusals are those clients know: a path that belongs to nothing is no page, one within a known group is no
resource. It must never look at a body.
"""

from __future__ import annotations

from podwright.api.errors import (
    ApiError,
    bad_request,
    method_not_allowed,
    method_not_supported,
    no_such_resource,
    not_found,
)
from podwright.api.resources import Resource
from podwright.apiserver.dispatch import PROXY, methods_of
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.responses import PageNotFound
from podwright.apiserver.routes import Target

_OBJECT_VERBS = frozenset(("get", "update", "patch", "delete"))


def find_endpoint(registry: Registry, target: Target) -> Endpoint:
    """The endpoint a target names, with everything wrong with the path refused. Raises ApiError 404, 405."""
    endpoint = registry.endpoints.get((target.group, target.version, target.plural))
    if endpoint is None:
        raise no_such_resource() if registry.has_classes(target.group) else PageNotFound
    resource, custom = endpoint.resource, not endpoint.kind.has_class
    if target.rest and target.subresource != PROXY:
        raise no_such_resource()
    if target.subresource and target.verb == "watch":
        raise no_such_resource()  # whole objects are watched; who may watch may not do what a subresource does
    if target.in_namespace is not (resource.namespaced and (bool(target.name) or target.in_namespace)):
        raise PageNotFound if custom else no_such_resource()
    if target.subresource:
        if target.subresource not in resource.subresources:
            raise not_found(resource.qualified, target.name) if custom else no_such_resource()
        if target.method not in methods_of(target.subresource):
            raise _no_verb(target, resource) if custom else method_not_allowed()
        return endpoint
    in_all = resource.namespaced and not target.in_namespace
    wrong = target.verb not in resource.verbs or target.method == "HEAD"
    if custom and not target.name and target.verb in {"update", "patch"}:
        raise bad_request("name must be provided")
    if in_all and target.verb in {"create", "deletecollection"}:
        raise PageNotFound if custom else method_not_allowed()
    if wrong or _post_on_object(target):
        if custom:
            raise _no_verb(target, resource)
        if target.name and _OBJECT_VERBS.isdisjoint(resource.verbs):
            raise no_such_resource()  # nothing of this kind can be named
        raise method_not_allowed()
    return endpoint


def _no_verb(target: Target, resource: Resource) -> ApiError:
    return method_not_supported(resource.plural, target.verb, group=resource.group)


def _post_on_object(target: Target) -> bool:
    return target.verb == "create" and bool(target.name)
