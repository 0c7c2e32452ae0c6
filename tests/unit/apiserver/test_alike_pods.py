"""What is remembered of pods that are alike gives the same answers as looking at each of them."""

import copy
import random

import orjson
import pytest

from podwright.api import model
from podwright.api.resources import find
from podwright.apiserver.registry import known_parts
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.strategies.pod import judging, validate, warnings
from podwright.apiserver.strategies.pod.defaults import default_pod

PODS = find("pods")
SEED = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}, "annotations": {"x/y": "z"}},
    "spec": {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "containers": [
            {
                "name": "c", "image": "i", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
                "ports": [{"containerPort": 80, "name": "p"}], "volumeMounts": [{"name": "e", "mountPath": "/x"}],
                "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}},
            }
        ],
        "volumes": [{"name": "e", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}}],
        "tolerations": [{"key": "a", "operator": "Exists"}],
        "terminationGracePeriodSeconds": 5,
    },
}  # fmt: skip
JUNK = (None, 0, -1, 1.5, 10**12, "", "x", "a b", "1Gi", [], {}, [None], {"a": None}, True, "9" * 70, float("inf"))
KEYS = (
    "name",
    "image",
    "unknown",
    "null",
    "hostNetwork",
    "nodeName",
    "container.apparmor.security.beta.kubernetes.io/c",
)


def places(value, path=()):
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def spoiled(rng):
    document = copy.deepcopy(SEED)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        found = [p for p in places(document) if p not in {("metadata",), ("kind",), ("apiVersion",)}]
        *way, last = rng.choice(found)
        holder = document
        for key in way:
            holder = holder[key]
        chance = rng.random()
        if chance < 0.2 and isinstance(holder, dict):
            del holder[last]
        elif chance < 0.4 and isinstance(holder, dict):
            holder[rng.choice(KEYS)] = copy.deepcopy(rng.choice(JUNK))
        elif chance < 0.5 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        else:
            holder[last] = copy.deepcopy(rng.choice(JUNK))
    return document


@pytest.fixture(autouse=True)
def _forgotten():
    known_parts.clean_part.cache_clear()
    judging._remembered.cache_clear()


def documents(seed, number=150):
    rng = random.Random(seed)
    for _ in range(number):
        document = spoiled(rng)
        yield document
        again = copy.deepcopy(document)  # one that is alike
        if isinstance(again.get("metadata"), dict):
            again["metadata"]["name"] = "other"
        yield again


@pytest.mark.parametrize("seed", range(4))
def test_checked_and_pruned_as_without_memory(seed):
    codec = ClassCodec(PODS)
    for document in documents(seed):
        kept = copy.deepcopy(document)
        problems = codec.check(document)
        assert problems == model.check(PODS.cls, document)
        if not any(p.kind == "type" for p in problems):
            expected = model.prune(PODS.cls, document)
            for _ in range(2):
                pruned = codec.prune(document)
                assert orjson.dumps(pruned) == orjson.dumps(expected)  # also in order
                if pruned.get("spec"):
                    pruned["spec"]["containers"] = "spoiled by the caller"
        assert orjson.dumps(document) == orjson.dumps(kept)
    assert known_parts.clean_part.cache_info().hits > 100


def test_texts_are_checked_as_without_memory():
    codec = ClassCodec(PODS)
    good = orjson.dumps(SEED)
    repeated = good.replace(b'"image":"i"', b'"image":"i","image":"j"')
    for raw in (good, repeated, good, repeated):
        document = orjson.loads(raw)
        assert codec.check_text(raw, document) == model.check_text(PODS.cls, raw, document)


@pytest.mark.parametrize("seed", range(4))
def test_judged_as_without_memory(seed):
    for document in documents(seed + 100):
        if any(p.kind == "type" for p in model.check(PODS.cls, document)):
            continue
        pod = model.prune(PODS.cls, document)
        if not isinstance(pod.get("metadata"), dict):
            continue
        default_pod(pod)
        errors = validate.validate_new_pod(copy.deepcopy(pod))
        for _ in range(2):
            judgement = judging.judge(pod)
            assert list(judgement.errors) == errors
            if not errors:
                assert list(judgement.profile_warnings) == warnings.profile_warnings(pod)
                assert list(judgement.spec_warnings) == warnings.spec_warnings(pod)
    assert judging._remembered.cache_info().hits > 100


@pytest.mark.parametrize(
    "part", [None, {}, [], "x", {"a": None}, {"a": float("nan")}, {"a": "\ud800"}, {"a": 2**70}, {"a": "x" * 9000}]
)
def test_what_is_not_remembered(part):
    assert known_parts.text_of(part) is None
