"""Command line clients and plain requests, for the tests of real clients."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
            check=False,
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
