"""The table of handlers: which function serves a verb of a resource or of one of its subresources.

Adding a subresource is one row. Handlers are imported on first use: most servers never see most of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from typing import Any

from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry

Handler = Callable[[Registry, Call], Awaitable[Result]]

# subresource -> method -> "module:function" below podwright.apiserver
_SUBRESOURCES: dict[str, dict[str, str]] = {
    "": {
        "POST": "registry.creating:create",
        "GET": "registry.objects:get",
        "PUT": "registry.updating:update",
        "PATCH": "registry.patching:patch",
        "DELETE": "registry.deleting:delete",
    },
    "status": {
        "GET": "registry.objects:get",
        "PUT": "registry.updating:update",
        "PATCH": "registry.patching:patch",
    },
    "scale": {
        "GET": "subresources.scale:get_scale",
        "PUT": "subresources.scale:put_scale",
        "PATCH": "subresources.scale:patch_scale",
    },
    "binding": {"POST": "subresources.binding:bind"},
    "eviction": {"POST": "subresources.eviction:evict"},
    "finalize": {"PUT": "subresources.finalize:finalize"},
    "ephemeralcontainers": {
        "GET": "registry.objects:get",
        "PUT": "registry.updating:update",
        "PATCH": "registry.patching:patch",
    },
    "resize": {
        "GET": "registry.objects:get",
        "PUT": "registry.updating:update",
        "PATCH": "registry.patching:patch",
    },
    "token": {"POST": "subresources.token:request_token"},
    "approval": {
        "GET": "registry.objects:get",
        "PUT": "registry.updating:update",
        "PATCH": "registry.patching:patch",
    },
}
_COLLECTION = {
    "create": "registry.creating:create",
    "list": "registry.objects:list_all",
    "deletecollection": "registry.deleting:delete_collection",
}
# Resources that are not stored: creating one does something, or answers a question.
_OWN_COLLECTION = {
    ("bindings", "create"): "subresources.binding:bind",
    ("componentstatuses", "list"): "reviews.components:list_all",
    ("localsubjectaccessreviews.authorization.k8s.io", "create"): "reviews.access:review_local",
    ("selfsubjectaccessreviews.authorization.k8s.io", "create"): "reviews.access:review_own",
    ("selfsubjectreviews.authentication.k8s.io", "create"): "reviews.identity:review_self",
    ("selfsubjectrulesreviews.authorization.k8s.io", "create"): "reviews.access:review_rules",
    ("subjectaccessreviews.authorization.k8s.io", "create"): "reviews.access:review_subject",
    ("tokenreviews.authentication.k8s.io", "create"): "reviews.identity:review_token",
}
_OWN_OBJECT = {("componentstatuses", "GET"): "reviews.components:get"}
STREAMS = frozenset(("exec", "attach", "portforward"))
"""Subresources that take over the connection."""
PROXY = "proxy"
"""The subresource whose requests are passed on: with any method, and a path of their own."""
_ANY = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def methods_of(subresource: str) -> frozenset[str]:
    """The methods of a subresource; empty for unknown ones."""
    if subresource in STREAMS:
        return frozenset(("GET", "POST"))
    if subresource == PROXY:
        return _ANY
    if subresource == "log":
        return frozenset(("GET",))
    return frozenset(_SUBRESOURCES.get(subresource, ()))


@cache
def object_handler(qualified: str, subresource: str, method: str) -> Handler | None:
    """The handler of a method on one object of "pods", "deployments.apps"."""
    where = None if subresource else _OWN_OBJECT.get((qualified, method))
    where = where or _SUBRESOURCES.get(subresource, {}).get(method)
    return None if where is None else _load(where)


@cache
def collection_handler(qualified: str, verb: str) -> Handler | None:
    """The handler of a verb on a collection; `qualified` is "pods", "deployments.apps"."""
    where = _OWN_COLLECTION.get((qualified, verb)) or _COLLECTION.get(verb)
    return None if where is None else _load(where)


def _load(where: str) -> Handler:
    module, _, name = where.partition(":")
    handler: Any = getattr(import_module(f"podwright.apiserver.{module}"), name)
    return handler
