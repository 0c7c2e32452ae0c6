"""What one node's agent is told: a JSON file written by whoever set the node up, read once at start."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """All settings. Addresses are host:port; `capacity` overrides what the host shows (cpu, memory, pods)."""

    cluster_id: str
    node_name: str
    node_ip: str
    state_dir: Path
    images_dir: Path
    cgroup_root: str  # relative to each controller's mount point
    gateway: str
    bootstrap: str
    ca_file: Path
    token: str
    server_name: str = ""
    """The name that the control plane's certificate must have; "" for the address that is dialled."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    capacity: Mapping[str, str] = field(default_factory=dict[str, str])
    heartbeat_seconds: float = 2.0
    resolv_conf: Path = Path("/etc/resolv.conf")
    conmon: str = "/usr/bin/conmon"


_PATHS = ("state_dir", "images_dir", "ca_file", "resolv_conf")


def parse(data: Mapping[str, Any]) -> AgentConfig:
    """Read settings from JSON. Raises ConfigError."""
    known = {f.name for f in dataclasses.fields(AgentConfig)}
    unknown = sorted(set(data) - known)
    if unknown:
        msg = f"unknown settings: {', '.join(unknown)}"
        raise ConfigError(msg)
    values: dict[str, Any] = {key: Path(value) if key in _PATHS else value for key, value in data.items()}
    try:
        return AgentConfig(**values)
    except TypeError as e:
        msg = f"missing settings: {e}"
        raise ConfigError(msg) from e


def load(path: Path) -> AgentConfig:
    """Read the file. Raises ConfigError."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as e:
        msg = f"cannot read {path}: {e}"
        raise ConfigError(msg) from e
    if not isinstance(data, dict):
        msg = f"cannot read {path}: it holds no JSON object"
        raise ConfigError(msg)
    return parse(data)


def dump(config: AgentConfig) -> str:
    """Write settings as the JSON that `load` reads."""
    values = dataclasses.asdict(config)
    return json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in values.items()}, indent=1)
