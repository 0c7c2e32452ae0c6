"""Policies that demand, over the whole server: what is refused, in which words, and what is let through."""

import json

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod
from policies import BINDINGS, CONFIGMAPS, POLICIES, binding, enforce, policy
from widgets import WIDGETS, definition, established, version, widget

from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.user import AUTHENTICATED, User
from podwright.client.transport import Request

SMALL = {"expression": "size(object.data) < 3", "messageExpression": "'too many: ' + string(size(object.data))"}
GOOD = {"expression": "!('bad' in object.data)", "message": "bad is bad", "reason": "Forbidden"}


def _denied(name, why):
    return f"configmaps \"{name}\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: {why}"


@pytest.mark.parametrize(
    ("data", "code", "reason", "why"),
    [
        pytest.param({"a": "1"}, 201, None, None, id="good"),
        pytest.param({"bad": "1"}, 403, "Forbidden", "bad is bad", id="message-and-reason"),
        pytest.param({"a": "1", "b": "2", "c": "3"}, 422, "Invalid", "too many: 3", id="message-expression"),
        pytest.param({"bad": "1", "b": "2", "c": "3"}, 422, "Invalid", "too many: 3", id="the-first-of-two"),
    ],
)
async def test_what_breaks_a_rule_is_refused(api, data, code, reason, why):
    await enforce(api, policy("p", SMALL, GOOD))
    answer = await api.post(CM, configmap("c", **data))
    assert answer.status == code
    if why is None:
        return
    message = _denied("c", why)
    assert answer.message == message
    assert answer.body["reason"] == reason
    cause = {"message": message.partition(": ")[2]}
    assert answer.body["details"] == {"name": "c", "kind": "configmaps", "causes": [cause]}
    assert (await api.get(f"{CM}/c")).status == 404


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        pytest.param(" 'a' in object.data", "failed expression: 'a' in object.data", id="no-message"),
        pytest.param(
            {"expression": "false", "message": " no ", "messageExpression": "string(object.nope)"},
            "no",
            id="message-fails",
        ),
        pytest.param(
            {"expression": "false", "messageExpression": "' '"}, "failed expression: false", id="message-is-blank"
        ),
        pytest.param(
            {"expression": "false", "message": "no", "messageExpression": "'a\\nb'"}, "no", id="message-of-lines"
        ),
        pytest.param(
            "object.nope == 1", "expression 'object.nope == 1' resulted in error: no such key: nope", id="failure"
        ),
    ],
)
async def test_words_of_a_refusal(api, rule, why):
    await enforce(api, policy("p", rule))
    assert (await api.post(CM, configmap("c", x="y"))).message == _denied("c", why)


async def test_updates_patches_and_deletes(api):
    await enforce(
        api,
        policy(
            "p",
            "request.operation != 'UPDATE' || object.data.a == oldObject.data.a",
            "request.operation != 'DELETE' || (object == null && !has(object.data) && oldObject.data.a != '1')",
            rule={"operations": ["*"]},
        ),
    )
    await api.create(CM, configmap("c", a="1"))
    assert (await api.put(f"{CM}/c", configmap("c", a="2"))).status == 422
    assert (await api.patch(f"{CM}/c", {"data": {"a": "2"}})).status == 422
    assert (await api.patch(f"{CM}/c", {"data": {"b": "2"}})).status == 200
    assert (await api.delete(f"{CM}/c")).status == 422
    assert (await api.delete(CM)).status == 422
    await api.create(CM, configmap("d", a="2"))
    assert (await api.delete(f"{CM}/d")).status == 200


async def test_variables_are_composed(api):
    variables = [
        {"name": "data", "expression": "object.?data.orValue({})"},
        {"name": "count", "expression": "size(variables.data)"},
        {"name": "broken", "expression": "object.nope"},
    ]
    rules = ["variables.count < 2", "variables.count != 1 || variables.broken == 1"]
    await enforce(api, policy("p", *rules, variables=variables))
    assert (await api.post(CM, {"metadata": {"name": "c"}})).status == 201
    assert (await api.post(CM, configmap("d", a="1", b="2"))).message == _denied(
        "d", "failed expression: variables.count < 2"
    )
    failure = 'composited variable "broken" fails to evaluate: no such key: nope'
    assert (await api.post(CM, configmap("e", a="1"))).message == _denied(
        "e", f"expression '{rules[1]}' resulted in error: {failure}"
    )


async def test_a_lenient_policy_lets_pass_what_it_cannot_judge(api):
    await enforce(api, policy("p", "object.nope == 1", "!('bad' in object.data)", failurePolicy="Ignore"))
    assert (await api.post(CM, configmap("c"))).status == 201
    assert (await api.post(CM, configmap("d", bad="1"))).status == 422


@pytest.mark.parametrize(
    ("condition", "failure_policy", "code"),
    [
        pytest.param("object.metadata.name == 'c'", "Fail", 422, id="meant"),
        pytest.param("object.metadata.name != 'c'", "Fail", 201, id="not-meant"),
        pytest.param("object.nope == 1", "Fail", 422, id="unknown"),
        pytest.param("object.nope == 1", "Ignore", 201, id="unknown-and-lenient"),
        pytest.param("namespaceObject.metadata.name == 'ns' && request.userInfo.username == 'admin'", "Fail", 422,
                     id="namespace-and-user"),
    ],
)  # fmt: skip
async def test_match_conditions(api, condition, failure_policy, code):
    conditions = [{"name": "n", "expression": condition}]
    await enforce(api, policy("p", "false", matchConditions=conditions, failurePolicy=failure_policy))
    assert (await api.post(CM, configmap("c"))).status == code


async def test_a_warning_is_no_refusal(api):
    await enforce(api, policy("p", GOOD), binding("p", "p", "Warn"))
    answer = await api.post(CM, configmap("c", bad="1"))
    assert answer.status == 201
    about = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p'"
    assert answer.warnings == (f"{about}: bad is bad",)


class _Spy(BaseDynamic):
    """Sees what policies have noted."""

    def __init__(self):
        self.annotations = {}

    def concerns(self, attributes):
        self.annotations = attributes.annotations
        return False


@pytest.fixture
def notes(api):
    """What is noted of the last request."""
    spy = _Spy()
    chain = api.server.registry.admission
    chain._dynamic = (spy, *chain._dynamic)
    return spy


async def test_notes_of_a_request(api, notes):
    annotations = [
        {"key": "count", "valueExpression": "string(size(object.data))"},
        {"key": "nothing", "valueExpression": "null"},
        {"key": "blank", "valueExpression": "' '"},
    ]
    await enforce(api, policy("p", GOOD, auditAnnotations=annotations), binding("p", "p", "Audit"), binding("q", "p"))
    assert (await api.post(CM, configmap("c", bad="1"))).status == 403
    failure = notes.annotations.pop("validation.policy.admission.k8s.io/validation_failure")
    assert json.loads(failure) == [{
        "message": "bad is bad", "policy": "p", "binding": "p", "expressionIndex": 0, "validationActions": ["Audit"],
    }]  # fmt: skip
    assert notes.annotations == {"p/count": "1"}


@pytest.mark.parametrize(("failure_policy", "code"), [("Fail", 422), ("Ignore", 201)])
async def test_a_note_that_cannot_be_made_refuses(api, failure_policy, code):
    annotations = [{"key": "a", "valueExpression": "string(object.nope)"}]
    await enforce(
        api, policy("p", auditAnnotations=annotations, failurePolicy=failure_policy), binding("p", "p", "Warn")
    )
    assert (await api.post(CM, configmap("c"))).status == code


async def test_bindings_narrow_a_policy(api):
    await api.create("/api/v1/namespaces", {"metadata": {"name": "other", "labels": {"strict": "yes"}}})
    strict = {"namespaceSelector": {"matchLabels": {"strict": "yes"}}}
    await enforce(api, policy("p", "false"), binding("p", matchResources=strict))
    assert (await api.post(CM, configmap("c"))).status == 201
    assert (await api.post("/api/v1/namespaces/other/configmaps", configmap("c"))).status == 422


async def test_bindings_name_resources_too(api):
    only = {"resourceRules": [{**CONFIGMAPS, "resourceNames": ["c"]}], "excludeResourceRules": [
        {**CONFIGMAPS, "operations": ["UPDATE"]}]}  # fmt: skip
    await enforce(api, policy("p", "object.data.a == '1'"), binding("p", matchResources=only))
    assert (await api.post(CM, configmap("c", a="2"))).status == 422
    assert (await api.post(CM, configmap("c", a="1"))).status == 201
    assert (await api.patch(f"{CM}/c", {"data": {"a": "2"}})).status == 200
    assert (await api.post(CM, configmap("d", a="2"))).status == 201


async def test_connections_and_evictions(api):
    rule = {"resources": ["pods/exec", "pods/eviction"], "operations": ["CONNECT", "CREATE"]}
    exec_rule = "object.kind != 'PodExecOptions' || object.?command.orValue([]) != ['sh']"
    kinds = "object.kind in ['PodExecOptions', 'Eviction']"
    evict_rule = "object.kind != 'Eviction' || request.name != 'kept'"
    await enforce(api, policy("p", kinds, exec_rule, evict_rule, rule=rule))
    await api.create(PODS, pod("kept"))
    await api.create(PODS, pod("other"))
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction"}
    kept = await api.post(f"{PODS}/kept/eviction", {**eviction, "metadata": {"name": "kept"}})
    assert (kept.status, f"failed expression: {evict_rule}" in kept.message) == (422, True)
    assert (await api.post(f"{PODS}/other/eviction", {**eviction, "metadata": {"name": "other"}})).status == 201
    for command, refused in (("sh", True), ("ls", False)):
        request = Request("POST", f"{PODS}/kept/exec", (("command", command),), (), b"")
        answer = await api.server.upgrade(request, api.user)
        assert (b"failed expression" in answer.body) is refused


async def test_labels_of_the_object_before_or_after(api):
    await enforce(
        api, policy("p", "request.operation == 'CREATE'", match={"objectSelector": {"matchLabels": {"a": "b"}}})
    )
    labelled = configmap("c") | {"metadata": {"name": "c", "labels": {"a": "b"}}}
    await api.create(CM, labelled)
    await api.create(CM, configmap("d"))
    assert (await api.patch(f"{CM}/c", {"metadata": {"labels": None}})).status == 422
    assert (await api.patch(f"{CM}/d", {"data": {"x": "y"}})).status == 200


async def test_without_a_binding_nothing_is_demanded(api):
    await api.create(POLICIES, policy("p", "false"))
    await api.create(BINDINGS, binding("other", "nothing"))
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("c"))).status == 201


async def test_a_change_of_a_policy_counts_and_so_does_its_end(api):
    await enforce(api, policy("p", "false"))
    assert (await api.post(CM, configmap("c"))).status == 422
    await api.patch(f"{POLICIES}/p", {"spec": {"validations": [{"expression": "object.metadata.name == 'c'"}]}})
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("c"))).status == 201
    assert (await api.post(CM, configmap("d"))).status == 422
    await api.delete(f"{POLICIES}/p")
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("d"))).status == 201
    await api.create(POLICIES, policy("p", "false"))
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("e"))).status == 422
    await api.delete(f"{BINDINGS}/p")
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("e"))).status == 201


async def test_policies_are_never_asked_about_themselves_or_about_reviews(api):
    everything = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}
    await enforce(api, policy("p", "false", rule=everything))
    review = {"spec": {"user": "a", "nonResourceAttributes": {"path": "/x", "verb": "get"}}}
    assert (await api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)).status == 201
    assert (await api.post(PODS, pod("a"))).status == 422
    assert (await api.delete(f"{BINDINGS}/p")).status == 200
    assert (await api.delete(f"{POLICIES}/p")).status == 200


async def test_the_authorizer_is_asked(api):
    rules = [
        "authorizer.requestResource.check('delete').allowed()",
        "authorizer.group('').resource('secrets').namespace('ns').check('get').allowed() == false",
        "authorizer.serviceAccount('ns', 'sa').path('/metrics').check('get').allowed() == false",
    ]
    await enforce(api, policy("p", *rules))
    role = {"metadata": {"name": "r"}, "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "delete"], "resourceNames": []}]}  # fmt: skip
    await api.create("/apis/rbac.authorization.k8s.io/v1/namespaces/ns/roles", role)
    bound = {"metadata": {"name": "r"}, "subjects": [{"kind": "User", "name": "bob"}],
             "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}}  # fmt: skip
    await api.create("/apis/rbac.authorization.k8s.io/v1/namespaces/ns/rolebindings", bound)
    await api.server.feed.fresh()
    bob = api.as_user(User("bob", groups=(AUTHENTICATED,)))
    assert (await bob.post(CM, configmap("c"))).status == 201
    assert (await api.post(CM, configmap("d"))).message == _denied("d", f"failed expression: {rules[1]}")


PARAMS = {"apiVersion": "v1", "kind": "ConfigMap"}
MAX = "params == null || size(object.data) <= int(params.data.max)"
NOT_PARAMS = [{"name": "n", "expression": "!object.metadata.name.startsWith('limit')"}]


@pytest.mark.parametrize(
    ("ref", "code", "why"),
    [
        pytest.param({"name": "limit-1"}, 422, f"failed expression: {MAX}", id="by-name"),
        pytest.param({"name": "limit-2"}, 201, "", id="by-another-name"),
        pytest.param({"selector": {"matchLabels": {"for": "p"}}}, 422, f"failed expression: {MAX}", id="by-labels"),
        pytest.param({"selector": {"matchLabels": {"for": "none"}}, "parameterNotFoundAction": "Allow"}, 201, "",
                     id="none-and-none-needed"),
        pytest.param({"name": "limit-9"}, 422, "failed to configure binding: no params found for policy binding with "
                     "`Deny` parameterNotFoundAction", id="none"),
        pytest.param({"name": "limit-1", "namespace": "other"}, 422, "failed to configure binding: no params found for "
                     "policy binding with `Deny` parameterNotFoundAction", id="in-another-namespace"),
        pytest.param(None, 201, "", id="without"),
    ],
)  # fmt: skip
async def test_parameters(api, ref, code, why):
    for number in (1, 2):
        made = configmap(f"limit-{number}", max=str(number))
        made["metadata"]["labels"] = {"for": "p"}
        await api.create(CM, made)
    given = {"paramRef": {"parameterNotFoundAction": "Deny", **ref}} if ref else {}
    await enforce(api, policy("p", MAX, paramKind=PARAMS, matchConditions=NOT_PARAMS), binding("p", **given))
    answer = await api.post(CM, configmap("c", a="1", b="2"))
    assert answer.status == code
    if why:
        assert answer.message == _denied("c", why)


async def test_parameters_of_a_kind_that_a_client_defined(api):
    limits = definition(
        "limits", "Limit", version("v1", {"type": "object", "properties": {"max": {"type": "integer"}}})
    )
    ref = {"paramRef": {"name": "l", "namespace": "ns", "parameterNotFoundAction": "Deny"}}
    kind = {"apiVersion": "example.com/v1", "kind": "Limit"}
    await enforce(api, policy("p", "size(object.data) <= params.spec.max", paramKind=kind), binding("p", **ref))
    answer = await api.post(CM, configmap("c"))
    unknown = (
        "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'"
    )
    assert answer.message.endswith(f"ValidatingAdmissionPolicy 'p' denied request: {unknown}")
    await established(api, limits)
    await api.create("/apis/example.com/v1/namespaces/ns/limits", widget("l", "Limit", max=1))
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("c", a="1"))).status == 201
    assert (await api.post(CM, configmap("d", a="1", b="2"))).status == 422


async def test_objects_of_a_kind_that_a_client_defined_in_another_version(api):
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}}
    versions = (version("v1", spec), version("v2", spec, storage=False))
    rule = {"apiGroups": ["example.com"], "apiVersions": ["v1"], "resources": ["widgets"]}
    rules = [
        "object.apiVersion == 'example.com/v1' && request.kind.version == 'v1' && request.resource.version == 'v1'",
        "request.requestKind.version == request.requestResource.version",
        "object.spec.size < 5",
    ]
    await established(api, definition("widgets", "Widget", *versions))
    await enforce(api, policy("p", *rules, rule=rule))
    two = WIDGETS.replace("/v1/", "/v2/")
    assert (await api.post(two, widget("a", of_version="v2", size=4))).status == 201
    assert (await api.post(two, widget("b", of_version="v2", size=5))).status == 422
    assert (await api.post(two, widget("c", of_version="v2", size=4.0))).status == 201
    assert (await api.patch(f"{two}/a", {"spec": {"size": 6}})).status == 422
    assert (await api.patch(f"{two}/a", {"spec": {"size": 3}})).status == 200
    exact = {"resourceRules": [{**rule, "operations": ["*"]}], "matchPolicy": "Exact"}
    await api.patch(f"{POLICIES}/p", {"spec": {"matchConstraints": exact}})
    await api.server.feed.fresh()
    assert (await api.post(two, widget("b", of_version="v2", size=5))).status == 201


async def test_subresources_have_their_own_objects(api):
    rule = {"apiGroups": ["apps"], "resources": ["deployments/scale"], "operations": ["UPDATE"]}
    rules = ["object.kind == 'Scale' && request.subResource == 'scale' && object.spec.replicas < 4"]
    await api.create(DEPLOYMENTS, deployment("d"))
    await enforce(api, policy("p", *rules, rule=rule))
    assert (await api.patch(f"{DEPLOYMENTS}/d", {"spec": {"replicas": 9}})).status == 200
    assert (await api.patch(f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 3}})).status == 200
    answer = await api.patch(f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 4}})
    assert answer.message == (
        "deployments.apps \"d\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: "
        f"failed expression: {rules[0]}"
    )


async def test_policies_about_namespaces(api):
    rule = {"resources": ["namespaces"], "operations": ["*"]}
    labelled = {"namespaceSelector": {"matchLabels": {"keep": "yes"}}}
    await enforce(api, policy("p", "request.operation == 'CREATE'", rule=rule, match=labelled))
    await api.create("/api/v1/namespaces", {"metadata": {"name": "kept", "labels": {"keep": "yes"}}})
    await api.create("/api/v1/namespaces", {"metadata": {"name": "free"}})
    await api.server.feed.fresh()
    assert (await api.delete("/api/v1/namespaces/kept")).status == 422
    assert (await api.delete("/api/v1/namespaces/free")).status == 200


async def test_costs_are_bounded(api):
    many = ", ".join(str(n) for n in range(300))
    costly = {"expression": f"[{many}].all(a, [{many}].all(b, [{many}].all(c, a + b + c >= 0)))"}
    await enforce(api, policy("p", costly))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 422
    assert answer.message.endswith("resulted in error: operation cancelled: actual cost limit exceeded")
    spread = {"expression": f"[{many}].all(a, [{many}].all(b, a + b >= 0))"}
    await api.patch(f"{POLICIES}/p", {"spec": {"validations": [spread] * 40}})
    await api.server.feed.fresh()
    assert (await api.post(CM, configmap("c"))).message == _denied(
        "c", "validation failed due to running out of cost budget, no further validation rules will be run"
    )


async def test_generated_names_and_dry_runs(api):
    await enforce(api, policy("p", "!request.dryRun", "object.metadata.name.startsWith('x-')"))
    assert (await api.post(CM, {"metadata": {"generateName": "x-"}})).status == 201
    assert (await api.post(CM, {"metadata": {"generateName": "x-"}}, dryRun="All")).status == 422
    assert (await api.post(CM, {"metadata": {"generateName": "y-"}})).message.startswith('configmaps "y-')
