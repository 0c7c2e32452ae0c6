"""The operations that are on no resource: discovery, the version, and how tokens are checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from podwright.api.resources import Resource
from podwright.api.schema import schema_of
from podwright.apiserver.openapi.definitions import Definitions
from podwright.apiserver.openapi.entry import JSON
from podwright.apiserver.openapi.operations import id_group, tag_group

_TYPES: Final = ("application/json", "application/yaml")


@dataclass(frozen=True, slots=True)
class PlainOperation:
    """A GET; `model` names what it answers in the module of discovery documents, "" stands for text."""

    path: str
    id: str
    text: str
    tag: str
    model: str
    types: tuple[str, ...] = _TYPES


_FIXED: Final = {
    "api": PlainOperation("/api/", "getCoreAPIVersions", "list the core versions", "core", "APIVersions"),
    "apis": PlainOperation("/apis/", "getAPIVersions", "list the groups", "apis", "APIGroupList"),
    "version": PlainOperation("/version/", "getCodeVersion", "read the version", "version", "Info", _TYPES[:1]),
    ".well-known/openid-configuration": PlainOperation(
        "/.well-known/openid-configuration/", "getServiceAccountIssuerOpenIDConfiguration",
        "read where the keys of the service accounts' issuer are", "WellKnown", "", _TYPES[:1],
    ),
    "openid/v1/jwks": PlainOperation(
        "/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "read the keys of the service accounts' issuer",
        "openid", "", ("application/jwk-set+json",),
    ),
}  # fmt: skip


def plain_operations(rows: Iterable[Resource]) -> dict[str, PlainOperation]:
    """The operations by the path of their document, for what is served."""
    found = dict(_FIXED)
    for row in rows:
        group, version = row.group, row.version
        if group:
            path = f"/apis/{group}/"
            text = "read a group's versions"
            tag = tag_group(group)
            operation = PlainOperation(path, f"get{id_group(group)}APIGroup", text, tag, "APIGroup")
            found.setdefault(f"apis/{group}", operation)
        path = f"{row.base_path}/"
        name = f"get{id_group(group)}{version.capitalize()}APIResources"
        text, tag = "list a version's resources", f"{tag_group(group)}_{version}"
        found.setdefault(row.base_path.strip("/"), PlainOperation(path, name, text, tag, "APIResourceList"))
    return found


def plain_path(operation: PlainOperation, definitions: Definitions, *, v3: bool) -> JSON:
    """Its entry in `paths`; what it refers to is added to `definitions`."""
    made: JSON = {"description": operation.text, "operationId": operation.id, "tags": [operation.tag]}
    schema: JSON = {"type": "string"}
    if operation.model:
        from podwright.api import apidiscovery

        model = getattr(apidiscovery, operation.model)
        known = [("", "v1", operation.model)] if operation.model != "Info" else []
        schema = definitions.type(schema_of(model), known)
    types = list(operation.types)
    if v3:
        answer: JSON = {"content": {name: {"schema": schema} for name in types}}
    else:
        made |= {"produces": types, "schemes": ["https"]} | ({"consumes": types} if operation.model else {})
        answer = {"schema": schema}
    made["responses"] = {"200": {"description": "OK", **answer}, "401": {"description": "Unauthorized"}}
    return {"get": made}
