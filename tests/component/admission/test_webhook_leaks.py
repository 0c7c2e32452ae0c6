"""Webhooks that tell everybody what they were asked: nothing of a Secret gets into answers, logs or audit lines."""

import json

import pytest
import yaml
from api_client import running
from configured import Hooked
from hook_server import Raw, deny, hook, patch, rule
from leaks import Leaks, b64, value

SECRETS = "/api/v1/namespaces/default/secrets"
V = value("hooked")


def said(request):
    return json.dumps(request.get("object") or request.get("oldObject") or {})


def failed(request, code=500):
    body = said(request).encode()
    return Raw(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (code, len(body), body))


def status(request):
    body = json.dumps({"kind": "Status", "message": said(request)}).encode()
    return Raw(b"HTTP/1.1 500 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


ANSWERS = {
    "fails with it": failed,
    "fails with a Status": status,
    "is no JSON": lambda r: failed(r, 200),
    "denies with it": lambda r: deny(said(r)),
    "has another uid": lambda r: {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "response": {"uid": said(r)[:2000], "allowed": True},
    },
    "patches what it is no place for": lambda r: patch({"op": "add", "path": "/data/x/y", "value": V}),
    "patches it in": lambda r: patch({"op": "add", "path": "/data/x", "value": V}),
    "patches it well": lambda r: patch({"op": "add", "path": "/data/x", "value": b64(V)}),
}


@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_nothing_leaks(hooks, tmp_path, caplog, policy):
    caplog.set_level("DEBUG")
    leaks = Leaks()
    rules = tmp_path / "policy.yaml"
    rules.write_text(
        yaml.safe_dump({"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [{"level": "RequestResponse"}]})
    )
    log = tmp_path / "audit.log"
    async with running(audit_policy_file=rules, audit_log_file=log) as server:
        api = Hooked(server)
        only = [rule(resources=["secrets"], operations=["*"])]
        await api.mutating("m", hook("odd", hooks.config(), failurePolicy=policy, rules=only))
        for name, answer in ANSWERS.items():
            hooks.answers["/"] = answer
            secret = {"metadata": {"name": "s"}, "stringData": {"p": V}}
            for found in (
                await api.post(SECRETS, secret),
                await api.patch(f"{SECRETS}/s", {"stringData": {"q": V}}),
                await api.delete(f"{SECRETS}/s"),
            ):
                if found.status >= 400:
                    leaks.check(f"{name}: {found.status}", found.raw)
                leaks.check(f"{name}: warnings", "".join(found.warnings))
        assert len(hooks.asked) >= len(ANSWERS)
        await api.close()
    leaks.check("logging", caplog.text)
    leaks.check_files(tmp_path, besides={rules})
    assert log.stat().st_size > 5000
    assert "\n".join(leaks.found) == ""
