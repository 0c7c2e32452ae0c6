"""What `podwright up` is asked for about the audit log, and what becomes of the cluster's settings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podwright.deploy.config import AuditSettings

NONE: Final = Path("none")
"""The policy that ends the audit log."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What `up` was asked for; None keeps what there is."""

    policy: Path | None = None
    log: Path | None = None
    max_megabytes: int | None = None
    max_files: int | None = None
    max_days: int | None = None


def changed(held: AuditSettings, asked: AuditOptions) -> AuditSettings:
    """The settings with what was asked for. Raises ConfigFileError for a policy that cannot be used."""
    given: dict[str, Any] = {
        field.name: value for field in dataclasses.fields(asked) if (value := getattr(asked, field.name)) is not None
    }
    if asked.log is not None:
        given["log"] = str(asked.log.resolve())
    if asked.policy is not None:
        given["policy"] = "" if asked.policy == NONE else _checked(asked.policy)
    return dataclasses.replace(held, **given)


def _checked(policy: Path) -> str:
    """The file's full name, if it can be used: a control plane that does not start says so in its log only."""
    from podwright.apiserver.audit.policy import read_policy

    read_policy(policy)
    return str(policy.resolve())
