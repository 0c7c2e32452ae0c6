"""The three patch types that change a document: how each is read, applied, and shown when its result is no object.

A form is made once a request and may be applied to several states of the object. Pure; it must never look at a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import orjson

from podwright.api.errors import bad_request, too_large
from podwright.api.model import Problem
from podwright.api.modeling.restoring import restore_problem
from podwright.api.modeling.strict import Pairs, has_duplicates, parse_pairs, repeated_fields
from podwright.api.patch import json_patch, merge_patch, strategic_merge
from podwright.api.patch.errors import PatchError
from podwright.api.quoting import shown
from podwright.api.schema import TypeSchema
from podwright.apiserver.registry.decoding import kind_of, load_any

JSON = dict[str, Any]
_RECORDS = "managedFields"
_KIND = ("apiVersion", "kind")
_OPERATION = frozenset(("op", "path", "from", "value"))
_MAP = "Go value of type map[string]interface {}"
"""What a patch that is merged has to be, as clients know it."""


class Form(Protocol):
    """A patch that was read. `problems` are what is odd about its own text."""

    problems: list[Problem]

    def apply(self, document: JSON) -> JSON:
        """Return the patched document; never changes its argument. Raises ApiError."""
        ...

    def shown(self, before: JSON, after: JSON) -> str:
        """The value that a refusal of the result names. `before` has its fields in the schema's order."""
        ...

    def type_problem(self, after: JSON, found: str) -> str:
        """How a wrong type in the result is worded; `found` is what decoding said."""
        ...


class _Textual:
    """JSON patch and JSON merge patch: they work on the text, and what is refused is the text they made."""

    def __init__(self, apply: Callable[[JSON], JSON], problems: list[Problem], *, leaves_records: bool) -> None:
        self._apply = apply
        self._leaves_records = leaves_records
        self.problems = problems

    def apply(self, document: JSON) -> JSON:
        """See `Form`."""
        return _patched(self._apply, _without_records(document) if self._leaves_records else document)

    def shown(self, before: JSON, after: JSON) -> str:
        """The document: what the patch left alone as it was written, what it touched with its keys sorted."""
        metadata = after.get("metadata")
        if self._leaves_records and isinstance(metadata, dict) and _RECORDS in before["metadata"]:
            after = {**after, "metadata": {**metadata, _RECORDS: before["metadata"][_RECORDS]}}
        return orjson.dumps(_arranged(before, after)).decode()

    def type_problem(self, after: JSON, found: str) -> str:  # noqa: ARG002 - one signature for all forms
        """See `Form`."""
        return found


class _Strategic:
    """Strategic merge patch: it works on values, and what is refused is the patch."""

    def __init__(self, change: JSON, schema: TypeSchema, problems: list[Problem]) -> None:
        self._change = change
        # A strategic merge cannot change what kind of object it is applied to.
        self._effective = {k: v for k, v in change.items() if k not in _KIND}
        self._schema = schema
        self._leaves_records = _leaves_records(change)
        self.problems = problems

    def apply(self, document: JSON) -> JSON:
        """See `Form`."""
        before = _without_records(document) if self._leaves_records else document
        after = _patched(lambda d: strategic_merge.apply(d, self._effective, self._schema), before)
        return {**{name: document[name] for name in _KIND if name in document}, **after}

    def shown(self, before: JSON, after: JSON) -> str:  # noqa: ARG002 - as above
        """The patch alone."""
        return shown(self._change)

    def type_problem(self, after: JSON, found: str) -> str:
        """See `Form`."""
        return restore_problem(self._schema, after) or found


def _leaves_records(change: JSON) -> bool:
    """Tell whether a patch leaves managedFields alone, which most do."""
    metadata = change.get("metadata", {})
    return isinstance(metadata, dict) and not any(key == _RECORDS or key.startswith("$") for key in metadata)


def _without_records(document: JSON) -> JSON:
    """A document as if the client had not sent its managedFields: they are as they were, and need no checking."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or _RECORDS not in metadata:
        return document
    return {**document, "metadata": {key: value for key, value in metadata.items() if key != _RECORDS}}


def _patched(apply: Callable[[JSON], JSON], document: JSON) -> JSON:
    try:
        return apply(document)
    except PatchError as error:
        raise error.api_error() from error


def _arranged(before: Any, after: Any) -> Any:
    if before == after:
        return before
    if not isinstance(after, dict):
        return after
    inner: JSON = before if isinstance(before, dict) else {}
    return {key: _arranged(inner.get(key), after[key]) for key in sorted(after)}


# -- reading


def json_form(body: bytes, _: TypeSchema) -> Form:
    """A JSON patch. Raises ApiError 400, 413."""
    operations = _load(body, "error decoding patch: ")
    operations = [] if operations is None else operations
    if not isinstance(operations, list):
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {kind_of(operations)} into a list of operations"
        )
    if len(operations) > json_patch.MAX_OPERATIONS:
        raise too_large(
            f"The allowed maximum operations in a JSON patch is {json_patch.MAX_OPERATIONS}, got {len(operations)}"
        )
    written = parse_pairs(body) if has_duplicates(body, orjson.dumps(operations)) else operations
    problems = [problem for i, operation in enumerate(written) for problem in _odd(operation, f"[{i}]")]
    return _Textual(lambda document: json_patch.apply(document, operations), problems, leaves_records=False)


def _odd(operation: Any, where: str) -> Iterator[Problem]:
    """What is unknown or repeated in an operation of a JSON patch, in its order."""
    if isinstance(operation, dict):
        operation = operation.items()
    elif not isinstance(operation, Pairs):
        return  # no operation at all: whoever applies it says so
    seen: set[str] = set()
    for key, value in operation:
        place = f"{where}.{key}"
        if key in seen or key not in _OPERATION:
            kind = "duplicate" if key in _OPERATION else "unknown"
            yield Problem(kind, place, f'json patch {kind} field "{place}"')
        seen.add(key)
        for path in dict.fromkeys(repeated_fields(value, place)) if key == "value" else ():
            yield Problem("duplicate", path, f'json patch duplicate field "{path}"')


def merge_form(body: bytes, _: TypeSchema) -> Form:
    """A JSON merge patch. Raises ApiError 400."""
    change = _load(body, "error decoding patch: ")
    if change is None:
        raise bad_request("Invalid JSON Patch")
    if not isinstance(change, dict):
        raise bad_request(f"error decoding patch: json: cannot unmarshal {kind_of(change)} into {_MAP}")
    leaves_records = _leaves_records(change)
    return _Textual(lambda d: merge_patch.apply(d, change), _duplicates(body, change), leaves_records=leaves_records)


def strategic_form(body: bytes, schema: TypeSchema) -> Form:
    """A strategic merge patch. Raises ApiError 400."""
    change = _load(body, "")
    change = {} if change is None else change
    if not isinstance(change, dict):
        raise bad_request(f"json: cannot unmarshal {kind_of(change)} into {_MAP}")
    return _Strategic(change, schema, _duplicates(body, change))


def _load(body: bytes, prefix: str) -> Any:
    try:
        return load_any(body)
    except ValueError as error:
        raise bad_request(f"{prefix}{error}") from error


def _duplicates(body: bytes, loaded: Any) -> list[Problem]:
    if not has_duplicates(body, orjson.dumps(loaded)):
        return []
    return [
        Problem("duplicate", p, f'duplicate field "{p}"') for p in dict.fromkeys(repeated_fields(parse_pairs(body)))
    ]
