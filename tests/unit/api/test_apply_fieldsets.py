"""Sets of fields as tries, against plain sets of paths."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.apply import elements, fieldset
from podwright.api.apply.elements import BadElement
from podwright.api.apply.masks import hiding, only

ELEMENTS = ("f:a", "f:b", 'k:{"name":"x"}', 'k:{"port":80}', 'v:"s"', "v:7", "i:0")
PATHS = st.frozensets(st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=4).map(tuple), max_size=12)


def trie(paths):
    """The dumb way: insert one path after the other."""
    root = {}
    for path in paths:
        node = root
        for element in path:
            node = node.setdefault(element, {"children": {}, "member": False})["children"]
    for path in paths:
        node = {"children": root}
        for element in path:
            node = node["children"][element]
        node["member"] = True
    return {element: _node(node) for element, node in root.items()}


def _node(node):
    children = {element: _node(child) for element, child in node["children"].items()}
    return {".": {}, **children} if children and node["member"] else children


def paths_of(fields):
    return frozenset(fieldset.members(fields))


@given(PATHS)
def test_members_are_the_paths_that_were_put_in(paths):
    assert paths_of(trie(paths)) == paths


@given(PATHS, PATHS)
def test_union(first, second):
    assert fieldset.union(trie(first), trie(second)) == trie(first | second)


@given(PATHS, PATHS)
def test_difference_takes_members_and_leaves_what_is_below_them(first, second):
    assert fieldset.difference(trie(first), trie(second)) == trie(first - second)


@given(PATHS, PATHS)
def test_intersection(first, second):
    assert fieldset.intersection(trie(first), trie(second)) == trie(first & second)


@given(PATHS, PATHS)
def test_without_takes_what_is_below_members_too(first, second):
    left = {path for path in first if not any(path[: n + 1] in second for n in range(len(path)))}
    assert fieldset.without(trie(first), trie(second)) == trie(left)


@given(PATHS)
def test_leaves_have_nothing_below_them(paths):
    below = {path[:n] for path in paths for n in range(1, len(path))}
    assert paths_of(fieldset.leaves(trie(paths))) == paths - below


@given(PATHS)
def test_a_set_holds_its_paths_and_no_others(paths):
    fields = trie(paths)
    assert all(fieldset.has(fields, path) for path in paths)
    assert not fieldset.has(fields, ())
    assert not fieldset.has(fields, ("f:nobody",))


@given(PATHS, PATHS)
def test_arguments_stay_as_they_were(first, second):
    left, right = trie(first), trie(second)
    before = json.dumps([left, right])
    for operation in (fieldset.union, fieldset.difference, fieldset.intersection, fieldset.without):
        operation(left, right)
    assert json.dumps([left, right]) == before


@given(PATHS)
def test_what_changes_nothing_is_the_same_set(paths):
    fields = trie(paths)
    assert fieldset.union(fields, {}) is fields
    assert fieldset.difference(fields, {"f:nobody": {}}) is fields
    in_order = fieldset.ordered(fields)
    assert fieldset.ordered(in_order) is in_order


@given(PATHS)
def test_order_is_kept_by_text(paths):
    fields = fieldset.ordered(trie(paths))
    assert fieldset.decoded(json.loads(json.dumps(fields))) == fields
    assert json.dumps(fieldset.ordered(fields)) == json.dumps(fields)


def test_the_order_of_elements():
    mixed = {
        "i:2": {}, 'v:"b"': {}, "v:10": {}, "v:9": {}, 'k:{"port":443}': {}, 'k:{"port":80,"protocol":"TCP"}': {}, "f:b": {},
        'k:{"name":"b"}': {}, 'k:{"name":"a"}': {}, "f:a": {}, ".": {}, 'k:{"port":80}': {}, "v:true": {},
    }  # fmt: skip
    assert list(fieldset.ordered({"f:x": mixed})["f:x"]) == [
        ".", "f:a", "f:b", 'k:{"name":"a"}', 'k:{"name":"b"}', 'k:{"port":80}', 'k:{"port":80,"protocol":"TCP"}',
        'k:{"port":443}', "v:9", "v:10", 'v:"b"', "v:true", "i:2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"f:a": {".": {}}}, {"f:a": {}}),
        ({'k:{"protocol": "TCP", "port": 80}': {}}, {'k:{"port":80,"protocol":"TCP"}': {}}),
        ({"x:future": {"f:a": {}}, "f:a": {}}, {"f:a": {}}),
        ({"i:007": {}}, {"i:7": {}}),
        (None, {}),
    ],
    ids=["a lone dot", "keys in another order", "an unknown kind", "a place with zeros", "none at all"],
)
def test_what_others_wrote_is_made_regular(raw, wanted):
    assert fieldset.decoded(raw) == wanted


@pytest.mark.parametrize("text", ["", "f", "fa", "k:{", "k:[]", "v:", "i:x", "k:7"])
def test_texts_that_are_no_elements(text):
    with pytest.raises(BadElement):
        fieldset.decoded({text: {}})


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("f:a/b", ".a/b"),
        ('k:{"containerPort":80,"protocol":"TCP"}', '[containerPort=80,protocol="TCP"]'),
        ('v:"x"', '[="x"]'),
        ("i:3", "[3]"),
    ],
)
def test_elements_as_messages_show_them(element, text):
    assert elements.shown(element) == text


def test_values_are_escaped_as_in_html():
    assert elements.valued("a<b>&") == 'v:"a\\u003cb\\u003e\\u0026"'
    assert elements.keyed({"name": "<"}) == 'k:{"name":"\\u003c"}'
    assert elements.normal('v:"<"') == elements.valued("<")


def test_masks():
    fields = {"f:spec": {"f:a": {}}, "f:status": {".": {}, "f:b": {}}, "f:metadata": {"f:labels": {".": {}, "f:x": {}}}}
    assert hiding("status", "metadata.labels")(fields) == {"f:spec": {"f:a": {}}}
    containers = {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:resources": {"f:limits": {}}}}
    shown = only("spec.containers.*.resources")({"f:spec": {"f:containers": containers, "f:a": {}}})
    assert shown == {"f:spec": {"f:containers": {'k:{"name":"c"}': {".": {}, "f:resources": {"f:limits": {}}}}}}
