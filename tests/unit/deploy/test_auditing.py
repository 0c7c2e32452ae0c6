"""The audit log's settings: what was asked for counts, what was not stays, and a bad policy is refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.apiserver.config_file import ConfigFileError
from podwright.deploy.auditing import NONE, AuditOptions, changed
from podwright.deploy.config import AuditSettings

HELD = AuditSettings(policy="/old.yaml", log="/old.log", max_megabytes=7, max_files=0, max_days=9)


def test_what_was_not_asked_for_stays() -> None:
    assert changed(HELD, AuditOptions()) == HELD


def test_what_was_asked_for_counts(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: Metadata}]\n")
    asked = AuditOptions(policy, tmp_path / "x" / ".." / "a.log", 1, 2, 0)
    assert changed(HELD, asked) == AuditSettings(str(policy), str(tmp_path / "a.log"), 1, 2, 0)


def test_none_ends_it() -> None:
    assert changed(HELD, AuditOptions(policy=NONE)).policy == ""


def test_a_policy_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: Everything}]\n")
    with pytest.raises(ConfigFileError, match=r"policy\.yaml: rules\[0\]\.level: Unsupported value"):
        changed(HELD, AuditOptions(policy=policy))
