"""AdmissionReview: what a webhook is asked, and what its answer says. Pure.

An answer is read with suspicion: whatever is not exactly what was asked for is an error of the webhook.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.hooks.failing import HookError
from podwright.apiserver.registry.decoding import MAX_DEPTH, too_deep

JSON = dict[str, Any]
_GROUP: Final = "admission.k8s.io"
_KIND: Final = "AdmissionReview"
_KNOWN: Final = ("v1", "v1beta1")
_TEXTS: Final = ("name", "group", "kind", "uid")
_CAUSE: Final = ("reason", "message", "field")
_LONGEST_WAIT: Final = 2**31


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a webhook answered. `patch` is a JSON patch."""

    allowed: bool
    result: JSON
    patch: list[JSON] = field(default_factory=list[JSON])
    warnings: tuple[str, ...] = ()
    annotations: dict[str, str] = field(default_factory=dict[str, str])


def version_of(versions: list[str]) -> str:
    """The version of the review to send. Raises HookError."""
    found = next((version for version in versions if version in _KNOWN), "")
    if not found:
        msg = "could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)"
        raise HookError(msg, 400)
    return found


def review_of(version: str, uid: str, request: JSON, obj: JSON | None, old: JSON | None) -> JSON:
    """The review to send."""
    asked = {"uid": uid, **request, "object": obj, "oldObject": old}
    return {"kind": _KIND, "apiVersion": f"{_GROUP}/{version}", "request": asked}


def verdict_of(version: str, uid: str, answer: JSON, *, mutating: bool) -> Verdict:
    """Read an answer. Raises HookError."""
    try:
        return _read(version, uid, answer, mutating=mutating)
    except HookError as error:
        msg = f"received invalid webhook response: {error}"
        raise HookError(msg) from error


def _read(version: str, uid: str, answer: JSON, *, mutating: bool) -> Verdict:
    response = answer.get("response")
    if response is None:
        raise HookError("webhook response was absent")
    if not isinstance(response, dict):
        raise HookError("the response is no object")
    strict = version == "v1"
    if strict and response.get("uid") != uid:
        said = response.get("uid") or ""
        msg = f'expected response.uid="{uid}", got "{said}"'
        raise HookError(msg)
    if strict:
        _check_type(answer)
    allowed = response.get("allowed")
    if not isinstance(allowed, bool | None):
        raise HookError("response.allowed is no boolean")
    return Verdict(
        allowed=bool(allowed),
        result=_mapping(response.get("status"), "response.status"),
        patch=_patch(response, strict=strict, mutating=mutating),
        warnings=_warnings(response.get("warnings")),
        annotations=_annotations(response.get("auditAnnotations")),
    )


def _check_type(answer: JSON) -> None:
    api_version, kind = answer.get("apiVersion") or "", answer.get("kind") or ""
    if (api_version, kind) != (f"{_GROUP}/v1", _KIND):
        got = f"{api_version if '/' in str(api_version) else f'/{api_version}'}, Kind={kind}"
        msg = f"expected webhook response of {_GROUP}/v1, Kind={_KIND}, got {got}"
        raise HookError(msg)


def _patch(response: JSON, *, strict: bool, mutating: bool) -> list[JSON]:
    given, kind = response.get("patch") or "", response.get("patchType")
    if not mutating:
        if strict and given:
            raise HookError("validating webhook may not return response.patch")
        if strict and kind is not None:
            raise HookError("validating webhook may not return response.patchType")
        return []
    if strict:
        if given and kind is None:
            raise HookError("webhook returned response.patch but not response.patchType")
        if not given and kind is not None:
            raise HookError("webhook returned response.patchType but not response.patch")
        if given and kind != "JSONPatch":
            msg = f'webhook returned invalid response.patchType of "{kind}"'
            raise HookError(msg)
    return _decoded(given) if given else []


def _decoded(given: Any) -> list[JSON]:
    try:
        patch = orjson.loads(base64.b64decode(given, validate=True))
    except (TypeError, binascii.Error, orjson.JSONDecodeError) as error:
        msg = f"received undecodable patch in webhook response: {error}"
        raise HookError(msg) from error
    if patch is None:
        return []
    if too_deep(patch, MAX_DEPTH):
        raise HookError("received undecodable patch in webhook response: exceeded max depth")
    if not isinstance(patch, list) or not all(isinstance(step, dict) for step in patch):
        raise HookError("received undecodable patch in webhook response: it is no list of operations")
    return patch


def _mapping(value: Any, path: str) -> JSON:
    if value is None:
        return {}
    if not isinstance(value, dict):
        msg = f"{path} is no object"
        raise HookError(msg)
    return value


def _warnings(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise HookError("response.warnings is no list of texts")
    return tuple(value)


def _annotations(value: Any) -> dict[str, str]:
    found = _mapping(value, "response.auditAnnotations")
    if not all(isinstance(text, str) for text in found.values()):
        raise HookError("response.auditAnnotations holds something other than texts")
    return found


def rejection(name: str, result: JSON) -> ApiError:
    """The refusal of a write that a webhook denied, with the code, reason and details that it gave."""
    code = result.get("code")
    code = code if isinstance(code, int) and 400 <= code < 600 else 400
    message, reason = str(result.get("message") or ""), str(result.get("reason") or "")
    denied = f'admission webhook "{name}" denied the request'
    text = f"{denied}: {message or reason}" if message or reason else f"{denied} without explanation"
    details = _details(result.get("details"))
    return ApiError(code, reason, text, details=details, retry_after=(details or {}).get("retryAfterSeconds"))


def _details(given: Any) -> JSON | None:
    """The details of a Status, as far as they are some."""
    if not isinstance(given, dict):
        return None
    found: JSON = {key: given[key] for key in _TEXTS if isinstance(given.get(key), str)}
    seconds = given.get("retryAfterSeconds")
    if isinstance(seconds, int) and 0 < seconds < _LONGEST_WAIT:
        found["retryAfterSeconds"] = seconds
    causes = given.get("causes")
    if isinstance(causes, list):
        shown = ({key: cause[key] for key in _CAUSE if isinstance(cause.get(key), str)} for cause in causes
                 if isinstance(cause, dict))  # fmt: skip
        found["causes"] = list(shown)
    return found
