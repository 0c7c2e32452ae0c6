"""`pw cluster certs`: what is shown of certificates, and that asking for new ones makes new ones."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from podwright.agent.link.make_key import make
from podwright.cli.cmd_cluster import cluster
from podwright.deploy import cluster as deploying
from podwright.deploy import config as configuration
from podwright.deploy.config import ClusterConfig, NodeEntry
from podwright.deploy.lab.subnets import choose
from podwright.deploy.pki import CA_LIFE, Authority, server_names


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterConfig:
    """A cluster that is down, with a node that has joined and one that has not."""
    monkeypatch.setattr(deploying.os, "geteuid", lambda: 0)
    config = configuration.new(tmp_path, api_port=6443, store="sqlite", subnets=choose([]))
    config = config.replace(nodes={"node-1": NodeEntry(0), "node-2": NodeEntry(1)})
    configuration.save(config)
    return config


def issue(config: ClusterConfig, now: dt.datetime) -> Authority:
    authority = Authority(config.data / "pki", lambda: now)
    authority.server(server_names("192.0.2.1"))
    authority.client("admin", "admin", ["system:masters"])
    authority.front_proxy()
    folder = config.node_dir("node-1") / "identity"
    folder.mkdir(parents=True)
    (folder / "node.crt").write_bytes(authority.sign_node("node-1", make("node-1", folder / "node.key")))
    return authority


def run(config: ClusterConfig, *words: str) -> str:
    done = CliRunner().invoke(cluster, ["certs", *words, "--data-dir", config.data_dir], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_certificate_is_shown(made: ClusterConfig) -> None:
    issue(made, dt.datetime.now(dt.UTC))
    found = {each["name"]: each for each in json.loads(run(made, "-o", "json"))["items"]}
    assert list(found) == ["ca", "admin", "apiserver", "front-proxy-ca", "front-proxy-client", "node-1"]
    assert found["ca"]["renewedBy"] == "nobody"
    assert found["ca"]["renews"] is None
    assert found["front-proxy-ca"]["renewedBy"] == "nobody"
    assert found["admin"]["subject"] == "CN=admin,O=system:masters"
    assert found["admin"]["daysLeft"] == 364
    assert found["node-1"]["renewedBy"] == "agent of node-1"
    assert found["node-1"]["issuer"] == "CN=podwright-ca"
    assert {"192.0.2.1", "kubernetes.default.svc"} <= set(found["apiserver"]["subjectAlternativeNames"])
    assert found["apiserver"]["renews"] < found["apiserver"]["expires"]
    table = run(made)
    assert "RENEWED BY" in table
    assert "PRIVATE" not in table
    assert "Warning" not in table


def test_a_ca_near_its_end_is_warned_of(made: ClusterConfig) -> None:
    issue(made, dt.datetime.now(dt.UTC) - CA_LIFE + dt.timedelta(days=30, hours=1))
    assert "Warning: the cluster's CA ends in 30 days" in run(made)


def test_certificates_of_a_cluster_that_is_down_are_made_anew_when_it_comes_up(made: ClusterConfig) -> None:
    authority = issue(made, dt.datetime.now(dt.UTC))
    before = authority.client("admin", "admin", ["system:masters"])
    assert "made anew by `up`" in CliRunner().invoke(cluster, ["certs", "renew", "--data-dir", made.data_dir]).output
    assert not (made.node_dir("node-1") / "identity" / "node.crt").exists()
    assert authority.path("ca.crt").exists()
    assert authority.path("front-proxy-ca.crt").exists()
    assert authority.client("admin", "admin", ["system:masters"]) != before
