"""A machine joins with a bootstrap token: it trusts the right CA alone, and tells nobody else the token."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import ssl
import stat
from pathlib import Path

import pytest
from gateway_lab import NODE, SECRET, Lab, Node

from podwright.agent import config as configuration
from podwright.deploy import node_join
from podwright.deploy.joining import BOOTSTRAPPERS, allow_joining
from podwright.deploy.node_join import Joining, NodeJoinError, digest
from podwright.deploy.pki import Authority

TOKEN = "abcdef.0123456789abcdef"


async def allow(lab: Lab, groups: str = BOOTSTRAPPERS) -> None:
    await allow_joining(lab.client, lab.url, lab.authority.ca)
    data = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
            "auth-extra-groups": groups}  # fmt: skip
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}
    await lab.client.create(SECRET, {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "data": encoded})


def joining(lab: Lab, folder: Path, token: str = TOKEN, ca_hash: str = "") -> Joining:
    wanted = ca_hash or digest(ssl.PEM_cert_to_DER_cert(lab.authority.ca.decode()))
    return Joining("127.0.0.1", lab.gateway.bootstrap_port - 1, token, (wanted,), "far", folder, "192.0.2.9")


async def test_a_machine_joins_with_a_token(lab: Lab, tmp_path: Path) -> None:
    await allow(lab)
    file = await node_join.join(joining(lab, tmp_path / "far"))
    config = configuration.load(file)
    assert (config.node_name, config.node_ip, config.ca_file.read_bytes()) == ("far", "192.0.2.9", lab.authority.ca)
    key = config.state_dir / "identity" / "node.key"
    for path in (file, key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    node = Node(lab, "far", "192.0.2.9")
    node.config = dataclasses.replace(config, gateway=f"127.0.0.1:{lab.gateway.node_port}", heartbeat_seconds=0.2)
    lab.nodes.append(node)
    before = key.read_bytes()
    node.start()
    await lab.until(NODE, "far", lambda _: True)
    await lab.client.delete(SECRET, "bootstrap-token-abcdef", namespace="kube-system")
    node.agent.link.renew()  # with its certificate: the token is needed no more
    async with asyncio.timeout(15):
        while key.read_bytes() == before:  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


REFUSED = [
    pytest.param({"token": "abcdef.0123456789abcdee"}, "the join token or certificate is not valid", id="wrong secret"),
    pytest.param({"token": "abcdeg.0123456789abcdef"}, "the join token or certificate is not valid", id="no token"),
    pytest.param({"token": "let-me-in"}, "cannot use the token", id="no form"),
    pytest.param({"ca_hash": "sha256:12"}, "cannot use the CA's digest", id="no digest"),
    pytest.param({"ca_hash": f"sha256:{'0' * 64}"}, "its CA has another digest", id="another CA"),
]


@pytest.mark.parametrize(("wrong", "why"), REFUSED)
async def test_who_does_not_join(lab: Lab, tmp_path: Path, wrong: dict[str, str], why: str) -> None:
    await allow(lab)
    with pytest.raises(NodeJoinError, match=why):
        await node_join.join(joining(lab, tmp_path / "far", **wrong))
    assert not (tmp_path / "far" / "identity" / "node.crt").exists()


async def test_a_token_that_may_not_join_nodes(lab: Lab, tmp_path: Path) -> None:
    await allow(lab, groups="system:bootstrappers:others")
    with pytest.raises(NodeJoinError, match="not valid"):
        await node_join.join(joining(lab, tmp_path / "far"))


async def test_another_ca_never_hears_the_token(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Authority(tmp_path / "other", lab.clock.now)
    wanted = digest(ssl.PEM_cert_to_DER_cert(other.ca.decode()))
    heard: list[str] = []
    monkeypatch.setattr(lab.gateway, "check_token", heard.append)
    with pytest.raises(NodeJoinError, match="another digest"):
        await node_join.join(joining(lab, tmp_path / "far", ca_hash=wanted))
    assert heard == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("10.0.0.1", ("10.0.0.1", 6443)), ("a.example:7000", ("a.example", 7000)), ("https://h:1/", ("h", 1)), (":1", None),
     ("h:x", None)],
)  # fmt: skip
def test_where_the_cluster_is(text: str, found: tuple[str, int] | None) -> None:
    if found is None:
        with pytest.raises(NodeJoinError):
            node_join.parse_server(text)
    else:
        assert node_join.parse_server(text) == found
