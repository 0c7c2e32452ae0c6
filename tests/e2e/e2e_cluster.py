"""A whole cluster on this machine, driven as its users drive it: by `podwright`, `pw` and kubectl."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podwright.deploy.config import cluster_id

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "manifests" / "examples" / "simpleserver.yaml"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cluster:
    """One cluster and the commands that users give it."""

    data: Path
    port: int

    @property
    def kubeconfig(self) -> str:
        return str(self.data / "admin.kubeconfig")

    def run(self, *command: str, check: bool = True, stdin: str | None = None, timeout: float = 90) -> Done:
        env = {**os.environ, "KUBECONFIG": self.kubeconfig, "PODWRIGHT_DATA_DIR": str(self.data)}
        done = subprocess.run(
            command, capture_output=True, text=True, env=env, input=stdin, timeout=timeout, check=False
        )
        if check:
            assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr)

    def podwright(self, *words: str, check: bool = True, timeout: float = 120) -> Done:
        return self.run(str(BIN / "podwright"), *words, "--data-dir", str(self.data), check=check, timeout=timeout)

    def pw(self, *words: str, check: bool = True, stdin: str | None = None) -> Done:
        return self.run(str(BIN / "pw"), *words, check=check, stdin=stdin)

    def kubectl(self, *words: str, check: bool = True, stdin: str | None = None) -> Done:
        return self.run("kubectl", *words, check=check, stdin=stdin)

    def get(self, *words: str) -> Any:
        return json.loads(self.pw("get", *words, "-o", "json").out)

    def pods(self, selector: str = "") -> list[dict[str, Any]]:
        return self.get("pods", *(["-l", selector] if selector else []))["items"]

    def ready(self, selector: str = "") -> list[dict[str, Any]]:
        return [p for p in self.pods(selector) if is_ready(p)]

    def processes(self) -> dict[str, Any]:
        """The supervisor's view: name -> pid."""
        from podwright.deploy import control

        return control.ask(self.data / "run", do="status") or {}

    def down(self) -> None:
        if (self.data / "config.json").exists():
            self.podwright("down", "--purge")


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in pod["metadata"] and any(
        c["type"] == "Ready" and c["status"] == "True" for c in conditions
    )


def free_ports() -> int:
    """A port such that it and the two after it are free."""
    while True:
        with socket.socket() as s:
            s.bind(("0.0.0.0", 0))
            port = s.getsockname()[1]
        try:
            for offset in range(3):
                with socket.socket() as s:
                    s.bind(("0.0.0.0", port + offset))
        except OSError:
            continue
        return port


Snapshot = dict[str, list[str]]


def snapshot() -> Snapshot:
    """What `down` must leave as it was before `up`."""

    def out(*command: str) -> list[str]:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    trees = Path("/sys/fs/cgroup")
    return {
        "mounts": sorted(Path("/proc/self/mounts").read_text().splitlines()),
        "netns": out("ip", "netns", "list"),
        "links": [line.split()[0] for line in out("ip", "-brief", "link")],
        "routes": out("ip", "-4", "route"),
        "rules": out("nft", "list", "ruleset"),
        "cgroups": sorted(str(p) for pattern in ("podwright/*", "*/podwright/*") for p in trees.glob(pattern)),
        "forwarding": [Path("/proc/sys/net/ipv4/ip_forward").read_text()],
        "run": [str(p) for p in Path("/run").glob("podwright*")],
    }


def assert_as_before(before: Snapshot, *clusters: Cluster) -> None:
    """Nothing of these clusters is left; and where no other lab came or went meanwhile, nothing at all has changed."""
    after = snapshot()
    for cluster in clusters:
        names = (str(cluster.data), cluster_id(cluster.data))
        left = [line for lines in after.values() for line in lines if any(name in line for name in names)]
        assert left == []
        assert processes_of(cluster.data) == []
    if before["run"] == after["run"] == []:
        assert after == before


def keys_in_logs(data: Path) -> list[str]:
    """Log files that show a key or token of the cluster; ask before the cluster is gone."""
    needles = {str(json.loads(path.read_text())["join_token"]) for path in data.glob("config.json")}
    for path in data.glob("encryption.json"):
        for provider in json.loads(path.read_text())["resources"][0]["providers"]:
            needles |= {key["secret"] for cipher in provider.values() for key in cipher.get("keys", ())}
    for path in data.glob("pki/**/*.key"):
        needles |= {line for line in path.read_text().splitlines()[1:3] if not line.startswith("-")}
    logs = [path for path in (*data.glob("logs/*"), *data.glob("nodes/*/**/*.log")) if path.is_file()]
    return [f"{path}: {each[:4]}..." for path in logs for each in needles if each in path.read_text(errors="replace")]


def processes_of(data: Path) -> list[str]:
    """Command lines that name this cluster's folder."""
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(data) in command and "pytest" not in command:
                found.append(command)
    return found


def wait_for(probe: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Ask until the answer is true; the bound is for a test that hangs, not a claim about speed."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)
