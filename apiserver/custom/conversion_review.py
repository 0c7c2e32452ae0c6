"""ConversionReview: what a webhook is asked to convert, and what its answer says. Pure.

An answer may change everything but who the objects are: of their metadata only labels and annotations are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from podwright.api import field_errors
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.meta import validate_annotations

JSON = dict[str, Any]
_GROUP: Final = "apiextensions.k8s.io"
_KIND: Final = "ConversionReview"
_KNOWN: Final = ("v1", "v1beta1")
_SAME: Final = (("name", "name"), ("namespace", "namespace"), ("uid", "UID"))


class BadConversionError(Exception):
    """An answer that cannot be used."""


def review_of(versions: Sequence[str], uid: str, objects: Sequence[JSON], wanted: str) -> JSON:
    """The review to send. Raises BadConversionError."""
    version = next((version for version in versions if version in _KNOWN), "")
    if not version:
        raise BadConversionError("no supported conversion review versions")
    request = {"uid": uid, "desiredAPIVersion": wanted, "objects": list(objects)}
    return {"kind": _KIND, "apiVersion": f"{_GROUP}/{version}", "request": request}


def converted_of(review: JSON, answer: JSON) -> list[JSON]:
    """The objects of an answer to a review. Raises BadConversionError."""
    failed = " failed: "
    strict = review["apiVersion"] == f"{_GROUP}/v1"
    api_version, kind = str(answer.get("apiVersion") or ""), answer.get("kind") or ""
    if strict and (api_version, kind) != (review["apiVersion"], _KIND):
        got = f"{api_version if '/' in api_version else f'/{api_version}'}, Kind={kind}"
        raise BadConversionError(f"{failed}expected webhook response of {_GROUP}/v1, Kind={_KIND}, got {got}")
    response = answer.get("response")
    if not isinstance(response, dict):
        raise BadConversionError(f"{failed}no response provided")
    uid, said = review["request"]["uid"], response.get("uid") or ""
    if strict and said != uid:
        raise BadConversionError(f'{failed}expected response.uid="{uid}", got "{said}"')
    result = response.get("result")
    result = result if isinstance(result, dict) else {}
    if result.get("status") != "Success":
        status = result.get("status") or ""
        raise BadConversionError(
            failed + str(result.get("message") or f"response.result.status was '{status}', not 'Success'")
        )
    found, asked = response.get("convertedObjects") or [], review["request"]["objects"]
    if not isinstance(found, list) or len(found) != len(asked):
        count = len(found) if isinstance(found, list) else 0
        raise BadConversionError(f" returned {count} objects, expected {len(asked)}")
    wanted: str = review["request"]["desiredAPIVersion"]
    return [_checked(index, asked[index], obj, wanted) for index, obj in enumerate(found)]


def _checked(index: int, before: JSON, obj: Any, wanted: str) -> JSON:
    where = f" returned invalid converted object at index {index}: "
    if not isinstance(obj, dict):
        raise BadConversionError(f"{where}it is no object")
    if obj.get("apiVersion") != wanted:
        got = obj.get("apiVersion") or ""
        raise BadConversionError(f"{where}invalid groupVersion (expected {wanted}, received {got})")
    if obj.get("kind") != before["kind"]:
        got = obj.get("kind") or ""
        raise BadConversionError(f"{where}invalid kind (expected {before['kind']}, received {got})")
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        raise BadConversionError(f" returned invalid metadata in object at index {index}: missing metadata")
    for key, called in _SAME:
        old, new = before["metadata"].get(key) or "", metadata.get(key) or ""
        if old != new:
            raise BadConversionError(f"{where}must have the same {called}: {old} != {new}")
    kept = {key: value for key, value in before["metadata"].items() if key not in {"labels", "annotations"}}
    for key in ("labels", "annotations"):
        if metadata.get(key) is not None:
            kept[key] = _texts(index, key, metadata[key], before["metadata"].get(key) or {})
    return {**obj, "metadata": kept}


def _texts(index: int, key: str, value: Any, before: JSON) -> JSON:
    where = f" returned invalid metadata in object at index {index}: "
    if not isinstance(value, dict):
        raise BadConversionError(f"{where}metadata.{key} is no object")
    for name, text in value.items():
        if not isinstance(text, str):
            raise BadConversionError(f"{where}metadata.{key}[{name}] must be a string")
    if value != before:
        errors: formats.Errors = []
        if key == "labels":
            formats.labels(errors, f"metadata.{key}", value)
        else:
            validate_annotations(errors, value, f"metadata.{key}")
        if errors:
            raise BadConversionError(where + field_errors.join(errors))
    return value
