"""`--at`: the past by revision, by time and by span, shown and compared with now."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from clients import Tool


def _revision(pw: Tool, name: str) -> str:
    return pw("get", "cm", name, "-o", "jsonpath={.metadata.resourceVersion}").out


def test_get_shows_what_was(pw: Tool) -> None:
    pw("create", "cm", "one", "--from-literal=a=1")
    then = _revision(pw, "one")
    time.sleep(1.1)
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    pw("patch", "cm", "one", "-p", '{"data":{"a":"2","b":"3"}}')
    assert json.loads(pw("get", "cm", "one", "--at", then, "-o", "jsonpath={.data}").out) == {"a": "1"}
    assert json.loads(pw("get", "cm", "one", "--at", moment, "-o", "jsonpath={.data}").out) == {"a": "1"}
    assert pw("get", "cm", "one", "--at", moment).out.split()[:5] == ["NAME", "DATA", "AGE", "one", "1"]
    pw("delete", "cm", "one")
    assert pw("get", "cm", "one", "--at", then, "-o", "name").out == "configmap/one\n"
    assert "NotFound" in pw("get", "cm", "one", code=1).err


def test_diff_shows_what_changed_since(pw: Tool) -> None:
    pw("create", "cm", "kept", "--from-literal=a=1")
    pw("create", "cm", "gone", "--from-literal=a=1")
    pw("create", "cm", "same", "--from-literal=a=1")
    then = _revision(pw, "same")
    pw("patch", "cm", "kept", "-p", '{"data":{"a":"2"}}')
    pw("delete", "cm", "gone")
    pw("create", "cm", "new", "--from-literal=a=1")
    lines = pw("diff", "cm", "--at", then, code=1).out.splitlines()
    assert f"--- {then}/configmap/kept" in lines
    assert "+++ now/configmap/kept" in lines
    at = lines.index("+++ now/configmap/kept")
    assert [line for line in lines[at:] if line.startswith(("-  a:", "+  a:"))][:2] == ['-  a: "1"', '+  a: "2"']
    assert f"--- {then}/configmap/gone" in lines
    assert "+++ now/configmap/new" in lines
    assert not [line for line in lines if "/configmap/same" in line]
    assert pw("diff", "cm", "same", "--at", then, code=0).out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["get", "cm", "--at", "soon"], "is no moment"),
        (["get", "cm", "--at", "-5m", "-w"], "cannot be followed"),
        (["get", "cm", "--at", "999999999"], "Too large resource version"),
        (["diff", "cm"], "give manifests with -f"),
        (["diff", "cm", "never", "--at", "-0s"], "was not there at"),
        (["get", "cm", "--at", "-99d"], "no longer kept"),
    ],
)
def test_moments_that_cannot_be_had(pw: Tool, arguments: list[str], words: str) -> None:
    refused = pw(*arguments, code=None)
    assert refused.code in {1, 2}
    assert words in refused.err
    assert "Traceback" not in refused.err
