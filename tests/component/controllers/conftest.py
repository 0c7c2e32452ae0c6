"""A control plane in one process: the real API server over a store in memory, and what runs beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from control_plane import ControlPlane


@pytest.fixture
async def plane():
    """A control plane without controllers; tests start what they need."""
    async with ControlPlane() as made:
        yield made
