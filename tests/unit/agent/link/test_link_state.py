"""The agent's side of the link without a wire: what waits to be sent, what is wanted, certificates and settings."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podwright.agent import config as configuration
from podwright.agent import node
from podwright.agent.config import AgentConfig, ConfigError
from podwright.agent.link.desired import Desired
from podwright.agent.link.identity import Identity, describe
from podwright.agent.link.make_key import make
from podwright.agent.link.outbox import MAX_EVENTS, Outbox
from podwright.agent.pods.ports import Image, ImageConfig, PodRef
from podwright.deploy.pki import Authority
from podwright.proto.node.v1 import node_pb2 as pb

JSON = dict[str, Any]
A, B = PodRef("ns", "a", "ua"), PodRef("ns", "b", "ub")


def kinds(messages: list[pb.AgentMessage]) -> list[str]:
    found: list[str] = []
    for message in messages:
        word = message.WhichOneof("body") or ""
        if word == "pod_status":
            word += f" {message.pod_status.name} {json.loads(message.pod_status.status_json)['phase']}"
        found.append(word)
    return found


def test_the_newest_status_goes_out_and_stays_until_acknowledged() -> None:
    outbox = Outbox()
    outbox.status(A, {"phase": "Pending"})
    outbox.status(A, {"phase": "Running"})
    outbox.status(B, {"phase": "Pending"})
    sent = outbox.take()
    assert kinds(sent) == ["pod_status a Running", "pod_status b Pending"]
    assert outbox.take() == []
    outbox.acknowledge(sent[0].pod_status.sequence)
    outbox.reconnected()
    assert kinds(outbox.take()) == ["pod_status b Pending"]


def test_an_old_acknowledgement_does_not_drop_a_newer_status() -> None:
    outbox = Outbox()
    outbox.status(A, {"phase": "Pending"})
    (first,) = outbox.take()
    outbox.status(A, {"phase": "Running"})
    outbox.acknowledge(first.pod_status.sequence)
    outbox.reconnected()
    assert kinds(outbox.take()) == ["pod_status a Running"]


def test_the_last_status_goes_before_the_end() -> None:
    outbox = Outbox()
    outbox.gone(A)
    outbox.status(A, {"phase": "Failed"})
    outbox.send(pb.AgentMessage(heartbeat=pb.Heartbeat()))
    assert kinds(outbox.take()) == ["heartbeat", "pod_status a Failed", "pod_gone"]
    outbox.forget("ua")
    outbox.reconnected()
    assert outbox.take() == []


def test_events_are_bounded() -> None:
    outbox = Outbox()
    for number in range(MAX_EVENTS + 5):
        outbox.event({"n": number})
    sent = outbox.take()
    assert len(sent) == MAX_EVENTS
    assert json.loads(sent[0].event.event_json) == {"n": 5}


def obj(kind: str, name: str, uid: str = "1", **fields: Any) -> pb.Object:
    body = {"kind": kind, "metadata": {"name": name, "namespace": "ns", "uid": uid}, **fields}
    return pb.Object(ref=pb.Ref(kind=kind, namespace="ns", name=name, uid=uid), json=json.dumps(body).encode())


async def test_what_is_wanted_survives_on_disk_but_secrets_do_not(tmp_path: Path) -> None:
    desired = Desired(tmp_path / "d")
    task = asyncio.create_task(desired.run())
    await asyncio.sleep(0)
    assert desired.replace([obj("Pod", "p"), obj("ConfigMap", "c", data={"k": "v"}), obj("Secret", "s")]) == {"ns"}
    assert desired.replace([obj("Pod", "p"), obj("ConfigMap", "c", data={"k": "v"}), obj("Secret", "s")]) == set()
    desired.note_status("ns", "p", "1", {"phase": "Running", "conditions": []})
    desired.note_status("ns", "p", "another", {"phase": "Failed"})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    again = Desired(tmp_path / "d")
    (tmp_path / "d" / "broken.json").write_text("{")
    again.load()
    assert [p["status"]["phase"] for p in again.pods()] == ["Running"]
    assert (again.get("ConfigMap", "ns", "c") or {})["data"] == {"k": "v"}
    assert again.get("Secret", "ns", "s") is None
    assert (tmp_path / "d").stat().st_mode & 0o077 == 0


def test_differences() -> None:
    desired = Desired(Path("/nonexistent"))
    desired.replace([obj("Pod", "p"), obj("Service", "s")])
    ref = pb.Ref(kind="Pod", namespace="ns", name="p", uid="1")
    changed = desired.apply(pb.Delta(changed=[obj("Pod", "p", "2"), obj("Secret", "x")], removed=[ref]))
    assert changed == {"ns"}
    assert [p["metadata"]["uid"] for p in desired.pods()] == ["2"]
    assert [s["metadata"]["name"] for s in desired.services("ns")] == ["s"]
    assert desired.services("other") == ()


def config(folder: Path, **fields: Any) -> AgentConfig:
    plain = {
        "cluster_id": "c", "node_name": "n1", "node_ip": "192.0.2.1", "state_dir": str(folder / "state"),
        "images_dir": str(folder / "images"), "cgroup_root": "x", "gateway": "h:1", "bootstrap": "h:2",
        "ca_file": str(folder / "pki" / "ca.crt"), "token": "t", **fields,
    }  # fmt: skip
    return configuration.parse(plain)


def test_settings_are_read_back(tmp_path: Path) -> None:
    made = config(tmp_path, labels={"a": "b"}, capacity={"cpu": "4"})
    file = tmp_path / "agent.json"
    file.write_text(configuration.dump(made))
    assert configuration.load(file) == made
    for text, message in (("{}", "missing settings"), ('{"x":1}', "unknown settings: x"), ("[", "cannot read")):
        file.write_text(text)
        with pytest.raises(ConfigError, match=message):
            configuration.load(file)


def test_only_a_certificate_of_this_node_and_ca_is_used(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "pki", lambda: datetime.now(UTC))
    made = config(tmp_path)
    folder = made.state_dir / "identity"
    folder.mkdir(parents=True)
    request = make("n1", folder / "node.key")
    (folder / "node.crt").write_bytes(authority.sign_node("n1", request))
    (folder / "ca.crt").write_bytes(authority.ca)
    found = Identity(made, time.time).load()
    assert found is not None
    assert found.begins < time.time() < found.renew_at < found.ends
    assert describe(folder / "node.crt")[0] == "system:node:n1"
    assert Identity(made, lambda: found.ends + 1).load() is None, "it has ended"
    assert Identity(config(tmp_path, node_name="n2"), time.time).load() is None, "it is another node's"
    (tmp_path / "pki" / "ca.crt").write_bytes(b"another")
    assert Identity(made, time.time).load() is None, "the cluster was made anew"


def test_the_key_is_made_by_a_program_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "podwright.agent.link.make_key", "n1", str(tmp_path / "k")]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    assert out.startswith(b"-----BEGIN CERTIFICATE REQUEST-----")
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600


def test_the_agent_never_loads_the_heavy_libraries() -> None:
    heavy = ("cryptography", "pydantic", "aiohttp", "typer", "rich", "pyroute2")
    code = f"import sys, podwright.agent.main; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == "[]"


def test_node_status_keeps_transition_times(tmp_path: Path) -> None:
    made, machine = config(tmp_path, capacity={"cpu": "8"}), node.read_machine()
    image = Image("sha256:1", "", ("a:1",), 5, (), ImageConfig())

    def status(health: node.Health, now: float, old: JSON) -> JSON:
        return node.node_status(
            made, machine, node.Pressure(disk=True), health, runtime_version="crun://1", images=[image], old=old, now=now
        )  # fmt: skip

    first = status(node.Health(network="no range"), 1000.0, {})
    by_type = {c["type"]: c for c in first["conditions"]}
    assert by_type["Ready"]["status"] == "False"
    assert by_type["Ready"]["message"] == "network is not ready: no range"
    assert by_type["DiskPressure"]["status"] == "True"
    assert first["capacity"]["cpu"] == "8"
    assert first["images"] == [{"names": ["a:1"], "sizeBytes": 5}]
    second = status(node.Health(), 2000.0, first)
    after = {c["type"]: c for c in second["conditions"]}
    assert after["Ready"]["lastTransitionTime"] > by_type["Ready"]["lastTransitionTime"]
    assert after["DiskPressure"]["lastTransitionTime"] == by_type["DiskPressure"]["lastTransitionTime"]
    assert node.without_heartbeat(status(node.Health(), 3000.0, second)) == node.without_heartbeat(second)
