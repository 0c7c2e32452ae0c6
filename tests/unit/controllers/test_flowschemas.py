"""The one thing that is told of flow schemas: whether their priority level exists."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import NOW, at, patches

from podwright.controllers.actions import NOTHING
from podwright.controllers.flowschema import reconcile
from podwright.controllers.meta import Whole, whole


def schema(*conditions: dict[str, Any]) -> Whole:
    spec = {"priorityLevelConfiguration": {"name": "x"}}
    status = {"conditions": list(conditions)} if conditions else {}
    return whole({"metadata": {"name": "s", "uid": "S"}, "spec": spec, "status": status})


def told(status: str, reason: str, end: str, since: float = 0) -> dict[str, Any]:
    return {
        "type": "Dangling", "status": status, "reason": reason, "lastTransitionTime": at(since),
        "message": f'This FlowSchema references the PriorityLevelConfiguration object named "x" {end}',
    }  # fmt: skip


FOUND, MISSING = ("False", "Found", "and it exists"), ("True", "NotFound", "but there is no such object")


@pytest.mark.parametrize(("exists", "expected"), [(True, FOUND), (False, MISSING)], ids=["exists", "missing"])
def test_the_condition_says_whether_the_level_exists(exists: bool, expected: tuple[str, str, str]) -> None:
    other = MISSING if exists else FOUND
    for before in ([], [told(*other, since=-50)]):
        plan = reconcile(schema(*before), NOW, exists=exists)
        body = patches(plan, "flowschemas", "status")["s"]
        assert body == {
            "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema",
            "metadata": {"name": "s", "uid": "S"}, "status": {"conditions": [told(*expected)]},
        }  # fmt: skip
    assert reconcile(schema(told(*expected, since=-50)), NOW, exists=exists) == NOTHING


def test_one_that_goes_is_left_alone() -> None:
    assert reconcile(None, NOW, exists=False) == NOTHING
