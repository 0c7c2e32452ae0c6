"""Who owns what after updates and applies, and what an apply does to an object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.apply.atomics import atomics
from podwright.api.apply.checking import Unfit, check
from podwright.api.apply.collecting import given as given_fields
from podwright.api.apply.comparing import compare
from podwright.api.apply.entries import APPLY, UPDATE, Entry, Writer
from podwright.api.apply.fieldset import ordered
from podwright.api.apply.last_applied import LAST_APPLIED, allowed_by_last_applied, with_last_applied
from podwright.api.apply.masks import hiding
from podwright.api.apply.merging import merge
from podwright.api.apply.owning import Conflicts
from podwright.api.apply.scaling import scale_applied, scaled
from podwright.api.apply.wording import conflict_error

from .apply_samples import SHAPE, SPEC, THING, V1, Single, apply, created, owned, scalar, thing, update

TCP80 = 'k:{"port":80,"protocol":"TCP"}'


def fields(**spec):
    return {"f:spec": spec}


def spec_fields(config):
    return given_fields(SHAPE, thing(**config)).get("f:spec", {})


# -- sets of documents


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"size": 1}, {"f:size": {}}),
        ({"size": None}, {"f:size": {}}),
        ({"labels": {"a": "1"}}, {"f:labels": {"f:a": {}}}),
        ({"labels": {}}, {"f:labels": {}}),
        ({"whole": {"a": "1"}}, {"f:whole": {}}),
        ({"args": ["a"]}, {"f:args": {}}),
        ({"tags": ["a", "b"]}, {"f:tags": {'v:"a"': {}, 'v:"b"': {}}}),
        ({"tags": []}, {}),
        ({"ports": [{"port": 80}]}, {"f:ports": {TCP80: {".": {}, "f:port": {}}}}),
        ({"free": {"a": {"b": [1]}}}, {"f:free": {"f:a": {".": {}, "f:b": {}}}}),
        ({"free": 3}, {"f:free": {}}),
    ],
)
def test_the_set_of_a_configuration(spec, wanted):
    assert spec_fields(spec) == wanted


@pytest.mark.parametrize(
    ("old", "new", "changed", "removed"),
    [
        ({}, {"size": 1}, {"f:size": {}}, {}),
        ({"size": 1}, {"size": 2}, {"f:size": {}}, {}),
        ({"size": 1}, {}, {}, {"f:size": {}}),
        ({"cpu": "1"}, {"cpu": "1000m"}, {}, {}),
        ({"cpu": "1"}, {"cpu": "2"}, {"f:cpu": {}}, {}),
        ({}, {"labels": {"a": "1"}}, {"f:labels": {".": {}, "f:a": {}}}, {}),
        ({"labels": None}, {"labels": {"a": "1"}}, {"f:labels": {"f:a": {}}}, {}),
        (
            {"labels": {"a": "1", "b": "1"}},
            {"labels": {"a": "2"}},
            {"f:labels": {"f:a": {}}},
            {"f:labels": {"f:b": {}}},
        ),
        ({"labels": {"a": "1"}}, {"labels": {}}, {}, {"f:labels": {"f:a": {}}}),
        ({"labels": None}, {"labels": {}}, {"f:labels": {}}, {}),
        ({"whole": {"a": "1"}}, {"whole": {"a": "2"}}, {"f:whole": {}}, {}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "c"]}, {"f:tags": {'v:"c"': {}}}, {"f:tags": {'v:"a"': {}}}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {}, {}),
        (
            {"ports": [{"port": 80, "protocol": "TCP"}]},
            {"ports": [{"port": 80, "protocol": "TCP", "name": "n"}]},
            {"f:ports": {TCP80: {"f:name": {}}}},
            {},
        ),
        (
            {"ports": [{"port": 80}]},
            {"ports": []},
            {},
            {"f:ports": {TCP80: {".": {}, "f:port": {}}}},
        ),
        ({"free": {"a": 1}}, {"free": 3}, {"f:free": {}}, {"f:free": {"f:a": {}}}),
        ({"free": 3}, {"free": {"a": 1}}, {"f:free": {".": {}, "f:a": {}}}, {}),
        ({"free": [1]}, {"free": [2]}, {"f:free": {}}, {}),
        (
            {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]},
            {"ports": [{"port": 80, "name": "a"}]},
            {"f:ports": {TCP80: {".": {}, "f:name": {}, "f:port": {}}}},
            {},
        ),
        (
            {"ports": [{"port": 80, "name": "a"}]},
            {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]},
            {"f:ports": {TCP80: {}}},
            {"f:ports": {TCP80: {"f:name": {}, "f:port": {}}}},
        ),
    ],
)
def test_what_changed(old, new, changed, removed):
    found = compare(SHAPE, thing(**old), thing(**new))
    assert [ordered(side.get("f:spec", {})) for side in found] == [changed, removed]


def test_the_server_s_own_metadata_is_nobody_s():
    old = {"metadata": {"name": "x", "uid": "1", "resourceVersion": "1", "generation": 1, "managedFields": []}}
    new = {"metadata": {"name": "y", "uid": "2", "resourceVersion": "2", "generation": 2, "labels": {"a": "b"}}}
    assert compare(SHAPE, old, new) == ({"f:metadata": {"f:labels": {".": {}, "f:a": {}}}}, {})


# -- merging


@pytest.mark.parametrize(
    ("live", "config", "wanted"),
    [
        ({"size": 1}, {"size": 2}, {"size": 2}),
        ({"cpu": "1"}, {"cpu": "1000m"}, {"cpu": "1"}),
        ({"labels": {"a": "1"}}, {"labels": {"b": "2"}}, {"labels": {"a": "1", "b": "2"}}),
        ({"labels": {"a": "1"}}, {"labels": None}, {"labels": {"a": "1"}}),
        ({"size": 1}, {"size": None}, {"size": None}),
        ({"whole": {"a": "1"}}, {"whole": {"b": "2"}}, {"whole": {"b": "2"}}),
        ({"args": ["a"]}, {"args": ["b"]}, {"args": ["b"]}),
        ({"tags": ["a", "b"]}, {"tags": ["c", "a"]}, {"tags": ["c", "a", "b"]}),
        (
            {"ports": [{"port": 80, "protocol": "TCP", "name": "n"}]},
            {"ports": [{"port": 80, "name": "m"}]},
            {"ports": [{"port": 80, "protocol": "TCP", "name": "m"}]},
        ),
        ({"free": {"a": 1}}, {"free": {"b": [2]}}, {"free": {"a": 1, "b": [2]}}),
        ({"free": {"a": 1}}, {"free": [2]}, {"free": [2]}),
    ],
)
def test_merging(live, config, wanted):
    assert merge(SHAPE, thing(**live), thing(**config)) == thing(**wanted)


ORDERS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=7)


@given(ORDERS, ORDERS)
def test_merged_lists_keep_both_orders(live, config):
    merged = merge(SHAPE, thing(tags=live), thing(tags=config))["spec"]["tags"] or []
    assert sorted(merged) == sorted(set(live) | set(config))
    assert [item for item in merged if item in config] == config
    rest = [item for item in live if item not in config]
    assert [item for item in merged if item in rest] == rest


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [("ax", "nx", "anx"), ("axb", "ba", "xba"), ("axby", "ba", "xbya"), ("abc", "d", "abcd"), ("abcd", "cx", "abcdx")],
)
def test_where_new_items_stand(live, config, merged):
    assert merge(SHAPE, thing(tags=[*live]), thing(tags=[*config]))["spec"]["tags"] == [*merged]


# -- updates


def test_a_creator_owns_what_it_gave():
    entries = created("maker", thing(size=1, labels={"a": "1"}))
    assert owned(entries) == {"maker": {"f:spec": {"f:size": {}, "f:labels": {".": {}, "f:a": {}}}}}
    assert entries[0].time == "1"


def test_an_updater_takes_what_it_changed():
    old = thing(size=1, labels={"a": "1", "b": "1"})
    entries = update(old, created("maker", old), "other", thing(size=2, labels={"a": "1"}))
    assert owned(entries) == {
        "maker": {"f:spec": {"f:labels": {".": {}, "f:a": {}}}},
        "other": {"f:spec": {"f:size": {}}},
    }
    assert {entry.writer.manager: entry.time for entry in entries} == {"maker": "1", "other": "2"}


def test_nothing_changed_nothing_noted():
    old = thing(size=1)
    entries = created("maker", old)
    assert update(old, entries, "other", thing(size=1)) == entries
    assert update(old, entries, "maker", thing(size=1)) == entries


def test_only_removing_keeps_the_time():
    old = thing(size=1, cpu="1")
    (entry,) = update(old, created("maker", old), "maker", thing(size=1))
    assert (entry.fields, entry.time) == ({"f:spec": {"f:size": {}}}, "1")


def test_hidden_fields_change_no_owner():
    old = {**thing(size=1), "status": {"size": 1}}
    new = {**thing(size=1), "status": {"size": 2}}
    assert update(old, created("maker", thing(size=1)), "other", new, mask=hiding("status")) == created(
        "maker", thing(size=1)
    )
    entries = update(old, created("maker", thing(size=1)), "other", new, mask=hiding("spec"), subresource="status")
    assert owned(entries)["other"] == {"f:status": {"f:size": {}}}


def test_entries_of_versions_that_are_gone_go():
    old = thing(size=1)
    gone = Entry(Writer("old", APPLY, "example.org/v0"), "1", {"f:spec": {"f:size": {}}})
    assert owned(update(old, [gone, *created("maker", old)], "other", thing(size=1))) == owned(created("maker", old))


def test_the_oldest_updates_are_kept_together():
    obj, entries = thing(), []
    for number in range(12):
        new = thing(labels={**obj["spec"].get("labels", {}), f"l{number}": "1"})
        entries = update(obj, entries, f"m{number:02}", new, now=f"{number:02}")
        obj = new
    managers = {entry.writer.manager: entry for entry in entries}
    assert sorted(managers) == ["ancient-changes", *(f"m{n:02}" for n in range(3, 12))]
    assert managers["ancient-changes"].fields == {"f:spec": {"f:labels": {".": {}, "f:l0": {}, "f:l1": {}, "f:l2": {}}}}
    assert managers["ancient-changes"].time == "02"


# -- applies


def test_an_applier_owns_what_it_gives_and_no_defaults():
    result = apply({"metadata": {}}, [], "one", thing(size=1))
    assert result.obj == thing(size=1)
    assert owned(result.entries) == {"one": {"f:spec": {"f:size": {}}}}


def test_the_same_value_is_shared():
    first = apply({"metadata": {}}, [], "one", thing(size=1), now="1")
    second = apply(first.obj, first.entries, "two", thing(size=1))
    assert owned(second.entries) == {"one": fields(**{"f:size": {}}), "two": fields(**{"f:size": {}})}
    assert {entry.writer.manager: entry.time for entry in second.entries} == {"one": "1", "two": ""}
    assert second.obj == first.obj


def test_another_value_conflicts_and_force_takes_it():
    first = apply({"metadata": {}}, [], "one", thing(size=1, cpu="1"))
    with pytest.raises(Conflicts) as refused:
        apply(first.obj, first.entries, "two", thing(size=2))
    assert [(entry.writer.manager, path) for entry, path in refused.value.found] == [("one", ("f:spec", "f:size"))]
    forced = apply(first.obj, first.entries, "two", thing(size=2), force=True)
    assert forced.obj["spec"] == {"size": 2, "cpu": "1"}
    assert owned(forced.entries) == {"one": fields(**{"f:cpu": {}}), "two": fields(**{"f:size": {}})}


def test_what_is_given_no_more_goes_unless_another_owns_it():
    first = apply({"metadata": {}}, [], "one", thing(labels={"a": "1", "b": "1"}, ports=[{"port": 80}]))
    second = apply(first.obj, first.entries, "two", thing(labels={"a": "1"}))
    third = apply(second.obj, second.entries, "one", thing(size=1))
    assert third.obj["spec"] == {"labels": {"a": "1"}, "size": 1}
    assert owned(third.entries) == {"one": fields(**{"f:size": {}}), "two": fields(**{"f:labels": {"f:a": {}}})}


def test_the_last_label_goes_alone():
    live = {"metadata": {"name": "x", "uid": "1", "creationTimestamp": "t"}}
    config = {"kind": "Thing", "apiVersion": V1, "metadata": {"name": "x"}}
    given = {**config, "metadata": {"name": "x", "labels": {"a": "b"}, "finalizers": ["a.test/f"]}}
    first = apply({**config, **live}, [], "one", given)
    assert owned(first.entries)["one"].keys() == {"f:metadata"}
    assert apply(first.obj, first.entries, "one", config).obj == {**config, **live}


def test_parts_of_an_item_keep_the_item():
    first = apply({"metadata": {}}, [], "one", thing(ports=[{"port": 80, "name": "a"}]))
    second = apply(first.obj, first.entries, "two", thing(ports=[{"port": 80, "protocol": "TCP"}]))
    third = apply(second.obj, second.entries, "one", thing(size=1))
    assert third.obj["spec"]["ports"] == [{"port": 80, "protocol": "TCP"}]


def test_an_applier_that_gives_nothing_is_forgotten():
    first = apply({"metadata": {}}, [], "one", thing(size=1))
    assert apply(first.obj, first.entries, "one", {**thing(), "spec": {}}).entries[0].fields == {"f:spec": {}}
    bare = {"kind": "Thing", "apiVersion": V1, "metadata": {"name": "x"}}
    assert apply(first.obj, first.entries, "one", bare).entries == []


def test_fields_that_an_update_took_stay():
    first = apply({"metadata": {}}, [], "one", thing(size=1))
    new = thing(size=2)
    entries = update(first.obj, first.entries, "other", new)
    assert owned(entries) == {"other": fields(**{"f:size": {}})}
    with pytest.raises(Conflicts):
        apply(new, entries, "one", thing(size=1))
    assert apply(new, entries, "one", thing(cpu="1")).obj["spec"] == {"size": 2, "cpu": "1"}


def test_atomic_parts_conflict_as_a_whole():
    first = apply({"metadata": {}}, [], "one", thing(whole={"a": "1"}, args=["x"]))
    with pytest.raises(Conflicts) as refused:
        apply(first.obj, first.entries, "two", thing(whole={"a": "1", "b": "2"}, args=["y"]))
    assert {path[-1] for _, path in refused.value.found} == {"f:whole", "f:args"}


def test_another_spelling_of_a_quantity_is_no_conflict():
    first = apply({"metadata": {}}, [], "one", thing(cpu="1"))
    second = apply(first.obj, first.entries, "two", thing(cpu="1000m"))
    assert second.obj["spec"]["cpu"] == "1"
    assert set(owned(second.entries)) == {"one", "two"}


class Renamed(Single):
    """Version v2 calls `size` `amount`."""

    SHAPE2 = None

    def shape(self, api_version):
        if api_version == "example.org/v2":
            from podwright.api.apply.shapes import shape_of
            from podwright.api.schema import FieldSchema, TypeSchema

            spec = TypeSchema(name="Spec2", fields={"amount": scalar("amount", "integer"), "cpu": SPEC.fields["cpu"]})
            fields = {**THING.fields, "spec": FieldSchema(name="spec", kind="object", ref=spec)}
            return shape_of(TypeSchema(name="Thing2", fields=fields))
        return super().shape(api_version)

    def convert(self, obj, api_version):
        spec = dict(obj.get("spec") or {})
        here, there = ("size", "amount") if api_version.endswith("v2") else ("amount", "size")
        if here in spec:
            spec[there] = spec.pop(here)
        return {**obj, "apiVersion": api_version, "spec": spec}


def test_records_speak_of_their_own_version():
    entry = Entry(Writer("two", APPLY, "example.org/v2"), "1", fields(**{"f:amount": {}}))
    with pytest.raises(Conflicts) as refused:
        apply(thing(size=1), [entry], "one", thing(size=2), versions=Renamed())
    assert refused.value.found == ((entry, ("f:spec", "f:amount")),)
    assert apply(thing(size=1), [entry], "one", thing(size=1), versions=Renamed()).entries[0] is entry


def test_an_applier_may_go_on_in_another_version():
    entry = Entry(Writer("one", APPLY, "example.org/v2"), "1", fields(**{"f:amount": {}}))
    result = apply(thing(size=1, cpu="1"), [entry], "one", thing(cpu="2"), versions=Renamed())
    assert result.obj["spec"] == {"cpu": "2"}
    assert [(e.writer.api_version, e.fields) for e in result.entries] == [(V1, fields(**{"f:cpu": {}}))]


# -- many appliers, against maps of owners

KEYS = ("a", "b", "c")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("one", "two", "three")),
        st.dictionaries(st.sampled_from(KEYS), st.sampled_from("12")),
        st.booleans(),
    ),
    max_size=12,
)


def without_nulls(obj):
    """What the server makes of it: a map that holds nothing is not there."""
    return {**obj, "spec": {name: value for name, value in (obj["spec"] or {}).items() if value is not None}}


@given(STEPS)
def test_appliers_of_a_map(steps):
    """A dumb model: key -> value, key -> owners."""
    live, entries = {"kind": "Thing", "apiVersion": V1, "metadata": {"name": "x"}, "spec": {}}, []
    values: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    for manager, labels, force in steps:
        config = thing(labels=labels) if labels else thing()
        conflicting = {k for k, v in labels.items() if owners.get(k, set()) - {manager} and values[k] != v}
        if conflicting and not force:
            with pytest.raises(Conflicts) as refused:
                apply(live, entries, manager, config)
            assert {path[-1].removeprefix("f:") for _, path in refused.value.found} == conflicting
            continue
        for key in [k for k in KEYS if manager in owners.get(k, set()) and k not in labels]:
            owners[key].discard(manager)
            if not owners[key]:
                del owners[key], values[key]
        for key, value in labels.items():
            owners[key] = {manager} if values.get(key) != value else owners.get(key, set()) | {manager}
            values[key] = value
        result = apply(live, entries, manager, config, force=force)
        live, entries = without_nulls(result.obj), result.entries
        assert (live["spec"].get("labels") or {}) == values
        found = owned(entries)
        assert {
            k: {m for m in found if f"f:{k}" in found[m].get("f:spec", {}).get("f:labels", {})} for k in values
        } == owners
        again = apply(live, entries, manager, config)
        assert without_nulls(again.obj) == live
        assert {e.writer.identity: (e.fields, e.time) for e in again.entries} == {
            e.writer.identity: (e.fields, e.time) for e in entries
        }


# -- checks, words, and what surrounds apply


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"nope": 1}, ".spec.nope: field not declared in schema"),
        ({"size": "x"}, '.spec.size: expected numeric (int or float), got "x"'),
        ({"labels": {"a": 5}}, ".spec.labels.a: expected string, got 5"),
        ({"labels": ["a"]}, '.spec.labels: expected map, got ["a"]'),
        ({"args": "a"}, '.spec.args: expected list, got "a"'),
        ({"tags": ["a", "a"]}, '.spec.tags: duplicate entries for key [="a"]'),
        ({"ports": [{"port": 1}, {"port": 1}]}, '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]'),
        ({"ports": [5]}, ".spec.ports: element 0: associative list with keys may not have non-map elements"),
        (
            {"tags": [None]},
            ".spec.tags: element 0: associative list without keys has an element that's an explicit null",
        ),
    ],
)
def test_configurations_that_do_not_fit(spec, message):
    with pytest.raises(Unfit) as refused:
        check(THING, SHAPE, thing(**spec))
    assert str(refused.value) == message


def test_configurations_that_fit():
    check(THING, SHAPE, thing(size=None, cpu=1, free={"a": [1, {"b": None}]}, ports=[{"port": 80}, {"port": 81}]))


def test_conflicts_in_words():
    one = Entry(Writer("one", APPLY, V1), "", {})
    two = Entry(Writer("two", UPDATE, V1, "status"), "", {})
    single = conflict_error(Conflicts([(one, ("f:spec", "f:size"))]))
    assert (single.code, single.message) == (409, 'Apply failed with 1 conflict: conflict with "one": .spec.size')
    both = conflict_error(Conflicts([(one, ("f:a",)), (one, ("f:b",)), (two, ("f:c", TCP80))]))
    assert both.message == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .a\n- .b\n'
        f'conflicts with "two" with subresource "status" using {V1}:\n- .c[port=80,protocol="TCP"]'
    )
    assert both.details["causes"][0] == {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "one"',
        "field": ".a",
    }


def test_the_scale_window():
    entries = created("maker", thing(size=1, cpu="1"))
    scaler = Writer("scaler", UPDATE, V1, "scale")
    assert scaled(entries, scaler, ("spec", "size"), wanted=1, changed=False) == entries
    after = scaled(entries, scaler, ("spec", "size"), wanted=2, changed=True)
    assert owned(after) == {"maker": fields(**{"f:cpu": {}}), "scaler": fields(**{"f:size": {}})}
    assert after[1].time == ""
    assert scaled(after, scaler, ("spec", "size"), wanted=2, changed=True) == after
    assert owned(scaled(after, scaler, ("spec", "size"), wanted=0, changed=True)) == {"maker": fields(**{"f:cpu": {}})}
    assert scaled(entries, scaler, ("spec", "size"), wanted=0, changed=False) == entries
    applier = Writer("two", APPLY, V1, "scale")
    with pytest.raises(Conflicts) as refused:
        scale_applied(after, applier, ("spec", "size"), wanted=2, current=1, force=False)
    assert refused.value.found[0][1] == ("f:spec", "f:replicas")
    shared = scale_applied(after, applier, ("spec", "size"), wanted=1, current=1, force=False)
    assert set(owned(shared)) == {"maker", "scaler", "two"}
    taken = scale_applied(after, applier, ("spec", "size"), wanted=2, current=1, force=True)
    assert set(owned(taken)) == {"maker", "two"}
    assert scale_applied(taken, applier, ("spec", "size"), wanted=None, current=2, force=False) == [taken[0]]


def test_what_was_applied_client_side_is_no_conflict():
    text = '{"apiVersion":"example.org/v1","kind":"Thing","metadata":{"name":"x"},"spec":{"size":1,"cpu":"1"}}'
    live = thing(size=1, cpu="2")
    live["metadata"]["annotations"] = {LAST_APPLIED: text}
    owner = Entry(Writer("kubectl-client-side-apply", UPDATE, V1), "", {})
    assert allowed_by_last_applied(Conflicts([(owner, ("f:spec", "f:size"))]), SHAPE, live)
    assert not allowed_by_last_applied(Conflicts([(owner, ("f:spec", "f:cpu"))]), SHAPE, live)
    assert not allowed_by_last_applied(Conflicts([(owner, ("f:spec", "f:size"))]), SHAPE, thing(size=1))
    after = with_last_applied(live, thing(size=3))
    assert after["metadata"]["annotations"][LAST_APPLIED].endswith('"spec":{"size":3}}\n')
    assert with_last_applied(thing(), thing(size=3)) == thing()


@pytest.mark.parametrize(
    ("spec", "whole"),
    [
        ({"size": 1, "labels": {"a": "b"}, "tags": ["a"], "ports": [{"port": 1}]}, []),
        ({"free": {"a": {"b": "c"}}}, []),
        ({"whole": {"a": "b"}, "args": ["x"]}, [".spec.whole", ".spec.args"]),
        ({"free": ["a"]}, [".spec.free"]),
    ],
    ids=["merged", "unknown", "atomic", "unknown-list"],
)
def test_what_a_configuration_would_replace_as_a_whole(spec, whole):
    assert list(atomics(SHAPE, thing(**spec))) == whole
