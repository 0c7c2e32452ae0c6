"""Operations as the `paths` of an OpenAPI document, in either dialect.

Parameters that all operations of a path have stand once, on the path.
"""

from __future__ import annotations

from collections.abc import Iterable

from podwright.apiserver.openapi.definitions import Definitions
from podwright.apiserver.openapi.entry import JSON, SUBRESOURCES
from podwright.apiserver.openapi.operations import Operation, tag_group
from podwright.apiserver.openapi.parameters import Parameter, parameters
from podwright.apiserver.strategies.table import strategy_for

_JSON = "application/json"
_BODIES = ["*/*"]
_ANSWERS = [_JSON, "application/yaml"]
_WATCHES = [*_ANSWERS, "application/json;stream=watch"]
_LOGS = ["text/plain", *_ANSWERS]
_STRATEGIC = "application/strategic-merge-patch+json"
_PATCHES = [
    "application/json-patch+json", "application/merge-patch+json", _STRATEGIC, "application/apply-patch+yaml",
]  # fmt: skip
_OF_PATH = {"name": "The object's name.", "namespace": "The object's namespace.", "path": "The path to pass on."}
_CODES = {"post": ("200", "201", "202"), "put": ("200", "201"), "patch": ("200", "201"), "delete": ("200", "202")}
_CODE_TEXTS = {"200": "OK", "201": "Created", "202": "Accepted", "401": "Unauthorized"}


def paths(made: Iterable[Operation], definitions: Definitions, *, v3: bool) -> JSON:
    """The `paths` object; what it refers to is added to `definitions`."""
    by_path: dict[str, list[Operation]] = {}
    for operation in made:
        by_path.setdefault(operation.path, []).append(operation)
    return {path: _item(path, here, definitions, v3=v3) for path, here in by_path.items()}


def _item(path: str, here: list[Operation], definitions: Definitions, *, v3: bool) -> JSON:
    asked = [parameters(operation.action, operation.subresource) for operation in here]
    common = [row for row in asked[0] if all(row in other for other in asked)]
    named = [_parameter(Parameter(n, _OF_PATH[n]), "path", v3=v3) for n in _OF_PATH if f"{{{n}}}" in path]
    shared = [*named, *(_parameter(row, "query", v3=v3) for row in common)]
    item: JSON = {"parameters": sorted(shared, key=lambda each: each["name"])} if shared else {}
    for operation, rows in zip(here, asked, strict=True):
        own = [_parameter(row, "query", v3=v3) for row in rows if row not in common]
        item[operation.method] = _operation(operation, own, definitions, v3=v3)
    return item


def _parameter(row: Parameter, place: str, *, v3: bool) -> JSON:
    shape: JSON = {"schema": {"type": row.type, "uniqueItems": True}} if v3 else {"type": row.type, "uniqueItems": True}
    made: JSON = {"name": row.name, "in": place, "description": row.doc, **shape}
    return {**made, "required": True} if place == "path" else made


def _operation(operation: Operation, query: list[JSON], definitions: Definitions, *, v3: bool) -> JSON:
    made: JSON = {"description": operation.text, "operationId": operation.id, "tags": [_tag(operation)]}
    group, version, kind = operation.gvk
    accepts = _accepts(operation, definitions)
    answers = _WATCHES if operation.action == "list" else _ANSWERS
    if _plain(operation):
        answers = ["*/*"] if operation.action == "connect" else _LOGS
    if v3:
        if query:
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
            schema, _ = accepts
            body: JSON = {"name": "body", "in": "body", "schema": schema}
            query.insert(0, {**body, "required": True} if operation.action in {"post", "put", "patch"} else body)
        if query:
            made["parameters"] = query
        made.update(consumes=accepts[1] if accepts else _BODIES, produces=answers, schemes=["https"])
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
    return f"{tag_group(group)}_{version}"


def _plain(operation: Operation) -> bool:
    return bool(operation.subresource) and SUBRESOURCES[operation.subresource].plain


def _accepts(operation: Operation, definitions: Definitions) -> tuple[JSON, list[str]] | None:
    """The schema and the content types of the body, if there is one."""
    if operation.action == "patch":
        # Custom resources have no merge keys, so there is nothing strategic about merging them.
        known = [type_ for type_ in _PATCHES if operation.entry.custom is None or type_ != _STRATEGIC]
        return definitions.reference("io.k8s.apimachinery.pkg.apis.meta.v1.Patch"), known
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
    elif operation.action == "deletecollection" or (operation.action == "delete" and not _answers_object(operation)):
        answer = definitions.refusal()
    else:
        answer = _object(operation, definitions)
    codes = _CODES.get(operation.action, ("200",))
    return [*((code, answer) for code in codes), ("401", None)]


def _answers_object(operation: Operation) -> bool:
    return operation.entry.custom is None and strategy_for(operation.entry.resource).returns_object_on_delete


def _object(operation: Operation, definitions: Definitions) -> JSON:
    if operation.subresource:
        return definitions.subresource(operation.subresource, operation.entry)
    return definitions.kind(operation.entry)
