"""The words for wrong values in what a strategic merge made."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.modeling.restoring import restore_problem
from podwright.api.resources import find
from podwright.api.schema import schema_of

POD = schema_of(find("pods").cls)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"nodeName": "n", "priority": 5, "hostNetwork": True, "nodeSelector": {"a": "b"}}, ""),
        ({"priority": None, "containers": [{"name": "c", "resources": {"limits": {"cpu": 1}}}]}, ""),
        ({"priority": 5.0}, ""),
        ({"nodeName": 5}, "cannot convert int64 to string"),
        ({"restartPolicy": 5}, "cannot convert int64 to v1.RestartPolicy"),
        ({"nodeName": True}, "unrecognized type: string"),
        ({"nodeName": 1.5}, "unrecognized type: string"),
        ({"nodeName": {}}, "unrecognized type: string"),
        ({"priority": "x"}, "unrecognized type: int32"),
        ({"priority": 1.5}, "cannot convert float64 to int32"),
        ({"activeDeadlineSeconds": [1]}, "unrecognized type: int64"),
        ({"hostNetwork": "yes"}, "unrecognized type: bool"),
        ({"hostNetwork": 1}, "unrecognized type: bool"),
        ({"containers": {"name": "x"}}, "cannot restore slice from map"),
        ({"containers": "x"}, "cannot restore slice from string"),
        ({"containers": ["x"]}, "cannot restore struct from: string"),
        ({"nodeSelector": "x"}, "cannot restore map from string"),
        ({"nodeSelector": {"a": 1}}, "cannot convert int64 to string"),
        ({"securityContext": []}, "cannot restore struct from: slice"),
    ],
)
def test_problems(spec: Any, problem: str) -> None:
    assert restore_problem(POD, {"spec": spec}) == problem
