"""What must never be seen outside its object: which kinds hold it, and what logs, audit lines and errors show instead.

Of these kinds only what is known to be harmless is shown; whatever else somebody sends in their name, misspelled fields
included, is taken for confidential. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

JSON = dict[str, Any]
REDACTED: Final = "REDACTED"
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_OPERATION: Final = frozenset(("op", "path", "from"))
_ANY: Final[Mapping[str, Any]] = {}
_OBJECT: Final[Mapping[str, Any]] = {}
_FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    # kind -> fields that are shown: _ANY whatever is there, _OBJECT only an object; other names limit it further
    "Secret": {"kind": _ANY, "apiVersion": _ANY, "metadata": _OBJECT, "type": _ANY, "immutable": _ANY},
    "TokenReview": {
        "kind": _ANY,
        "apiVersion": _ANY,
        "metadata": _OBJECT,
        "spec": {"audiences": _ANY},
        "status": _OBJECT,
    },
    "TokenRequest": {
        "kind": _ANY,
        "apiVersion": _ANY,
        "metadata": _OBJECT,
        "spec": {"audiences": _ANY, "expirationSeconds": _ANY, "boundObjectRef": _ANY},
        "status": {"expirationTimestamp": _ANY},
    },
}
_PLURALS: Final = {
    ("", "secrets", ""): "Secret",
    ("authentication.k8s.io", "tokenreviews", ""): "TokenReview",
    ("", "serviceaccounts", "token"): "TokenRequest",
}
_WORDS: Final = ("token", "secret", "password", "passwd", "credential", "apikey", "api_key", "api-key", "authorization")


def kind_of(group: str, plural: str, subresource: str = "") -> str:
    """The confidential kind that a resource or subresource is about, "" when it is about none."""
    return _PLURALS.get((group, plural, subresource), "")


def is_kind(kind: str) -> bool:
    """Tell whether objects of a kind hold what must not be seen."""
    return kind in _FIELDS


def sent(value: Any, kind: str) -> Any:
    """What may be shown of a body that a client sent: an object or a patch.

    `kind` is what `kind_of` told. An object that says that it is of a confidential kind is treated so anywhere.
    """
    if isinstance(value, list):  # a JSON patch
        return [_operation(each) if kind else each for each in value]
    if not isinstance(value, dict):
        return REDACTED if kind else value
    kind = _claimed(value) or kind
    return _limited(_metadata_clean(value), _FIELDS[kind]) if kind else value


def answered(value: Any, kind: str) -> Any:
    """What may be shown of an answer of this server: an object, a list or table of them, their metadata, a Status."""
    if not isinstance(value, dict):
        return REDACTED if kind else value
    own = str(value.get("kind") or "")
    if own == "Table":
        return {**value, "rows": [{**row, "object": answered(row.get("object"), kind)} for row in value["rows"] or ()]}
    if own.endswith("List") and isinstance(value.get("items"), list):
        return {**value, "items": [answered(item, kind) for item in value["items"]]}
    if own in {"Status", "PartialObjectMetadata"}:
        return _metadata_clean(value) if kind else value
    return sent(value, kind)


def hidden(value: Any, kind: str) -> Iterator[str]:
    """Yield every text in a body or an object that `sent` does not show."""
    if isinstance(value, list):
        for each in value:
            parts = each if isinstance(each, dict) else {"": each}
            yield from _leaves([part for name, part in parts.items() if name not in _OPERATION])
    elif isinstance(value, dict):
        yield from _hidden_below(value, _FIELDS[_claimed(value) or kind])
        metadata = value.get("metadata")
        notes = metadata.get("annotations") if isinstance(metadata, dict) else None
        if isinstance(notes, dict) and isinstance(notes.get(_APPLIED), str):
            try:
                yield from hidden(orjson.loads(notes[_APPLIED]), kind)
            except orjson.JSONDecodeError:
                yield notes[_APPLIED]
    else:
        yield from _leaves(value)


def query_value(name: str, value: str) -> str:
    """What may be shown of a query parameter."""
    lower = name.lower()
    return REDACTED if any(word in lower for word in _WORDS) else value


def shown_path(path: str, query: Sequence[tuple[str, str]]) -> str:
    """What may be shown of a path with its parameters."""
    return f"{path}?{'&'.join(f'{name}={query_value(name, value)}' for name, value in query)}" if query else path


def _hidden_below(value: JSON, fields: Mapping[str, Any]) -> Iterator[str]:
    for name, part in value.items():
        below = fields.get(name)
        if below is None or not _fits(part, below):
            yield from _leaves(part)
        elif below and isinstance(part, dict):
            yield from _hidden_below(part, below)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield str(value)


def _limited(value: JSON, fields: Mapping[str, Any]) -> JSON:
    kept: JSON = {}
    for name, part in value.items():
        below = fields.get(name)
        if below is None or not _fits(part, below):
            kept[name] = dict.fromkeys(part, REDACTED) if isinstance(part, dict) else REDACTED
        else:
            kept[name] = _limited(part, below) if below and isinstance(part, dict) else part
    return kept


def _fits(part: Any, below: Mapping[str, Any]) -> bool:
    """Whether a field that is shown has the type that it should: a text in the place of an object may be anything."""
    return below is _ANY or part is None or isinstance(part, dict)


def _metadata_clean(value: JSON) -> JSON:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        return value
    annotations = metadata.get("annotations")
    if not isinstance(annotations, dict) or _APPLIED not in annotations:
        return value
    return {**value, "metadata": {**metadata, "annotations": {**annotations, _APPLIED: REDACTED}}}


def _operation(operation: Any) -> Any:
    if not isinstance(operation, dict):
        return REDACTED
    return {name: REDACTED if name not in _OPERATION else part for name, part in operation.items()}


def _claimed(value: JSON) -> str:
    own = value.get("kind")
    return own if isinstance(own, str) and own in _FIELDS else ""
