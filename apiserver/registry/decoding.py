"""From a body's bytes to a checked, pruned document; and what exactly is wrong when that fails.

The happy path is one parse, one compiled check and one prune. It must never store or default anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from podwright.api.errors import ApiError, bad_request, invalid, invalid_field, unsupported_media_type
from podwright.api.model import Problem, check, strict_message
from podwright.api.resources import Resource
from podwright.api.schema import TypeSchema
from podwright.apiserver.confidential import is_kind
from podwright.apiserver.media import JSON_TYPE, READABLE, YAML_TYPE
from podwright.apiserver.registry.owners import keep_one_of_each

JSON = dict[str, Any]
MAX_DEPTH = 100
"""Levels that a body may nest; documents and patches add up to less than what can be encoded."""
_TOO_DEEP = "exceeded max depth"
_PREVIEW = 30
REPEATED = "yaml: unmarshal errors:\n"
"""What the repeated keys of a YAML document are told under, each in a line; each is a warning of its own."""
_EXPLAIN = (
    ("Expecting value", "looking for beginning of value"),
    ("Expecting property name", "looking for beginning of object key string"),
    ("Illegal trailing comma", "looking for beginning of object key string"),
    ("Expecting ':'", "after object key"),
    ("Expecting ','", "after object key:value pair"),
    ("Extra data", "after top-level value"),
    ("Invalid control character", "in string literal"),
    ("Invalid \\escape", "in string escape code"),
)


class Codec(Protocol):
    """Reads the documents of one kind: those of a schema class, or those of a kind that clients defined."""

    @property
    def resource(self) -> Resource:
        """What the documents are called."""
        ...

    @property
    def schema(self) -> TypeSchema:
        """The kind's schema tree, for whoever merges, applies or describes."""
        ...

    def shown(self, obj: JSON) -> JSON:
        """The document in the order in which clients are shown what their patch made of it."""
        ...

    def identify(self, obj: JSON) -> None:
        """Refuse a body that says it is of another type, or does not say what it must. Raises ApiError 400."""
        ...

    def check(self, obj: JSON) -> list[Problem]:
        """What is wrong with a document: one wrong type, or all unknown fields."""
        ...

    def check_text(self, raw: bytes, obj: JSON) -> list[Problem]:
        """The same, and every repeated field, of a document that `raw` was parsed to."""
        ...

    def settle(self, raw: bytes, obj: JSON) -> JSON:
        """The document to go on with when `raw` repeats fields."""
        ...

    def prune(self, obj: JSON) -> JSON:
        """The document in the kind's own form; its parts may be shared. `obj` had no wrong type."""
        ...


def decode(codec: Codec, body: bytes, content_type: str, validation: str, warnings: list[str]) -> JSON:
    """Decode a body as an object of the codec's kind, filling in kind and apiVersion. Raises ApiError 400, 415.

    `validation` is "Ignore", "Warn" (texts go to `warnings`) or "Strict".
    """
    resource = codec.resource
    obj, problems = parse(body, content_type, resource.kind)
    codec.identify(obj)
    if content_type == YAML_TYPE:
        problems += codec.check(obj)
    else:
        problems = codec.check_text(body, obj)
        if any(problem.kind == "duplicate" for problem in problems):
            obj = codec.settle(body, obj)
            codec.identify(obj)
            problems += [problem for problem in codec.check(obj) if problem.kind == "type"]
            problems.sort(key=lambda problem: problem.kind != "type")
    if problems:
        report(problems, resource, validation, warnings)
    obj["kind"], obj["apiVersion"] = obj.get("kind") or resource.kind, obj.get("apiVersion") or resource.api_version
    pruned = codec.prune(obj)
    metadata = pruned.setdefault("metadata", {})
    if metadata and len(metadata.get("ownerReferences") or ()) > 1:
        keep_one_of_each(pruned, warnings)
    return pruned


def parse(body: bytes, content_type: str, kind: str) -> tuple[JSON, list[Problem]]:
    """Parse a body into a mapping. Raises ApiError 400 (with the start of the body), 415."""
    if content_type not in READABLE:
        raise unsupported_media_type(READABLE)
    try:
        if content_type == YAML_TYPE:
            from podwright.apiserver.registry.yaml_body import NoMappingError, load_yaml

            try:
                return load_yaml(body, too_deep=lambda obj: too_deep(obj, MAX_DEPTH))
            except NoMappingError as error:
                raise _no_object(error.found) from error
        return load_json(body), []
    except ValueError as error:
        msg = f"the object provided is unrecognized (must be of type {kind}): {error} ({summary(body, kind)})"
        raise bad_request(msg) from error


def load_any(body: bytes) -> Any:
    """Parse JSON of bounded depth. Raises ValueError with an explanation clients know."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(explain(body)) from error
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and too_deep(value, MAX_DEPTH):
        raise ValueError(_TOO_DEEP)
    return value


def too_deep(value: Any, levels: int) -> bool:
    """Tell whether a value nests more than `levels` deep."""
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(too_deep(child, levels - 1) for child in children)


def load_json(body: bytes) -> JSON:
    """Parse a JSON object (null counts as an empty one). Raises ValueError with an explanation clients know."""
    try:
        obj = load_any(body)
    except ValueError as error:
        msg = f"couldn't get version/kind; json parse error: {error}"
        raise ValueError(msg) from error
    if obj is None:
        return {}
    if not isinstance(obj, dict):
        raise _no_object(obj)
    return obj


def _no_object(value: Any) -> ValueError:
    return ValueError(
        f"couldn't get version/kind; json parse error: json: cannot unmarshal {kind_of(value)} into an object"
    )


def explain(body: bytes) -> str:
    """Say why bytes are not JSON."""
    text = body.decode(errors="surrogateescape")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return "unexpected end of JSON input"
        char = chr(text[error.pos].encode(errors="surrogateescape")[0])  # clients know it as the first of its bytes
        where = next(
            (words for start, words in _EXPLAIN if error.msg.startswith(start)), "looking for beginning of value"
        )
        return f"invalid character {char!r} {where}"
    except RecursionError:
        return _TOO_DEEP
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"invalid UTF-8 in string literal: {error.reason} at byte {error.start}"
    return "invalid JSON value"


def kind_of(value: Any) -> str:
    """Name a JSON value's type."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"


def summary(body: bytes, kind: str) -> str:
    """The start of a body that should be of a kind, for an error message: as text when it looks like an object, else in
    hex.
    """
    if is_kind(kind):
        return "its contents are not shown"
    if not body:
        return "<empty>"
    more = " ..." if len(body) > _PREVIEW else ""
    start = body[:_PREVIEW]
    return (start.decode(errors="replace") if start.startswith(b"{") else start.hex()) + more


def report(problems: list[Problem], resource: Resource, validation: str, warnings: list[str]) -> None:
    """Refuse, warn of, or pass over what the check found. Raises ApiError 400."""
    prefix = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
    if problems[0].kind == "type":
        raise bad_request(prefix + problems[0].message)
    if validation == "Strict":
        raise bad_request(prefix + strict_message(problems))
    if validation == "Warn":
        warnings.extend(line.strip() for p in problems for line in p.message.removeprefix(REPEATED).split("\n"))


Refuse = Callable[[JSON, str, bool], ApiError]
"""(document, why, whether a type is wrong) -> the refusal of what a patch made."""


def patch_refused(value: str, why: str) -> ApiError:
    """The 422 for a patch whose result is no object of the kind; `value` shows the patch or what it made."""
    return invalid("", "", "", [invalid_field("patch", value, why)])


def _as_text(obj: JSON, why: str, _: bool) -> ApiError:
    return patch_refused(orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode(), why)


def decode_patched(
    codec: Codec, obj: JSON, extra: list[Problem], validation: str, warnings: list[str], refuse: Refuse = _as_text
) -> JSON:
    """Check and prune the result of a patch. Raises ApiError 422 for wrong types and, under Strict, unknown fields."""
    resource = codec.resource
    kind, api_version = obj.get("kind"), obj.get("apiVersion")
    if kind != resource.kind or api_version != resource.api_version:
        # A patched object without a name is refused for that first; one without a version has nothing that counts.
        metadata = obj.get("metadata") or {}
        if not api_version or (isinstance(metadata, dict) and not metadata.get("name")):
            return {"metadata": {}}
        if kind or api_version != resource.api_version:
            raise refuse(obj, _why_other(resource, kind or resource.kind, api_version, obj), False)
        obj = {**obj, "kind": resource.kind}
    problems = extra + codec.check(obj)
    if problems:
        typed = [p for p in problems if p.kind == "type"]
        if typed:
            raise refuse(obj, typed[0].message, True)
        if validation == "Strict":
            raise refuse(obj, strict_message(problems), False)
        if validation == "Warn":
            warnings.extend(p.message for p in problems)
    pruned = codec.prune(obj)
    metadata = pruned.setdefault("metadata", {})
    if metadata and len(metadata.get("ownerReferences") or ()) > 1:
        keep_one_of_each(pruned, warnings, patched=True)
    return pruned


def _why_other(resource: Resource, kind: Any, api_version: Any, obj: JSON) -> str:
    """Say why what a patch made is no object of the resource."""
    for name, value in (("kind", kind), ("apiVersion", api_version)):
        if not isinstance(value, str):
            why = f"json: cannot unmarshal {kind_of(value)} into Go struct field .{name} of type string"
            return f"couldn't get version/kind; json parse error: {why}"
    if api_version.count("/") > 1:
        return f"unexpected GroupVersion string: {api_version}"
    if not resource.model:
        return f'no kind "{kind}" is registered for version "{api_version}"'
    from podwright.apiserver.registry.foreign import why_foreign  # on first use: few patches do this

    return why_foreign(resource, kind, api_version, obj)


def decode_options(body: bytes, content_type: str) -> JSON | None:
    """Decode a DELETE's body; None when there is none. Raises ApiError 400, 415."""
    if not body:
        return None
    if content_type not in READABLE:
        raise unsupported_media_type(READABLE)
    try:
        obj = load_json(body) if content_type == JSON_TYPE else parse(body, content_type, "DeleteOptions")[0]
    except ValueError as error:
        raise bad_request(str(error)) from error
    kind = obj.get("kind") or "DeleteOptions"
    if kind != "DeleteOptions":
        raise bad_request(f'no kind "{kind}" is registered for version "{obj.get("apiVersion", "")}"')
    from podwright.api.meta import DeleteOptions

    wrong = next((problem for problem in check(DeleteOptions, obj) if problem.kind == "type"), None)
    if wrong is not None:
        raise bad_request(wrong.message)
    return obj
