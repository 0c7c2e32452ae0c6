"""What a component that lives in the apiserver's process must not pay for."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from podwright.client import client, clock, events, informer, kubeconfig, leases, workqueue
heavy = {"aiohttp", "yaml", "pydantic", "cryptography"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else 0)
"""


def test_only_the_http_transport_imports_an_http_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
