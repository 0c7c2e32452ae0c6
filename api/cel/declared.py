"""What is declared of a variable's shape: its type, its bounds, and how JSON becomes its value.

A `Declared` tree is built from a schema (`schema_types`). The checker reads types and fields from it, the cost
estimate its bounds, the evaluator how a document's part is converted. Fields may be computed on first use, so that
a recursive or large type costs only what an expression touches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from podwright.api.cel.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of an object type: `key` is its name in JSON, which may not be an identifier."""

    key: str
    declared: Declared


class Declared:
    """The declaration of one place in a document.

    `max_elements` bounds characters, items or entries; `min_size` is the least number of bytes in JSON. `convert`
    turns JSON into a value of the language, None where both are the same.
    """

    __slots__ = ("_fields", "_load", "convert", "item", "key", "max_elements", "min_size", "open", "type")

    def __init__(
        self,
        found: Type,
        *,
        item: Declared | None = None,
        key: Declared | None = None,
        fields: Callable[[], Mapping[str, Field]] | None = None,
        max_elements: int = 0,
        min_size: int = 1,
        convert: Callable[[Any], Any] | None = None,
        open_fields: bool = False,
    ) -> None:
        self.type = replace(found, decl=self) if found.kind == "object" else found
        self.item = item
        self.key = key
        self.max_elements = max_elements
        self.min_size = min_size
        self.convert = convert
        self.open = open_fields
        self._load = fields
        self._fields: Mapping[str, Field] | None = None

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields by the name under which expressions reach them."""
        if self._fields is None:
            self._fields = self._load() if self._load is not None else {}
        return self._fields

    def value(self, document: Any) -> Any:
        """Return the value that a part of a JSON document denotes here."""
        return document if self.convert is None else self.convert(document)

    def value_at(self, key: str, document: Any) -> Any:
        """Return the value of the field that JSON calls `key`; what is not declared stays as it is."""
        found = next((field for field in self.fields.values() if field.key == key), None)
        return document if found is None else found.declared.value(document)
