"""Strategic merge patches: every directive, and the patches between documents."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from podwright.api.patch import strategic_merge
from podwright.api.patch.errors import PatchError
from podwright.api.patch.json_patch import same
from podwright.api.schema import FieldSchema, TypeSchema

JSON = dict[str, Any]


def fields(*found: FieldSchema) -> dict[str, FieldSchema]:
    return {field.name: field for field in found}


def scalar(name: str) -> FieldSchema:
    return FieldSchema(name=name, kind="string")


def by_key(name: str, ref: TypeSchema, key: str = "name") -> FieldSchema:
    return FieldSchema(name=name, kind="list", ref=ref, patch_strategy=("merge",), merge_key=key)


ENV = TypeSchema(name="t.Env", fields=fields(scalar("name"), scalar("value")))
PORT = TypeSchema(name="t.Port", fields=fields(FieldSchema(name="port", kind="integer"), scalar("name")))
CONTAINER = TypeSchema(
    name="t.Container",
    fields=fields(
        scalar("name"),
        scalar("image"),
        by_key("env", ENV),
        by_key("ports", PORT, "port"),
        FieldSchema(name="args", kind="list", item=scalar("")),
        FieldSchema(name="limits", kind="map", item=FieldSchema(name="", kind="quantity")),
    ),
)
STRATEGY = TypeSchema(name="t.Strategy", fields=fields(scalar("type")))
VOLUME = TypeSchema(name="t.Volume", fields=fields(scalar("name")))
SCHEMA = TypeSchema(
    name="t.Thing",
    fields=fields(
        by_key("containers", CONTAINER),
        FieldSchema(name="volumes", kind="list", ref=VOLUME, patch_strategy=("merge", "retainKeys"), merge_key="name"),
        FieldSchema(name="finalizers", kind="list", item=scalar(""), patch_strategy=("merge",)),
        FieldSchema(name="strategy", kind="object", ref=STRATEGY, patch_strategy=("retainKeys",)),
        FieldSchema(name="whole", kind="object", ref=STRATEGY, patch_strategy=("replace",)),
        FieldSchema(name="labels", kind="map", item=scalar("")),
        FieldSchema(name="pools", kind="map", ref=CONTAINER),
        FieldSchema(name="tolerations", kind="list", ref=ENV),
        FieldSchema(name="replicas", kind="integer"),
    ),
)


def named(*names: str, **more: Any) -> list[JSON]:
    return [{"name": name, **more} for name in names]


@pytest.mark.parametrize(
    ("document", "patch", "wanted"),
    [
        pytest.param({"replicas": 1}, {"replicas": 2}, {"replicas": 2}, id="scalar"),
        pytest.param({"replicas": 1}, {"replicas": None}, {}, id="null deletes"),
        pytest.param({}, {"labels": {"a": None, "b": "c"}}, {"labels": {"b": "c"}}, id="nulls of new maps are dropped"),
        pytest.param({"labels": {"a": "b"}}, {"labels": {"c": "d"}}, {"labels": {"a": "b", "c": "d"}}, id="map"),
        pytest.param({"a": 1}, None, {"a": 1}, id="a null patch"),
        pytest.param(
            {"containers": [{"name": "a", "image": "1"}, {"name": "b"}]},
            {"containers": [{"name": "a", "image": "2"}]},
            {"containers": [{"name": "a", "image": "2"}, {"name": "b"}]},
            id="list by key",
        ),
        pytest.param(
            {"containers": named("a", "b")}, {"containers": named("c")}, {"containers": named("c", "a", "b")},
            id="new elements come first",
        ),
        pytest.param(
            {"containers": named("a", "b", "c")}, {"containers": named("c", "a")},
            {"containers": named("b", "c", "a")}, id="the patch orders what it names",
        ),
        pytest.param(
            {"containers": [{"name": "a", "env": named("X", "Y", value="1")}]},
            {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}]},
            {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}]},
            id="nested lists by key",
        ),
        pytest.param(
            {"pools": {"p": {"env": named("X")}}}, {"pools": {"p": {"env": named("Y")}}},
            {"pools": {"p": {"env": named("Y", "X")}}}, id="maps of objects keep their lists' keys",
        ),
        pytest.param(
            {"containers": [{"name": "a", "args": ["x", "y"]}]}, {"containers": [{"name": "a", "args": ["z"]}]},
            {"containers": [{"name": "a", "args": ["z"]}]}, id="atomic list",
        ),
        pytest.param(
            {"tolerations": named("a")}, {"tolerations": named("b")}, {"tolerations": named("b")},
            id="objects without a key are atomic",
        ),
        pytest.param(
            {"containers": [{"name": "a", "ports": [{"port": 53, "name": "u"}]}]},
            {"containers": [{"name": "a", "ports": [{"port": 53, "name": "t"}]}]},
            {"containers": [{"name": "a", "ports": [{"port": 53, "name": "t"}]}]}, id="integer keys",
        ),
        pytest.param(
            {"containers": named("a", "b")}, {"containers": [{"name": "a", "$patch": "delete"}]},
            {"containers": named("b")}, id="delete an element",
        ),
        pytest.param(
            {"containers": named("a")}, {"containers": [{"name": "z", "$patch": "delete"}]}, {"containers": named("a")},
            id="delete what is not there",
        ),
        pytest.param(
            {}, {"containers": [{"name": "z", "$patch": "delete"}, {"name": "a"}]}, {"containers": named("a")},
            id="delete in a new list",
        ),
        pytest.param(
            {"containers": named("a", "b")}, {"containers": [{"$patch": "replace"}, {"name": "c"}]},
            {"containers": named("c")}, id="replace a list",
        ),
        pytest.param(
            {"labels": {"a": "b"}}, {"labels": {"$patch": "replace", "c": "d"}}, {"labels": {"c": "d"}},
            id="replace a map",
        ),
        pytest.param({"labels": {"a": "b"}}, {"labels": {"$patch": "delete"}}, {"labels": {}}, id="delete a map"),
        pytest.param(
            {"labels": {"a": "b"}}, {"labels": {"$patch": "merge", "c": "d"}}, {"labels": {"a": "b", "c": "d"}},
            id="merge a map",
        ),
        pytest.param({}, {"labels": {"$patch": "replace", "c": "d"}}, {}, id="replace nothing"),
        pytest.param({}, {"labels": {"$patch": "delete"}}, {}, id="delete nothing"),
        pytest.param({}, {"x": {"y": {"$patch": "replace", "c": 1}, "z": 1}}, {"x": {"z": 1}}, id="replace in nothing"),
        pytest.param({"a": 1}, {"$patch": "replace", "b": 2}, {"b": 2}, id="replace everything"),
        pytest.param(
            {"finalizers": ["a", "b"]}, {"finalizers": ["b", "c"]}, {"finalizers": ["a", "b", "c"]},
            id="list of scalars",
        ),
        pytest.param(
            {"finalizers": ["a", "b", "c"]}, {"$deleteFromPrimitiveList/finalizers": ["b", "z"]},
            {"finalizers": ["a", "c"]}, id="delete scalars",
        ),
        pytest.param({}, {"$deleteFromPrimitiveList/finalizers": ["b"]}, {}, id="delete scalars of nothing"),
        pytest.param(
            {"finalizers": ["a", "b"]}, {"$setElementOrder/finalizers": ["c", "a"], "finalizers": ["c"]},
            {"finalizers": ["c", "a", "b"]}, id="order scalars",
        ),
        pytest.param(
            {"containers": named("a", "b")},
            {"$setElementOrder/containers": named("b", "a"), "containers": [{"name": "a", "image": "2"}]},
            {"containers": [{"name": "b"}, {"name": "a", "image": "2"}]}, id="order elements",
        ),
        pytest.param(
            {"containers": named("a", "b", "c")}, {"$setElementOrder/containers": named("c", "a")},
            {"containers": named("b", "c", "a")}, id="order alone, others keep their place",
        ),
        pytest.param({}, {"$setElementOrder/containers": named("c")}, {}, id="order of nothing"),
        pytest.param(
            {"strategy": {"type": "a", "rolling": {"x": 1}}}, {"strategy": {"$retainKeys": ["type"], "type": "b"}},
            {"strategy": {"type": "b"}}, id="retain keys",
        ),
        pytest.param(
            {"volumes": [{"name": "v", "host": {}}]},
            {"volumes": [{"name": "v", "$retainKeys": ["name", "empty"], "empty": {}}]},
            {"volumes": [{"name": "v", "empty": {}}]}, id="retain keys of an element",
        ),
        pytest.param({}, {"strategy": {"$retainKeys": ["type"], "type": "b"}}, {"strategy": {"type": "b"}},
                     id="retain keys of nothing"),
        pytest.param({"whole": {"a": 1}}, {"whole": {"b": 2}}, {"whole": {"b": 2}}, id="replace strategy"),
        pytest.param({"unknown": {"a": 1}}, {"unknown": {"b": 2}}, {"unknown": {"a": 1, "b": 2}}, id="unknown map"),
        pytest.param({"unknown": [{"name": "a"}]}, {"unknown": [{"name": "b"}]}, {"unknown": [{"name": "b"}]},
                     id="unknown list"),
        pytest.param({"labels": {"a": "b"}}, {"labels": "x"}, {"labels": "x"}, id="other type"),
        pytest.param({"a": None}, {"a": {"$patch": "merge", "b": 1}}, {"a": {"b": 1}}, id="null before"),
    ],
)  # fmt: skip
def test_apply(document: JSON, patch: Any, wanted: JSON) -> None:
    before, patch_before = copy.deepcopy(document), copy.deepcopy(patch)
    assert strategic_merge.apply(document, patch, SCHEMA) == wanted
    assert (document, patch) == (before, patch_before)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ([], "is an object"),
        ({"labels": {"$patch": "nope"}}, "unknown patch type: nope"),
        ({"containers": [{"image": "x"}]}, r"map: map\[image:x\] does not contain declared merge key: name"),
        ({"containers": [{"$patch": "delete"}]}, "does not contain declared merge key: name"),
        ({"containers": [{"name": "a", "$patch": "nope"}]}, "unknown patch type: nope"),
        ({"containers": ["x"]}, "cannot merge x"),
        ({"$setElementOrder/containers": named("z"), "containers": named("a")}, r"doesn't match \$setElementOrder"),
        ({"$setElementOrder/containers": "x"}, "setElementOrder"),
        ({"$deleteFromPrimitiveList/finalizers": "x"}, "primitive list"),
        ({"strategy": {"$retainKeys": ["type"], "other": 1}}, "invalid patch format of retainKeys"),
        ({"strategy": {"$retainKeys": "type"}}, "invalid patch format of retainKeys"),
    ],
)
def test_refusals(patch: Any, says: str) -> None:
    document = {"labels": {"a": "b"}, "containers": named("a"), "finalizers": ["f"], "strategy": {"type": "t"}}
    with pytest.raises(PatchError, match=says) as caught:
        strategic_merge.apply(document, patch, SCHEMA)
    assert caught.value.api_error().code == 400


text = st.sampled_from(["", "x", "y"])
name = st.sampled_from(["a", "b", "c", "d"])


def elements(
    inner: dict[str, st.SearchStrategy[Any]], key: str, keys: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    one = st.fixed_dictionaries({key: keys}, optional=inner)
    return st.lists(one, max_size=4, unique_by=lambda element: element[key])


labels = st.dictionaries(name, text, max_size=3)
containers = elements(
    {
        "image": text,
        "env": elements({"value": text}, "name", name),
        "ports": elements({"name": text}, "port", st.integers(1, 3)),
        "args": st.lists(text, max_size=2),
        "limits": labels,
    },
    "name",
    name,
)
pool = st.fixed_dictionaries({}, optional={"env": elements({}, "name", name)})
things = st.fixed_dictionaries(
    {},
    optional={
        "containers": containers,
        "volumes": elements({"empty": labels, "host": labels}, "name", name),
        "finalizers": st.lists(name, max_size=4, unique=True),
        "strategy": st.fixed_dictionaries({}, optional={"type": text, "rolling": labels}),
        "whole": labels,
        "labels": labels,
        "pools": st.dictionaries(
            name, st.fixed_dictionaries({}, optional={"env": elements({}, "name", name)}), max_size=2
        ),
        "tolerations": elements({"value": text}, "name", name),
        "replicas": st.integers(0, 3),
    },
)


@given(things, things)
def test_a_diff_leads_there(document: JSON, new: JSON) -> None:
    before, new_before = copy.deepcopy(document), copy.deepcopy(new)
    patch = strategic_merge.diff(document, new, SCHEMA)
    assert strategic_merge.apply(document, patch, SCHEMA) == new
    assert (document, new) == (before, new_before)


@given(things)
def test_no_difference_is_no_patch(document: JSON) -> None:
    assert strategic_merge.diff(document, copy.deepcopy(document), SCHEMA) == {}
    assert strategic_merge.three_way(document, document, document, SCHEMA) == {}


@given(things, things)
def test_three_ways_of_one_author_are_two(original: JSON, modified: JSON) -> None:
    patch = strategic_merge.three_way(original, modified, original, SCHEMA)
    result = strategic_merge.apply(original, patch, SCHEMA)
    assert same(keyed(result), keyed(modified))


@given(things, things, things)
def test_three_way(original: JSON, modified: JSON, current: JSON) -> None:
    patch = strategic_merge.three_way(original, modified, current, SCHEMA)
    result = strategic_merge.apply(current, patch, SCHEMA)
    assume("$retainKeys" not in repr(patch))  # those clear others' fields on purpose
    check(keyed(original), keyed(modified), keyed(current), keyed(result))


def keyed(value: Any) -> Any:
    """Lists that merge as maps, so that order does not matter to a comparison."""
    if isinstance(value, dict):
        return {key: keyed(item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(element, dict) for element in value):
        return {str(element.get("port", element.get("name"))): keyed(element) for element in value}
    return value


ATOMIC = {"args", "whole", "tolerations"}


def check(original: JSON, modified: JSON, current: JSON, result: JSON) -> None:
    """Per field: the new wish holds; what is no longer wished is gone; what only others have stays."""
    for key in original.keys() | modified.keys() | current.keys():
        if key == "finalizers":
            had = set(original.get(key, ()))
            wish, now = set(modified.get(key, ())), set(current.get(key, ()))
            if key in modified:
                assert set(result.get(key, ())) == (now - (had - wish)) | wish
        elif key in modified:
            wish = modified[key]
            if key not in ATOMIC and isinstance(wish, dict) and isinstance(current.get(key), dict):
                below = original.get(key)
                check(below if isinstance(below, dict) else {}, wish, current[key], result[key])
            elif key in ATOMIC or not isinstance(wish, (dict, list)):
                assert result[key] == wish
        elif key in original:
            assert key not in result
        else:
            assert result.get(key) == current[key]


def test_what_kubectl_sends_for_an_image_change() -> None:
    applied = {"containers": [{"name": "a", "image": "1"}], "replicas": 1}
    live = {"containers": [{"name": "a", "image": "1", "limits": {}}], "replicas": 5, "labels": {"by": "others"}}
    wish = {"containers": [{"name": "a", "image": "2"}]}
    assert strategic_merge.three_way(applied, wish, live, SCHEMA) == {
        "$setElementOrder/containers": [{"name": "a"}],
        "containers": [{"name": "a", "image": "2"}],
        "replicas": None,
    }


def test_a_removed_element_is_a_deletion() -> None:
    applied = {"containers": named("a", "b"), "finalizers": ["f", "g"]}
    wish = {"containers": named("a"), "finalizers": ["g"]}
    assert strategic_merge.diff(applied, wish, SCHEMA) == {
        "$setElementOrder/containers": [{"name": "a"}],
        "containers": [{"name": "b", "$patch": "delete"}],
        "$deleteFromPrimitiveList/finalizers": ["f"],
        "$setElementOrder/finalizers": ["g"],
    }


def test_changing_a_volumes_source_retains_the_new_one_only() -> None:
    applied = {"volumes": [{"name": "v", "host": {}}]}
    wish = {"volumes": [{"name": "v", "empty": {}}]}
    patch = strategic_merge.three_way(applied, wish, applied, SCHEMA)
    assert patch["volumes"] == [{"name": "v", "host": None, "empty": {}, "$retainKeys": ["empty", "name"]}]
    assert strategic_merge.apply(applied, patch, SCHEMA) == wish


def test_without_a_schema_lists_are_replaced() -> None:
    assert strategic_merge.apply({"a": {"l": [1]}}, {"a": {"l": [2], "x": 1}}, None) == {"a": {"l": [2], "x": 1}}
