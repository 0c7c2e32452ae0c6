"""Every refusal the API can answer, as an exception that knows its `v1 Status`.

    ApiError  code, reason, message, details   one class: clients branch on `code` and `reason`, never on Python types

The constructors below are the only places that word a refusal; field errors live in `api/field_errors.py` and are
re-exported here. Nothing here may log or decide: whoever raises decides, whoever answers serializes.
May one retry? 409 Conflict after reading again; 410 after listing again; 429, 503, 504 after `retry_after` seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api.field_errors import (
    FieldError,
    FieldErrorType,
    duplicate,
    join,
    not_supported,
    required,
    too_long,
    too_many,
    type_invalid,
)
from podwright.api.field_errors import forbidden as forbidden_field
from podwright.api.field_errors import internal as internal_field
from podwright.api.field_errors import invalid as invalid_field
from podwright.api.field_errors import not_found as not_found_field
from podwright.api.quoting import quote

__all__ = [
    "ApiError", "FieldError", "FieldErrorType", "already_exists", "apply_conflict", "bad_request", "conflict",
    "duplicate", "expired", "forbidden", "forbidden_field", "gone", "internal", "internal_field", "invalid",
    "invalid_field", "join", "method_not_allowed", "method_not_supported", "no_such_resource", "not_acceptable",
    "not_found", "not_found_field", "not_supported", "other_uid", "required", "resource_version_too_large",
    "service_unavailable", "timeout", "too_large", "too_long", "too_many", "too_many_requests", "type_invalid",
    "unauthorized", "unsupported_media_type", "unsupported_patch_type",
]  # fmt: skip

JSON = dict[str, Any]
_CHANGED = "the object has been modified; please apply your changes to the latest version and try again"
# What a bare status code means when no Status came with it (a proxy, a web server in between).
_REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    406: "NotAcceptable", 409: "Conflict", 410: "Gone", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType",
    422: "Invalid", 429: "TooManyRequests", 431: "RequestHeaderFieldsTooLarge", 500: "InternalError",
    503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


class ApiError(Exception):
    """An answer that is a refusal. `retry_after` is in seconds; `continue_token` goes with an expired list."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: JSON | None = None,
        retry_after: int | None = None,
        continue_token: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retry_after = retry_after
        self.continue_token = continue_token

    def __repr__(self) -> str:
        return f"ApiError({self.code}, {self.reason!r}, {self.message!r})"

    def status(self) -> JSON:
        """Return the `v1 Status` object."""
        metadata: JSON = {"continue": self.continue_token} if self.continue_token else {}
        body: JSON = {"kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure"}
        if self.message:
            body["message"] = self.message
        if self.reason:
            body["reason"] = self.reason
        details = self.details
        if self.retry_after:
            details = {**(details or {}), "retryAfterSeconds": self.retry_after}
        if details is not None:
            body["details"] = details
        body["code"] = self.code
        return body

    @classmethod
    def from_status(cls, status: JSON) -> ApiError:
        """Read a `v1 Status` that a server answered (also one inside a watch's ERROR event)."""
        details: JSON | None = status.get("details")
        metadata: JSON = status.get("metadata") or {}
        return cls(
            int(status.get("code") or 500),
            str(status.get("reason") or ""),
            str(status.get("message") or ""),
            details=details,
            retry_after=(details or {}).get("retryAfterSeconds"),
            continue_token=str(metadata.get("continue") or ""),
        )

    @classmethod
    def from_code(cls, code: int, text: str = "") -> ApiError:
        """Make the best of an answer without a Status body."""
        return cls(code, _REASONS.get(code, ""), text or f"the server answered {code} without an explanation")


def not_found(qualified: str, name: str, *, group: str = "") -> ApiError:
    """404: no such object. `qualified` is `pods` or `deployments.apps`."""
    return _about(404, "NotFound", qualified, name, f"{_full(qualified, group)} {quote(name)} not found", group)


def no_such_resource() -> ApiError:
    """404: the path names no resource of a group-version that exists."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(qualified: str, name: str, *, group: str = "") -> ApiError:
    """409: the name is taken."""
    text = f"{_full(qualified, group)} {quote(name)} already exists"
    return _about(409, "AlreadyExists", qualified, name, text, group)


def conflict(qualified: str, name: str, why: str = _CHANGED, *, group: str = "") -> ApiError:
    """409: the object is not as the request assumes. Read it again and retry."""
    text = f"Operation cannot be fulfilled on {_full(qualified, group)} {quote(name)}: {why}"
    return _about(409, "Conflict", qualified, name, text, group)


def other_uid(qualified: str, namespace: str, name: str, *, wanted: str, present: str) -> ApiError:
    """409: the object of that name is not the one that is meant, as clients know it from the original's store."""
    return _precondition(qualified, namespace, name, f"UID in precondition: {wanted}, UID in object meta: {present}")


def other_revision(qualified: str, namespace: str, name: str, *, wanted: str, present: str) -> ApiError:
    """409: the object is not at the revision that is meant, where that was a precondition and no lost race."""
    why = f"ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {present}"
    return _precondition(qualified, namespace, name, why)


def _precondition(qualified: str, namespace: str, name: str, why: str) -> ApiError:
    path = "/".join(filter(None, (qualified.partition(".")[0], namespace, name)))
    where = f"StorageError: invalid object, Code: 4, Key: /registry/{path}, ResourceVersion: 0"
    return conflict(qualified, name, f"{where}, AdditionalErrorMsg: Precondition failed: {why}")


def apply_conflict(message: str, causes: Sequence[JSON]) -> ApiError:
    """409: other managers own fields of an apply. Each cause has reason FieldManagerConflict, message and field."""
    return ApiError(409, "Conflict", message, details={"causes": list(causes)})


def invalid(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """422: the object breaks rules; every one is listed."""
    qualified = f"{kind}.{group}" if group else kind
    text = f"{qualified} {quote(name)} is invalid"
    if errors:
        text += f": {join(errors)}"
    details = _details(kind, name, group)
    if errors:
        details["causes"] = [error.cause() for error in errors]
    return ApiError(422, "Invalid", text, details=details)


def bad_request(message: str) -> ApiError:
    """400: the request itself cannot be understood."""
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    """401: a credential was given and is not good."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(qualified: str, name: str, why: str, *, group: str = "", causes: Sequence[JSON] = ()) -> ApiError:
    """403. Without a resource (a bare path) `qualified` is empty, without an object `name` is."""
    subject = " ".join(part for part in (_full(qualified, group), quote(name) if name else "") if part)
    text = f"{subject} is forbidden: {why}" if subject else f"forbidden: {why}"
    error = _about(403, "Forbidden", qualified, name, text, group)
    if causes and error.details is not None:
        error.details["causes"] = list(causes)
    return error


def method_not_allowed() -> ApiError:
    """405: the resource has no such verb."""
    text = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", text, details={})


def method_not_supported(qualified: str, verb: str, *, group: str = "") -> ApiError:
    """405: objects of a kind that a client defined have no such verb here."""
    text = f'{verb} is not supported on resources of kind "{_full(qualified, group)}"'
    return _about(405, "MethodNotAllowed", qualified, "", text, group)


def not_acceptable(accepted: Sequence[str], *, transforming: bool = False) -> ApiError:
    """406: no type of the Accept header can be served; `transforming` when the type fits but its `as=` does not."""
    types = ", ".join(accepted)
    if transforming:
        return ApiError(406, "NotAcceptable", f"only the following media types are accepted: {types}")
    return ApiError(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {types}", details={})


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415: the body is of a type nobody reads here."""
    text = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return ApiError(415, "UnsupportedMediaType", text)


def unsupported_patch_type() -> ApiError:
    """415: a patch of a type that this resource does not know."""
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", details={})


def gone(message: str) -> ApiError:
    """410: what was asked for is no longer kept."""
    return ApiError(410, "Gone", message)


def expired(message: str, token: str = "") -> ApiError:
    """410: a resource version or continue token is too old. `token` continues the list inconsistently."""
    return ApiError(410, "Expired", message, continue_token=token)


def too_many_requests(message: str, seconds: int = 0, *, causes: Sequence[JSON] = ()) -> ApiError:
    """429: try again after `seconds`."""
    details: JSON | None = {"causes": list(causes)} if causes else None
    return ApiError(429, "TooManyRequests", message, details=details, retry_after=seconds or None)


def too_large(why: str) -> ApiError:
    """413: the body, or what it asks for, is over a limit."""
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: {why}")


def timeout(why: str, seconds: int = 0) -> ApiError:
    """504: it took too long. A write may have happened."""
    return ApiError(504, "Timeout", f"Timeout: {why}", retry_after=seconds or None)


def resource_version_too_large(wanted: int, current: int) -> ApiError:
    """504: the client has seen a newer state than this server; it catches up."""
    error = timeout(f"Too large resource version: {wanted}, current: {current}", 1)
    error.details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}
    return error


def service_unavailable(message: str, seconds: int = 0) -> ApiError:
    """503: not now."""
    return ApiError(503, "ServiceUnavailable", message, retry_after=seconds or None)


def internal(message: str) -> ApiError:
    """500: our own fault."""
    text = f"Internal error occurred: {message}"
    return ApiError(500, "InternalError", text, details={"causes": [{"message": message}]})


def _full(qualified: str, group: str) -> str:
    return f"{qualified}.{group}" if group and not qualified.endswith(f".{group}") else qualified


def _details(kind: str, name: str, group: str) -> JSON:
    pairs = (("name", name), ("group", group), ("kind", kind))
    return {key: value for key, value in pairs if value}


def _about(code: int, reason: str, qualified: str, name: str, text: str, group: str) -> ApiError:
    plural, _, in_name = qualified.partition(".")
    return ApiError(code, reason, text, details=_details(plural, name, group or in_name))
