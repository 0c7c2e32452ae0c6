"""What is wrong with the values of a document, in the words of a decoder that works on values and not on text.

Clients meet these words in refusals of strategic merge patches; everywhere else they meet those of `strict`. Only the
first problem is told, in the order of the type's fields.
"""

from __future__ import annotations

from typing import Any

from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema

_SCALARS: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (float,),
}
_VALUE_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "bool"), (str, "string"), (int, "int64"), (float, "float64"), (dict, "map"), (list, "slice"),
)  # fmt: skip
_NUMBERS = frozenset(("int64", "float64"))


def restore_problem(schema: TypeSchema, document: Any) -> str:
    """Say what is wrong with a document of a type; "" when nothing of this sort is."""
    if document is None:
        return ""
    if not isinstance(document, dict):
        return f"cannot restore struct from: {_kind(document)}"
    for name, field in schema.fields.items():
        problem = _field(field, document.get(name)) if name in document else ""
        if problem:
            return problem
    return ""


def _field(field: FieldSchema, value: Any) -> str:
    if value is None:
        return ""
    if field.kind == "object":
        return restore_problem(field.ref, value) if field.ref else ""
    if field.kind in {"list", "map"}:
        return _holder(field, value)
    return _scalar(field, value) if field.kind in _SCALARS else ""


def _holder(field: FieldSchema, value: Any) -> str:
    wanted, word = (list, "slice") if field.kind == "list" else (dict, "map")
    if not isinstance(value, wanted):
        return f"cannot restore {word} from {_kind(value)}"
    items = value.values() if isinstance(value, dict) else value
    for item in items:
        problem = restore_problem(field.ref, item) if field.ref else _field(field.item, item) if field.item else ""
        if problem:
            return problem
    return ""


def _scalar(field: FieldSchema, value: Any) -> str:
    found = _kind(value)
    if isinstance(value, _SCALARS[field.kind]) and (field.kind == "boolean") is isinstance(value, bool):
        return ""
    target = {"boolean": "bool", "integer": field.format, "number": "float64"}.get(field.kind, "string")
    if isinstance(value, float) and value.is_integer() and field.kind == "integer":
        return ""
    # Numbers could become other numbers or, as the code of a character, text: "cannot convert" says that they do not.
    if found in _NUMBERS and (target in {"int32", "int64", "float64"} or (found == "int64" and target == "string")):
        return f"cannot convert {found} to {field.type_name or target}"
    return f"unrecognized type: {target}"


def _kind(value: Any) -> str:
    return next((word for kind, word in _VALUE_KINDS if isinstance(value, kind)), "interface")
