"""The cluster's configuration file: written whole, read back the same, damage explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from podwright.deploy import config
from podwright.deploy.config import ConfigError, NodeEntry
from podwright.deploy.lab.subnets import choose


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    assert config.load(tmp_path) is None
    made = config.new(tmp_path, api_port=7000, store="sqlite", subnets=choose([]))
    made = made.replace(audit=config.AuditSettings(policy="/policy.yaml", log="/audit.log", max_files=3))
    made = made.replace(nodes={"node-1": NodeEntry(0), "node-2": NodeEntry(1, stopped=True)})
    config.save(made)
    assert config.load(tmp_path) == made
    assert (tmp_path / "config.json").stat().st_mode & 0o777 == 0o600
    assert (made.bootstrap_port, made.node_port) == (7001, 7002)
    assert made.lab.netns("node-2") == f"pw-{made.id}-node-2"
    assert len(made.lab.link("node-2")) <= 15


def test_the_id_follows_the_folder(tmp_path: Path) -> None:
    assert config.cluster_id(tmp_path / "a") == config.cluster_id(tmp_path / "b" / ".." / "a")
    assert config.cluster_id(tmp_path / "a") != config.cluster_id(tmp_path / "b")


@pytest.mark.parametrize("content", ["{", "{}", '{"nodes": {}, "subnets": 3}'])
def test_damage_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ConfigError, match="down --purge"):
        config.load(tmp_path)


def test_a_configuration_from_before_the_audit_log_is_read(tmp_path: Path) -> None:
    made = config.new(tmp_path, api_port=7000, store="sqlite", subnets=choose([]))
    config.save(made.replace(audit=config.AuditSettings(policy="/x", max_days=3)))
    document = json.loads((tmp_path / "config.json").read_text())
    del document["audit"]
    (tmp_path / "config.json").write_text(json.dumps(document))
    assert config.load(tmp_path) == made
    assert made.audit_log_file == tmp_path / "logs" / "audit.log"
    assert made.encryption_file == tmp_path / "encryption.json"
    assert made.replace(encryption_config="/y").encryption_file == Path("/y")
