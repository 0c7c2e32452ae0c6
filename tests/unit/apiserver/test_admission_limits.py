"""Limit ranges and runtime classes at admission: what they give pods, and what they refuse."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.limit_ranges import NOTE, LimitRanges
from podwright.apiserver.admission.runtime_class import RuntimeClassAdmission
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

JSON = dict[str, Any]
PODS = find("pods")
CLAIMS = Resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True, "unused:unused")


class Objects:
    """A cache with some objects, whatever their namespace."""

    def __init__(self, **by_plural: list[JSON]) -> None:
        self.by_plural = by_plural

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        return copy.deepcopy(self.by_plural.get(resource.plural, []))

    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        return next((o for o in self.list(resource, namespace) if o["metadata"]["name"] == name), None)


def write(
    obj: JSON, objects: Objects, verb: str = "create", resource: Resource = PODS, subresource: str = ""
) -> Attributes:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    ctx = WriteContext(User("u"), now, resource, objects, subresource=subresource, namespace="ns")
    return Attributes(verb, obj["metadata"]["name"], obj, None, ctx)


def container(name: str = "c", **resources: Any) -> JSON:
    return {"name": name, "resources": resources}


def pod(*containers: JSON, **spec: Any) -> JSON:
    return {"metadata": {"name": "p"}, "spec": {"containers": list(containers) or [container()], **spec}}


def ranged(*limits: JSON) -> Objects:
    return Objects(limitranges=[{"metadata": {"name": "lr"}, "spec": {"limits": list(limits)}}])


def limit(kind: str = "Container", **lists: JSON) -> JSON:
    return {"type": kind, **lists}


def refused(objects: Objects, obj: JSON, **how: Any) -> str:
    with pytest.raises(ApiError) as error:
        LimitRanges().validate(write(obj, objects, **how))
    assert error.value.code == 403
    return error.value.message


def test_containers_get_what_they_do_not_say() -> None:
    defaults = limit(default={"cpu": "1", "memory": "1Gi"}, defaultRequest={"cpu": "500m"})
    given = pod(
        container("a"), container("b", requests={"cpu": "2"}, limits={"cpu": "3"}), initContainers=[container("i")]
    )
    LimitRanges().admit(write(given, ranged(defaults)))
    a, b = (c["resources"] for c in given["spec"]["containers"])
    assert a == {"requests": {"cpu": "500m"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    assert b == {"requests": {"cpu": "2"}, "limits": {"cpu": "3", "memory": "1Gi"}}
    assert given["metadata"]["annotations"][NOTE] == (
        "LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a; "
        "memory limit for container b; cpu request for init container i; cpu, memory limit for init container i"
    )


def test_a_pod_that_says_all_gets_nothing() -> None:
    given = pod(container(requests={"cpu": "1"}, limits={"cpu": "1"}))
    before = copy.deepcopy(given)
    LimitRanges().admit(write(given, ranged(limit(default={"cpu": "2"}, defaultRequest={"cpu": "2"}))))
    assert given == before


CPU: JSON = {"cpu": "1"}


@pytest.mark.parametrize(
    ("bound", "resources", "text"),
    [
        ({"min": CPU}, {}, "minimum cpu usage per Container is 1.  No request is specified"),
        ({"min": CPU}, {"requests": {"cpu": "10m"}}, "minimum cpu usage per Container is 1, but request is 10m"),
        ({"max": CPU}, {}, "maximum cpu usage per Container is 1.  No limit is specified"),
        ({"max": CPU}, {"limits": {"cpu": "2"}}, "maximum cpu usage per Container is 1, but limit is 2"),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}},
            {"requests": {"cpu": "10m"}, "limits": {"cpu": "500m"}},
            "cpu max limit to request ratio per Container is 2, but provided ratio is 50.000000",
        ),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}},
            {"limits": {"cpu": "1"}},
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
        ),
    ],
    ids=["no-request", "request", "no-limit", "limit", "ratio", "ratio-without-request"],
)
def test_containers_keep_within_bounds(bound: JSON, resources: JSON, text: str) -> None:
    message = refused(ranged(limit(**bound)), pod(container(**resources)))
    assert message == f'pods "p" is forbidden: {text}'


def test_all_that_is_wrong_is_told_at_once() -> None:
    objects = ranged(
        limit(min={"cpu": "100m"}, max=CPU, maxLimitRequestRatio={"cpu": "4"}), limit("Pod", max={"memory": "1Gi"})
    )
    given = pod(
        container(requests={"cpu": "2"}, limits={"cpu": "2", "memory": "64Mi"}),
        container("d", requests={"cpu": "10m"}, limits={"cpu": "500m", "memory": "2Gi"}),
    )
    assert refused(objects, given) == (
        'pods "p" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, minimum cpu usage per Container '
        "is 100m, but request is 10m, cpu max limit to request ratio per Container is 4, but provided ratio is "
        "50.000000, maximum memory usage per Pod is 1Gi, but limit is 2112Mi]"
    )


def test_a_pods_sum_counts_its_init_containers() -> None:
    objects = ranged(limit("Pod", max={"cpu": "2"}))
    small = [container("a", limits=CPU), container("b", limits=CPU)]
    LimitRanges().validate(write(pod(*small), objects))
    assert "but limit is 3" in refused(objects, pod(*small, initContainers=[container("i", limits={"cpu": "3"})]))


def test_bounds_of_containers_hold_for_init_containers() -> None:
    given = pod(container("a", limits=CPU), initContainers=[container("i", limits={"cpu": "3"})])
    assert refused(ranged(limit(max={"cpu": "2"})), given) == (
        'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 3'
    )


def test_bounds_hold_for_resizes_and_for_no_other_update() -> None:
    objects, given = ranged(limit(max=CPU)), pod(container(limits={"cpu": "2"}))
    LimitRanges().validate(write(given, objects, "update"))
    LimitRanges().validate(write(given, objects, "update", subresource="status"))
    assert "but limit is 2" in refused(objects, given, verb="update", subresource="resize")


@pytest.mark.parametrize(
    ("storage", "text"),
    [
        ("1Gi", ""),
        ("1Ki", "minimum storage usage per PersistentVolumeClaim is 1Mi, but request is 1Ki"),
        ("5Gi", "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi"),
    ],
    ids=["fits", "small", "large"],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_volume_claims_keep_within_bounds(verb: str, storage: str, text: str) -> None:
    objects = ranged(limit("PersistentVolumeClaim", min={"storage": "1Mi"}, max={"storage": "2Gi"}))
    claim = {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": storage}}}}
    plugin = LimitRanges()
    assert plugin.concerns(CLAIMS, verb)
    if text:
        assert refused(objects, claim, verb=verb, resource=CLAIMS).endswith(text)
    else:
        plugin.validate(write(claim, objects, verb, CLAIMS))


def classes(**parts: Any) -> Objects:
    return Objects(runtimeclasses=[{"metadata": {"name": "rc"}, "handler": "h", **parts}])


def admitted(objects: Objects, **spec: Any) -> JSON:
    given = pod(**spec)
    plugin = RuntimeClassAdmission()
    plugin.admit(write(given, objects))
    plugin.validate(write(given, objects))
    return given["spec"]


def test_a_class_adds_its_overhead_and_its_nodes() -> None:
    toleration = {"key": "k", "operator": "Exists"}
    objects = classes(
        overhead={"podFixed": {"cpu": "250m"}}, scheduling={"nodeSelector": {"a": "b"}, "tolerations": [toleration]}
    )
    spec = admitted(objects, runtimeClassName="rc", nodeSelector={"c": "d"}, tolerations=[{"key": "own"}])
    assert spec["overhead"] == {"cpu": "250m"}
    assert spec["nodeSelector"] == {"a": "b", "c": "d"}
    assert spec["tolerations"] == [{"key": "own"}, toleration]
    assert admitted(objects, runtimeClassName="rc", overhead={"cpu": "0.25"})["overhead"] == {"cpu": "250m"}
    assert "overhead" not in admitted(objects)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"runtimeClassName": "other"}, 'pod rejected: RuntimeClass "other" not found'),
        (
            {"runtimeClassName": "rc", "overhead": {"cpu": "1"}},
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        ),
        (
            {"overhead": {"cpu": "1"}},
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
        ),
        (
            {"runtimeClassName": "rc", "nodeSelector": {"a": "c"}},
            "conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = c",
        ),
    ],
    ids=["unknown", "other-overhead", "own-overhead", "other-nodes"],
)
def test_what_contradicts_the_class_is_refused(spec: JSON, text: str) -> None:
    objects = classes(overhead={"podFixed": {"cpu": "250m"}}, scheduling={"nodeSelector": {"a": "b"}})
    with pytest.raises(ApiError) as error:
        admitted(objects, **spec)
    assert (error.value.code, error.value.message) == (403, f'pods "p" is forbidden: {text}')
