"""Policies that change objects, over the whole server: what comes of them, in which order, and what they may not do."""

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod
from policies import CHANGES, binding, change, enact, enforce, merging, patching, policy
from widgets import WIDGETS, definition, established, version, widget

NS = "/api/v1/namespaces/ns"
DEPLOYMENT = {"apiGroups": ["apps"], "resources": ["deployments"]}
LABEL = merging("Object{metadata: Object.metadata{labels: {'by': 'policy'}}}")


def _denied(name, why):
    return f"policy '{name}' with binding '{name}' denied request: {why}"


@pytest.mark.parametrize(
    ("mutation", "wanted"),
    [
        pytest.param(merging("Object{data: {'b': object.data.a + '!'}}"), {"a": "1", "b": "1!"}, id="merge"),
        pytest.param(merging("Object{data: {'a': '2'}}"), {"a": "2"}, id="replace"),
        pytest.param(merging("Object{?data: has(object.nope) ? optional.of({'a': '2'}) : optional.none()}"), {"a": "1"},
                     id="nothing"),
        pytest.param(patching("[JSONPatch{op: 'add', path: '/data/b', value: '2'}]"), {"a": "1", "b": "2"}, id="add"),
        pytest.param(patching("[JSONPatch{op: 'move', from: '/data/a', path: '/data/c'}]"), {"c": "1"}, id="move"),
        pytest.param(patching("[JSONPatch{op: 'test', path: '/data/a', value: '9'}, JSONPatch{op: 'remove', path: "
                              "'/data/a'}]"), {"a": "1"}, id="a-test-that-fails"),
        pytest.param(patching("object.data.map(k, JSONPatch{op: 'add', path: '/data/' + k + '2', value: k})"),
                     {"a": "1", "a2": "a"}, id="made-of-the-object"),
    ],
)  # fmt: skip
async def test_mutations(api, mutation, wanted):
    await enact(api, change("m", mutation))
    assert (await api.create(CM, configmap("c", a="1")))["data"] == wanted
    assert (await api.get(f"{CM}/c")).body["data"] == wanted


async def test_keys_in_paths_are_escaped(api):
    path = "'/metadata/annotations/' + jsonpatch.escapeKey('a.b/c')"
    annotations = "Object{metadata: Object.metadata{annotations: {'x': 'y'}}}"
    await enact(api, change("m", merging(annotations), patching(f"[JSONPatch{{op: 'add', path: {path}, value: 'v'}}]")))
    made = await api.create(CM, configmap("c"))
    assert made["metadata"]["annotations"] == {"x": "y", "a.b/c": "v"}


async def test_lists_are_merged_by_their_keys(api):
    sidecar = "Object.spec.template.spec.containers{name: 'side', image: 'registry.local/side:1'}"
    more = "Object.spec.template.spec.containers{name: 'c', env: [Object.spec.template.spec.containers.env{name: 'A', value: 'b'}]}"
    inner = f"Object.spec.template{{spec: Object.spec.template.spec{{containers: [{sidecar}, {more}]}}}}"
    await enact(api, change("m", merging(f"Object{{spec: Object.spec{{template: {inner}}}}}"), rule=DEPLOYMENT))
    made = await api.create(DEPLOYMENTS, deployment("d"))
    containers = {each["name"]: each for each in made["spec"]["template"]["spec"]["containers"]}
    assert list(containers) == ["side", "c"]
    assert containers["side"]["terminationMessagePolicy"] == "File"  # defaults of what came in
    assert containers["c"]["image"] == "registry.local/img:1"
    assert containers["c"]["env"] == [{"name": "A", "value": "b"}]


async def test_updates_and_patches_are_changed_and_deletes_are_not(api):
    await enact(api, change("m", LABEL, rule={"operations": ["*"]}, matchConditions=[
        {"name": "n", "expression": "request.operation == 'UPDATE'"}]))  # fmt: skip
    made = await api.create(CM, configmap("c", a="1"))
    assert "labels" not in made["metadata"]
    changed = (await api.patch(f"{CM}/c", {"data": {"a": "2"}})).body
    assert changed["metadata"]["labels"] == {"by": "policy"}
    assert (await api.put(f"{CM}/c", configmap("c"))).body["metadata"]["labels"] == {"by": "policy"}
    assert (await api.delete(f"{CM}/c")).status == 200


async def test_one_mutation_sees_what_another_made_and_demands_see_it_all(api):
    count = "string(size(object.?data.orValue({})))"
    await enact(
        api, change("a", merging(f"Object{{data: {{'one': {count}}}}}"), merging(f"Object{{data: {{'two': {count}}}}}"))
    )
    await enact(api, change("b", merging("Object{data: {'three': variables.n}}"), variables=[
        {"name": "n", "expression": count}]))  # fmt: skip
    await enforce(api, policy("p", "object.data.three == '2'"), binding("p"))
    assert (await api.create(CM, configmap("c")))["data"] == {"one": "0", "two": "1", "three": "2"}


@pytest.mark.parametrize(
    ("reinvocation", "wanted"),
    [pytest.param("Never", "1", id="never"), pytest.param("IfNeeded", "3", id="if-needed")],
)
async def test_a_policy_acts_again_when_others_changed_something_after_it(api, reinvocation, wanted):
    count = "Object{data: {'count': string(size(object.data))}}"
    more = "!has(object.data.more) ? Object{data: {'more': ''}} : Object{}"
    await enact(api, change("a", merging(count), reinvocationPolicy=reinvocation))
    await enact(api, change("b", merging(more)))
    assert (await api.create(CM, configmap("c", x="y")))["data"]["count"] == wanted


async def test_built_in_rules_hold_for_what_a_policy_made(api):
    limit = {"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "2"}}
    await api.create(f"{NS}/limitranges", {"metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    rule = {"resources": ["pods"], "operations": ["CREATE"]}
    spec = "Object.spec{containers: [Object.spec.containers{name: 'side', image: 'registry.local/side:1'}]}"
    await enact(api, change("m", merging(f"Object{{spec: {spec}}}"), rule=rule))
    containers = (await api.create(PODS, pod("a")))["spec"]["containers"]
    assert [each["resources"]["limits"]["cpu"] for each in containers] == ["1", "1"]
    much = patching("[JSONPatch{op: 'add', path: '/spec/containers/0/resources', value: {'limits': {'cpu': '3'}}}]")
    await enact(api, change("n", much, rule=rule))
    answer = await api.post(PODS, pod("b"))
    assert (answer.status, "maximum cpu usage per Container is 2" in answer.message) == (403, True)


@pytest.mark.parametrize(
    ("mutation", "why"),
    [
        pytest.param(
            merging("Object{spec: Object.spec{nope: 1}}"),
            "error applying patch: failed to convert patch object to typed object: .spec.nope: field not declared in "
            "schema",
            id="no-such-field",
        ),
        pytest.param(
            merging("Object{spec: Object.spec{replicas: 'x'}}"),
            "error applying patch: failed to convert patch object to typed object: .spec.replicas: expected numeric "
            '(int or float), got "x"',
            id="wrong-type",
        ),
        pytest.param(
            merging("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}"),
            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
            ".spec.selector",
            id="atomic",
        ),
        pytest.param(
            merging("Object{spec: Object.spec{template: Object.spec.other{}}}"),
            'type mismatch: unexpected type name "Object.spec.other", expected "Object.spec.template", which matches '
            "field name path from root Object type",
            id="type-of-another-field",
        ),
        pytest.param(
            merging("Object{spec: Object.spec{replicas: object.nope}}"),
            "expression 'Object{spec: Object.spec{replicas: object.nope}}' resulted in error: no such key: nope",
            id="no-value",
        ),
        pytest.param(
            patching("[JSONPatch{op: 'add', path: '/spec/nope', value: 1}]"),
            'JSON Patch: unknown field "spec.nope"',
            id="patch-no-such-field",
        ),
        pytest.param(
            patching("[JSONPatch{op: 'jump', path: '/spec'}]"), "JSON Patch: unexpected kind: jump", id="no-such-op"
        ),
    ],
)
async def test_a_mutation_that_fails_refuses_the_write(api, mutation, why):
    await enact(api, change("m", mutation, rule=DEPLOYMENT))
    answer = await api.post(DEPLOYMENTS, deployment("d"))
    assert (answer.status, answer.body["reason"]) == (403, "Invalid")
    assert answer.message == _denied("m", why)
    causes = [{"message": _denied("m", why)}]
    assert answer.body["details"] == {"name": "d", "group": "apps", "kind": "deployments", "causes": causes}
    await api.patch(f"{CHANGES}/m", {"spec": {"failurePolicy": "Ignore"}})
    await api.server.feed.fresh()
    assert (await api.post(DEPLOYMENTS, deployment("d"))).status == 201


async def test_wrong_types_and_other_kinds_in_a_patch(api):
    await enact(api, change("m", patching("[JSONPatch{op: 'replace', path: '/spec/replicas', value: 'x'}]"),
                            rule=DEPLOYMENT))  # fmt: skip
    answer = await api.post(DEPLOYMENTS, deployment("d"))
    assert (answer.status, answer.body["reason"]) == (403, "Invalid")
    await enact(api, change("k", patching("[JSONPatch{op: 'replace', path: '/kind', value: 'Secret'}]")))
    assert (await api.post(CM, configmap("c"))).status == 403


async def test_what_is_the_servers_own_stays(api):
    patches = [
        patching(f"[JSONPatch{{op: 'add', path: '/metadata/{key}', value: '{value}'}}]")
        for key, value in (("uid", "mine"), ("creationTimestamp", "2000-01-01T00:00:00Z"), ("resourceVersion", "1"))
    ]
    await enact(api, change("m", *patches, rule={"operations": ["*"]}))
    made = await api.create(CM, configmap("c"))
    assert made["metadata"]["uid"] != "mine"
    assert not made["metadata"]["creationTimestamp"].startswith("2000")
    changed = (await api.patch(f"{CM}/c", {"data": {"a": "1"}})).body["metadata"]
    assert changed["uid"] == made["metadata"]["uid"]


async def test_a_name_that_is_changed_on_the_way_is_refused(api):
    rename = patching("[JSONPatch{op: 'replace', path: '/metadata/name', value: 'x'}]")
    await enact(api, change("m", rename, rule={"operations": ["UPDATE"]}))
    await api.create(CM, configmap("c"))
    assert (await api.patch(f"{CM}/c", {"data": {"a": "1"}})).status == 400


async def test_parameters(api):
    params = {"apiVersion": "v1", "kind": "ConfigMap"}
    await api.create(CM, configmap("p1", key="one"))
    only = [{"name": "n", "expression": "object.metadata.name == 'c'"}]
    made = change("m", merging("Object{data: {params.data.key: 'x'}}"), paramKind=params, matchConditions=only)
    await enact(api, made, paramRef={"name": "p1", "parameterNotFoundAction": "Deny"})
    assert (await api.create(CM, configmap("c")))["data"] == {"one": "x"}
    await api.delete(f"{CM}/p1")
    await api.server.feed.fresh()
    why = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    answer = await api.post(CM, configmap("c"))
    assert (answer.status, answer.message) == (403, _denied("m", why))


async def test_objects_of_a_kind_that_a_client_defined_in_another_version(api):
    spec = {"type": "object", "properties": {"size": {"type": "integer"}, "note": {"type": "string"}}}
    versions = (version("v1", spec), version("v2", spec, storage=False))
    await established(api, definition("widgets", "Widget", *versions))
    rule = {"apiGroups": ["example.com"], "apiVersions": ["v1"], "resources": ["widgets"]}
    await enact(api, change("m", merging("Object{spec: Object.spec{note: object.apiVersion}}"), rule=rule))
    made = await api.create(WIDGETS.replace("/v1/", "/v2/"), widget("a", of_version="v2", size=1))
    assert made["apiVersion"] == "example.com/v2"
    assert made["spec"] == {"size": 1, "note": "example.com/v1"}


async def test_subresources(api):
    rule = {**DEPLOYMENT, "resources": ["deployments/scale"], "operations": ["UPDATE"]}
    most = merging("object.spec.replicas > 3 ? Object{spec: Object.spec{replicas: 3}} : Object{}")
    await api.create(DEPLOYMENTS, deployment("d"))
    await enact(api, change("m", most, rule=rule))
    answer = await api.patch(f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 9}})
    assert (answer.status, answer.body["spec"]["replicas"]) == (200, 3)
    assert (await api.get(f"{DEPLOYMENTS}/d")).body["spec"]["replicas"] == 3


async def test_who_writes_a_policy_is_told_what_looks_wrong(api):
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}}
    await established(api, definition("widgets", "Widget", version("v1", spec)))
    good = await api.post(CHANGES, change("good", LABEL, rule=DEPLOYMENT))
    assert (good.status, good.warnings) == (201, ())
    wrong = merging("Object{spec: Object.spec{sise: 1}}")
    one = await api.post(CHANGES, change("one", LABEL, wrong, rule=DEPLOYMENT))
    where = "spec.mutations[1].applyConfiguration.expression"
    assert one.warnings == (f"{where}: apps/v1, Kind=Deployment: undefined field 'sise'",)
    rule = {"apiGroups": ["example.com"], "resources": ["widgets"]}
    two = await api.post(CHANGES, change("two", LABEL, wrong, rule=rule))
    assert two.warnings == (f"{where}: example.com/v1, Kind=Widget: undefined field 'sise'",)
    again = await api.patch(f"{CHANGES}/two", {"metadata": {"labels": {"a": "b"}}})
    assert (again.status, again.warnings) == (200, ())


async def test_another_version_of_a_built_in_kind(api):
    rule = {"apiGroups": ["autoscaling"], "apiVersions": ["v1"], "resources": ["horizontalpodautoscalers"]}
    half = "Object{spec: Object.spec{targetCPUUtilizationPercentage: object.spec.targetCPUUtilizationPercentage / 2}}"
    await enact(api, change("m", merging(half), rule=rule))
    await enforce(api, policy("p", "object.apiVersion == 'autoscaling/v1' && request.kind.version == 'v1'", rule=rule))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    spec = {"maxReplicas": 3, "scaleTargetRef": target, "metrics": [{"type": "Resource", "resource": cpu}]}
    path = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers"
    made = await api.create(path, {"metadata": {"name": "h"}, "spec": spec})
    assert made["apiVersion"] == "autoscaling/v2"
    [metric] = made["spec"]["metrics"]
    assert metric["resource"]["target"]["averageUtilization"] == 30


NASTY = [
    merging("Object{spec: Object.spec{replicas: int(1.0 / 0.0 > 1.0 ? 9223372036854775807 : 0)}}"),
    merging("Object{spec: dyn(1.0 / 0.0)}"),
    merging("Object{spec: Object.spec{replicas: 1.0 / 0.0}}"),
    merging("Object{metadata: Object.metadata{labels: {1: 'a'}}}"),
    merging("Object{metadata: Object.metadata{labels: {'a': type(1)}}}"),
    merging("Object{metadata: Object.metadata{name: 'other'}}"),
    merging("Object{metadata: Object.metadata{namespace: 'other'}}"),
    merging("Object{metadata: dyn('text')}"),
    merging("Object{spec: Object.spec{template: dyn([1])}}"),
    merging(
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [dyn(1)]}}}}"
    ),
    merging("Object{status: Object.status{replicas: -1}}"),
    patching("[JSONPatch{op: 'replace', path: '', value: {}}]"),
    patching("[JSONPatch{op: 'replace', path: '', value: 1}]"),
    patching("[JSONPatch{op: 'remove', path: '/metadata'}]"),
    patching("[JSONPatch{op: 'remove', path: '/metadata/name'}]"),
    patching("[JSONPatch{op: 'remove', path: '/spec'}]"),
    patching("[JSONPatch{op: 'replace', path: '/metadata', value: 'x'}]"),
    patching("[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: 1}]"),
    patching("[JSONPatch{op: 'add', path: '/spec/template/spec/containers/99', value: {}}]"),
    patching("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 1.0 / 0.0}}]"),
    patching("[JSONPatch{op: 'move', path: '/spec/x', from: '/spec'}]"),
    patching("[JSONPatch{path: '/spec'}]"),
    patching("[JSONPatch{}]"),
]


@pytest.mark.parametrize("mutation", NASTY, ids=range(len(NASTY)))
async def test_no_policy_brings_the_server_to_a_failure(api, mutation):
    await enact(api, change("m", mutation, rule=DEPLOYMENT))
    answer = await api.post(DEPLOYMENTS, deployment("d"))
    assert answer.status in {201, 400, 403, 422}, answer
    assert "reference" not in str(answer.body)
