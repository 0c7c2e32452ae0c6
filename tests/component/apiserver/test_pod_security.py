"""Pod Security through the whole server: refusals, warnings, labels, and pods that are there already."""

import pytest
from api_client import DEPLOYMENTS, PODS, Api, pod, running

from podwright.apiserver.pod_security.configuration import Configuration
from podwright.apiserver.pod_security.level import Standard
from podwright.apiserver.pod_security.policy import Policy

NAMESPACE = "/api/v1/namespaces/ns"

ENFORCE, WARN, AUDIT = (f"pod-security.kubernetes.io/{mode}" for mode in ("enforce", "warn", "audit"))
ESCALATING = 'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)'


async def label(api, **labels):
    return await api.patch(NAMESPACE, {"metadata": {"labels": labels}})


def deployment(name, **spec):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}


async def test_a_pod_that_asks_too_much_is_refused(api):
    await label(api, **{ENFORCE: "baseline", f"{ENFORCE}-version": "v1.30"})
    answer = await api.post(PODS, pod("p", hostPID=True))
    assert (answer.status, answer.body["reason"], answer.body["details"]) == (
        403,
        "Forbidden",
        {"name": "p", "kind": "pods"},
    )
    assert answer.message == (
        'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true)'
    )
    assert (await api.post(PODS, pod("p"))).status == 201


async def test_pods_are_warned_of_and_workloads_never_refused(api):
    await label(api, **{ENFORCE: "restricted", WARN: "baseline"})
    answer = await api.post(DEPLOYMENTS, deployment("d", hostPID=True))
    assert answer.status == 201
    assert answer.warnings == ('would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',)
    await label(api, **{ENFORCE: "privileged", WARN: None})
    await label(api, **{WARN: "restricted"})
    answer = await api.post(PODS, pod("p"))
    assert answer.status == 201
    assert len(answer.warnings) == 1
    assert ESCALATING in answer.warnings[0]
    cron = {"schedule": "* * * * *", "jobTemplate": {"spec": deployment("j")["spec"] | {"selector": None}}}
    cron["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    answer = await api.post("/apis/batch/v1/namespaces/ns/cronjobs", {"metadata": {"name": "c"}, "spec": cron})
    assert answer.status == 201
    assert len(answer.warnings) == 1


async def test_only_updates_that_matter_are_judged(api):
    await api.create(PODS, pod("p", hostPID=True))
    await label(api, **{ENFORCE: "baseline"})
    assert (await api.patch(f"{PODS}/p", {"metadata": {"labels": {"x": "y"}}})).status == 200
    status = await api.patch(f"{PODS}/p/status", {"status": {"message": "m"}})
    assert status.status == 200
    image = [{"op": "replace", "path": "/spec/containers/0/image", "value": "other"}]
    answer = await api.patch(f"{PODS}/p", image, "json")
    assert answer.status == 403
    assert "host namespaces (hostPID=true)" in answer.message


async def test_ephemeral_containers_are_judged(api):
    await label(api, **{ENFORCE: "baseline"})
    await api.create(PODS, pod("p"))
    added = {"name": "debug", "image": "i", "securityContext": {"privileged": True}}
    answer = await api.patch(f"{PODS}/p/ephemeralcontainers", {"spec": {"ephemeralContainers": [added]}}, "strategic")
    assert answer.status == 403
    assert 'privileged (container "debug" must not set securityContext.privileged=true)' in answer.message
    added["securityContext"] = {}
    answer = await api.patch(f"{PODS}/p/ephemeralcontainers", {"spec": {"ephemeralContainers": [added]}}, "strategic")
    assert answer.status == 200


async def test_labels_that_cannot_be_read_are_refused(api):
    answer = await label(api, **{ENFORCE: "nope", f"{WARN}-version": "2"})
    assert answer.status == 422
    assert answer.message == (
        'Namespace "ns" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "nope": '
        "must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: "
        'Invalid value: "2": must be "latest" or "v1.x"]'
    )
    made = await api.post("/api/v1/namespaces", {"metadata": {"name": "new", "labels": {AUDIT: "x"}}})
    assert made.status == 422


async def test_a_stricter_namespace_is_told_of_its_pods(api):
    await api.create(PODS, pod("b", hostPID=True))
    await api.create(PODS, pod("a", hostPID=True))
    answer = await label(api, **{ENFORCE: "baseline"})
    assert answer.status == 200
    assert answer.warnings == (
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
        "a (and 1 other pod): host namespaces",
    )
    assert (await label(api, other="label")).warnings == ()
    assert (await label(api, **{ENFORCE: "privileged"})).warnings == ()


@pytest.fixture
async def configured(signing_key):
    rules = Configuration(
        Policy(Standard("baseline"), Standard(), Standard("restricted")),
        usernames=frozenset(("somebody",)),
        namespaces=frozenset(("free",)),
        runtime_classes=frozenset(("vm",)),
    )
    async with running(service_account_key_file=signing_key, pod_security=rules) as server:
        made = Api(server)
        for name in ("ns", "free"):
            await made.create("/api/v1/namespaces", {"metadata": {"name": name}})
            await made.create(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        yield made
        await made.close()


async def test_defaults_and_exemptions(configured):
    wide = pod("p", hostPID=True)
    assert (await configured.post(PODS, wide)).status == 403
    free = await configured.post("/api/v1/namespaces/free/pods", wide)
    assert (free.status, free.warnings) == (201, ())
    await configured.create("/apis/node.k8s.io/v1/runtimeclasses", {"metadata": {"name": "vm"}, "handler": "vm"})
    assert (await configured.post(PODS, pod("q", hostPID=True, runtimeClassName="vm"))).status == 201
    answer = await configured.patch("/api/v1/namespaces/free", {"metadata": {"labels": {ENFORCE: "restricted"}}})
    assert answer.warnings == (
        'namespace "free" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored',
    )


async def test_what_else_there_is_to_warn_of_comes_first_and_with_a_refusal_too(api):
    old = pod("p", hostPID=True, nodeSelector={"beta.kubernetes.io/os": "linux"})
    deprecated = 'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'
    violating = 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    await label(api, **{WARN: "baseline"})
    answer = await api.post(PODS, old)
    assert (answer.status, answer.warnings) == (201, (deprecated, violating))
    await label(api, **{ENFORCE: "baseline"})
    answer = await api.post(PODS, old | {"metadata": {"name": "q"}})
    assert (answer.status, answer.warnings) == (403, (deprecated,))
