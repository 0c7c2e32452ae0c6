"""Servers for the walk through what the public conformance suite asks of the data side of the API."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "controllers"))
sys.path.insert(0, str(Path(__file__).parent.parent / "apiserver"))
sys.path.insert(0, str(Path(__file__).parent.parent / "admission"))
sys.path.insert(0, str(Path(__file__).parent))

from api_client import Api, running
from control_plane import ControlPlane
from steps import seen


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """A server alone, with a namespace "ns" that has its default service account."""
    async with running() as server:
        made = Api(server)
        await made.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await made.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "default"}})
        yield made
        await made.close()


@pytest.fixture
async def whole() -> AsyncIterator[Api]:
    """A server with every controller, and a namespace "ns"."""
    async with ControlPlane() as plane:
        plane.controllers()
        made = Api(plane.server)
        await made.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        account = "/api/v1/namespaces/ns/serviceaccounts/default"
        await seen(made, account, lambda _: True)
        yield made
        await made.close()


@pytest.fixture
async def scheduled() -> AsyncIterator[Api]:
    """The same with a scheduler and a node "n" on which every pod runs at once."""
    async with ControlPlane() as plane:
        plane.controllers()
        plane.scheduler()
        plane.run(plane.pretend())
        await plane.node("n")
        made = Api(plane.server)
        await made.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await seen(made, "/api/v1/namespaces/ns/serviceaccounts/default", lambda _: True)
        yield made
        await made.close()
