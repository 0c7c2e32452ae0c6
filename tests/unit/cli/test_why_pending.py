"""What `describe` makes of the scheduler's own explanation."""

from __future__ import annotations

import json

import pytest

from podwright.cli.describing.explaining import EXPLAIN, why_pending


def event(detail, at="2026-01-01T00:00:00Z"):
    return {"metadata": {"annotations": {EXPLAIN: json.dumps(detail)}, "creationTimestamp": at}, "eventTime": at}


CASES = {
    "node by node": ({"nodes": {"b": ["x"], "a": ["y", "z"]}}, ["  a:\ty; z", "  b:\tx"]),
    "whatever the node": (
        {"nodes": {}, "everywhere": "claim c does not exist"},
        ["  every node:\tclaim c does not exist"],
    ),
    "a plan": (
        {"nodes": {"a": ["x"]}, "plan": "displaces ns/p on node a"},
        ["  a:\tx", "  plan:\tdisplaces ns/p on node a"],
    ),
    "more than is told": ({"nodes": {"a": ["x"]}, "omitted": 3}, ["  a:\tx", "  (and 3 more nodes)"]),
}


@pytest.mark.parametrize(("detail", "lines"), CASES.values(), ids=CASES)
def test_lines(detail, lines):
    assert why_pending({"spec": {}}, [event(detail)]) == ["Why Pending:", *lines]


def test_a_pod_on_a_node_is_not_pending():
    assert why_pending({"spec": {"nodeName": "a"}}, [event({"nodes": {"a": ["x"]}})]) == []


def test_what_another_scheduler_wrote_is_left_alone():
    assert why_pending({"spec": {}}, [event(["not", "ours"])]) == []
