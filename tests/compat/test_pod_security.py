"""Pod Security as people see it: warnings and refusals of the real kubectl, and of pw."""

from __future__ import annotations

from clients import Tool

ENFORCE, WARN = (f"pod-security.kubernetes.io/{mode}" for mode in ("enforce", "warn"))
POD = """
apiVersion: v1
kind: Pod
metadata: {name: wide}
spec: {hostPID: true, containers: [{name: c, image: i}]}
"""
WORDS = 'PodSecurity "baseline:latest": host namespaces (hostPID=true)'


def test_warnings_and_refusals_are_shown(tool: Tool, namespace: str) -> None:
    tool("label", "namespace", namespace, f"{WARN}=baseline")
    warned = tool("create", "-f", "-", stdin=POD)
    assert warned.out == "pod/wide created\n"
    assert f"Warning: would violate {WORDS}" in warned.err
    told = tool("label", "namespace", namespace, f"{ENFORCE}=baseline")
    assert f'Warning: existing pods in namespace "{namespace}" violate the new PodSecurity enforce level' in told.err
    assert "Warning: wide: host namespaces" in told.err
    refused = tool("create", "-f", "-", stdin=POD.replace("wide", "other"), code=1)
    assert f'pods "other" is forbidden: violates {WORDS}' in refused.err


def test_a_level_that_is_none_is_refused(tool: Tool, namespace: str) -> None:
    refused = tool("label", "namespace", namespace, f"{ENFORCE}=strict", code=1)
    assert 'Invalid value: "strict": must be one of privileged, baseline, restricted' in refused.err
