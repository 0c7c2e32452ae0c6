"""What the expressions of webhooks and policies may name.

`object`, `oldObject` and `params` may be anything, unless a caller who knows says more; `request` and `namespaceObject`
have the fields that are listed here and no others. Declared when the first expression is compiled. It must never know
where the values come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from podwright.api.cel import types
from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.messages import MutationMessages
from podwright.api.cel.program import Declarations
from podwright.api.cel.schema_types import list_of, map_of, object_of, scalar, untyped
from podwright.api.cel.types import Type

VARIABLES: Final = "kubernetes.variables"
_NO_MESSAGES: Final[Mapping[str, Declared]] = {}


def declarations(
    variables: Mapping[str, Declared] | None = None,
    *,
    obj: Declared | None = None,
    params: Declared | None = None,
    authorizer: bool = True,
    messages: Mapping[str, Declared] | None = None,
) -> Declarations:
    """Return what an expression may name.

    `variables` are those of its policy (None: it has no such thing), `params` is given where there are any,
    `messages` where it makes objects.
    """
    about = obj or untyped()
    found = {"object": about, "oldObject": about, "request": _request(), "namespaceObject": _namespace()}
    if params is not None:
        found["params"] = params
    if authorizer:
        found["authorizer"] = Declared(types.AUTHORIZER)
        found["authorizer.requestResource"] = Declared(types.RESOURCE_CHECK)
    if variables is not None:
        fields = {name: Field(name, declared) for name, declared in variables.items()}
        found["variables"] = Declared(Type("object", VARIABLES), fields=lambda: fields)
    return Declarations(found, messages=_NO_MESSAGES if messages is None else messages)


def changes() -> Mapping[str, Declared]:
    """Return the types of what an expression that changes objects makes."""
    return MutationMessages()


def _object(name: str, fields: Mapping[str, Declared]) -> Declared:
    return object_of(f"kubernetes.{name}", {key: Field(_KEYS.get(key, key), found) for key, found in fields.items()})


_KEYS: Final = {"UID": "uid"}
"""Fields that expressions call otherwise than JSON does."""


def _texts(*names: str) -> dict[str, Declared]:
    return dict.fromkeys(names, scalar("string"))


@cache
def _request() -> Declared:
    texts = list_of(scalar("string"))
    kind = _object("GroupVersionKind", _texts("group", "version", "kind"))
    resource = _object("GroupVersionResource", _texts("group", "version", "resource"))
    user = {**_texts("username", "uid"), "groups": texts, "extra": map_of(texts)}
    return _object("AdmissionRequest", {
        **_texts("subResource", "requestSubResource", "name", "namespace", "operation"),
        "kind": kind,
        "requestKind": kind,
        "resource": resource,
        "requestResource": resource,
        "userInfo": _object("UserInfo", user),
        "dryRun": scalar("boolean"),
        "options": untyped(),
    })  # fmt: skip


@cache
def _namespace() -> Declared:
    text, time, number = scalar("string"), scalar("time"), scalar("integer")
    metadata = {
        **_texts("name", "generateName", "namespace", "UID", "resourceVersion"),
        "labels": map_of(text),
        "annotations": map_of(text),
        "creationTimestamp": time,
        "deletionTimestamp": time,
        "deletionGracePeriodSeconds": number,
        "generation": number,
        "finalizers": list_of(text),
    }
    condition = {**_texts("status", "type", "message", "reason"), "lastTransitionTime": time}
    status = {"phase": text, "conditions": list_of(_object("NamespaceCondition", condition))}
    return _object("Namespace", {
        "metadata": _object("NamespaceMetadata", metadata),
        "spec": _object("NamespaceSpec", {"finalizers": list_of(text)}),
        "status": _object("NamespaceStatus", status),
    })  # fmt: skip
