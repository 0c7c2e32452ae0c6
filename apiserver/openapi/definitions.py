"""Type schemas as OpenAPI definitions.

Both dialects are made here: version 2 refers by `$ref` alone, version 3 wraps a reference into `allOf` where it has
neighbours, and it alone tells defaults and the values of closed sets. The extensions are those by which clients merge
patches (`x-kubernetes-patch-*`), apply (`x-kubernetes-list-*`, `-map-type`, `-unions`) and find a kind
(`x-kubernetes-group-version-kind`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from podwright.api.meta import DeleteOptions, ListMeta, ObjectMeta, Status
from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.apiserver.openapi.entry import GVK, JSON, SUBRESOURCES, Entry, meta, model_of
from podwright.apiserver.openapi.published import published

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_RAW = "io.k8s.apimachinery.pkg.runtime.RawExtension"

_ATOMS: dict[str, JSON] = {
    _QUANTITY: {"type": "string", "description": "An amount: a number with an optional unit, such as 100m or 2Gi."},
    _INT_OR_STRING: {
        "type": "string",
        "format": "int-or-string",
        "description": "A number, or a string such as a name or a percentage.",
    },
    _RAW: {"type": "object", "description": "An object of any kind."},
    meta("Time"): {"type": "string", "format": "date-time", "description": "A time to the second, as RFC 3339 has it."},
    meta("MicroTime"): {"type": "string", "format": "date-time", "description": "A time to the microsecond."},
    meta("FieldsV1"): {"type": "object", "description": "A set of fields as a tree of entries."},
    meta("Patch"): {"type": "object", "description": "A patch in the form its content type names."},
}  # fmt: skip

_V3_ATOMS: dict[str, JSON] = {
    _QUANTITY: {"oneOf": [{"type": "string"}, {"type": "number"}]},
    _INT_OR_STRING: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
}
_REFERRED: dict[Kind, str] = {
    "quantity": _QUANTITY,
    "int-or-string": _INT_OR_STRING,
    "time": meta("Time"),
    "microtime": meta("MicroTime"),
    "any": meta("FieldsV1"),
}
_FLOW, _CORE = "io.k8s.api.flowcontrol.v1.", "io.k8s.api.core.v1."
# Types of which one field at most is given: the field that says which, and what it says for each of them.
_UNIONS: dict[str, tuple[str, dict[str, str]]] = {
    f"{_CORE}AppArmorProfile": ("type", {"localhostProfile": "LocalhostProfile"}),
    f"{_CORE}PodSchedulingGroup": ("", {"podGroupName": "PodGroupName"}),
    f"{_CORE}SeccompProfile": ("type", {"localhostProfile": "LocalhostProfile"}),
    f"{_FLOW}LimitResponse": ("type", {"queuing": "Queuing"}),
    f"{_FLOW}PriorityLevelConfigurationSpec": ("type", {"exempt": "Exempt", "limited": "Limited"}),
    f"{_FLOW}Subject": ("kind", {"group": "Group", "serviceAccount": "ServiceAccount", "user": "User"}),
}
_TYPES: dict[Kind, JSON] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "bytes": {"type": "string"},
}


@dataclass(slots=True)
class Definitions:
    """Collects the definitions a document needs, each once, beginning from what its paths refer to."""

    prefix: str
    wrap: bool
    found: dict[str, JSON] = field(default_factory=dict)

    def reference(self, name: str) -> JSON:
        """A reference to a definition."""
        if name in _ATOMS and name not in self.found:
            made = _ATOMS[name]
            if self.wrap and name in _V3_ATOMS:
                made = {"description": made["description"], **_V3_ATOMS[name]}
            self.found[name] = made
        return {"$ref": self.prefix + name}

    def type(self, schema: TypeSchema, gvks: Iterable[GVK] = ()) -> JSON:
        """A reference to a type's definition, which is added with all it refers to."""
        made = self.found.get(schema.name)
        if made is None:
            made = self.found[schema.name] = {}
            made.update(self._definition(schema))
        _name_kinds(made, gvks)
        return {"$ref": self.prefix + schema.name}

    def _definition(self, schema: TypeSchema) -> JSON:
        made: JSON = {"description": schema.doc, "type": "object"}
        if schema.fields:
            made["properties"] = {name: self._property(shape) for name, shape in schema.fields.items()}
        required = [name for name, shape in schema.fields.items() if shape.required]
        if required:
            made["required"] = required
        if schema.map_type:
            made["x-kubernetes-map-type"] = schema.map_type
        if schema.name in _UNIONS:
            discriminator, members = _UNIONS[schema.name]
            union = {"fields-to-discriminateBy": members}
            made["x-kubernetes-unions"] = [{"discriminator": discriminator, **union} if discriminator else union]
        return made

    def _property(self, shape: FieldSchema) -> JSON:
        made = self._value(shape)
        if "$ref" in made and self.wrap:
            made = JSON(allOf=[made])
        if shape.doc:
            made["description"] = shape.doc
        if shape.default is not None and self.wrap:
            made["default"] = shape.default
        for extension, read in _EXTENSIONS.items():
            value = read(shape)
            if value:
                made[extension] = list(value) if isinstance(value, tuple) else value
        return made

    def _value(self, shape: FieldSchema) -> JSON:
        if shape.kind == "object":
            return self.type(shape.ref) if shape.ref else {"type": "object"}
        if shape.kind in {"list", "map"}:
            inner = self.type(shape.ref) if shape.ref else self._value(shape.item) if shape.item else {}
            return (
                {"type": "array", "items": inner}
                if shape.kind == "list"
                else {
                    "type": "object",
                    "additionalProperties": inner,
                }
            )
        if shape.type_name == "runtime.RawExtension":
            return self.reference(_RAW)
        if shape.kind == "either":
            return {}
        if shape.kind in _REFERRED:
            return self.reference(_REFERRED[shape.kind])
        made = dict(_TYPES[shape.kind])
        if shape.format:
            made["format"] = shape.format
        if shape.enum and self.wrap:
            made["enum"] = sorted(shape.enum)
        return made

    def kind(self, entry: Entry) -> JSON:
        """A reference to the definition of a resource's kind."""
        if entry.schema is not None:
            return self.type(entry.schema, [entry.gvk])
        made = self.found.get(entry.type_name)
        if made is None:
            made = self.found[entry.type_name] = published(entry.custom or {}, self._object_meta, v3=self.wrap)
        _name_kinds(made, [entry.gvk])
        return {"$ref": self.prefix + entry.type_name}

    def list_kind(self, entry: Entry) -> JSON:
        """A reference to the definition of a resource's list kind."""
        name = entry.list_name
        if name not in self.found:
            group, version, kind = entry.gvk
            made = self.found[name] = {
                "description": f"A list of {kind} objects.",
                "type": "object",
                "properties": {
                    "apiVersion": {"type": "string", "description": "The group and version of the list."},
                    "items": {"type": "array", "items": self.kind(entry), "description": "The objects."},
                    "kind": {"type": "string", "description": "The kind of the list."},
                    "metadata": self._list_meta(),
                },
                "required": ["items"],
            }
            _name_kinds(made, [(group, version, entry.resource.list_kind)])
        return {"$ref": self.prefix + name}

    def _object_meta(self) -> JSON:
        return self._with_text(self.type(schema_of(ObjectMeta)), "Standard object metadata.")

    def _list_meta(self) -> JSON:
        made = self.type(schema_of(ListMeta))
        return {**({"allOf": [made]} if self.wrap else made), "description": "Standard list metadata."}

    def shared(self, group_versions: Iterable[tuple[str, str]]) -> None:
        """Add what every document has: deletion options, refusals, patches and watch events."""
        served = sorted({("", "v1"), *group_versions})
        self.type(schema_of(DeleteOptions), [(group, version, "DeleteOptions") for group, version in served])
        self.type(schema_of(Status), [("", "v1", "Status")])
        self.reference(meta("Patch"))
        made = self.found[meta("WatchEvent")] = {
            "description": "One change seen by a watch.",
            "type": "object",
            "properties": {
                "object": self._with_text(self.reference(_RAW), "The object, or the refusal that ends the watch."),
                "type": {"type": "string", "description": "ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."},
            },
            "required": ["type", "object"],
        }  # fmt: skip
        _name_kinds(made, [(group, version, "WatchEvent") for group, version in served])

    def _with_text(self, reference: JSON, text: str) -> JSON:
        return {**({"allOf": [reference]} if self.wrap else reference), "description": text}

    def subresource(self, name: str, entry: Entry) -> JSON:
        """A reference to what a subresource takes and answers."""
        row = SUBRESOURCES[name]
        schema = model_of(row, entry)
        if schema is None:
            return self.kind(entry)
        return self.type(schema, [row.gvk or entry.gvk])

    def deletion(self) -> JSON:
        """A reference to the options of a deletion."""
        return self.type(schema_of(DeleteOptions))

    def refusal(self) -> JSON:
        """A reference to the Status kind."""
        return self.type(schema_of(Status))


_EXTENSIONS: dict[str, Callable[[FieldSchema], Any]] = {
    "x-kubernetes-patch-strategy": lambda shape: ",".join(shape.patch_strategy),
    "x-kubernetes-patch-merge-key": lambda shape: shape.merge_key,
    "x-kubernetes-list-type": lambda shape: shape.list_type,
    "x-kubernetes-list-map-keys": lambda shape: shape.list_map_keys,
    "x-kubernetes-map-type": lambda shape: shape.map_type,
}


def _name_kinds(made: JSON, gvks: Iterable[GVK]) -> None:
    known: list[JSON] = made.get("x-kubernetes-group-version-kind", [])
    for group, version, kind in gvks:
        named = {"group": group, "kind": kind, "version": version}
        if named not in known:
            known = [*known, named]
    if known:
        made["x-kubernetes-group-version-kind"] = known
