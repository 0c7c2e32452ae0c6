"""Objects written out field by field, absent ones too, as clients know them from messages that show a whole structure.

Names start with capitals, and what is absent shows as null, "", 0 or false. Types of the API machinery keep their usual
form. It must never be used for anything but showing.
"""

from __future__ import annotations

from typing import Any

from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.apiserver.strategies import shown

JSON = dict[str, Any]

_NAMES = {
    "apiGroup": "APIGroup", "apiGroups": "APIGroups", "awsElasticBlockStore": "AWSElasticBlockStore",
    "bool": "BoolValue", "bools": "BoolValues",
    "cel": "CEL", "cephfs": "CephFS", "csi": "CSI", "fc": "FC", "fsType": "FSType",
    "gcePersistentDisk": "GCEPersistentDisk", "int": "IntValue", "ints": "IntValues", "ips": "IPs", "iscsi": "ISCSI",
    "nfs": "NFS", "rbd": "RBD", "storageos": "StorageOS", "string": "StringValue", "strings": "StringValues",
    "uid": "UID", "version": "VersionValue", "versions": "VersionValues",
}  # fmt: skip
_ZEROS: dict[Kind, Any] = {"string": "", "boolean": False, "integer": 0, "number": 0, "quantity": "0"}
_MACHINERY = "io.k8s.apimachinery."


def internal_form(cls: type[Any], value: JSON) -> JSON:
    """Return the document of a class in the form in which messages show it."""
    return _object(schema_of(cls), value)


def internal_text(cls: type[Any], value: JSON) -> str:
    """Return that form as text in one line."""
    return shown.compact(internal_form(cls, value))


def _object(schema: TypeSchema, value: JSON) -> JSON:
    if schema.name.startswith(_MACHINERY):
        return value
    return {
        _NAMES.get(name) or name[:1].upper() + name[1:]: _field(shape, value.get(name))
        for name, shape in schema.fields.items()
    }


def _field(shape: FieldSchema, value: Any) -> Any:
    if shape.kind == "object" and shape.ref:
        return None if value is None and shape.nullable else _object(shape.ref, value or {})
    if shape.kind in {"list", "map"}:
        return _holder(shape, value) if value else None
    return _ZEROS.get(shape.kind) if value is None and not shape.nullable else value


def _holder(shape: FieldSchema, value: Any) -> Any:
    if not shape.ref:
        return dict(sorted(value.items())) if shape.kind == "map" else value
    if shape.kind == "list":
        return [_object(shape.ref, item) for item in value]
    return {key: _object(shape.ref, item) for key, item in sorted(value.items())}
