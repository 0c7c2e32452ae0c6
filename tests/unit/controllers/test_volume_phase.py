"""Volumes that no claim holds are available."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ctl_builders import patches

from podwright.controllers.actions import NOTHING
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.volume_phase import reconcile

META = Meta("v", uid="u", version="7")


def volume(phase: str, **spec: Any) -> Whole:
    return Whole(META, {"spec": spec, "status": {"phase": phase}})


def test_a_new_volume_becomes_available() -> None:
    found = patches(reconcile(volume("Pending")), "persistentvolumes", "status")
    assert found == {"v": {"metadata": {"uid": "u", "resourceVersion": "7"}, "status": {"phase": "Available"}}}


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(None, id="gone"),
        pytest.param(volume("Available"), id="said already"),
        pytest.param(volume("Released"), id="released"),
        pytest.param(volume("Pending", claimRef={"name": "c"}), id="claimed"),
        pytest.param(
            replace(volume("Pending"), meta=replace(META, deleted=datetime(2026, 1, 2, tzinfo=UTC))), id="going"
        ),
    ],
)
def test_others_are_left_alone(present: Whole | None) -> None:
    assert reconcile(present) == NOTHING
