"""The fields of a new object, found fast, are those that comparing it with an empty one gives, in the same order."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.api.apply.comparing import compare
from podwright.api.apply.creating import new_fields
from podwright.api.apply.fieldset import ordered
from podwright.api.apply.shapes import shape_of
from podwright.api.model import check, prune
from podwright.api.resources import find
from podwright.api.schema import schema_of

names = st.sampled_from(["a", "b", "B", "a.b/c", "z", "Ü"])
texts = st.dictionaries(names, names, max_size=3)
owners = st.lists(st.fixed_dictionaries({"apiVersion": names, "kind": names, "name": names, "uid": names}), max_size=3)
metadata = st.fixed_dictionaries(
    {"name": names, "uid": st.just("u"), "creationTimestamp": st.just("2026-01-02T03:04:05Z")},
    optional={
        "labels": texts | st.none(),
        "annotations": texts,
        "finalizers": st.lists(names, max_size=3, unique=True),
        "ownerReferences": owners.map(lambda found: list({o["uid"]: o for o in found}.values())),
        "generateName": names,
        "generation": st.just(1),
        "deletionTimestamp": st.none(),
        "managedFields": st.just([]),
        "odd": st.dictionaries(names, st.lists(names)),
    },
)
containers = st.lists(
    st.fixed_dictionaries({"name": names}, optional={"image": names, "args": st.lists(names), "resources": texts}),
    max_size=3,
    unique_by=lambda c: c["name"],
)
pods = st.fixed_dictionaries(
    {"kind": st.just("Pod"), "apiVersion": st.just("v1")},
    optional={
        "metadata": metadata | st.none(),
        "spec": st.fixed_dictionaries(
            {}, optional={"containers": containers, "nodeSelector": texts, "nodeName": names}
        ),
        "status": st.fixed_dictionaries({}, optional={"phase": names}),
    },
)
maps = st.fixed_dictionaries(
    {"kind": st.just("ConfigMap"), "metadata": metadata},
    optional={"data": texts | st.none(), "immutable": st.booleans(), "odd": st.lists(names), "more": st.none()},
)


def same(resource, blank, obj):
    shape = shape_of(schema_of(resource.cls))
    expected = ordered(compare(shape, blank, obj)[0])
    for _ in range(2):  # remembered, too
        assert orjson.dumps(new_fields(shape, blank, obj)) == orjson.dumps(expected)


@settings(deadline=None)  # the first example compiles the schema
@given(pods)
def test_of_pods(obj):
    same(find("pods"), {"metadata": {}, "spec": {"containers": None}, "status": {}}, obj)


@settings(deadline=None)  # the first example compiles the schema
@given(maps)
def test_of_config_maps(obj):
    same(find("configmaps"), {"metadata": {}}, obj)


@settings(deadline=None)  # the first example compiles the schema
@given(maps, st.sampled_from([{}, {"metadata": {"labels": {"a": "b"}}}, {"data": {"a": "b"}}]))
def test_of_what_is_not_blank_at_first(obj, blank):
    same(find("configmaps"), blank, obj)


@pytest.mark.parametrize("plural", ["services", "nodes", "secrets"])
def test_of_kinds_with_fields_that_are_always_there(plural):
    resource = find(plural)
    obj = prune(resource.cls, {"metadata": {"name": "x", "labels": {"b": "1", "a": "2"}}})
    assert not check(resource.cls, obj)
    same(resource, {"metadata": {}, **prune(resource.cls, {})}, obj)
