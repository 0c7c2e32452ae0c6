"""One control plane for all tests of real clients; every test has a namespace of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from clients import HERE, KUBECTL, PW, Cluster, Tool


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


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory for the tools: kubectl keeps what it learns of the server there."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    """A fresh namespace, with the account that pods in it run as."""
    made = cluster.api("POST", "/api/v1/namespaces", {"metadata": {"generateName": "test-"}})
    name = str(made["metadata"]["name"])
    while not cluster.api("GET", f"/api/v1/namespaces/{name}/serviceaccounts")["items"]:
        pass
    return name


def _kubectl(cluster: Cluster, namespace: str, files: Path, home: Path) -> Tool:
    if KUBECTL is None:
        pytest.skip("kubectl is not installed: what it makes of this server stays UNTESTED")
    return Tool(KUBECTL, cluster, namespace, files, {"HOME": str(home), "TERM": "dumb", "NO_COLOR": "1"})


def _pw(cluster: Cluster, namespace: str, files: Path, home: Path) -> Tool:
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "compiled")}  # once, not every time
    return Tool(str(PW), cluster, namespace, files, {"HOME": str(home), "TERM": "dumb", "NO_COLOR": "1", **compiled})


@pytest.fixture
def kubectl(cluster: Cluster, namespace: str, tmp_path: Path, home: Path) -> Tool:
    """The real kubectl in a fresh namespace."""
    return _kubectl(cluster, namespace, tmp_path, home)


@pytest.fixture
def pw(cluster: Cluster, namespace: str, tmp_path: Path, home: Path) -> Tool:
    """Our own command line in the same namespace."""
    return _pw(cluster, namespace, tmp_path, home)


@pytest.fixture(params=["kubectl", "pw"])
def tool(request: pytest.FixtureRequest, cluster: Cluster, namespace: str, tmp_path: Path, home: Path) -> Tool:
    """The one, then the other: what must work with both."""
    return {"kubectl": _kubectl, "pw": _pw}[request.param](cluster, namespace, tmp_path, home)


@pytest.fixture(scope="session")
def gallery(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """The folder of the manifests that the namespace "gallery" is made of: one object of every kind. Only to look at."""
    folder = tmp_path_factory.mktemp("gallery")
    shutil.copytree(HERE / "gallery", folder, dirs_exist_ok=True)
    cluster.api("POST", "/api/v1/namespaces", {"metadata": {"name": "gallery"}})
    tool = _pw(cluster, "gallery", folder, home)
    tool("apply", "-f", ".")
    tool("rollout", "status", "deploy/web")
    return folder


@pytest.fixture
def kubectl_gallery(cluster: Cluster, gallery: Path, home: Path) -> Tool:
    """kubectl in the gallery."""
    return _kubectl(cluster, "gallery", gallery, home)


@pytest.fixture
def pw_gallery(cluster: Cluster, gallery: Path, home: Path) -> Tool:
    """pw in the gallery."""
    return _pw(cluster, "gallery", gallery, home)
