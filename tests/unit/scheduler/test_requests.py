"""Effective requests of a pod, rule by rule."""

from __future__ import annotations

import pytest

from podwright.api.quantity import QuantityError
from podwright.scheduler.requests import Requests, pod_requests


def c(name="c", always=False, **requests):
    body = {"name": name, "resources": {"requests": requests}}
    return {**body, "restartPolicy": "Always"} if always else body


MI = 1 << 20

CASES = {
    "nothing": ({"containers": [c()]}, Requests()),
    "no resources at all": ({"containers": [{"name": "c"}]}, Requests()),
    "sum of containers": ({"containers": [c(cpu="100m"), c("d", cpu="0.2", memory="64Mi")]}, Requests(300, 64 * MI)),
    "rounded up": ({"containers": [c(cpu="0.1001")]}, Requests(101)),
    "larger init step": ({"containers": [c(cpu=1)], "initContainers": [c("i", cpu=3), c("j", cpu=2)]}, Requests(3000)),
    "smaller init step": ({"containers": [c(cpu=1)], "initContainers": [c("i", cpu="10m")]}, Requests(1000)),
    "each resource by itself": (
        {"containers": [c(cpu=1, memory="1Mi")], "initContainers": [c("i", cpu="10m", memory="5Mi")]},
        Requests(1000, 5 * MI),
    ),
    "a sidecar runs beside": ({"containers": [c(cpu=1)], "initContainers": [c("s", True, cpu=2)]}, Requests(3000)),
    "a sidecar runs beside later init steps": (
        {"containers": [c(cpu=1)], "initContainers": [c("s", True, cpu=2), c("i", cpu=5)]},
        Requests(7000),
    ),
    "a sidecar does not run beside earlier init steps": (
        {"containers": [c(cpu=1)], "initContainers": [c("i", cpu=5), c("s", True, cpu=2)]},
        Requests(5000),
    ),
    "two sidecars": (
        {"containers": [c(cpu=1)], "initContainers": [c("s", True, cpu=2), c("t", True, cpu=3), c("i", cpu=2)]},
        Requests(7000),
    ),
    "overhead": ({"containers": [c(cpu=1)], "overhead": {"cpu": "250m", "memory": "1Mi"}}, Requests(1250, MI)),
    "overhead on the init peak": (
        {"containers": [c(cpu=1)], "initContainers": [c("i", cpu=2)], "overhead": {"cpu": 1}},
        Requests(3000),
    ),
    "pod level replaces the sum": (
        {"containers": [c(cpu=1, memory="1Mi")], "resources": {"requests": {"cpu": "500m"}}},
        Requests(500, MI),
    ),
    "extended and storage": (
        {"containers": [c(**{"b.io/x": 2, "a.io/y": "1", "ephemeral-storage": "1Mi", "z.io/z": 0})]},
        Requests(0, 0, MI, (("a.io/y", 1), ("b.io/x", 2))),
    ),
}


@pytest.mark.parametrize(("spec", "expected"), CASES.values(), ids=CASES)
def test_requests(spec, expected):
    assert pod_requests(spec) == expected


def test_while_resized_the_larger_amount_counts():
    spec = {"containers": [c(cpu="100m", memory="10Mi")]}
    status = {"containerStatuses": [{"name": "c", "allocatedResources": {"cpu": "200m", "memory": "5Mi"}}]}
    assert pod_requests(spec, status) == Requests(200, 10 * MI)


def test_a_malformed_quantity_is_an_error():
    with pytest.raises(QuantityError):
        pod_requests({"containers": [c(cpu="lots")]})
