"""What every object's metadata must look like, when it is made and when it is changed."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, NOW_TEXT, create, created, edit, update

MAP: JSON = {"metadata": {"name": "m"}, "data": {"k": "v"}}
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"


def owner(**more: Any) -> JSON:
    return {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u", **more}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"metadata.name": "a.b-c.d9"}, [], id="subdomain"),
        pytest.param({"metadata.name": "M"}, [f'metadata.name: Invalid value: "M": {SUBDOMAIN}'], id="upper-case"),
        pytest.param({"metadata.name": "a" * 254}, ["metadata.name: Invalid value: "], id="long"),
        pytest.param(
            {"metadata.name": ""}, ["metadata.name: Required value: name or generateName is required"], id="none"
        ),
        pytest.param(
            {"metadata.generateName": "A-"}, [f'metadata.generateName: Invalid value: "A-": {SUBDOMAIN}'], id="prefix"
        ),
        pytest.param({"metadata.generateName": "a-"}, [], id="prefix-may-end-in-a-dash"),
        pytest.param(
            {"metadata.generation": -1},
            ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
            id="generation",
        ),
        pytest.param(
            {"metadata.labels": {"a b": "c"}},
            ['metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters'],
            id="label-key",
        ),
        pytest.param(
            {"metadata.labels": {"a": "-"}},
            ['metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of'],
            id="label-value",
        ),
        pytest.param(
            {"metadata.labels": {"a": "b" * 64}},
            [f'metadata.labels: Invalid value: "{"b" * 64}": must be no more than 63 bytes'],
            id="label-long",
        ),
        pytest.param(
            {"metadata.labels": {"-./a": "b"}},
            ['metadata.labels: Invalid value: "-./a": prefix part a lowercase RFC 1123 subdomain must'],
            id="label-prefix",
        ),
        pytest.param({"metadata.annotations": {"A/B": ""}}, [], id="annotation-in-capitals"),
        pytest.param(
            {"metadata.annotations": {"a/": ""}},
            [
                'metadata.annotations: Invalid value: "a/": name part must be non-empty',
                'metadata.annotations: Invalid value: "a/": name part must consist of',
            ],
            id="annotation-key",
        ),
        pytest.param(
            {"metadata.annotations": {"a": "é" * 131072}},
            ["metadata.annotations: Too long: may not be more than 262144 bytes"],
            id="annotations-too-big",
        ),
        pytest.param({"metadata.annotations": {"a": "x" * 262143}}, [], id="annotations-at-the-limit"),
        pytest.param({"metadata.finalizers": ["a/b"]}, [], id="finalizer"),
        pytest.param(
            {"metadata.finalizers": ["a b"]},
            [
                'metadata.finalizers: Invalid value: "a b": name part must consist of',
                'metadata.finalizers[0]: Invalid value: "a b": ',
            ],
            id="finalizer-bad",
        ),
        pytest.param(
            {"metadata.finalizers": ["mine"]},
            [
                (
                    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it'
                    " fully qualified"
                )
            ],
            id="finalizer-unqualified",
        ),
        pytest.param(
            {"metadata.finalizers": ["orphan", "foregroundDeletion"]},
            [
                (
                    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and'
                    " foregroundDeletion cannot be both set"
                )
            ],
            id="finalizers-that-contradict",
        ),
        pytest.param({"metadata.ownerReferences": [owner(), owner(name="m", controller=True)]}, [], id="owners"),
        pytest.param(
            {"metadata.ownerReferences": [owner(apiVersion="")]},
            ['metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty'],
            id="owner-version",
        ),
        *(
            pytest.param(
                {"metadata.ownerReferences": [owner(apiVersion=version)]},
                [f'metadata.ownerReferences.apiVersion: Invalid value: "{version}": version must not be empty'],
                id=f"owner-version {version}",
            )
            for version in ("a/b/c", "a/", "/")
        ),
        pytest.param({"metadata.ownerReferences": [owner(apiVersion="apps/v1", kind="Event")]}, [], id="other-event"),
        pytest.param(
            {"metadata.ownerReferences": [owner(apiVersion="/v1", kind="Event")]},
            ["metadata.ownerReferences: Invalid value: {"],
            id="event-of-the-nameless-group",
        ),
        pytest.param(
            {"metadata.ownerReferences": [owner(uid="")]},
            ['metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
            id="owner-uid",
        ),
        pytest.param(
            {"metadata.ownerReferences": [owner(controller=True), owner(name="m", controller=True)]},
            ["metadata.ownerReferences: Invalid value: [{"],
            id="two-controllers",
        ),
        pytest.param(
            {"metadata.ownerReferences": [owner(kind="Event")]},
            ["metadata.ownerReferences: Invalid value: {"],
            id="owned-by-an-event",
        ),
    ],
)
def test_new_metadata(edits: JSON, problems: list[str]) -> None:
    found = create("configmaps", edit(MAP, edits)).problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


def test_the_two_controllers_are_named() -> None:
    owners = [owner(controller=True), owner(name="m", kind="Pod", controller=True)]
    (problem,) = create("configmaps", edit(MAP, {"metadata.ownerReferences": owners})).problems
    assert problem.endswith(
        'Only one reference can have Controller set to true. Found "true" in references for Node/n and Pod/m'
    )


@pytest.mark.parametrize(
    ("plural", "group", "name", "problem"),
    [
        pytest.param("services", "", "a.b", "must not contain dots", id="service-dots"),
        pytest.param("services", "", "1a", "", id="service-digit"),
        pytest.param("namespaces", "", "a.b", "must not contain dots", id="namespace-dots"),
        pytest.param("nodes", "", "a.b", "", id="node-dots"),
        pytest.param("pods", "", "a.b", "", id="pod-dots"),
        pytest.param("leases", "coordination.k8s.io", "a_b", SUBDOMAIN, id="lease"),
    ],
)
def test_names_of_kinds(plural: str, group: str, name: str, problem: str) -> None:
    body = {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}], "ports": [{"port": 1}]}}
    found = [text for text in create(plural, body, group).problems if text.startswith("metadata.name")]
    assert bool(found) == bool(problem)
    if problem:
        assert problem in found[0]


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param({"metadata.name": "n"}, 'metadata.name: Invalid value: "n": field is immutable', id="name"),
        pytest.param(
            {"metadata.namespace": "other"},
            'metadata.namespace: Invalid value: "other": field is immutable',
            id="namespace",
        ),
        pytest.param(
            {"metadata.deletionTimestamp": NOW_TEXT},
            f'metadata.deletionTimestamp: Invalid value: "{NOW_TEXT}": field is immutable',
            id="deletion",
        ),
        pytest.param(
            {"metadata.labels": {"a": "b c"}},
            'metadata.labels: Invalid value: "b c": a valid label must be an',
            id="label",
        ),
    ],
)
def test_changed_metadata(edits: JSON, problem: str) -> None:
    old = created("configmaps", MAP)
    assert update("configmaps", old, edit(old, edits)).problems[0].startswith(problem)


def test_a_deleted_object_gets_no_new_finalizers() -> None:
    old = created("configmaps", edit(MAP, {"metadata.finalizers": ["a/b"]}))
    old["metadata"]["deletionTimestamp"] = NOW_TEXT
    more = edit(old, {"metadata.finalizers": ["a/b", "c/d"]})
    problem = (
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new"
        ' finalizers []string{"c/d"}'
    )
    assert problem in update("configmaps", old, more).problems
    assert update("configmaps", old, edit(old, {"metadata.finalizers": DROP})).problems == []
