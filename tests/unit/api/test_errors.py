"""Refusals and how they are worded."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api import errors, field_errors
from podwright.api.errors import ApiError
from podwright.api.quoting import quote, show, shown

HEAD = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (
            errors.not_found("deployments.apps", "nope"),
            {"message": 'deployments.apps "nope" not found', "reason": "NotFound",
             "details": {"name": "nope", "group": "apps", "kind": "deployments"}, "code": 404},
        ),
        (
            errors.not_found("deployments", "nope", group="apps"),
            {"message": 'deployments.apps "nope" not found', "reason": "NotFound",
             "details": {"name": "nope", "group": "apps", "kind": "deployments"}, "code": 404},
        ),
        (
            errors.already_exists("pods", "p"),
            {"message": 'pods "p" already exists', "reason": "AlreadyExists",
             "details": {"name": "p", "kind": "pods"}, "code": 409},
        ),
        (
            errors.conflict("configmaps", "own"),
            {"message": 'Operation cannot be fulfilled on configmaps "own": the object has been modified; please apply'
                        " your changes to the latest version and try again",
             "reason": "Conflict", "details": {"name": "own", "kind": "configmaps"}, "code": 409},
        ),
        (
            errors.forbidden("pods", "", 'User "u" cannot list resource "pods" in API group "" at the cluster scope'),
            {"message": 'pods is forbidden: User "u" cannot list resource "pods" in API group "" at the cluster scope',
             "reason": "Forbidden", "details": {"kind": "pods"}, "code": 403},
        ),
        (
            errors.forbidden("", "", 'User "u" cannot get path "/"'),
            {"message": 'forbidden: User "u" cannot get path "/"', "reason": "Forbidden", "details": {}, "code": 403},
        ),
        (errors.unauthorized(), {"message": "Unauthorized", "reason": "Unauthorized", "code": 401}),
        (
            errors.other_uid("deployments.apps", "ns", "d", wanted="a", present="b"),
            {"message": 'Operation cannot be fulfilled on deployments.apps "d": StorageError: invalid object, Code: 4, '
             "Key: /registry/deployments/ns/d, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
             "UID in precondition: a, UID in object meta: b",
             "reason": "Conflict", "details": {"name": "d", "group": "apps", "kind": "deployments"}, "code": 409},
        ),
        (errors.bad_request("no"), {"message": "no", "reason": "BadRequest", "code": 400}),
        (
            errors.method_not_allowed(),
            {"message": "the server does not allow this method on the requested resource",
             "reason": "MethodNotAllowed", "details": {}, "code": 405},
        ),
        (
            errors.no_such_resource(),
            {"message": "the server could not find the requested resource", "reason": "NotFound", "details": {},
             "code": 404},
        ),
        (
            errors.not_acceptable(["a/b", "c/d"]),
            {"message": "406: Not Acceptable\n\nAvailable representations: a/b, c/d", "reason": "NotAcceptable",
             "details": {}, "code": 406},
        ),
        (
            errors.not_acceptable(["a/b"], transforming=True),
            {"message": "only the following media types are accepted: a/b", "reason": "NotAcceptable", "code": 406},
        ),
        (
            errors.unsupported_media_type(["a/b"]),
            {"message": "the body of the request was in an unknown format - accepted media types include: a/b",
             "reason": "UnsupportedMediaType", "code": 415},
        ),
        (
            errors.unsupported_patch_type(),
            {"message": "415: Unsupported Media Type", "reason": "UnsupportedMediaType", "details": {}, "code": 415},
        ),
        (errors.gone("old"), {"message": "old", "reason": "Gone", "code": 410}),
        (
            errors.too_many_requests("slow down", 3),
            {"message": "slow down", "reason": "TooManyRequests", "details": {"retryAfterSeconds": 3}, "code": 429},
        ),
        (
            errors.too_large("limit is 3145728"),
            {"message": "Request entity too large: limit is 3145728", "reason": "RequestEntityTooLarge", "code": 413},
        ),
        (
            errors.resource_version_too_large(9, 5),
            {"message": "Timeout: Too large resource version: 9, current: 5", "reason": "Timeout",
             "details": {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                         "retryAfterSeconds": 1},
             "code": 504},
        ),
        (errors.timeout("slow"), {"message": "Timeout: slow", "reason": "Timeout", "code": 504}),
        (
            errors.service_unavailable("starting", 1),
            {"message": "starting", "reason": "ServiceUnavailable", "details": {"retryAfterSeconds": 1}, "code": 503},
        ),
        (
            errors.internal("disk"),
            {"message": "Internal error occurred: disk", "reason": "InternalError",
             "details": {"causes": [{"message": "disk"}]}, "code": 500},
        ),
        (
            errors.apply_conflict("Apply failed", [{"reason": "FieldManagerConflict", "message": "m", "field": ".a"}]),
            {"message": "Apply failed", "reason": "Conflict",
             "details": {"causes": [{"reason": "FieldManagerConflict", "message": "m", "field": ".a"}]}, "code": 409},
        ),
    ],
    ids=lambda value: value.reason if isinstance(value, ApiError) else "",
)  # fmt: skip
def test_status(error: ApiError, body: dict[str, Any]) -> None:
    assert error.status() == {**HEAD, **body}
    assert ApiError.from_status(error.status()).status() == error.status()


def test_expired_carries_a_token() -> None:
    error = errors.expired("too old", "token")
    assert error.status()["metadata"] == {"continue": "token"}
    assert ApiError.from_status(error.status()).continue_token == "token"


def test_one_field_error_stands_bare() -> None:
    error = errors.invalid("", "ConfigMap", "", [field_errors.required("metadata.name", "name is required")])
    assert error.status() == {
        **HEAD,
        "message": 'ConfigMap "" is invalid: metadata.name: Required value: name is required',
        "reason": "Invalid",
        "details": {
            "kind": "ConfigMap",
            "causes": [
                {
                    "reason": "FieldValueRequired",
                    "message": "Required value: name is required",
                    "field": "metadata.name",
                }
            ],
        },
        "code": 422,
    }


def test_several_field_errors_are_listed_and_repeated_ones_worded_once() -> None:
    first = field_errors.invalid("spec.replicas", -1, "must be greater than or equal to 0")
    second = field_errors.duplicate("spec.containers[1].name", "c")
    error = errors.invalid("apps", "Deployment", "d", [first, second, first])
    assert error.message == (
        'Deployment.apps "d" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0,'
        ' spec.containers[1].name: Duplicate value: "c"]'
    )
    assert error.details is not None
    assert len(error.details["causes"]) == 3


@pytest.mark.parametrize(
    ("error", "text", "reason"),
    [
        (field_errors.required("a"), "a: Required value", "FieldValueRequired"),
        (field_errors.invalid("a", "x\x00", "no"), 'a: Invalid value: "x\\x00": no', "FieldValueInvalid"),
        (field_errors.invalid("a", None, "no"), "a: Invalid value: null: no", "FieldValueInvalid"),
        (field_errors.invalid("a", {"z": 1, "b": ["c"]}, "no"), 'a: Invalid value: {"b":["c"],"z":1}: no',
         "FieldValueInvalid"),
        (field_errors.not_supported("a", "X", ["B", "A"]), 'a: Unsupported value: "X": supported values: "B", "A"',
         "FieldValueNotSupported"),
        (field_errors.not_supported("a", ["X"], []), 'a: Unsupported value: ["X"]', "FieldValueNotSupported"),
        (field_errors.forbidden("a", "not now"), "a: Forbidden: not now", "FieldValueForbidden"),
        (field_errors.too_long("a", "x", 5), "a: Too long: may not be more than 5 bytes", "FieldValueTooLong"),
        (field_errors.too_many("a", 3, 2), "a: Too many: 3: must have at most 2 items", "FieldValueTooMany"),
        (field_errors.not_found("a", "v"), 'a: Not found: "v"', "FieldValueNotFound"),
        (field_errors.internal("a", "oops"), "a: Internal error: oops", "InternalError"),
        (field_errors.type_invalid("a", "string", "in body"), 'a: Invalid value: "string": in body',
         "FieldValueTypeInvalid"),
        (field_errors.invalid("", 1, "no"), "<nil>: Invalid value: 1: no", "FieldValueInvalid"),
    ],
)  # fmt: skip
def test_field_errors(error: field_errors.FieldError, text: str, reason: str) -> None:
    assert error.text() == text
    assert error.cause()["reason"] == reason


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", '"a"'), ('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("\n\t\x01", '"\\n\\t\\x01"'), ("ä", '"ä"'),
        ("\u200b", '"\\u200b"'), ("\U000e0001", '"\\U000e0001"'), ("\x7f", '"\\x7f"'), ("", '""'),
    ],
)  # fmt: skip
def test_quote(text: str, wanted: str) -> None:
    assert quote(text) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, "true"), (1.0, "1"), (1.5, "1.5"), (None, "null"), ([], "[]"), (["ä"], '["ä"]'), ("a<b", '"a<b"'),
        ({"b": "<&>", "a": "\u2028"}, r'{"a":"\u2028","b":"\u003c\u0026\u003e"}'),
    ],
)  # fmt: skip
def test_show(value: object, wanted: str) -> None:
    assert show(value) == wanted


@pytest.mark.parametrize(("code", "reason"), [(404, "NotFound"), (502, ""), (504, "Timeout")])
def test_an_answer_without_a_status(code: int, reason: str) -> None:
    error = ApiError.from_code(code, "")
    assert (error.code, error.reason) == (code, reason)
    assert str(code) in error.message


def test_documents_within_sentences() -> None:
    assert shown({"b": [1, True, None], "a": {"x": "y"}}) == "map[a:map[x:y] b:[1 true <nil>]]"
