"""What a patch leaves alone is not checked and pruned again, and that changes no answer."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.api import model
from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.media import Format
from podwright.apiserver.options import Query
from podwright.apiserver.registry import patching
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.kind import BuiltInKind
from podwright.apiserver.routes import Target
from podwright.apiserver.strategies.pod.defaults import default_pod
from podwright.apiserver.user import User

PODS = find("pods")
CODEC = ClassCodec(PODS)
ENDPOINT = Endpoint(BuiltInKind(PODS), None)


def stored():
    pod = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "p", "namespace": "n", "resourceVersion": "1", "labels": {"a": "b"}},
        "spec": {
            "containers": [{"name": "c", "image": "i", "resources": {"limits": {"cpu": "1"}}}],
            "hostNetwork": True,
            "terminationGracePeriodSeconds": 1,
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "podIP": "10.0.0.1"},
    }
    default_pod(pod)
    return model.prune(PODS.cls, pod)


values = st.sampled_from([None, 0, 1, True, 1.0, "", "x", "1000m", [], {}, [None], {"a": None}, {"image": 5}])
values |= st.sampled_from([{"containers": [{"name": "c", "image": "j"}]}, stored()["spec"], stored()["status"]])
words = ("kind", "apiVersion", "metadata", "spec", "status", "labels", "containers", "hostNetwork", "phase", "odd", "0")
names = st.sampled_from(words)
merges = st.recursive(values, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6)
maps = st.dictionaries(names, merges, max_size=3)
paths = st.lists(names, min_size=1, max_size=3).map(lambda path: "/" + "/".join(path))
operations = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "remove", "copy", "move", "test"]), "path": paths},
        optional={"from": paths, "value": values},
    ),
    max_size=3,
)


def answers(body, content_type, validation, *, tidy):
    query = Query([("fieldValidation", validation)])
    target = Target("PATCH", "/", "patch", resource=True, version="v1", namespace="n", plural="pods", name="p")
    call = Call(ENDPOINT, target, User("u"), query, body, content_type, Format(), datetime(2026, 1, 2, tzinfo=UTC))
    before = stored()
    try:
        obj = patching.patcher_of(call, CODEC, tidy=tidy)(before)
    except ApiError as error:
        found = (error.code, error.reason, str(error))
    else:
        found = orjson.dumps(obj)  # in order, too
    assert orjson.dumps(before) == orjson.dumps(stored())
    return found, call.warnings


def same(patch, kind, validation):
    args = (orjson.dumps(patch), f"application/{kind}+json", validation)
    assert answers(*args, tidy=True) == answers(*args, tidy=False)


@settings(deadline=None)  # the first example compiles the schema
@given(maps, st.sampled_from(["merge-patch", "strategic-merge-patch"]), st.sampled_from(["Ignore", "Warn", "Strict"]))
def test_merges(patch, kind, validation):
    same(patch, kind, validation)


@settings(deadline=None)  # the first example compiles the schema
@given(operations, st.sampled_from(["Ignore", "Warn", "Strict"]))
def test_operations(patch, validation):
    same(patch, "json-patch", validation)


@pytest.mark.parametrize(
    ("patch", "looked_at"),
    [
        ({"metadata": {"annotations": {"a": "b"}}}, {"metadata"}),
        ({"metadata": {"annotations": {"a": "b"}}, "status": {"phase": "Failed"}}, {"metadata", "status"}),
        ({"spec": {"hostNetwork": 1}}, {"metadata", "spec"}),
    ],
    ids=["annotation", "status", "one is not true"],
)
def test_only_what_changed_is_looked_at(patch, looked_at, monkeypatch):
    seen = []
    plain = ClassCodec.check

    def check(self, obj):
        seen.append(obj.keys() - {"kind", "apiVersion"})
        return plain(self, obj)

    monkeypatch.setattr(ClassCodec, "check", check)
    answers(orjson.dumps(patch), "application/merge-patch+json", "Warn", tidy=True)
    assert seen == [looked_at]


def test_a_part_that_became_another_is_looked_at():
    patch = [{"op": "copy", "from": "/metadata", "path": "/spec"}]
    (code, *_), _ = answers(orjson.dumps(patch), "application/json-patch+json", "Strict", tidy=True)
    assert code == 422


def test_another_kind_without_metadata_is_refused():
    (code, *_), _ = answers(b'{"kind":"Node","metadata":1}', "application/merge-patch+json", "Warn", tidy=True)
    assert code == 422
