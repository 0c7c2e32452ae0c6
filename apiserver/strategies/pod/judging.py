"""Pods that are alike are judged once: what is wrong with a new pod's spec, and what is odd about it, is remembered.

Replicas differ in their metadata alone. The judgement is a pure function of the JSON of spec and annotations, and of
the name where a volume is named after the pod: remembering it by these changes no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from podwright.api.field_errors import FieldError
from podwright.apiserver.registry.known_parts import text_of
from podwright.apiserver.strategies.pod import validate, warnings
from podwright.apiserver.strategies.pod.defaults import default_pod

JSON = dict[str, Any]
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Judgement:
    """Errors of a pod's annotations and spec; if there are none, what is said about profiles and about the spec."""

    errors: tuple[FieldError, ...]
    profile_warnings: tuple[str, ...] = ()
    spec_warnings: tuple[str, ...] = ()


def is_complete(pod: JSON) -> bool:
    """Tell whether the defaults of a pod's spec are known to be filled in, as those of every stored pod are."""
    spec = text_of(pod.get("spec"))
    return spec is not None and _complete(spec)


@lru_cache(maxsize=_REMEMBERED)
def _complete(spec: bytes) -> bool:
    pod: JSON = {"spec": orjson.loads(spec)}
    default_pod(pod)
    return orjson.dumps(pod["spec"]) == spec


def judge(pod: JSON) -> Judgement:
    """Judge a pod that is being created, without the rest of its metadata."""
    metadata: JSON = pod["metadata"]
    notes: JSON | None = metadata.get("annotations")
    spec, noted = text_of(pod.get("spec")), text_of(notes) if notes else b""
    name: str = metadata.get("name") or ""
    if spec is None or noted is None:
        return _judged(pod)
    return _remembered(spec, noted, name if b'"ephemeral"' in spec else "")


@lru_cache(maxsize=_REMEMBERED)
def _remembered(spec: bytes, notes: bytes, name: str) -> Judgement:
    metadata: JSON = {"name": name}
    if notes:
        metadata["annotations"] = orjson.loads(notes)
    return _judged({"metadata": metadata, "spec": orjson.loads(spec)})


def _judged(pod: JSON) -> Judgement:
    errors = validate.validate_new_pod(pod)
    if errors:
        return Judgement(tuple(errors))
    return Judgement((), tuple(warnings.profile_warnings(pod)), tuple(warnings.spec_warnings(pod)))
