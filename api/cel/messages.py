"""What an expression of a mutating policy makes: `Object{spec: Object.spec{replicas: 3}}` and `JSONPatch{...}`.

`json_of` turns what was made into JSON. The names are the API's; which fields an object has is not known here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from podwright.api.cel import types
from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.library.times import duration_text, timestamp_text
from podwright.api.cel.types import Type
from podwright.api.cel.values import Duration, ObjectView, Optional, Timestamp, is_list, is_map, type_name

_PATCH: Final = "JSONPatch"
_PLAIN: Final = (str, bool, int, float, type(None))


class MutationMessages(Mapping[str, Declared]):
    """The message types of mutating policies: Object and, below it, a type for every path of fields."""

    def __getitem__(self, name: str) -> Declared:
        if name == _PATCH:
            text = Declared(types.STRING)
            fields = {key: Field(key, text) for key in ("op", "path", "from")}
            fields["value"] = Field("value", Declared(types.DYN))
            return Declared(Type("object", _PATCH), fields=lambda: fields)
        if name == "Object" or name.startswith("Object."):
            return Declared(Type("object", name), open_fields=True)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter((_PATCH, "Object"))

    def __len__(self) -> int:
        return 2


def json_of(value: Any) -> Any:
    """Return a value as JSON. Raises EvaluationError for what has no form in it."""
    if isinstance(value, _PLAIN):
        return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(value, ObjectView):
        return {key: json_of(part) for key, part in value.document.items() if not _missing(part)}
    if is_list(value):
        return [json_of(part) for part in value]
    if is_map(value) and all(isinstance(key, str) for key in value):
        return {key: json_of(value[key]) for key in value}
    if isinstance(value, Optional) and value.present:
        return json_of(value.inner)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Timestamp):
        return timestamp_text(value.nanos)
    if isinstance(value, Duration):
        return duration_text(value.nanos)
    msg = f"cannot convert a value of type {type_name(value)} to JSON"
    raise EvaluationError(msg)


def _missing(value: Any) -> bool:
    return isinstance(value, Optional) and not value.present
