"""What one cluster on this machine is: `<data>/config.json`, written by `up`, read by every process of the cluster."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podwright.deploy.lab.network import LabNetwork
from podwright.deploy.lab.subnets import Subnets

DEFAULT_DATA_DIR = Path("/var/lib/podwright")
SERVICE_CIDR = "10.96.0.0/16"


class ConfigError(Exception):
    """The data folder holds no usable configuration. The message says what to do."""


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """One node of the lab. `stopped`: switched off by the user, to stay so until started."""

    index: int
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """What is recorded of requests, and where. No policy: nothing. No log: the one beside the other logs."""

    policy: str = ""
    log: str = ""
    max_megabytes: int = 100
    max_files: int = 10
    max_days: int = 0


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """Everything the cluster's processes must agree on. Ports: API, bootstrap gRPC (+1), node gRPC (+2)."""

    data_dir: str
    id: str
    api_port: int
    store: str
    subnets: Subnets
    join_token: str
    token_auth_file: str = ""
    encryption_config: str = ""
    """The user's EncryptionConfiguration; "" for the cluster's own."""
    pod_security_file: str = ""
    authentication_file: str = ""
    """The user's AuthenticationConfiguration; "" for none."""
    audit: AuditSettings = AuditSettings()
    nodes: dict[str, NodeEntry] = field(default_factory=dict[str, NodeEntry])

    @property
    def data(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)

    @property
    def bootstrap_port(self) -> int:
        """Where nodes join."""
        return self.api_port + 1

    @property
    def node_port(self) -> int:
        """Where joined nodes connect."""
        return self.api_port + 2

    @property
    def lab(self) -> LabNetwork:
        """The network its nodes live in."""
        return LabNetwork(self.id, self.subnets, {name: node.index for name, node in self.nodes.items()})

    @property
    def cgroup_root(self) -> str:
        """The cgroup below which everything of this cluster runs, relative to each controller's mount."""
        return f"podwright/{self.id}"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.data / "admin.kubeconfig"

    @property
    def audit_log_file(self) -> Path:
        """Where audit lines go, if there is a policy."""
        return Path(self.audit.log) if self.audit.log else self.data / "logs" / "audit.log"

    @property
    def encryption_file(self) -> Path:
        """What says how Secrets are sealed in the store."""
        return Path(self.encryption_config) if self.encryption_config else self.data / "encryption.json"

    def node_dir(self, node: str) -> Path:
        """One agent's state."""
        return self.data / "nodes" / node

    def replace(self, **changes: Any) -> ClusterConfig:
        """A changed copy."""
        return dataclasses.replace(self, **changes)


def cluster_id(data_dir: Path) -> str:
    """Six hexadecimal digits that name this cluster's things on the host; the same for the same folder."""
    return hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:6]


def new(data_dir: Path, *, api_port: int, store: str, subnets: Subnets) -> ClusterConfig:
    """A fresh configuration without nodes."""
    data_dir = data_dir.resolve()
    return ClusterConfig(str(data_dir), cluster_id(data_dir), api_port, store, subnets, secrets.token_urlsafe(24))


def load(data_dir: Path) -> ClusterConfig | None:
    """The configuration of a data folder; None when there is none. Raises ConfigError for a damaged one."""
    path = data_dir / "config.json"
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        data["nodes"] = {name: NodeEntry(**entry) for name, entry in data["nodes"].items()}
        data["subnets"] = Subnets(**data["subnets"])
        data["audit"] = AuditSettings(**data.get("audit", {}))
        return ClusterConfig(**data)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as e:
        msg = f"cannot read {path}: {e}; `podwright down --purge --data-dir {data_dir}` removes what is left of it"
        raise ConfigError(msg) from e


def save(config: ClusterConfig) -> None:
    """Write it in one step, readable by root alone: it holds the join token."""
    path = config.data / "config.json"
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new_path = path.with_name("config.json.new")
    fd = os.open(new_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump(dataclasses.asdict(config), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new_path.rename(path)
