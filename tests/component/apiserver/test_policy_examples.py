"""The examples of docs/admission-policies.md do what the page says."""

import re
from pathlib import Path

import pytest
import yaml
from api_client import CM, DEPLOYMENTS, PODS, deployment, pod
from policies import AR

PAGE = Path(__file__).parents[3] / "docs" / "admission-policies.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
PATHS = {
    "ConfigMap": CM,
    "ValidatingAdmissionPolicy": f"{AR}/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": f"{AR}/validatingadmissionpolicybindings",
    "MutatingAdmissionPolicy": f"{AR}/mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": f"{AR}/mutatingadmissionpolicybindings",
}


@pytest.fixture
async def examples(api):
    """A server with everything on the page."""
    await api.patch("/api/v1/namespaces/ns", {"metadata": {"labels": {"stage": "test"}}})
    for example in EXAMPLES:
        for document in yaml.safe_load_all(example):
            answer = await api.post(PATHS[document["kind"]], document)
            assert (answer.status, answer.warnings) == (201, ()), answer
    await api.server.feed.fresh()
    return api


async def test_the_policy_that_refuses(examples):
    assert (await examples.post(DEPLOYMENTS, deployment("web", 2))).status == 201
    answer = await examples.post(DEPLOYMENTS, deployment("wide", 3))
    assert answer.status == 403
    told = re.search(r"^    (deployments\.apps .*\n    .*)$", PAGE.read_text(), re.MULTILINE)
    assert told is not None
    assert answer.message == " ".join(told[1].split()).replace('"web"', '"wide"')
    other = "/apis/apps/v1/namespaces/default/deployments"
    assert (await examples.post(other, deployment("wide", 3))).status == 201
    await examples.delete(f"{CM}/limits")
    await examples.server.feed.fresh()
    assert "no params found" in (await examples.post(DEPLOYMENTS, deployment("none", 1))).message


async def test_the_policy_that_changes(examples):
    plain = await examples.create(PODS, pod("plain"))
    assert len(plain["spec"]["containers"]) == 1
    made = await examples.create(PODS, pod("wanted", labels={"sidecar": "yes"}))
    assert sorted(each["name"] for each in made["spec"]["containers"]) == ["c", "side"]
    assert made["metadata"]["labels"] == {"sidecar": "yes", "example.com/side": "added"}
    once = await examples.create(PODS, pod("once", labels={"sidecar": "yes"}, restartPolicy="Never"))
    assert once["metadata"]["labels"] == {"sidecar": "yes"}
