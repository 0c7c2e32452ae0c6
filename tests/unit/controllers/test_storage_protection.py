"""Claims and volumes on their way out are let go once nothing uses them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ctl_builders import patches, pod

from podwright.controllers.meta import Meta, Whole
from podwright.controllers.pod_view import pod_view
from podwright.controllers.storage_protection import release_claim, release_volume

GONE = datetime(2026, 1, 2, tzinfo=UTC)
PVC, PV = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"
CLAIM = Meta("c", uid="u", namespace="ns", version="7", deleted=GONE, finalizers=("a/b", PVC))
USER = replace(pod("p"), claims=("c",))


@pytest.mark.parametrize(
    ("claim", "pods", "released"),
    [
        pytest.param(CLAIM, [], True, id="unused"),
        pytest.param(CLAIM, [USER], False, id="used"),
        pytest.param(CLAIM, [replace(USER, claims=("d",))], True, id="other-used"),
        pytest.param(CLAIM, [replace(USER, phase="Succeeded")], True, id="user-finished"),
        pytest.param(CLAIM, [replace(USER, node="")], True, id="user-on-no-node"),
        pytest.param(replace(CLAIM, deleted=None), [], False, id="not-deleted"),
        pytest.param(replace(CLAIM, finalizers=("a/b",)), [], False, id="released-already"),
    ],
)
def test_a_claim_goes_once_no_pod_uses_it(claim, pods, released):
    found = patches(release_claim(claim, pods), "persistentvolumeclaims")
    wanted = {"metadata": {"uid": "u", "resourceVersion": "7", "finalizers": ["a/b"]}}
    assert found == ({"c": wanted} if released else {})


@pytest.mark.parametrize(
    ("phase", "released"),
    [pytest.param("Bound", False, id="bound"), pytest.param("Released", True, id="released")],
)
def test_a_volume_goes_once_it_is_bound_to_nothing(phase, released):
    volume = Whole(Meta("v", uid="u", version="7", deleted=GONE, finalizers=(PV,)), {"status": {"phase": phase}})
    found = patches(release_volume(volume), "persistentvolumes")
    wanted = {"metadata": {"uid": "u", "resourceVersion": "7", "finalizers": None}}
    assert found == ({"v": wanted} if released else {})


def test_a_pod_uses_the_claims_it_names_and_those_made_for_it():
    volumes = [
        {"name": "a", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "b", "ephemeral": {}},
        {"name": "e", "ephemeral": {"volumeClaimTemplate": {}}},
        {"name": "d", "emptyDir": {}},
    ]
    assert pod_view({"metadata": {"name": "p"}, "spec": {"volumes": volumes}}).claims == ("c", "p-e")
