"""Webhooks that hang, lie, answer garbage, call us back or die: each refused or gone on without, as they are configured."""

import asyncio
import base64

import pytest
from api_client import CM, PODS, Api, configmap, pod, running, until
from configured import VALIDATING
from hook_server import ALLOW, Hang, Raw, Reset, deny, hook, patch, rule

from podwright.store.protocol import Delete

LABEL = {"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}


def response(body, code=200):
    """A whole HTTP answer."""
    return Raw(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (code, len(body), body))


def review(request, **more):
    """An answer, as far as it goes."""
    head = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}
    return {**head, "response": {"uid": request["uid"], "allowed": True}} | more


BAD_ANSWERS = [
    pytest.param(Hang, "context deadline exceeded", id="hangs"),
    pytest.param(Reset, "EOF", id="breaks the connection"),
    pytest.param(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "unexpected EOF", id="dies in the middle"),
    pytest.param(Raw(b"SSH-2.0-x\r\n\r\n"), "malformed HTTP response", id="speaks something else"),
    pytest.param(
        Raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx"), "malformed HTTP", id="upgrades"
    ),
    pytest.param(response(b"[" * 500 + b"]" * 500), "exceeded max depth", id="answers too deep"),
    pytest.param(response(b"no json"), "couldn't get version/kind; json parse error", id="answers no JSON"),
    pytest.param(response(b"[1]"), "the answer is no object", id="answers a list"),
    pytest.param(
        response(b"boom", 500), 'an error on the server ("boom") has prevented the request', id="fails itself"
    ),
    pytest.param(response(b"", 404), "could not find the requested resource", id="knows no such path"),
    pytest.param(response(b"", 307), "responded with the status code 307", id="sends us elsewhere"),
    pytest.param(response(b" " * 9_000_000 + b"{}"), "larger than", id="answers without end"),
    pytest.param(lambda r: review(r, response=None), "webhook response was absent", id="says nothing"),
    pytest.param(
        lambda r: review(r, response={"uid": "x", "allowed": True}), "expected response.uid=", id="means another"
    ),
    pytest.param(lambda r: review(r, kind="Pod"), "expected webhook response of admission.k8s.io/v1", id="other kind"),
    pytest.param(
        lambda r: review(r, apiVersion="admission.k8s.io/v1beta1"),
        "got admission.k8s.io/v1beta1, Kind=AdmissionReview",
        id="other version",
    ),
    pytest.param(lambda r: review(r, response={"uid": r["uid"], "allowed": "yes"}), "no boolean", id="odd verdict"),
    pytest.param({**ALLOW, "patch": "e30="}, "response.patch but not response.patchType", id="patch without type"),
    pytest.param({**ALLOW, "patchType": "JSONPatch"}, "patchType but not response.patch", id="type without patch"),
    pytest.param(
        {**ALLOW, "patchType": "MergePatch", "patch": "e30="}, 'patchType of "MergePatch"', id="other patch type"
    ),
    pytest.param({**ALLOW, "patchType": "JSONPatch", "patch": "!"}, "undecodable patch", id="patch of nothing"),
    pytest.param(
        {**ALLOW, "patchType": "JSONPatch", "patch": "e30="}, "no list of operations", id="patch of other form"
    ),
    pytest.param({**ALLOW, "warnings": 3}, "no list of texts", id="odd warnings"),
    pytest.param({**ALLOW, "auditAnnotations": {"a": 1}}, "auditAnnotations", id="odd annotations"),
    pytest.param({"allowed": False, "status": "no"}, "response.status is no object", id="odd status"),
]


@pytest.mark.parametrize(("answer", "words"), BAD_ANSWERS)
@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_bad_answers(api, hooks, answer, words, policy):
    hooks.answers["/"] = answer
    await api.mutating("m", hook("bad", hooks.config(), failurePolicy=policy, timeoutSeconds=1))
    found = await api.post(CM, configmap("c"))
    if policy == "Ignore":
        assert found.status == 201, found
        assert "labels" not in found.body["metadata"]
        return
    assert (found.status, found.body["reason"]) == (500, "InternalError")
    assert found.message.startswith('Internal error occurred: failed calling webhook "bad.example.com": ')
    assert words in found.message
    assert (await api.get(f"{CM}/c")).status == 404


@pytest.mark.parametrize(("answer", "words"), BAD_ANSWERS[:6])
@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_bad_answers_of_those_who_only_refuse(api, hooks, answer, words, policy):
    hooks.answers["/"] = answer
    await api.validating("v", hook("bad", hooks.config(), failurePolicy=policy, timeoutSeconds=1))
    found = await api.post(CM, configmap("c"))
    assert found.status == (201 if policy == "Ignore" else 500)
    assert policy == "Ignore" or words in found.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda c: {**c, "url": "https://127.0.0.1:1/"}, "connect: connection refused", id="nobody there"),
        pytest.param(lambda c: {**c, "url": "https://no.invalid/"}, "no such host", id="no such host"),
        pytest.param(lambda c: {"url": c["url"]}, "tls: failed to verify certificate", id="another's certificate"),
        pytest.param(
            lambda c: {**c, "url": c["url"].replace("127.0.0.1", "localhost")},
            "tls: failed to verify certificate",
            id="a certificate for another name",
        ),
        pytest.param(
            lambda c: {**c, "caBundle": base64.b64encode(b"none").decode()},
            "unable to load root certificates",
            id="no CA",
        ),
        pytest.param(
            lambda c: {"service": {"namespace": "ns", "name": "no"}, "caBundle": c["caBundle"]},
            'Post "https://no.ns.svc:443/?timeout=10s": service "no" not found',
            id="no such service",
        ),
    ],
)
@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_programs_that_cannot_be_reached(api, hooks, change, words, policy):
    await api.validating("v", hook("lost", hooks.config(), failurePolicy=policy))
    await api.stored(VALIDATING, "v", lambda obj: obj["webhooks"][0].update(clientConfig=change(hooks.config())))
    found = await api.post(CM, configmap("c"))
    assert found.status == (201 if policy == "Ignore" else 500), found
    assert policy == "Ignore" or words in found.message
    assert hooks.asked == []


@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
@pytest.mark.parametrize(
    ("steps", "words"),
    [
        pytest.param([{"op": "remove", "path": "/data/none"}], "cannot be applied", id="what is not there"),
        pytest.param([{"op": "test", "path": "/kind", "value": "Pod"}], "cannot be applied", id="a test that fails"),
        pytest.param([{"op": "replace", "path": "/data", "value": 3}], "cannot be applied", id="a wrong type"),
        pytest.param([{"op": "replace", "path": "/kind", "value": "Secret"}], "cannot be applied", id="another kind"),
        pytest.param([{"op": "replace", "path": "", "value": []}], "cannot be applied", id="a list instead"),
    ],
)
async def test_patches_that_break_the_object_refuse_the_write_whatever_the_policy(api, hooks, steps, words, policy):
    hooks.answers["/"] = patch(*steps)
    await api.mutating("m", hook("liar", hooks.config(), failurePolicy=policy))
    found = await api.post(CM, configmap("c", a="1"))
    assert (found.status, found.body["reason"]) == (500, "InternalError"), found
    assert 'admission webhook "liar.example.com"' in found.message
    assert words in found.message
    assert (await api.get(f"{CM}/c")).status == 404


async def test_a_patch_of_a_deletion_is_refused(api, hooks):
    await api.create(CM, configmap("c"))
    hooks.answers["/"] = patch(LABEL)
    await api.mutating("m", hook("liar", hooks.config()))
    found = await api.delete(f"{CM}/c")
    assert found.status == 500
    assert "attempted to modify the object, which is not supported for this operation" in found.message


async def test_a_webhook_cannot_make_an_object_another(api, hooks):
    hooks.answers["/"] = patch({"op": "replace", "path": "/metadata/namespace", "value": "default"})
    await api.mutating("m", hook("liar", hooks.config()))
    assert (await api.post(CM, configmap("c"))).status == 400
    hooks.answers["/"] = patch({"op": "remove", "path": "/metadata"})
    assert (await api.post(CM, configmap("c"))).status == 422
    hooks.answers["/"] = patch({"op": "replace", "path": "/metadata/uid", "value": "mine"})
    assert (await api.create(CM, configmap("c")))["metadata"]["uid"] != "mine"


async def test_after_a_failure_the_next_webhooks_are_asked(api, hooks):
    hooks.answers |= {"/bad": Reset, "/good": patch(LABEL)}
    await api.mutating(
        "m",
        hook("bad", hooks.config("/bad"), failurePolicy="Ignore"),
        hook("good", hooks.config("/good")),
    )
    made = await api.create(CM, configmap("c"))
    assert made["metadata"]["labels"] == {"seen": "yes"}


@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_a_webhook_whose_own_writes_ask_it_again_ends_with_its_time(api, hooks, policy):
    count = 0

    async def write(_):
        nonlocal count
        count += 1
        await api.post(CM, configmap(f"own-{count}"))
        return ALLOW

    hooks.answers["/"] = write
    await api.validating("v", hook("loop", hooks.config(), timeoutSeconds=1, failurePolicy=policy))
    found = await api.post(CM, configmap("c"))
    assert found.status == (201 if policy == "Ignore" else 500), found
    assert policy == "Ignore" or "context deadline exceeded" in found.message
    hooks.answers["/"] = ALLOW
    await until(lambda: api.server.metrics.inflight == 0, 30)
    assert (await api.post(CM, configmap("d"))).status == 201


async def test_a_webhook_that_reads_what_it_is_asked_about(api, hooks):
    async def look(request):
        there = await api.get(f"{CM}/{request['name']}")
        return ALLOW if there.status == 404 else deny("it is there already")

    hooks.answers["/"] = look
    await api.validating("v", hook("look", hooks.config(), rule("configmaps", operations=("CREATE",))))
    assert (await api.post(CM, configmap("c"))).status == 201


async def test_a_program_that_was_started_again_is_asked_over_a_new_connection(api, hooks):
    await api.validating("v", hook("v", hooks.config()))
    await api.create(CM, configmap("a"))
    hooks.end_connections()
    await until(lambda: hooks.open == 0)
    await api.create(CM, configmap("b"))
    assert (hooks.connections, len(hooks.asked)) == (2, 2)


async def test_a_client_that_goes_away_leaves_nothing_behind(api, hooks):
    hooks.answers["/"] = Hang
    await api.validating("v", hook("v", hooks.config()))
    task = asyncio.create_task(api.post(CM, configmap("c")))
    await until(lambda: hooks.asked)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: hooks.open == 0)


async def test_a_failure_is_counted_and_noted(api, hooks):
    hooks.answers["/"] = Reset
    await api.validating("v", hook("open", hooks.config(), failurePolicy="Ignore"), hook("closed", hooks.config()))
    assert (await api.post(CM, configmap("c"))).status == 500
    text = api.server.render_metrics().decode()
    assert 'apiserver_admission_webhook_fail_open_count{name="open.example.com",type="validating"} 1' in text
    assert (
        'apiserver_admission_webhook_rejection_count{name="closed.example.com",type="validating",operation="CREATE",'
        'error_type="calling_webhook_error",rejection_code="503"} 1' in text
    )


async def test_a_broken_webhook_about_everything_does_not_keep_a_server_from_starting(api, hooks):
    hooks.answers["/"] = Reset
    await api.validating("v", hook("all", hooks.config(), rule("*/*")))
    store = api.server.store
    for resource in ("priorityclasses.scheduling.k8s.io", "apiservices.apiregistration.k8s.io"):
        for item in (await store.range(f"/registry/{resource}/")).items:
            await store.txn([], [Delete(item.key)])  # all has to be made again
    hooks.asked.clear()
    async with running(store=store) as again:
        assert again.ready
        assert hooks.asked == []
        assert (await Api(again).post("/api/v1/namespaces", {"metadata": {"name": "x"}})).status == 500


async def test_a_hanging_webhook_holds_up_nobody_else(api, hooks):
    hooks.answers["/"] = Hang
    await api.validating("v", hook("v", hooks.config(), timeoutSeconds=30))
    task = asyncio.create_task(api.post(CM, configmap("c")))
    await until(lambda: hooks.asked)
    assert (await api.post(PODS, pod("p"))).status == 201
    assert (await api.get(CM)).status == 200
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
