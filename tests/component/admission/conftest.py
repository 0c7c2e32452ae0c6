"""A server, and a program that it asks."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "apiserver"))
sys.path.insert(0, str(Path(__file__).parent))

from api_client import running
from configured import Hooked
from hook_server import HookFiles, HookServer


@pytest.fixture(scope="session")
def hook_files(tmp_path_factory) -> HookFiles:
    return HookFiles(tmp_path_factory.mktemp("hooks"))


@pytest.fixture
async def hooks(hook_files) -> AsyncIterator[HookServer]:
    """The program."""
    made = HookServer(hook_files)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def api(hooks) -> AsyncIterator[Hooked]:
    """A server with a namespace "ns" that has its default service account."""
    async with running() as server:
        made = Hooked(server)
        await made.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await made.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "default"}})
        yield made
        await made.close()
