"""The codec of a kind that a client defined: documents are what its schema says, plus metadata.

Unlike built-in kinds, a body must say what it is, unknown fields may be kept where the schema wants so, and of repeated
fields the last counts.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson

from podwright.api.errors import bad_request
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.prune import pruner_of
from podwright.api.modeling.strict import Problem, has_duplicates, parse_pairs, repeated_fields
from podwright.api.quoting import quote
from podwright.api.resources import Resource
from podwright.api.schema import TypeSchema, schema_of
from podwright.api.structural.defaulting import fill
from podwright.api.structural.node import Node
from podwright.api.structural.pruning import prune, unknown_fields
from podwright.apiserver.custom import embedded
from podwright.apiserver.registry.decoding import summary

JSON = dict[str, Any]


class CustomCodec:
    """Documents of one version."""

    def __init__(self, resource: Resource, schema: JSON) -> None:
        self.resource = resource
        self.raw = schema

    @cached_property
    def node(self) -> Node:
        """The schema, compiled on first use."""
        return Node(self.raw)

    @cached_property
    def _tree(self) -> TypeSchema:
        from podwright.api.structural.typed import type_schema

        resource = self.resource
        group = ".".join(reversed(resource.group.split(".")))
        return type_schema(self.node, f"{group}.{resource.version}.{resource.kind}")

    @property
    def schema(self) -> TypeSchema:
        """The kind's schema tree."""
        return self._tree

    @cached_property
    def _has_embedded(self) -> bool:
        return embedded.has_embedded(self.node)

    def shown(self, obj: JSON) -> JSON:
        """The document with all its keys sorted: it has no order of its own."""
        return orjson.loads(orjson.dumps(obj, option=orjson.OPT_SORT_KEYS))

    def identify(self, obj: JSON) -> None:
        """Refuse a body of another version, or one that does not say its kind. Raises ApiError 400.

        Another kind is let through here and refused by validation.
        """
        resource = self.resource
        kind, api_version = obj.get("kind"), obj.get("apiVersion")
        if not kind or not isinstance(kind, str):
            body = orjson.dumps(obj)
            why = f"Object 'Kind' is missing in '{body.decode()}' ({summary(body, resource.kind)})"
            msg = f"the object provided is unrecognized (must be of type {resource.kind}): {why}"
            raise bad_request(msg)
        if api_version != resource.api_version:
            msg = f"the API version in the data ({api_version or ''}) does not match the expected API version "
            raise bad_request(msg + f"({resource.api_version})")

    def fits(self, obj: JSON) -> bool:
        """Whether the document is of this kind: only then the schema applies."""
        return obj.get("kind") == self.resource.kind

    def check(self, obj: JSON) -> list[Problem]:
        """What is wrong with a document: one wrong type in metadata, or all unknown fields."""
        found = embedded.metadata_problems(obj.get("metadata"), "metadata")
        if not self.fits(obj):
            return found
        if found and found[0].kind == "type":
            return found
        found += [Problem("unknown", path, f"unknown field {quote(path)}") for path in unknown_fields(self.node, obj)]
        if self._has_embedded:
            inner = embedded.problems(self.node, obj)
            if inner and inner[0].kind == "type":
                return inner
            found += inner
        return found

    def check_text(self, raw: bytes, obj: JSON) -> list[Problem]:
        """The same, and every repeated field, of a document that `raw` was parsed to."""
        found = self.check(obj)
        if has_duplicates(raw, orjson.dumps(obj)) and not (found and found[0].kind == "type"):
            paths = dict.fromkeys(repeated_fields(parse_pairs(raw)))
            return [*(Problem("duplicate", path, f"duplicate field {quote(path)}") for path in paths), *found]
        return found

    def settle(self, raw: bytes, obj: JSON) -> JSON:
        """The document to go on with when `raw` repeats fields: the last ones count."""
        del raw
        return obj

    def prune(self, obj: JSON) -> JSON:
        """The document without what the schema does not know."""
        metadata = pruner_of(schema_of(ObjectMeta))(obj.get("metadata") or {})
        if not self.fits(obj):
            return {**obj, "metadata": metadata}
        pruned = prune(self.node, obj)
        pruned.pop("metadata", None)
        head = {"apiVersion": pruned.pop("apiVersion"), "kind": pruned.pop("kind"), "metadata": metadata}
        if self._has_embedded:
            embedded.clean(self.node, pruned)
        return head | pruned

    def default(self, obj: JSON) -> None:
        """Fill in the schema's defaults."""
        if self.fits(obj):
            fill(self.node, obj)

    def restored(self, obj: JSON) -> JSON:
        """An object as it is read from the store, whichever version it was stored in."""
        found = self.prune({**obj, "apiVersion": self.resource.api_version})
        self.default(found)
        return found
