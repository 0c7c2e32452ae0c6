"""Reading, checking and writing objects of schema classes: the one door to `podwright.api.modeling`.

Clients `decode` documents into typed, immutable objects and `encode` them back; the apiserver, which works on
documents, asks `check` what is wrong with one and `prune`s it into the API's own form. Nothing here may know any kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic_core import ValidationError

from podwright.api.modeling.encode import encode_object
from podwright.api.modeling.prune import pruner_of
from podwright.api.modeling.strict import Problem, has_duplicates, parse_pairs, problems_of
from podwright.api.modeling.validator import validator_of
from podwright.api.schema import schema_of

__all__ = ["JSON", "DecodeError", "Problem", "check", "check_text", "decode", "encode", "prune", "strict_message"]

JSON = dict[str, Any]
T = TypeVar("T")


class DecodeError(ValueError):
    """A document does not fit its type. Trying again with the same document cannot help."""


def decode(cls: type[T], data: Mapping[str, Any] | bytes) -> T:
    """Return the typed object of a document or of JSON text; unknown fields are ignored. Raises DecodeError."""
    validator = validator_of(cls)
    try:
        if isinstance(data, bytes):
            return cast("T", validator.validate_json(data, extra="ignore"))
        return cast("T", validator.validate_python(data, extra="ignore"))
    except ValidationError as error:
        return _decode_slowly(cls, data, error)


def _decode_slowly(cls: type[T], data: Mapping[str, Any] | bytes, error: ValidationError) -> T:
    """A document with nulls or odd spellings decodes once it is pruned; anything else is refused."""
    import orjson

    schema = schema_of(cls)
    try:
        document = orjson.loads(data) if isinstance(data, bytes) else dict(data)
    except orjson.JSONDecodeError:
        msg = f"cannot decode {schema.short_name}: {error.errors(include_url=False)[0]['msg']}"
        raise DecodeError(msg) from error
    wrong = [problem for problem in problems_of(schema, document) if problem.kind == "type"]
    try:
        if not wrong:
            return cast("T", validator_of(cls).validate_python(pruner_of(schema)(document), extra="ignore"))
    except ValidationError as again:
        error = again
    why = wrong[0].message if wrong else str(error)
    msg = f"cannot decode {schema.short_name}: {why}"
    raise DecodeError(msg) from error


def encode(obj: Any) -> JSON:
    """Return the JSON document of a typed object: fields in declared order, empty ones left out."""
    return encode_object(obj)


def check(cls: type[Any], data: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a document: one "type" problem, or all unknown fields in document order, or nothing."""
    try:
        validator_of(cls).validate_python(data, extra="forbid")
    except ValidationError:
        return problems_of(schema_of(cls), data)
    return []


def check_text(cls: type[Any], raw: bytes, data: Mapping[str, Any]) -> list[Problem]:
    """Like `check` for a document that is what `raw` JSON text parsed to, unchanged: then repeated fields show too."""
    import orjson

    if has_duplicates(raw, orjson.dumps(data)):
        return problems_of(schema_of(cls), parse_pairs(raw))
    return check(cls, data)


def strict_message(problems: list[Problem]) -> str:
    """The one line that reports unknown and repeated fields of a document under strict validation."""
    return "strict decoding error: " + ", ".join(problem.message for problem in problems)


def prune(cls: type[Any], data: JSON) -> JSON:
    """Return the document in the API's own form: unknown, null and empty fields gone, the rest ordered and canonical.

    The document must have passed `check` without a "type" problem. The input is not changed; parts that need no
    change are shared with the result.
    """
    return pruner_of(schema_of(cls))(data)
