"""One control plane for all tests of real clients; every test has a namespace of its own."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
KUBECTL = shutil.which("kubectl")
PW = Path(sys.executable).with_name("pw")


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    command: str
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Tool:
    """A command line client that works in one namespace."""

    program: str
    cluster: Cluster
    namespace: str
    files: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, *arguments: str, stdin: str | None = None, code: int | None = 0, env: dict[str, str] | None = None
    ) -> Result:
        """Run it, by default expecting success; `code=None` expects nothing."""
        command = [self.program, "--kubeconfig", str(self.cluster.kubeconfig), "-n", self.namespace, *arguments]
        done = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.files,
            env={**os.environ, **self.environment, **(env or {})},
        )
        shown = " ".join([Path(self.program).name, *arguments])
        result = Result(shown, done.returncode, done.stdout, done.stderr)
        if code is not None:
            assert result.code == code, f"$ {shown}\n[exit {result.code}]\n{result.out}\n{result.err}"
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and leave it running."""
        command = [self.program, "--kubeconfig", str(self.cluster.kubeconfig), "-n", self.namespace, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, cwd=self.files, bufsize=1,
            env={**os.environ, **self.environment},
        )  # fmt: skip

    def file(self, name: str, content: str) -> str:
        """Write a manifest that the tool finds by this name."""
        (self.files / name).write_text(content)
        return name


@dataclass
class Cluster:
    """The running control plane."""

    port: int
    folder: Path

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "admin.kubeconfig"

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def api(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """One plain request as the administrator."""
        headers = {"authorization": "Bearer admin-token", "content-type": content_type, "accept": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        context = ssl.create_default_context(cafile=str(self.folder / "pki" / "ca.crt"))
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            error.close()
            raise AssertionError(f"{method} {path}: {error.code} {text}") from None


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A control plane that lives as long as the tests."""
    folder = tmp_path_factory.mktemp("cluster")
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, str(HERE / "control_plane.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (folder / "log").read_text()
        yield Cluster(json.loads(line)["port"], folder)
    finally:
        process.stdin.close()
        code = process.wait(30)
        process.stdout.close()
        log.close()
    assert code == 0
    problems = (folder / "log").read_text()
    assert "Traceback" not in problems, problems


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """A fresh namespace."""
    made = cluster.api("POST", "/api/v1/namespaces", {"metadata": {"generateName": "test-"}})
    return str(made["metadata"]["name"])


@pytest.fixture(scope="session")
def kubectl_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """kubectl keeps what it learns of the server there."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def kubectl(cluster: Cluster, namespace: str, tmp_path: Path, kubectl_home: Path) -> Tool:
    """The real kubectl in a fresh namespace."""
    if KUBECTL is None:
        pytest.skip("kubectl is not installed: what it makes of this server stays UNTESTED")
    return Tool(KUBECTL, cluster, namespace, tmp_path, {"HOME": str(kubectl_home), "TERM": "dumb"})


@pytest.fixture
def pw(cluster: Cluster, namespace: str, tmp_path: Path) -> Tool:
    """Our own command line in the same namespace."""
    return Tool(str(PW), cluster, namespace, tmp_path, {"TERM": "dumb", "HOME": str(tmp_path)})
