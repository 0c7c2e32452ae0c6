"""Admission policies at work: what validates and changes Deployments, and what is found in expressions."""

import asyncio

from api_client import CM, DEPLOYMENTS, configmap, deployment
from policies import BINDINGS, CHANGE_BINDINGS, CHANGES, POLICIES, binding, change, enforce, merging, policy
from steps import NS, good, seen
from widgets import definition, established, version

RULE = {"apiGroups": ["apps"], "resources": ["deployments"]}
HERE = {"namespaceSelector": {"matchLabels": {"chosen": "true"}}}


async def _choose(api):
    good(await api.patch(NS, {"metadata": {"labels": {"chosen": "true"}}}))


async def _denied(api, body):
    """Post until the policy is in force, as clients do: each time what was let through goes again."""
    async with asyncio.timeout(20):
        while True:
            answer = await api.post(DEPLOYMENTS, body)
            if answer.status != 201:
                return answer
            await api.delete(f"{DEPLOYMENTS}/{body['metadata']['name']}")


async def test_a_policy_validates_deployments(api):
    await _choose(api)
    rule = {
        "expression": "object.spec.replicas > 1",
        "messageExpression": "'wants replicas > 1, got ' + object.spec.replicas",
    }
    await api.create(POLICIES, policy("p", rule, rule=RULE, match=HERE))
    await api.create(BINDINGS, binding("b", "p", matchResources=HERE))
    answer = await _denied(api, deployment("marker", 1))
    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert good(await api.post(DEPLOYMENTS, deployment("replicated", 2)), 201)
    spec = {**deployment("x")["spec"], "replicas": 1}
    alone = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "alone"}, "spec": spec}
    assert good(await api.post(DEPLOYMENTS.replace("deployments", "replicasets"), alone), 201)


async def test_expressions_refer_to_variables(api):
    await _choose(api)
    variables = [
        {"name": "replicas", "expression": "object.spec.replicas"},
        {"name": "oddReplicas", "expression": "variables.replicas % 2 == 1"},
    ]
    rules = [
        {"expression": "variables.replicas > 1"},
        {"expression": "variables.oddReplicas", "messageExpression": "'want odd, got ' + string(variables.replicas)"},
    ]
    await api.create(POLICIES, policy("p", *rules, rule=RULE, match=HERE, variables=variables))
    await api.create(BINDINGS, binding("b", "p", matchResources=HERE))
    await _denied(api, deployment("marker", 1))
    answer = await api.post(DEPLOYMENTS, deployment("even", 2))
    assert answer.status == 422
    assert answer.message.endswith("want odd, got 2")
    assert good(await api.post(DEPLOYMENTS, deployment("odd", 3)), 201)


async def _changed(api, body, told):
    """Create until the policy is in force, as clients do."""
    async with asyncio.timeout(20):
        while True:
            made = good(await api.post(DEPLOYMENTS, body), 201)
            if told(made):
                return made
            await api.delete(f"{DEPLOYMENTS}/{body['metadata']['name']}")


async def test_a_policy_changes_deployments(api):
    await _choose(api)
    spec = "Object{spec: Object.spec{replicas: object.spec.replicas + 1}}"
    labels = "Object{metadata: Object.metadata{labels: {'changed': 'yes'}}}"
    await api.create(CHANGES, change("m", merging(spec), merging(labels), rule=RULE, match=HERE))
    bound = {"metadata": {"name": "m"}, "spec": {"policyName": "m", "matchResources": HERE}}
    await api.create(CHANGE_BINDINGS, bound)
    made = await _changed(api, deployment("d", 1), lambda made: made["spec"]["replicas"] == 2)
    assert made["metadata"]["labels"] == {"changed": "yes"}
    made = await _changed(api, deployment("e", 1), lambda _: True)
    assert made["spec"]["replicas"] == 2


async def test_a_policy_changes_annotations_of_deployments(api):
    await _choose(api)
    template = "Object.spec.template{metadata: Object.spec.template.metadata{annotations: {'inner': 'yes'}}}"
    merged = f"Object{{metadata: Object.metadata{{annotations: {{'outer': 'yes'}}}}, spec: Object.spec{{template: {template}}}}}"
    await api.create(CHANGES, change("m", merging(merged), rule=RULE, match=HERE))
    bound = {"metadata": {"name": "m"}, "spec": {"policyName": "m", "matchResources": HERE}}
    await api.create(CHANGE_BINDINGS, bound)
    made = await _changed(api, deployment("d"), lambda made: "annotations" in made["metadata"])
    assert made["metadata"]["annotations"] == {"outer": "yes"}
    assert made["spec"]["template"]["metadata"]["annotations"] == {"inner": "yes"}
    changed = good(await api.patch(f"{DEPLOYMENTS}/d", {"metadata": {"annotations": {"outer": "no"}}}))
    assert changed["metadata"]["annotations"] == {"outer": "yes"}


async def test_expressions_are_type_checked(whole):
    await whole.create(POLICIES, policy("right", "object.spec.replicas > 1", rule=RULE))
    wrong = {
        "expression": "object.spec.replicas > '1'",
        "messageExpression": "'wants replicas > 1, got ' + object.spec.replicas",
    }
    await whole.create(POLICIES, policy("wrong", wrong, rule=RULE))

    async def checked(name):
        path = f"{POLICIES}/{name}"
        found = await seen(whole, path, lambda body: (body.get("status") or {}).get("typeChecking") is not None)
        assert found["status"]["observedGeneration"] == 1
        return found["status"]["typeChecking"].get("expressionWarnings") or []

    assert await checked("right") == []
    first, second = await checked("wrong")
    assert first["fieldRef"] == "spec.validations[0].expression"
    assert "found no matching overload for '_>_' applied to '(int, string)'" in first["warning"]
    assert second["fieldRef"] == "spec.validations[0].messageExpression"
    assert "found no matching overload for '_+_' applied to '(string, int)'" in second["warning"]


async def test_expressions_about_defined_kinds_are_type_checked(whole):
    limits = version("v1", {"type": "object", "properties": {"max": {"type": "integer"}}})
    await established(whole, definition("limits", "Limit", limits))
    rule = {"apiGroups": ["example.com"], "resources": ["limits"]}
    kind = {"apiVersion": "example.com/v1", "kind": "Limit"}
    rules = ["object.spec.nope == 1", "params.spec.max > 1 && params.spec.neither == 2"]
    await whole.create(POLICIES, policy("p", *rules, rule=rule, paramKind=kind))
    found = await seen(whole, f"{POLICIES}/p", lambda body: (body.get("status") or {}).get("typeChecking"))
    warnings = [each["warning"] for each in found["status"]["typeChecking"]["expressionWarnings"]]
    assert ["undefined field 'nope'" in warnings[0], "undefined field 'neither'" in warnings[1]] == [True, True]
    good(await whole.patch(f"{POLICIES}/p", {"spec": {"validations": [{"expression": "object.spec.max > 1"}]}}))
    wanted = {"observedGeneration": 2, "typeChecking": {}}
    await seen(whole, f"{POLICIES}/p", lambda body: body["status"] == wanted)


async def test_a_policy_that_is_not_bound_does_nothing(api):
    await api.create(POLICIES, policy("p", "false"))
    await enforce(api, policy("q", "object.metadata.name == 'c'"))
    assert good(await api.post(CM, configmap("c")), 201)
