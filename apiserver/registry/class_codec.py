"""The codec of a kind that has a schema class: checked, pruned and named by that class."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson

from podwright.api.errors import ApiError, bad_request
from podwright.api.model import Problem, check, check_text, prune
from podwright.api.modeling.strict import Pairs, has_duplicates, parse_pairs
from podwright.api.resources import Resource
from podwright.api.schema import TypeSchema, schema_of
from podwright.apiserver.registry.decoding import kind_of, summary
from podwright.apiserver.registry.known_parts import clean_part, text_of

JSON = dict[str, Any]
_ALIKE = {"pods": "spec"}
"""Parts that many objects of a kind have in common."""


class ClassCodec:
    """Documents of one row of the resource table."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self._part = _ALIKE.get(resource.qualified, "")

    @property
    def schema(self) -> TypeSchema:
        """The kind's schema tree."""
        return schema_of(self.resource.cls)

    def shown(self, obj: JSON) -> JSON:
        """The document in the order of the schema's fields."""
        return self.prune(obj)

    def identify(self, obj: JSON) -> None:
        """Refuse a body that says it is of another type. Raises ApiError 400."""
        resource = self.resource
        kind, api_version = obj.get("kind"), obj.get("apiVersion")
        if kind == resource.kind and api_version == resource.api_version:
            return
        for name, value in (("kind", kind), ("apiVersion", api_version)):
            if value is not None and not isinstance(value, str):
                why = f"json: cannot unmarshal {kind_of(value)} into Go struct field .{name} of type string"
                raise self._unrecognized(f"couldn't get version/kind; json parse error: {why}", obj)
        kind, api_version = kind or resource.kind, api_version or resource.api_version
        if (kind, api_version) != (resource.kind, resource.api_version):
            raise self._foreign(kind, api_version, obj)

    def _unrecognized(self, why: str, obj: JSON) -> ApiError:
        preview = summary(orjson.dumps(obj), self.resource.kind)
        return bad_request(
            f"the object provided is unrecognized (must be of type {self.resource.kind}): {why} ({preview})"
        )

    def _foreign(self, kind: str, api_version: str, obj: JSON) -> ApiError:
        from podwright.apiserver.registry.foreign import why_foreign

        if api_version.count("/") > 1:
            return self._unrecognized(f"unexpected GroupVersion string: {api_version}", obj)
        version, wanted = api_version.rpartition("/")[2], self.resource
        why = why_foreign(wanted, kind, api_version, obj)
        return bad_request(f'{kind} in version "{version}" cannot be handled as a {wanted.kind}: {why}')

    def check(self, obj: JSON) -> list[Problem]:
        """What is wrong with a document: one wrong type, or all unknown fields."""
        if self._part and self._known(obj) is not None and not check(self.resource.cls, self._rest(obj)):
            return []
        return check(self.resource.cls, obj)

    def check_text(self, raw: bytes, obj: JSON) -> list[Problem]:
        """The same, and every repeated field, of a document that `raw` was parsed to."""
        if has_duplicates(raw, orjson.dumps(obj)):
            return check_text(self.resource.cls, raw, obj)
        return self.check(obj)

    def settle(self, raw: bytes, obj: JSON) -> JSON:
        """The document to go on with when `raw` repeats fields: mappings under one key are one."""
        return {**obj, **_merge_repeated(parse_pairs(raw))}

    def prune(self, obj: JSON) -> JSON:
        """The document in the API's own form."""
        known = self._known(obj) if self._part else None
        if known is None:
            return prune(self.resource.cls, obj)
        pruned, part = prune(self.resource.cls, self._rest(obj)), self._part
        if part in pruned:
            pruned[part] = orjson.loads(known)
            return pruned
        pruned[part] = orjson.loads(known)
        return {name: pruned[name] for name in self.schema.fields if name in pruned}

    def _rest(self, obj: JSON) -> JSON:
        return {**obj, self._part: {}}

    def _known(self, obj: JSON) -> bytes | None:
        """The pruned form of the part that many objects of the kind have in common, if nothing is wrong with it."""
        text = text_of(obj.get(self._part))
        return None if text is None or self._part_class is None else clean_part(self._part_class, text)

    @cached_property
    def _part_class(self) -> type[Any] | None:
        part = self.schema.fields[self._part].ref
        return None if part is None else part.cls


def _merge_repeated(value: Any) -> Any:
    """The value of a parse that kept repeated keys: mappings under one key are one, of other values the last counts."""
    if isinstance(value, Pairs):
        merged: JSON = {}
        for key, child in value:
            before, now = merged.get(key), _merge_repeated(child)
            merged[key] = _united(before, now) if isinstance(before, dict) and isinstance(now, dict) else now
        return merged
    return [_merge_repeated(child) for child in value] if isinstance(value, list) else value


def _united(first: JSON, second: JSON) -> JSON:
    both = dict(first)
    for key, now in second.items():
        before = both.get(key)
        both[key] = _united(before, now) if isinstance(before, dict) and isinstance(now, dict) else now
    return both
