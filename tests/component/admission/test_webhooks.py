"""What webhooks are asked, what they are told, and what becomes of their answers."""

import asyncio
import json

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod, until
from configured import MUTATING, VALIDATING
from hook_server import ALLOW, Raw, deny, hook, patch, rule

REVIEW = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}
LABEL = {"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}


async def test_a_denied_write_says_who_denied_it_and_why(api, hooks):
    hooks.answers["/"] = deny("not here", code=403, reason="Forbidden")
    await api.validating("v", hook("deny", hooks.config()))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 403
    assert answer.body["reason"] == "Forbidden"
    assert answer.message == 'admission webhook "deny.example.com" denied the request: not here'
    assert (await api.get(f"{CM}/c")).status == 404


@pytest.mark.parametrize(
    ("response", "code", "text"),
    [
        pytest.param({"allowed": False}, 400, "denied the request without explanation", id="nothing said"),
        pytest.param({}, 400, "denied the request without explanation", id="not even that it is denied"),
        pytest.param(deny("", reason="Odd"), 400, "denied the request: Odd", id="a reason alone"),
        pytest.param(deny("m", code=200), 400, "denied the request: m", id="a code of success"),
        pytest.param(deny("m", code=503), 503, "denied the request: m", id="a code of its own"),
        pytest.param(deny("m", code=99999), 400, "denied the request: m", id="no code of HTTP"),
    ],
)
async def test_how_refusals_are_worded(api, hooks, response, code, text):
    hooks.answers["/"] = response
    await api.validating("v", hook("deny", hooks.config()))
    answer = await api.post(CM, configmap("c"))
    assert (answer.status, answer.message) == (code, f'admission webhook "deny.example.com" {text}')


async def test_the_details_of_a_refusal(api, hooks):
    cause = {"reason": "FieldValueInvalid", "message": "m", "field": "data.a"}
    details = {
        "name": "c",
        "kind": 3,
        "causes": [{**cause, "field": "data.a", "odd": 1}, 7],
        "retryAfterSeconds": 5,
        "x": "y",
    }
    hooks.answers["/"] = deny("m", code=429, reason="TooManyRequests", details=details)
    await api.validating("v", hook("v", hooks.config()))
    answer = await api.post(CM, configmap("c"))
    assert (answer.status, answer.body["reason"], answer.headers["retry-after"]) == (429, "TooManyRequests", "5")
    assert answer.body["details"] == {"name": "c", "causes": [cause], "retryAfterSeconds": 5}


async def test_a_webhook_changes_what_is_stored(api, hooks):
    hooks.answers["/"] = patch(LABEL, {"op": "add", "path": "/data/b", "value": "2"})
    await api.mutating("m", hook("label", hooks.config()))
    made = await api.create(CM, configmap("c", a="1"))
    assert made["data"] == {"a": "1", "b": "2"}
    assert (await api.get(f"{CM}/c")).body["metadata"]["labels"] == {"seen": "yes"}


async def test_what_a_webhook_is_told(api, hooks):
    await api.validating("v", hook("look", hooks.config("/look")))
    made = await api.create(CM, configmap("c", a="1"), fieldManager="me", fieldValidation="Strict")
    request = hooks.requests()[-1]
    assert request["object"]["data"] == {"a": "1"}
    assert request["object"]["metadata"]["uid"] == made["metadata"]["uid"]
    assert {key: request[key] for key in request if key not in {"object", "uid"}} == {
        "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
        "resource": {"group": "", "version": "v1", "resource": "configmaps"},
        "requestKind": {"group": "", "version": "v1", "kind": "ConfigMap"},
        "requestResource": {"group": "", "version": "v1", "resource": "configmaps"},
        "name": "c",
        "namespace": "ns",
        "operation": "CREATE",
        "userInfo": {"username": "admin", "uid": "1", "groups": ["system:masters", "system:authenticated"]},
        "dryRun": False,
        "options": {
            "kind": "CreateOptions",
            "apiVersion": "meta.k8s.io/v1",
            "fieldManager": "me",
            "fieldValidation": "Strict",
        },
        "oldObject": None,
    }
    assert request["uid"]
    assert hooks.heads[-1].startswith("POST /look?timeout=10s HTTP/1.1\r\n")
    await api.patch(f"{CM}/c", {"data": {"a": "2"}})
    request = hooks.requests()[-1]
    assert (request["oldObject"]["data"], request["object"]["data"]) == ({"a": "1"}, {"a": "2"})
    assert (request["operation"], request["options"]["kind"]) == ("UPDATE", "UpdateOptions")
    await api.delete(f"{CM}/c", {"gracePeriodSeconds": 0})
    request = hooks.requests()[-1]
    assert (request["operation"], request["object"], request["oldObject"]["data"]) == ("DELETE", None, {"a": "2"})
    assert request["options"] == {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "gracePeriodSeconds": 0}


async def test_older_reviews_are_spoken_where_they_are_asked_for(api, hooks):
    await api.validating("v", hook("old", hooks.config(), admissionReviewVersions=["v0", "v1beta1", "v1"]))
    await api.create(CM, configmap("c"))
    assert hooks.asked[-1][1]["apiVersion"] == "admission.k8s.io/v1beta1"
    hooks.answers["/"] = {"response": {"allowed": True}}  # such answers repeat neither uid nor version
    await api.create(CM, configmap("d"))


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        pytest.param([rule("configmaps")], True, id="resource"),
        pytest.param([rule("*")], True, id="all"),
        pytest.param([rule("*/*")], True, id="all and their subresources"),
        pytest.param([rule("configmaps/*")], True, id="with subresources"),
        pytest.param([rule("secrets", "pods/*")], False, id="others"),
        pytest.param([rule("configmaps", operations=("UPDATE", "DELETE"))], False, id="other operations"),
        pytest.param([rule("configmaps", groups=("apps",))], False, id="other group"),
        pytest.param([rule("configmaps", versions=("v2",))], False, id="other version"),
        pytest.param([rule("configmaps", scope="Cluster")], False, id="other scope"),
        pytest.param([rule("configmaps", scope="Namespaced")], True, id="scope"),
        pytest.param([rule("secrets"), rule("configmaps")], True, id="second rule"),
    ],
)
async def test_which_writes_are_asked_about(api, hooks, rules, asked):
    await api.validating("v", hook("look", hooks.config(), *rules))
    await api.create(CM, configmap("c"))
    assert bool(hooks.asked) is asked


@pytest.mark.parametrize(
    ("resource", "send", "kind"),
    [
        pytest.param("pods/status", ("patch", f"{PODS}/p/status", {"status": {"message": "m"}}), "Pod", id="status"),
        pytest.param(
            "pods/binding",
            ("post", f"{PODS}/p/binding", {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}}),
            "Binding",
            id="binding",
        ),
        pytest.param(
            "pods/eviction", ("post", f"{PODS}/p/eviction", {"metadata": {"name": "p"}}), "Eviction", id="eviction"
        ),
        pytest.param(
            "deployments/scale",
            ("put", f"{DEPLOYMENTS}/d/scale", {"metadata": {"name": "d"}, "spec": {"replicas": 2}}),
            "Scale",
            id="scale",
        ),
        pytest.param("pods/proxy", ("get", f"{PODS}/p/proxy/x"), "PodProxyOptions", id="proxy"),
    ],
)
async def test_subresources_can_be_refused(api, hooks, resource, send, kind):
    await api.create(PODS, pod("p"))
    await api.create(DEPLOYMENTS, deployment("d"))
    hooks.answers["/"] = deny("no")
    await api.validating("v", hook("sub", hooks.config(), rule(resource)))
    method, *rest = send
    answer = await getattr(api, method)(*rest)
    assert (answer.status, answer.message) == (400, 'admission webhook "sub.example.com" denied the request: no')
    request = hooks.requests()[-1]
    assert (request["subResource"], request["kind"]["kind"]) == (resource.partition("/")[2], kind)


async def test_selectors_of_namespaces_and_objects(api, hooks):
    await api.patch("/api/v1/namespaces/ns", {"metadata": {"labels": {"team": "a"}}})
    chosen = {"matchLabels": {"team": "a"}}
    await api.validating(
        "v",
        hook("ns", hooks.config("/ns"), namespaceSelector=chosen),
        hook("other-ns", hooks.config("/other-ns"), namespaceSelector={"matchLabels": {"team": "b"}}),
        hook("obj", hooks.config("/obj"), objectSelector=chosen),
    )
    labelled = configmap("c")
    labelled["metadata"]["labels"] = {"team": "a"}
    await api.create(CM, configmap("d"))
    assert {path for path, _ in hooks.asked} == {"/ns"}
    await api.create(CM, labelled)
    hooks.asked.clear()
    await api.put(f"{CM}/c", configmap("c"))  # the label goes: what was there before counts too
    assert {path for path, _ in hooks.asked} == {"/ns", "/obj"}


async def test_conditions_leave_writes_out(api, hooks):
    conditions = [
        {"name": "no-skip", "expression": "!has(object.metadata.labels) || !('skip' in object.metadata.labels)"},
        {"name": "not-by-system", "expression": "!request.userInfo.username.startsWith('system:')"},
        {"name": "may", "expression": "authorizer.group('').resource('pods').check('create').allowed()"},
    ]
    hooks.answers["/"] = deny("no")
    await api.validating("v", hook("some", hooks.config(), matchConditions=conditions))
    skipped = configmap("c")
    skipped["metadata"]["labels"] = {"skip": "x"}
    assert (await api.post(CM, skipped)).status == 201
    assert (await api.post(CM, configmap("d"))).status == 400


@pytest.mark.parametrize(("policy", "code"), [("Fail", 403), ("Ignore", 201)])
async def test_conditions_that_cannot_be_told(api, hooks, policy, code):
    broken = [{"name": "broken", "expression": "object.data.absent == 'x'"}]
    await api.validating("v", hook("some", hooks.config(), matchConditions=broken, failurePolicy=policy))
    answer = await api.post(CM, configmap("c", a="1"))
    assert answer.status == code
    assert hooks.asked == []


async def test_mutating_webhooks_are_asked_in_the_order_of_their_configurations(api, hooks):
    def append(letter):
        return lambda request: patch(
            {"op": "replace", "path": "/data/a", "value": request["object"]["data"]["a"] + letter}
        )

    for path in ("x", "y", "z"):
        hooks.answers[f"/{path}"] = append(path)
    await api.mutating("b", hook("z", hooks.config("/z")))
    await api.mutating("a", hook("x", hooks.config("/x")), hook("y", hooks.config("/y")))
    assert (await api.create(CM, configmap("c", a="-")))["data"] == {"a": "-xyz"}


async def test_who_wants_so_is_asked_again_after_others_changed_the_object(api, hooks):
    hooks.answers["/b"] = patch(LABEL)
    await api.mutating(
        "m",
        hook("a", hooks.config("/a"), reinvocationPolicy="IfNeeded"),
        hook("b", hooks.config("/b")),
        hook("c", hooks.config("/c"), reinvocationPolicy="IfNeeded"),
    )
    await api.create(CM, configmap("c"))
    assert [path for path, _ in hooks.asked] == ["/a", "/b", "/c", "/a"]
    assert hooks.requests("/a")[-1]["object"]["metadata"]["labels"] == {"seen": "yes"}


async def test_nobody_is_asked_again_without_need(api, hooks):
    await api.mutating("m", hook("a", hooks.config("/a"), reinvocationPolicy="IfNeeded"), hook("b", hooks.config("/b")))
    await api.create(CM, configmap("c"))
    assert [path for path, _ in hooks.asked] == ["/a", "/b"]


async def test_what_a_webhook_added_is_completed_and_judged(api, hooks):
    container = {"name": "i", "image": "registry.local/i:1", "resources": {}}
    hooks.answers["/"] = patch({"op": "add", "path": "/spec/initContainers", "value": [container]})
    await api.mutating("m", hook("init", hooks.config(), rule("pods", operations=("CREATE",))))
    made = await api.create(PODS, pod("p"))
    assert made["spec"]["initContainers"][0]["terminationMessagePolicy"] == "File"
    hooks.answers["/"] = patch({"op": "replace", "path": "/spec/containers/0/name", "value": "Not A Name"})
    assert (await api.post(PODS, pod("q"))).status == 422


async def test_validating_webhooks_see_the_final_object(api, hooks):
    hooks.answers["/m"] = patch(LABEL)
    await api.mutating("m", hook("m", hooks.config("/m")))
    await api.validating("v", hook("v", hooks.config("/v")))
    await api.create(CM, configmap("c"))
    assert hooks.requests("/v")[0]["object"]["metadata"]["labels"] == {"seen": "yes"}


async def test_a_validating_webhook_may_not_change_anything(api, hooks):
    hooks.answers["/"] = patch(LABEL)
    await api.validating("v", hook("v", hooks.config()))
    answer = await api.post(CM, configmap("c"))
    assert answer.status == 500
    assert "validating webhook may not return response.patch" in answer.message


async def test_all_validating_webhooks_are_asked_at_the_same_time(api, hooks):
    arrived = asyncio.Event()

    async def first(_):
        await arrived.wait()
        return ALLOW

    def second(_):
        arrived.set()
        return ALLOW

    hooks.answers |= {"/first": first, "/second": second}
    await api.validating("v", hook("first", hooks.config("/first")), hook("second", hooks.config("/second")))
    await api.create(CM, configmap("c"))


async def test_of_several_refusals_the_first_is_told(api, hooks):
    hooks.answers |= {"/a": deny("a"), "/b": deny("b")}
    await api.validating("v", hook("a", hooks.config("/a")), hook("b", hooks.config("/b")))
    assert (await api.post(CM, configmap("c"))).message.endswith("denied the request: a")


async def test_warnings_and_annotations(api, hooks):
    hooks.answers["/"] = {**ALLOW, "warnings": ["careful"], "auditAnnotations": {"key": "value"}}
    await api.validating("v", hook("v", hooks.config()))
    assert (await api.post(CM, configmap("c"))).warnings == ("careful",)


async def test_warnings_without_end(api, hooks):
    hooks.answers["/"] = {**ALLOW, "warnings": ["a\r\nb: c", *(f"{number} " + "w" * 1000 for number in range(100))]}
    await api.validating("v", hook("v", hooks.config()))
    warnings = (await api.post(CM, configmap("c"))).warnings
    assert warnings[0] == "a  b: c"
    assert {len(text) for text in warnings[1:]} == {256}
    assert sum(map(len, warnings)) <= 4096


async def test_an_answer_that_ends_with_its_connection(api, hooks):
    def answer(request):
        body = json.dumps({**REVIEW, "response": {"uid": request["uid"], "allowed": True, "warnings": ["old"]}})
        return Raw(b"HTTP/1.0 200 OK\r\nServer: plain\r\n\r\n" + body.encode())

    hooks.answers["/"] = answer
    await api.validating("v", hook("v", hooks.config()))
    for name in ("a", "b"):
        assert (await api.post(CM, configmap(name))).warnings == ("old",)
    assert hooks.connections == 2


@pytest.mark.parametrize(("effects", "code"), [("None", 201), ("NoneOnDryRun", 201), ("Some", 400)])
async def test_dry_runs_ask_only_who_does_nothing_by_it(api, hooks, effects, code):
    await api.mutating("m", hook("m", hooks.config()))
    if effects == "Some":  # such a configuration is refused today, but may have been stored before
        await api.stored(MUTATING, "m", lambda obj: obj["webhooks"][0].update(sideEffects=effects))
    answer = await api.post(CM, configmap("c"), dryRun="All")
    assert answer.status == code
    if code == 400:
        assert answer.message == 'admission webhook "m.example.com" does not support dry run'
        assert hooks.asked == []
    else:
        assert hooks.requests()[0]["dryRun"] is True


async def test_versions_of_a_kind_are_one_to_a_webhook_that_does_not_care(api, hooks):
    path = "/apis/autoscaling/v1/namespaces/ns/horizontalpodautoscalers"
    body = {
        "metadata": {"name": "h"},
        "spec": {
            "maxReplicas": 3,
            "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
            "targetCPUUtilizationPercentage": 50,
        },
    }
    named = rule("horizontalpodautoscalers", groups=("autoscaling",), versions=("v2",))
    await api.mutating(
        "m",
        hook("any", hooks.config("/any"), named),
        hook("exact", hooks.config("/exact"), named, matchPolicy="Exact"),
    )
    hooks.answers["/any"] = patch(
        {"op": "replace", "path": "/spec/metrics/0/resource/target/averageUtilization", "value": 70}
    )
    made = await api.create(path, body)
    assert made["spec"]["targetCPUUtilizationPercentage"] == 70
    assert [where for where, _ in hooks.asked] == ["/any"]
    request = hooks.requests()[0]
    assert request["object"]["apiVersion"] == "autoscaling/v2"
    assert (request["resource"]["version"], request["requestResource"]["version"]) == ("v2", "v1")
    assert (request["kind"]["version"], request["requestKind"]["version"]) == ("v2", "v1")


async def test_webhooks_are_never_asked_about_webhooks_and_policies(api, hooks):
    hooks.answers |= {"/m": patch(LABEL), "/v": deny("never")}
    everything = rule("*/*")
    await api.mutating("m", hook("m", hooks.config("/m"), everything))
    await api.validating("v", hook("v", hooks.config("/v"), everything))
    made = await api.validating("other", hook("x", hooks.config("/x"), rule("nothings")))
    assert "labels" not in made["metadata"]
    assert (await api.delete(f"{VALIDATING}/other")).status == 200
    assert (await api.post(CM, configmap("c"))).status == 400
    assert (await api.delete(f"{VALIDATING}/v")).status == 200
    assert (await api.delete(f"{MUTATING}/m")).status == 200
    await api.create(CM, configmap("c"))


async def test_a_change_of_a_configuration_counts_at_once(api, hooks):
    hooks.answers["/"] = deny("no")
    await api.validating("v", hook("v", hooks.config()))
    assert (await api.post(CM, configmap("c"))).status == 400
    await api.patch(
        f"{VALIDATING}/v", [{"op": "replace", "path": "/webhooks/0/rules/0/operations", "value": ["UPDATE"]}], "json"
    )
    assert (await api.post(CM, configmap("c"))).status == 201
    assert (await api.put(f"{CM}/c", configmap("c", a="1"))).status == 400


async def test_connections_are_used_again_and_end_with_their_configuration(api, hooks):
    await api.validating("v", hook("v", hooks.config()))
    for index in range(5):
        await api.create(CM, configmap(f"c{index}"))
    assert (hooks.connections, len(hooks.asked)) == (1, 5)
    await api.delete(f"{VALIDATING}/v")
    await api.create(CM, configmap("last"))
    await until(lambda: hooks.open == 0)


async def test_what_is_counted(api, hooks):
    hooks.answers["/"] = deny("no", code=403)
    await api.validating("v", hook("v", hooks.config()))
    await api.post(CM, configmap("c"))
    text = api.server.render_metrics().decode()
    labels = 'name="v.example.com",type="validating",operation="CREATE"'
    assert f'apiserver_admission_webhook_request_total{{{labels},code="403",rejected="true"}} 1' in text
    assert (
        f'apiserver_admission_webhook_rejection_count{{{labels},error_type="no_error",rejection_code="403"}} 1' in text
    )
    assert f'apiserver_admission_webhook_admission_duration_seconds_count{{{labels},rejected="true"}} 1' in text


async def test_a_collection_is_deleted_as_far_as_webhooks_let(api, hooks):
    hooks.answers["/"] = lambda request: deny("kept") if request["oldObject"]["metadata"]["name"] == "b" else ALLOW
    for name in ("a", "b"):
        await api.create(CM, configmap(name))
    await api.validating("v", hook("v", hooks.config(), rule("configmaps", operations=("DELETE",))))
    assert (await api.delete(CM)).status == 400
    assert (await api.get(f"{CM}/b")).status == 200
