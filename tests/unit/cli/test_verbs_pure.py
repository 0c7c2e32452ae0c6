"""The decisions of single verbs: switches, taints, draining, where a field stands in a manifest."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.cli import blaming, errors, flags
from podwright.cli.cmd_delete import delete
from podwright.cli.cmd_drain import to_evict
from podwright.cli.cmd_get import get
from podwright.cli.cmd_taint import changed, split
from podwright.cli.errors import CliError
from podwright.cli.manifests import parse
from podwright.cli.output import tables

JSON = dict[str, Any]


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (["x", "--wait=false"], ["x", "--no-wait"]),
        (["x", "--wait=true"], ["x", "--wait"]),
        (["--all=false", "--force=true"], ["--force"]),
        (["--cascade=orphan"], ["--cascade=orphan"]),
        (["--wait=perhaps"], ["--wait=perhaps"]),
        (["--", "--wait=false"], ["--", "--wait=false"]),
    ],
)
def test_switches_with_values(given: list[str], plain: list[str]) -> None:
    assert flags.plain(delete, given) == plain


def test_short_switches_with_values() -> None:
    assert flags.plain(get, ["-w=false", "pods", "-A=true"]) == ["pods", "-A"]


SLOW = {"key": "disk", "value": "slow", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("words", "named", "added", "removed"),
    [
        (["node", "n", "disk=slow:NoSchedule"], ["node", "n"], [SLOW], []),
        (["node", "n", "disk:NoExecute"], ["node", "n"], [{"key": "disk", "effect": "NoExecute"}], []),
        (["node/n", "disk-", "a:NoSchedule-"], ["node/n"], [], [("disk", ""), ("a", "NoSchedule")]),
    ],
)
def test_taint_words(words: list[str], named: list[str], added: list[JSON], removed: list[tuple[str, str]]) -> None:
    assert split(words) == (named, added, removed)


@pytest.mark.parametrize("words", [["node", "n"], ["node", "n", "a=b:Sometimes"], ["node", "n", "a:Nope-"]])
def test_bad_taints(words: list[str]) -> None:
    with pytest.raises(CliError):
        split(words)


def test_taints_of_a_node() -> None:
    other = {"key": "disk", "effect": "NoExecute"}
    fast = {**SLOW, "value": "fast"}

    assert changed("n", [other], [SLOW], [], overwrite=False) == [other, SLOW]
    assert changed("n", [SLOW, other], [], [("disk", "")], overwrite=False) == []
    assert changed("n", [SLOW, other], [], [("disk", "NoExecute")], overwrite=False) == [SLOW]
    assert changed("n", [SLOW], [SLOW], [], overwrite=False) == [SLOW]
    assert changed("n", [SLOW], [fast], [], overwrite=True) == [fast]
    with pytest.raises(CliError, match="overwrite"):
        changed("n", [SLOW], [fast], [], overwrite=False)
    with pytest.raises(CliError, match="not found"):
        changed("n", [], [], [("disk", "")], overwrite=False)


def pod(name: str, *, owner: str = "", phase: str = "Running", empty_dir: bool = False) -> JSON:
    owners = [{"kind": owner, "controller": True}] if owner else []
    volumes: list[JSON] = [{"name": "e", "emptyDir": {}}] if empty_dir else []
    metadata = {"name": name, "namespace": "ns", "ownerReferences": owners}
    return {"metadata": metadata, "spec": {"volumes": volumes}, "status": {"phase": phase}}


NOTHING = {"unmanaged": False, "daemonset": False, "emptydir": False}


@pytest.mark.parametrize(
    ("found", "allowed", "leaving"),
    [
        (pod("a", owner="ReplicaSet"), "", ["a"]),
        (pod("a"), "", "--force"),
        (pod("a"), "unmanaged", ["a"]),
        (pod("a", phase="Succeeded", empty_dir=True), "", ["a"]),
        (pod("a", owner="DaemonSet"), "", "--ignore-daemonsets"),
        (pod("a", owner="DaemonSet"), "daemonset", []),
        (pod("a", owner="ReplicaSet", empty_dir=True), "", "--delete-emptydir-data"),
        (pod("a", owner="ReplicaSet", empty_dir=True), "emptydir", ["a"]),
    ],
)
def test_who_leaves_a_node(found: JSON, allowed: str, leaving: list[str] | str) -> None:
    allowances = {**NOTHING, **({allowed: True} if allowed else {})}
    if isinstance(leaving, str):
        with pytest.raises(CliError, match=leaving):
            to_evict("node", [found], allowances)
    else:
        assert [p["metadata"]["name"] for p in to_evict("node", [found], allowances)] == leaving


MANIFEST = b"""# a comment
apiVersion: v1
kind: Pod
metadata:
  name: x
  labels: {a.b/c: d}
spec:
  containers:
    - name: one
    - name: two
      ports:
        - containerPort: 70000
"""


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("metadata.name", 5),
        ("metadata.labels.a.b/c", 6),
        ("spec.containers[1].ports[0].containerPort", 12),
        ("spec.containers[0].image", 9),
        ("spec.containers[7].image", 8),
        ("spec.nope.deeper", 7),
        ("status", 2),
        ("", 2),
    ],
)
def test_where_a_field_stands(field: str, line: int) -> None:
    [document] = parse(MANIFEST, "x.yaml")
    assert document.line_of(field) == line


def test_a_refusal_names_lines() -> None:
    [document] = parse(MANIFEST, "x.yaml")
    causes = [{"field": "spec.containers[0].image", "message": "Required value"}] * 2
    invalid = ApiError(422, "Invalid", "no", details={"kind": "Pod", "name": "x", "causes": causes})
    unreadable = ApiError(400, "BadRequest", "no")
    document.data["spec"]["containers"][0]["imagee"] = "a"

    said = blaming.text(invalid, "creating", document, find("pods"))
    assert (
        said == 'The Pod "x" is invalid: spec.containers[0].image: Required value\n  x.yaml:9: spec.containers[0].image'
    )
    said = blaming.text(unreadable, "creating", document, find("pods"))
    assert said.splitlines()[1:] == ["  x.yaml:9: spec.containers[0].imagee"]
    assert "\n" not in blaming.text(ApiError(409, "Conflict", "no"), "creating", document, find("pods"))
    assert blaming.text(CliError("no"), "creating", document, None) == "error: no"


def test_a_refused_patch_does_not_repeat_the_object() -> None:
    message = 'Invalid value: "{\\"a\\":\\"b\\"}": json: cannot unmarshal string'
    error = ApiError(422, "Invalid", "x", details={"causes": [{"field": "patch", "message": message}]})

    assert errors.text(error) == "Error from server (Invalid): json: cannot unmarshal string"


def test_a_table_for_a_terminal_is_as_wide_as_it_has_to_be() -> None:
    from rich.console import Console

    console = Console(width=10, record=True, file=io.StringIO())
    table = tables.rich_table(["NAME", "STATUS"], [["a-very-long-name", "Running"]])
    console.print(table, width=table.width, crop=False, soft_wrap=True)

    assert console.export_text().splitlines() == ["NAME               STATUS ", "a-very-long-name   Running"]


def test_ages_grow_while_nothing_happens() -> None:
    from podwright.cli.watching import _aged

    layout = tables.Layout([{"name": "Name"}, {"name": "Age"}])
    row = {"cells": ["x", "1s"], "object": {"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}}
    now = dt.datetime(2026, 1, 1, 0, 5, tzinfo=dt.UTC)

    assert _aged(layout, row, now) == ["x", "5m"]
    assert _aged(layout, {**row, "object": None}, now) == ["x", "1s"]
