"""Admission policies as people use them: applied from a file, seen in refusals and warnings, described, deleted."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import Result, Tool

PAGE = Path(__file__).parents[2] / "docs" / "admission-policies.md"
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]


@pytest.fixture
def in_force(kubectl: Tool, namespace: str, tmp_path: Path) -> Iterator[Path]:
    """The first example of the page, in this namespace."""
    file = tmp_path / "policies.yaml"
    file.write_text(EXAMPLE.replace("namespace: ns", f"namespace: {namespace}"))
    kubectl("label", "namespace", namespace, "stage=test")
    out = kubectl("apply", "-f", str(file)).out
    assert out.count(" created\n") == 3
    yield file
    kubectl("delete", "-f", str(file))


def _create(kubectl: Tool, replicas: int, *, code: int = 0) -> Result:
    words = ("create", "deployment", f"web{replicas}", "--image=registry.local/img:1", f"--replicas={replicas}")
    return kubectl(*words, code=code)


def test_a_refusal_is_told(kubectl: Tool, in_force: Path) -> None:
    refused = _create(kubectl, 3, code=1)
    assert "denied request: at most 2 replicas, not 3" in refused.err
    assert _create(kubectl, 2).out == "deployment.apps/web2 created\n"
    again = kubectl("apply", "-f", str(in_force)).out
    assert again.count(" unchanged\n") == 2  # rules that were completed are sent again as they were written
    scaled = kubectl("scale", "deployment", "web2", "--replicas=5")  # the rules do not name deployments/scale
    assert scaled.out == "deployment.apps/web2 scaled\n"


def test_a_warning_is_shown(kubectl: Tool, in_force: Path) -> None:
    patch = '{"spec":{"validationActions":["Warn"]}}'
    kubectl("patch", "validatingadmissionpolicybinding", "few-replicas-in-tests", "--type=merge", "-p", patch)
    made = _create(kubectl, 3)
    assert made.err.startswith("Warning: Validation failed for ValidatingAdmissionPolicy 'few-replicas' with binding ")


def test_what_looks_wrong_is_described(kubectl: Tool, in_force: Path) -> None:
    expression = '[{"op":"replace","path":"/spec/validations/0/expression","value":"object.spec.replicaz <= 2"}]'
    kubectl("patch", "validatingadmissionpolicy", "few-replicas", "--type=json", "-p", expression)
    end = time.monotonic() + 20
    while "undefined field 'replicaz'" not in (told := kubectl("describe", "validatingadmissionpolicy").out):
        assert time.monotonic() < end, told
    listed = kubectl("get", "validatingadmissionpolicies").out.splitlines()
    assert listed[0].split() == ["NAME", "VALIDATIONS", "PARAMKIND", "AGE"]
