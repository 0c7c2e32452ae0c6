"""What logs and audit lines show of Secrets and tokens: never a value, whatever somebody sends in their name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver import confidential

MARK = "hunter2-hunter2"
SECRET = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "type": "Opaque", "data": {"k": MARK}}
APPLIED = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(SECRET), "a": "b"}}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        pytest.param(
            "Secret", SECRET, {**SECRET, "data": {"k": "REDACTED"}}, id="secret"
        ),
        pytest.param(
            "Secret", {"stringData": {"k": MARK}, "dta": [MARK]}, {"stringData": {"k": "REDACTED"}, "dta": "REDACTED"},
            id="merge-patch",
        ),
        pytest.param(
            "Secret",
            [{"op": "add", "path": "/data/k", "value": MARK}, MARK],
            [{"op": "add", "path": "/data/k", "value": "REDACTED"}, "REDACTED"],
            id="json-patch",
        ),
        pytest.param("Secret", MARK, "REDACTED", id="text"),
        pytest.param(
            "Secret",
            {"metadata": APPLIED},
            {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "REDACTED", "a": "b"}}},
            id="last-applied",
        ),
        pytest.param(
            "Secret",
            {"kind": "PartialObjectMetadata", "metadata": APPLIED},
            {
                "kind": "PartialObjectMetadata",
                "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "REDACTED", "a": "b"}},
            },
            id="metadata-of-one",
        ),
        pytest.param(
            "Secret",
            {"kind": "Table", "rows": [{"cells": ["s", 1], "object": SECRET}]},
            {"kind": "Table", "rows": [{"cells": ["s", 1], "object": {**SECRET, "data": {"k": "REDACTED"}}}]},
            id="table",
        ),
        pytest.param(
            "TokenReview",
            {"kind": "TokenReview", "spec": {"token": MARK, "audiences": ["a"]}, "status": {"authenticated": True}},
            {"kind": "TokenReview", "spec": {"token": "REDACTED", "audiences": ["a"]}, "status": {"authenticated": True}},
            id="token-review",
        ),
        pytest.param(
            "TokenRequest",
            {"kind": "TokenRequest", "spec": {"audiences": ["a"]}, "status": {"token": MARK, "expirationTimestamp": "x"}},
            {
                "kind": "TokenRequest",
                "spec": {"audiences": ["a"]},
                "status": {"token": "REDACTED", "expirationTimestamp": "x"},
            },
            id="token-request",
        ),
        pytest.param("", SECRET, {**SECRET, "data": {"k": "REDACTED"}}, id="secret-elsewhere"),
        pytest.param("", {"kind": "ConfigMap", "data": {"k": "v"}}, {"kind": "ConfigMap", "data": {"k": "v"}}, id="other"),
        pytest.param("", [{"op": "add", "value": 1}], [{"op": "add", "value": 1}], id="other-patch"),
    ],
)  # fmt: skip
def test_what_is_shown(kind, value, shown):
    assert confidential.answered(value, kind) == shown if "rows" in value else confidential.sent(value, kind) == shown


@pytest.mark.parametrize("show", [confidential.sent, confidential.answered], ids=["sent", "answered"])
def test_the_callers_object_stays_as_it_is(show):
    before = json.dumps(SECRET)
    show(SECRET, "Secret")
    assert json.dumps(SECRET) == before


def test_lists_and_their_metadata():
    items = {"kind": "SecretList", "items": [SECRET, {**SECRET, "metadata": APPLIED}]}
    assert MARK not in json.dumps(confidential.answered(items, "Secret"))
    partial = {"kind": "PartialObjectMetadataList", "items": [{"kind": "PartialObjectMetadata", "metadata": APPLIED}]}
    assert MARK not in json.dumps(confidential.answered(partial, "Secret"))
    maps = {"kind": "ConfigMapList", "items": [{"data": {"k": "v"}}]}
    assert confidential.answered(maps, "") == maps


NAMES = st.sampled_from(
    ["data", "stringData", "spec", "items", "rows", "object", "status", "token", "value", "op", "x"]
)
VALUES = st.recursive(
    st.just(MARK),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(["Secret", "SecretList", "List", "ConfigMap", ""]))
def test_no_value_is_shown_wherever_it_is_put(value, claimed):
    if isinstance(value, dict) and claimed:
        value = {"kind": claimed, **value}
    if isinstance(value, list):  # of an operation the paths are shown
        value = [{k: v for k, v in each.items() if k != "op"} if isinstance(each, dict) else each for each in value]
    assert MARK not in json.dumps(confidential.sent(value, "Secret"))


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("token", True), ("access_token", True), ("clientSecret", True), ("Password", True), ("limit", False), ("watch", False)],
)  # fmt: skip
def test_query_values(name, hidden):
    assert (confidential.query_value(name, MARK) == "REDACTED") is hidden
