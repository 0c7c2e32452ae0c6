"""System call filters."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.agent.runtime import capabilities, seccomp


def allowed(profile: dict[str, Any]) -> set[str]:
    rules = [rule for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" and "args" not in rule]
    return {name for rule in rules for name in rule["names"]}


def test_usual_rights_reach_no_dangerous_call() -> None:
    profile = seccomp.default_profile(capabilities.DEFAULT, "x86_64")
    names = allowed(profile)
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {"read", "openat", "execve", "futex", "epoll_wait", "chroot", "rseq", "statx"} <= names
    assert not names & {"mount", "unshare", "setns", "bpf", "keyctl", "io_uring_setup", "reboot", "init_module"}
    assert not names & {"clone", "clone3", "socket", "personality"}, "only with conditions"
    conditional = {rule["names"][0] for rule in profile["syscalls"] if "args" in rule}
    assert conditional == {"clone", "socket", "personality"}


def test_a_capability_brings_its_calls() -> None:
    names = allowed(seccomp.default_profile({"CAP_SYS_ADMIN", "CAP_SYS_TIME"}, "x86_64"))
    assert {"mount", "unshare", "clone", "clone3", "clock_settime"} <= names
    assert not names & {"chroot", "init_module"}


def test_names_are_not_repeated() -> None:
    for granted in (frozenset[str](), frozenset(capabilities.ALL)):
        names = seccomp.default_profile(granted, "aarch64")["syscalls"][0]["names"]
        assert len(names) == len(set(names))


def test_profile_file_is_reduced_to_what_runtimes_know() -> None:
    document = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "archMap": [{}],
        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": None, "comment": "x", "includes": {}}],
    }
    assert seccomp.from_file(document) == {
        "defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}],
    }
    with pytest.raises(ValueError, match="cannot read seccomp profile"):
        seccomp.from_file({"syscalls": []})
