"""Metadata that the registry found good is not looked at again, and nothing is missed by that."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from podwright.api import names
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.pod import judging
from podwright.apiserver.strategies.pod.defaults import default_pod

texts = st.sampled_from(["", "a", "a.b", "A", "-", "x" * 64, "x" * 300, "a/b", "kubernetes.io/x", "Ü", "..", "orphan"])
metadata = st.fixed_dictionaries(
    {"name": texts, "uid": st.just("u"), "resourceVersion": st.just("1")},
    optional={
        "namespace": st.sampled_from(["", "ns", "N"]),
        "generateName": texts,
        "labels": st.dictionaries(texts, texts, max_size=2),
        "annotations": st.dictionaries(texts, texts, max_size=2),
        "finalizers": st.lists(texts, max_size=2),
        "generation": st.integers(-1, 2),
        "deletionTimestamp": st.just("2026-01-02T03:04:05Z"),
        "ownerReferences": st.lists(st.fixed_dictionaries({"kind": texts, "name": texts, "uid": texts}), max_size=1),
        "managedFields": st.lists(st.fixed_dictionaries({"manager": texts, "operation": texts}), max_size=1),
    },
)


@given(metadata, metadata, st.booleans(), st.integers(0, 2), st.booleans())
def test_what_was_found_good_has_no_more_errors(old, new, same, creations, namespaced):
    if same:
        new = {**old, "annotations": new.get("annotations", {})}
    good = not meta.validate_change(new, old)
    for rule in (names.dns1123_subdomain, names.dns1123_label, names.path_segment):
        rest = {"creations": creations, "namespaced": namespaced, "name_rule": rule}
        short = meta.repeated_on_update({"metadata": new}, {"metadata": old}, good=good, **rest)
        assert short == meta.repeated_on_update({"metadata": new}, {"metadata": old}, **rest)


@given(metadata, metadata, st.booleans())
def test_a_change_has_all_errors_that_looking_twice_finds(old, new, same):
    if same:
        new = {**old, "annotations": new.get("annotations", {})}
    errors = meta.validate_new(new, namespaced=bool(old.get("namespace")), name_rule=names.path_segment)
    assert meta.validate_change(new, old) == errors + meta._validate_against(new, old, "metadata")


specs = st.fixed_dictionaries(
    {"containers": st.lists(st.fixed_dictionaries({"name": texts}, optional={"image": texts}), min_size=1, max_size=2)},
    optional={"hostNetwork": st.booleans(), "terminationGracePeriodSeconds": st.integers(-1, 30), "dnsPolicy": texts},
)


@given(specs)
def test_complete_specs_are_those_that_defaults_do_not_change(spec):
    pod = {"spec": copy.deepcopy(spec)}
    complete = [judging.is_complete(pod) for _ in range(2)]
    default_pod(pod)
    assert complete == [pod["spec"] == spec] * 2
    assert judging.is_complete(pod)
