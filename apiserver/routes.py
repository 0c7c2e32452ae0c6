"""From a method and a path to what is asked: one dict look-up on the path's shape.

`resolve` is a pure function; it knows nothing of which resources exist. What it returns is what authorization,
metrics, the access log and the dispatcher read. It must never decode a body or look at the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = frozenset(("status", "finalize"))


@dataclass(slots=True)
class Target:
    """What a request is about. For a path that is no resource's, only `method`, `path` and `verb` are set."""

    method: str
    path: str
    verb: str
    resource: bool = False
    group: str = ""
    version: str = ""
    namespace: str = ""
    plural: str = ""
    name: str = ""
    subresource: str = ""
    in_namespace: bool = False
    """The path names a namespace before the resource."""
    rest: str = ""
    """What follows the subresource (proxy paths)."""
    fields: tuple[tuple[str, str], ...] = ()
    """The fields and values that a field selector insists on, where the query was looked at."""


def resolve(method: str, path: str, *, watch: bool = False) -> Target:
    """Take a decoded path apart. `watch` tells whether the query asks for a watch."""
    parts = path.split("/")
    if len(parts) >= 4 and parts[1] == "api":
        group, version, tail = "", parts[2], parts[3:]
    elif len(parts) >= 5 and parts[1] == "apis":
        group, version, tail = parts[2], parts[3], parts[4:]
    else:
        return Target(method, path, method.lower())
    if not tail[-1]:  # a trailing slash
        tail.pop()
    if not tail or not version:
        return Target(method, path, method.lower())
    target = Target(method, path, _VERBS.get(method, ""), resource=True, group=group, version=version)
    if tail[0] == "watch" and len(tail) > 1:
        tail, watch, target.verb = tail[1:], True, "watch"
    _place(target, tail)
    if target.verb == "watch":
        return target
    if not target.name:
        if target.verb == "get":
            target.verb = "watch" if watch else "list"
        elif target.verb == "delete":
            target.verb = "deletecollection"
    return target


def _place(target: Target, tail: list[str]) -> None:
    if tail[0] == "namespaces" and len(tail) > 1:
        target.namespace = tail[1]
        if len(tail) > 2 and tail[2] not in _NAMESPACE_SUBRESOURCES:
            tail = tail[2:]
            target.in_namespace = True
    target.plural = tail[0]
    if len(tail) > 1:
        target.name = tail[1]
    if len(tail) > 2:
        target.subresource = tail[2]
        target.rest = "/".join(tail[3:])
