"""Operations as the `paths` of an OpenAPI document, in either dialect."""

from __future__ import annotations

from collections.abc import Iterable

from podwright.apiserver.openapi.definitions import Definitions
from podwright.apiserver.openapi.entry import JSON, SUBRESOURCES
from podwright.apiserver.openapi.operations import Operation
from podwright.apiserver.openapi.parameters import Parameter, parameters

_JSON = "application/json"
_BODIES = [_JSON, "application/yaml"]
_ANSWERS = [_JSON, "application/yaml"]
_WATCHES = [*_ANSWERS, "application/json;stream=watch"]
_PATCHES = [
    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json",
]  # fmt: skip
_OF_PATH = {"name": "The object's name.", "namespace": "The object's namespace.", "path": "The path to pass on."}
_CODES = {"post": ("200", "201", "202"), "put": ("200", "201"), "patch": ("200", "201"), "delete": ("200", "202")}
_CODE_TEXTS = {"200": "OK", "201": "Created", "202": "Accepted", "401": "Unauthorized"}


def paths(made: Iterable[Operation], definitions: Definitions, *, v3: bool) -> JSON:
    """The `paths` object; what it refers to is added to `definitions`."""
    found: JSON = {}
    for operation in made:
        item = found.setdefault(operation.path, _item(operation.path, v3=v3))
        item[operation.method] = _operation(operation, definitions, v3=v3)
    return found


def _item(path: str, *, v3: bool) -> JSON:
    names = [name for name in _OF_PATH if f"{{{name}}}" in path]
    if not names:
        return {}
    return {"parameters": [_parameter(Parameter(name, _OF_PATH[name]), "path", v3=v3) for name in names]}


def _parameter(row: Parameter, place: str, *, v3: bool) -> JSON:
    shape: JSON = {"schema": {"type": row.type, "uniqueItems": True}} if v3 else {"type": row.type, "uniqueItems": True}
    made: JSON = {"name": row.name, "in": place, "description": row.doc, **shape}
    return {**made, "required": True} if place == "path" else made


def _operation(operation: Operation, definitions: Definitions, *, v3: bool) -> JSON:
    query = [_parameter(row, "query", v3=v3) for row in parameters(operation.action, operation.subresource)]
    made: JSON = {"description": operation.text, "operationId": operation.id, "tags": [_tag(operation)]}
    group, version, kind = operation.gvk
    accepts = _accepts(operation, definitions)
    answers = _WATCHES if operation.action == "list" else ["*/*"] if _plain(operation) else _ANSWERS
    if v3:
        made["parameters"] = query
        if accepts:
            schema, types = accepts
            required = operation.action in {"post", "put", "patch"}
            content = {type_: {"schema": schema} for type_ in types}
            made["requestBody"] = {"content": content, **({"required": True} if required else {})}
        made["responses"] = {
            code: {"description": _CODE_TEXTS[code], **_content(schema, answers)}
            for code, schema in _responses(operation, definitions)
        }
    else:
        if accepts:
            schema, types = accepts
            body: JSON = {"name": "body", "in": "body", "schema": schema}
            query.insert(0, {**body, "required": True} if operation.action in {"post", "put", "patch"} else body)
            made["consumes"] = types
        made.update(parameters=query, produces=answers, schemes=["https"])
        made["responses"] = {
            code: {"description": _CODE_TEXTS[code], **({"schema": schema} if schema else {})}
            for code, schema in _responses(operation, definitions)
        }
    made["x-kubernetes-action"] = operation.action
    made["x-kubernetes-group-version-kind"] = {"group": group, "version": version, "kind": kind}
    return made


def _content(schema: JSON | None, types: list[str]) -> JSON:
    return {"content": {type_: {"schema": schema} for type_ in types}} if schema else {}


def _tag(operation: Operation) -> str:
    group, version, _ = operation.entry.gvk
    return f"{group.removesuffix('.k8s.io').replace('.', '') or 'core'}_{version}"


def _plain(operation: Operation) -> bool:
    return bool(operation.subresource) and SUBRESOURCES[operation.subresource].plain


def _accepts(operation: Operation, definitions: Definitions) -> tuple[JSON, list[str]] | None:
    """The schema and the content types of the body, if there is one."""
    if operation.action == "patch":
        return definitions.reference("io.k8s.apimachinery.pkg.apis.meta.v1.Patch"), _PATCHES
    if operation.action in {"delete", "deletecollection"}:
        return definitions.deletion(), _BODIES
    if operation.action in {"post", "put"}:
        return _object(operation, definitions), _BODIES
    return None


def _responses(operation: Operation, definitions: Definitions) -> list[tuple[str, JSON | None]]:
    if _plain(operation):
        answer: JSON = {"type": "string"}
    elif operation.action == "list":
        answer = definitions.list_kind(operation.entry)
    elif operation.action in {"delete", "deletecollection"}:
        answer = definitions.refusal()
    else:
        answer = _object(operation, definitions)
    codes = _CODES.get(operation.action, ("200",))
    return [*((code, answer) for code in codes), ("401", None)]


def _object(operation: Operation, definitions: Definitions) -> JSON:
    if operation.subresource:
        return definitions.subresource(operation.subresource, operation.entry)
    return definitions.kind(operation.entry)
