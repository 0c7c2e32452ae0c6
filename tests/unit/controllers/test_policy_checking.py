"""What is told of a validating policy, and when."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import patches

from podwright.api.cel.policy_types import Kind
from podwright.api.resources import find
from podwright.api.schema import schema_of
from podwright.controllers.actions import NOTHING
from podwright.controllers.meta import Whole, whole
from podwright.controllers.policy_checking import Kinds, reconcile

KINDS = Kinds((Kind("", "v1", "ConfigMap", schema_of(find("configmaps").cls)),))


def policy(expression: str, **status: Any) -> Whole:
    metadata = {"name": "p", "uid": "P", "generation": 2}
    return whole({"metadata": metadata, "spec": {"validations": [{"expression": expression}]}, "status": status})


@pytest.mark.parametrize(
    ("expression", "fields"),
    [("has(object.data)", []), ("object.nope", ["spec.validations[0].expression"])],
    ids=["good", "wrong"],
)
def test_what_was_found_is_told_once_for_each_generation(expression: str, fields: list[str]) -> None:
    for before in ({}, {"observedGeneration": 1, "typeChecking": {}}):
        body = patches(reconcile(policy(expression, **before), KINDS), "validatingadmissionpolicies", "status")["p"]
        assert body["metadata"] == {"name": "p", "uid": "P"}
        assert body["status"]["observedGeneration"] == 2
        found = body["status"]["typeChecking"].get("expressionWarnings") or []
        assert [warning["fieldRef"] for warning in found] == fields
    assert reconcile(policy(expression, observedGeneration=2, typeChecking={}), KINDS) == NOTHING
    assert reconcile(policy(expression, observedGeneration=2), KINDS) != NOTHING


def test_one_that_goes_is_left_alone() -> None:
    assert reconcile(None, KINDS) == NOTHING
