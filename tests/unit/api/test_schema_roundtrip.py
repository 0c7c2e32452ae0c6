"""Documents, pruned documents and typed objects say the same."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.api.core.container import Container, EphemeralContainer
from podwright.api.core.pod import Pod
from podwright.api.core.podspec import PodSpec
from podwright.api.meta import ObjectMeta
from podwright.api.model import check, decode, encode, prune
from podwright.api.resources import find
from podwright.api.schema import schema_of

from .schema_samples import CLASSES, IDS, documents, untyped

RELAXED = settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)


@pytest.mark.parametrize("cls", CLASSES, ids=IDS)
@given(data=st.data())
@RELAXED
def test_pruning_and_decoding_agree(cls: type[Any], data: st.DataObject) -> None:
    document = data.draw(documents(schema_of(cls)))
    before = copy.deepcopy(document)
    assert check(cls, document) == []
    pruned = prune(cls, document)
    assert document == before
    assert prune(cls, pruned) == pruned
    typed = decode(cls, document)
    # Typed objects keep the spelling of quantities; what pruning makes of both is the same.
    assert decode(cls, orjson.dumps(pruned)) == decode(cls, prune(cls, encode(typed)))
    assert untyped(encode(typed)) == untyped(pruned)
    assert list(pruned) == [name for name in schema_of(cls).fields if name in pruned]


@pytest.mark.parametrize("cls", CLASSES, ids=IDS)
@given(data=st.data())
@RELAXED
def test_one_unknown_field_is_found_and_pruned(cls: type[Any], data: st.DataObject) -> None:
    document = data.draw(documents(schema_of(cls), depth=2))
    spoilt = {**document, "noSuchField": data.draw(st.sampled_from([1, {"a": 1}, None]))}
    assert [problem.message for problem in check(cls, spoilt)] == ['unknown field "noSuchField"']
    assert prune(cls, spoilt) == prune(cls, document)


@pytest.mark.parametrize(
    ("document", "pruned"),
    [
        ({"spec": {"hostNetwork": False, "priority": 0}}, {"priority": 0}),
        ({"spec": {"nodeSelector": {}, "volumes": [], "securityContext": {}}}, {"securityContext": {}}),
        ({"spec": {"hostname": "", "hostUsers": False}}, {"hostUsers": False}),
        ({"spec": {"overhead": {"cpu": "1000m", "memory": 1024}}}, {"overhead": {"cpu": "1", "memory": "1024"}}),
        ({"spec": {"tolerations": [{"key": "a", "effect": ""}]}}, {"tolerations": [{"key": "a"}]}),
        ({"spec": {"volumes": [{"emptyDir": {}, "name": "v"}]}}, {"volumes": [{"name": "v", "emptyDir": {}}]}),
    ],
)
def test_zero_values_go_and_scalars_become_canonical(document: dict[str, Any], pruned: dict[str, Any]) -> None:
    assert prune(Pod, document)["spec"] == {**pruned, "containers": None}


def test_null_stays_where_items_may_be_null() -> None:
    document = {"status": {"disruptedPods": {"p": None}}}
    cls = find("poddisruptionbudgets", "policy").cls
    assert prune(cls, document)["status"]["disruptedPods"] == {"p": None}
    assert encode(decode(cls, document))["status"]["disruptedPods"] == {"p": None}


def test_what_is_always_written_comes_back() -> None:
    container = prune(Pod, {"spec": {"containers": [{}]}})["spec"]["containers"][0]
    assert container == {"name": "", "resources": {}}
    status = prune(Pod, {"status": {"conditions": [{"type": "Ready", "status": "True"}]}})["status"]
    assert status["conditions"] == [
        {"type": "Ready", "status": "True", "lastProbeTime": None, "lastTransitionTime": None}
    ]
    service = prune(find("services").cls, {})
    assert service == {"metadata": {}, "spec": {}, "status": {"loadBalancer": {}}}


def test_times_become_utc() -> None:
    meta = prune(Pod, {"metadata": {"creationTimestamp": "2026-01-02T03:04:05.9+02:00"}})["metadata"]
    assert meta == {"creationTimestamp": "2026-01-02T01:04:05Z"}
    typed = decode(Pod, {"metadata": {"creationTimestamp": "2026-01-02T03:04:05.9+02:00"}})
    assert typed.metadata.creation_timestamp == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_typed_objects_are_values() -> None:
    pod = Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(containers=(Container(name="c", image="i"),)))
    assert decode(Pod, encode(pod)) == pod
    assert pickle.loads(pickle.dumps(pod)) == pod
    assert repr(pod.metadata) == "ObjectMeta(name='a')"
    assert dataclasses.replace(pod.metadata, name="b").name == "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        pod.metadata.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del pod.metadata.name  # type: ignore[misc]
    with pytest.raises(TypeError, match="no field 'nome'"):
        ObjectMeta(nome="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="shared empty map"):
        pod.metadata.labels["a"] = "b"  # type: ignore[index]


def test_an_ephemeral_container_has_all_a_container_has() -> None:
    names = list(schema_of(EphemeralContainer).fields)
    assert names == [*schema_of(Container).fields, "targetContainerName"]
    assert decode(EphemeralContainer, {"name": "a", "targetContainerName": "b"}).name == "a"


def test_unknown_fields_are_ignored_by_typed_readers() -> None:
    assert decode(Pod, {"metadata": {"name": "a", "new": 1}, "newer": {}}).metadata.name == "a"
