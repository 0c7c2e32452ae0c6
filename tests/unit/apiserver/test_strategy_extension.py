"""Webhook configurations, admission policies, their bindings and API services: each kind's own rules."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

GROUP = "admissionregistration.k8s.io"
VALIDATING, MUTATING = "validatingwebhookconfigurations", "mutatingwebhookconfigurations"
RULE: JSON = {"apiGroups": ["a.test"], "apiVersions": ["v1"], "resources": ["x"], "operations": ["CREATE"]}
HOOK: JSON = {
    "name": "a.b.test",
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    "clientConfig": {"url": "https://a.test/x"},
    "rules": [RULE],
}
HOOKS: JSON = {"webhooks": [HOOK]}
HOOK_AT = "webhooks[0]"


def test_a_webhook_is_completed() -> None:
    made = created(
        MUTATING, edit(HOOKS, {"webhooks.0.clientConfig": {"service": {"namespace": "n", "name": "s"}}}), GROUP
    )
    [hook] = made["webhooks"]
    assert hook["clientConfig"]["service"]["port"] == 443
    assert hook["rules"] == [{**RULE, "scope": "*"}]
    wanted = {
        "failurePolicy": "Fail", "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {},
        "timeoutSeconds": 10, "reinvocationPolicy": "Never",
    }  # fmt: skip
    assert {key: hook[key] for key in wanted} == wanted
    assert made["metadata"]["generation"] == 1
    assert "reinvocationPolicy" not in created(VALIDATING, HOOKS, GROUP)["webhooks"][0]


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"name": "a.b"},
                     ['name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
                     id="short name"),
        pytest.param({"name": ""}, ["name: Required value"], id="no name"),
        pytest.param({"failurePolicy": "X"},
                     ['failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"'], id="failure"),
        pytest.param({"sideEffects": "Some"},
                     ['sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'], id="effects"),
        pytest.param({"reinvocationPolicy": "X"},
                     ['reinvocationPolicy: Unsupported value: "X": supported values: "IfNeeded", "Never"'], id="again"),
        pytest.param({"timeoutSeconds": 0},
                     ["timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds"], id="time"),
        pytest.param({"admissionReviewVersions": ["v3", "v3"]}, [
            'admissionReviewVersions[1]: Invalid value: "v3": duplicate version',
            'admissionReviewVersions: Invalid value: ["v3","v3"]: must include at least one of v1, v1beta1',
        ], id="versions"),
        pytest.param({"matchConditions": [{"name": "a", "expression": "true"}, {"name": "a", "expression": " "}]}, [
            "matchConditions[1].expression: Required value", 'matchConditions[1].name: Duplicate value: "a"',
        ], id="conditions"),
        pytest.param({"matchConditions": [{"name": f"n{i}", "expression": "true"} for i in range(65)]},
                     ["matchConditions: Too many: 65: must have at most 64 items"], id="many conditions"),
    ],
)  # fmt: skip
def test_webhooks(edits: JSON, problems: list[str]) -> None:
    found = create(MUTATING, {"webhooks": [{**HOOK, **edits}]}, GROUP).problems
    assert found == [f"{HOOK_AT}.{problem}" for problem in problems]


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        pytest.param("https://a.test:8443/x", [], id="good"),
        pytest.param("http://a.test",
                     [("Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: "
                      "https://host[/path]")], id="scheme"),
        pytest.param("https:///x",
                     ['Invalid value: "": host must be specified; desired format: https://host[/path]'], id="host"),
        pytest.param("https://u:p@a.test",
                     ['Invalid value: "u:p": user information is not permitted in the URL'], id="user"),
        pytest.param("https://a.test/x?y#z", [
            'Invalid value: "z": fragments are not permitted in the URL',
            'Invalid value: "y": query parameters are not permitted in the URL',
        ], id="more"),
    ],
)  # fmt: skip
def test_urls(url: str, problems: list[str]) -> None:
    found = create(VALIDATING, edit(HOOKS, {"webhooks.0.clientConfig.url": url}), GROUP).problems
    assert found == [f"{HOOK_AT}.clientConfig.url: {problem}" for problem in problems]


@pytest.mark.parametrize(
    ("service", "problems"),
    [
        pytest.param({"name": "s", "namespace": "n", "path": "/a/b/"}, [], id="good"),
        pytest.param({}, ["name: Required value", "namespace: Required value"], id="nothing"),
        pytest.param({"name": "s", "namespace": "n", "port": 70000}, [
            "port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive"], id="port"),
        pytest.param({"name": "s", "namespace": "n", "path": "a//b"}, [
            'path: Invalid value: "a//b": must start with a \'/\'',
            'path: Invalid value: "a//b": segment[0] may not be empty',
            'path: Invalid value: "a//b": segment[1] may not be empty',
        ], id="path"),
        pytest.param({"name": "s", "namespace": "n", "path": "//"},
                     ['path: Invalid value: "//": segment[0] may not be empty'], id="slashes"),
    ],
)  # fmt: skip
def test_services(service: JSON, problems: list[str]) -> None:
    found = create(VALIDATING, edit(HOOKS, {"webhooks.0.clientConfig": {"service": service}}), GROUP).problems
    assert found == [f"{HOOK_AT}.clientConfig.service.{problem}" for problem in problems]


def test_an_old_configuration_keeps_its_weaknesses() -> None:
    old = edit(created(VALIDATING, HOOKS, GROUP), {"webhooks.0.sideEffects": "Some"})
    old = edit(old, {"webhooks.0.admissionReviewVersions": ["v3"], "webhooks.1": {**old["webhooks"][0]}})
    changed = update(VALIDATING, old, edit(old, {"webhooks.0.timeoutSeconds": 5}), GROUP)
    assert (changed.problems, changed.obj["metadata"]["generation"]) == ([], 2)


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"operations": ["*", "CREATE"]}, [
            'operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
        ], id="operations"),
        pytest.param({"apiGroups": ["*", "a"]}, [
            'apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups'], id="groups"),
        pytest.param({"apiVersions": [""]}, ["apiVersions[0]: Required value"], id="version"),
        pytest.param({"resources": ["pods/*", "pods/log"]}, [
            "resources[1]: Invalid value: \"pods/log\": if 'pods/*' is present, must not specify pods/log"],
            id="all parts"),
        pytest.param({"resources": ["*/scale", "a/scale"]}, [
            "resources[1]: Invalid value: \"a/scale\": if '*/scale' is present, must not specify a/scale"], id="a part"),
        pytest.param({"resources": ["*", "pods"]}, [
            ('resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without '
             "subresources"),
        ], id="all"),
        pytest.param({"scope": "X"},
                     ['scope: Unsupported value: "X": supported values: "*", "Cluster", "Namespaced"'], id="scope"),
    ],
)  # fmt: skip
def test_rules(edits: JSON, problems: list[str]) -> None:
    found = create(VALIDATING, edit(HOOKS, {"webhooks.0.rules": [{**RULE, **edits}]}), GROUP).problems
    assert found == [f"{HOOK_AT}.rules[0].{problem}" for problem in problems]


POLICIES, CHANGES = "validatingadmissionpolicies", "mutatingadmissionpolicies"
POLICY: JSON = {"spec": {"matchConstraints": {"resourceRules": [RULE]}, "validations": [{"expression": "true"}]}}
CHANGE: JSON = {
    "spec": {
        "reinvocationPolicy": "Never",
        "matchConstraints": {"resourceRules": [RULE]},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[JSONPatch{op: 'test', path: '/x'}]"}}],
    }
}


def test_a_policy_is_completed() -> None:
    made = created(POLICIES, {**POLICY, "status": {"observedGeneration": 5}}, GROUP)
    assert made["spec"]["failurePolicy"] == "Fail"
    constraints = {"namespaceSelector": {}, "objectSelector": {}, "matchPolicy": "Equivalent"}
    assert made["spec"]["matchConstraints"] == {**constraints, "resourceRules": [{**RULE, "scope": "*"}]}
    assert (made["status"], made["metadata"]["generation"]) == ({}, 1)
    wanted = edit(made, {"spec.failurePolicy": "Ignore", "status.observedGeneration": 7})
    changed = update(POLICIES, made, wanted, GROUP)
    assert (changed.problems, changed.obj["status"], changed.obj["metadata"]["generation"]) == ([], {}, 2)


NOTHING = "validations or auditAnnotations must contain at least one item"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.matchConstraints": DROP}, ["spec.matchConstraints: Required value"], id="no constraints"),
        pytest.param({"spec.matchConstraints": {}}, ["spec.matchConstraints.resourceRules: Required value"], id="no rule"),
        pytest.param({"spec.matchConstraints.resourceRules.0.resourceNames": ["a", "a"]},
                     ['spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"'], id="names"),
        pytest.param({"spec.validations": []}, [
            f"spec.validations: Required value: {NOTHING}", f"spec.auditAnnotations: Required value: {NOTHING}",
        ], id="nothing"),
        pytest.param({"spec.validations.0.expression": " "},
                     ["spec.validations[0].expression: Required value: expression is not specified"], id="blank"),
        pytest.param({"spec.validations.0.message": "a\nb"},
                     ['spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks'],
                     id="lines"),
        pytest.param({"spec.validations.0.messageExpression": " "},
                     ['spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified'],
                     id="blank message"),
        pytest.param({"spec.variables": [{"name": "for", "expression": "1"}, {"name": "", "expression": ""}]}, [
            'spec.variables[0].name: Invalid value: "for": name is not a valid CEL identifier',
            "spec.variables[1].name: Required value: name is not specified",
            "spec.variables[1].expression: Required value: expression is not specified",
        ], id="variables"),
        pytest.param({"spec.auditAnnotations": [{"key": "a", "valueExpression": "'x'"}] * 2},
                     ['spec.auditAnnotations[1].key: Duplicate value: "a"'], id="annotations"),
        pytest.param({"spec.auditAnnotations": [{"key": "a", "valueExpression": "1" * 5121}]},
                     ["spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length"],
                     id="long annotation"),
        pytest.param({"spec.paramKind": {"apiVersion": "a/b/c", "kind": "K_"}}, [
            'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
            "spec.paramKind.kind",
        ], id="parameters"),
    ],
)  # fmt: skip
def test_policies(edits: JSON, problems: list[str]) -> None:
    found = create(POLICIES, edit(POLICY, edits), GROUP).problems
    assert len(found) == len(problems), found
    assert all(text.startswith(problem) for text, problem in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"spec.mutations": []},
                     ["spec.mutations: Required value: mutations must contain at least one item"], id="nothing"),
        pytest.param({"spec.reinvocationPolicy": ""}, ["spec.reinvocationPolicy: Required value"], id="no policy"),
        pytest.param({"spec.mutations.0.patchType": ""}, ["spec.mutations[0].patchType: Required value"], id="no type"),
        pytest.param({"spec.mutations.0.patchType": "ApplyConfiguration"}, [
            ("spec.mutations[0].jsonPatch: Forbidden: must not be specified when patchType is ApplyConfiguration"),
            ("spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is "
             "ApplyConfiguration"),
        ], id="the other"),
        pytest.param({"spec.mutations.0.jsonPatch.expression": ""},
                     ["spec.mutations[0].jsonPatch.expression: Required value: expression is not specified"], id="blank"),
    ],
)  # fmt: skip
def test_changes(edits: JSON, problems: list[str]) -> None:
    assert create(CHANGES, edit(CHANGE, edits), GROUP).problems == problems


def test_what_was_found_in_a_policy_names_its_field() -> None:
    old = created(POLICIES, POLICY, GROUP)
    warnings = [{"fieldRef": "spec.validations[0].expression", "warning": "w"}, {"fieldRef": "", "warning": ""}]
    wanted = edit(old, {"status.typeChecking": {"expressionWarnings": warnings}})
    assert update(POLICIES, old, wanted, GROUP, "status").problems == [
        "status.typeChecking.expressionWarnings[1].warning: Required value",
        "status.typeChecking.expressionWarnings[1].fieldRef: Required value",
    ]


BINDING: JSON = {"spec": {"policyName": "p", "validationActions": ["Deny"]}}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"spec.policyName": ""}, ["spec.policyName: Required value"], id="no policy"),
        pytest.param({"spec.validationActions": ["Audit", "Audit"]},
                     ['spec.validationActions[1]: Duplicate value: "Audit"'], id="twice"),
        pytest.param({"spec.paramRef": {"parameterNotFoundAction": "Deny"}},
                     ["spec.paramRef: Required value: one of name or selector must be specified"], id="parameters"),
        pytest.param({"spec.matchResources": {"matchPolicy": "X"}}, [
            'spec.matchResources.matchPolicy: Unsupported value: "X": supported values: "Equivalent", "Exact"',
        ], id="match"),
    ],
)  # fmt: skip
def test_bindings(edits: JSON, problems: list[str]) -> None:
    assert create("validatingadmissionpolicybindings", edit(BINDING, edits), GROUP).problems == problems


def test_a_binding_of_changes_has_no_actions() -> None:
    made = created("mutatingadmissionpolicybindings", {"spec": {"policyName": "p", "matchResources": {}}}, GROUP)
    defaults = {"namespaceSelector": {}, "objectSelector": {}, "matchPolicy": "Equivalent"}
    assert made["spec"] == {"policyName": "p", "matchResources": defaults}


API_GROUP, API_SERVICES = "apiregistration.k8s.io", "apiservices"
LOCAL: JSON = {
    "metadata": {"name": "v1.a.test"},
    "spec": {"group": "a.test", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10},
}
REMOTE = {"namespace": "n", "name": "s"}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="local"),
        pytest.param({"metadata.name": "v2.a.test"}, [
            'metadata.name: Invalid value: "v2.a.test": must be `spec.version+"."+spec.group`: "v1.a.test"',
        ], id="name"),
        pytest.param({"metadata.name": "v2.", "spec.group": "", "spec.version": "v2"}, [
            "spec.group: Required value: only v1 may have an empty group and it better be legacy kube"], id="no group"),
        pytest.param({"spec.groupPriorityMinimum": 20001, "spec.versionPriority": 0}, [
            "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
            "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
        ], id="priorities"),
        pytest.param({"spec.caBundle": "eA==", "spec.insecureSkipTLSVerify": True}, [
            'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle',
            ("spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have "
             "insecureSkipTLSVerify"),
        ], id="local trust"),
        pytest.param({"spec.service": REMOTE, "spec.caBundle": "eA==", "spec.insecureSkipTLSVerify": True}, [
            "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present"], id="trust"),
        pytest.param({"spec.service": {"port": 0}}, [
            "spec.service.namespace: Required value", "spec.service.name: Required value",
            "spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive",
        ], id="service"),
    ],
)  # fmt: skip
def test_api_services(edits: JSON, problems: list[str]) -> None:
    assert create(API_SERVICES, edit(LOCAL, edits), API_GROUP).problems == problems


def test_what_is_served_here_is_available_at_once() -> None:
    [condition] = created(API_SERVICES, LOCAL, API_GROUP)["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Available", "True", "Local")


def test_an_api_service_has_a_port_and_conditions() -> None:
    made = created(API_SERVICES, edit(LOCAL, {"spec.service": REMOTE}), API_GROUP)
    assert made["spec"]["service"]["port"] == 443
    assert made["status"] == {}
    wanted: Any = edit(made, {"status.conditions": [{"type": "Available", "status": "X"}]})
    assert update(API_SERVICES, made, wanted, API_GROUP, "status").problems == [
        'status.conditions[0].status: Unsupported value: "X": supported values: "True", "False", "Unknown"'
    ]


VARIABLES = [
    {"name": "size", "expression": "has(object.data) ? size(object.data) : 0"},
    {"name": "big", "expression": "variables.size > 3"},
]


@pytest.mark.parametrize(
    ("validation", "problem"),
    [
        pytest.param({"expression": "variables.big"}, "", id="variable"),
        pytest.param({"expression": "object.x +"}, "expression: Invalid value: \"object.x +\": compilation failed: ERROR:",
                     id="grammar"),
        pytest.param({"expression": "foo.bar"}, "undeclared reference to 'foo'", id="undeclared"),
        pytest.param({"expression": "variables.nope"}, "undefined field 'nope'", id="undefined"),
        pytest.param({"expression": "params.x == 1"}, "undeclared reference to 'params'", id="no parameters"),
        pytest.param({"expression": "1"}, "must evaluate to bool but got int", id="type"),
        pytest.param({"expression": "request.dryRun"}, "", id="a field of the request"),
        pytest.param({"expression": "request.namespace == '' || request.userInfo.extra['a'].exists(x, x == 'b')"}, "",
                     id="more of the request"),
        pytest.param({"expression": "request.uid == ''"}, "undefined field 'uid'", id="not a field of the request"),
        pytest.param({"expression": "request.resource.kind == ''"}, "undefined field 'kind'", id="of its resource"),
        pytest.param({"expression": "request.name"}, "must evaluate to bool but got string", id="type of a field"),
        pytest.param({"expression": "namespaceObject == null || namespaceObject.metadata.labels['a'] == 'b'"}, "",
                     id="namespace"),
        pytest.param({"expression": "namespaceObject.metadata.ownerReferences == []"},
                     "undefined field 'ownerReferences'", id="not a field of the namespace"),
        pytest.param({"expression": "object.spec.x"}, "must evaluate to bool but got dyn", id="anything"),
        pytest.param({"expression": "true", "messageExpression": "authorizer.path('/x').check('get').reason()"},
                     "undeclared reference to 'authorizer'", id="a message asks nobody"),
        pytest.param({"expression": "quantity('1').isGreaterThan(quantity('2'))"}, "", id="a library"),
        pytest.param({"expression": "authorizer.group('').resource('pods').check('get').allowed()"}, "", id="authorizer"),
        pytest.param({"expression": "authorizer.requestResource.check('get').allowed()"}, "", id="this request"),
        pytest.param({"expression": "true", "messageExpression": "1"},
                     'messageExpression: Invalid value: "1": must evaluate to string but got int', id="message"),
    ],
)  # fmt: skip
def test_expressions_compile(validation: JSON, problem: str) -> None:
    edits = {"spec.variables": VARIABLES, "spec.validations": [validation]}
    found = create(POLICIES, edit(POLICY, edits), GROUP).problems
    if problem:
        assert len(found) == 1, found
        assert problem in found[0]
    else:
        assert found == []


def test_an_expression_that_was_accepted_once_stays() -> None:
    old = edit(created(POLICIES, POLICY, GROUP), {"spec.validations": [{"expression": "foo"}]})
    assert update(POLICIES, old, edit(old, {"spec.failurePolicy": "Ignore"}), GROUP).problems == []
    added = edit(old, {"spec.validations.1": {"expression": "foo.bar"}})
    assert len(update(POLICIES, old, added, GROUP).problems) == 1


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param({"spec.auditAnnotations": [{"key": "a", "valueExpression": "1"}]},
                     "must evaluate to one of [string null_type]", id="annotation"),
        pytest.param({"spec.matchConditions": [{"name": "a", "expression": "foo("}]}, "Syntax error", id="condition"),
        pytest.param({"spec.variables": [{"name": "a", "expression": "foo"}]}, "undeclared reference", id="variable"),
    ],
)  # fmt: skip
def test_other_expressions_compile(edits: JSON, problem: str) -> None:
    [found] = create(POLICIES, edit(POLICY, edits), GROUP).problems
    assert problem in found


@pytest.mark.parametrize(
    ("kind", "expression", "problem"),
    [
        pytest.param("jsonPatch", "[", "compilation failed: ERROR", id="grammar"),
        pytest.param("jsonPatch", "[JSONPatch{op: 1}]", "expected type of field 'op' is 'string'", id="operation"),
        pytest.param("jsonPatch", "[]", "must evaluate to list(JSONPatch) but got list(dyn)", id="nothing"),
        pytest.param("jsonPatch", "object.x ? [JSONPatch{op: 'remove', path: '/x'}] : []", "", id="sometimes"),
        pytest.param("jsonPatch", "Object{}", "must evaluate to list(JSONPatch) but got Object", id="no-patch"),
        pytest.param("applyConfiguration", "Object{spec: Object.spec{a: variables.size}}", "", id="object"),
        pytest.param("applyConfiguration", "Object.spec{}", "must evaluate to Object but got Object.spec", id="part"),
        pytest.param("applyConfiguration", "{'spec': {}}", "must evaluate to Object but got map(string, map", id="map"),
        pytest.param("applyConfiguration", "Objekt{}", "undeclared reference to 'Objekt'", id="no-type"),
    ],
)  # fmt: skip
def test_changes_are_of_the_right_type(kind: str, expression: str, problem: str) -> None:
    patch_type = kind[0].upper() + kind[1:] if kind == "applyConfiguration" else "JSONPatch"
    mutation = {"patchType": patch_type, kind: {"expression": expression}}
    problems = create(
        CHANGES, edit(CHANGE, {"spec.mutations": [mutation], "spec.variables": VARIABLES}), GROUP
    ).problems
    assert [problem in found for found in problems] == ([True] if problem else []), problems


ROOT = "spec.validation.openAPIV3Schema"


@pytest.mark.parametrize(
    ("schema", "problems"),
    [
        pytest.param({"x": {"$ref": "#/x"}}, [f"{ROOT}.properties[x].$ref: Forbidden: $ref is not supported"],
                     id="reference"),
        pytest.param({"x": {"type": "array", "items": [{}]}},
                     [f"{ROOT}.properties[x].items: Forbidden: items must be a schema object and not an array"],
                     id="items"),
        pytest.param({"x": {"$schema": "s"}},
                     [f"{ROOT}: Invalid value: \"\": OpenAPIV3Schema 'schema' is not supported"], id="dialect"),
        pytest.param({"x": {"allOf": [{"not": {"definitions": {"a": {}}}}]}},
                     [f"{ROOT}.properties[x].allOf[0].not.definitions: Forbidden: definitions is not supported"],
                     id="deep"),
        pytest.param({"x": {}}, [
            f"{ROOT}.properties[x].type: Required value: must not be empty for specified object fields",
        ], id="structural"),
    ],
)  # fmt: skip
def test_what_no_schema_may_hold_is_said_alone(schema: JSON, problems: list[str]) -> None:
    versions = [{"name": "v1", "served": True, "storage": True,
                 "schema": {"openAPIV3Schema": {"type": "object", "properties": schema}}}]  # fmt: skip
    spec = {"group": "a.test", "scope": "Cluster", "names": {"plural": "as", "kind": "A"}, "versions": versions}
    body = {"metadata": {"name": "as.a.test"}, "spec": spec}
    assert create("customresourcedefinitions", body, "apiextensions.k8s.io").problems == problems
