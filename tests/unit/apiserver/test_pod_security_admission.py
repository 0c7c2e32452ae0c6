"""What Pod Security notes of a write where requests are recorded, and what it leaves alone."""

from datetime import UTC, datetime

import pytest

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.pod_security import PodSecurity
from podwright.apiserver.pod_security.configuration import Configuration
from podwright.apiserver.pod_security.policy import PREFIX
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

PODS, DEPLOYMENTS, CRON_JOBS = find("pods"), find("deployments", "apps"), find("cronjobs", "batch")
WIDE = {"containers": [{"name": "c", "image": "i"}], "hostPID": True}
REFUSED = "host namespaces (hostPID=true)"


class World:
    """Holds one namespace."""

    def __init__(self, labels):
        self.labels = {f"{PREFIX}{key}": value for key, value in labels.items()}

    def get(self, resource, name, namespace=""):
        return {"metadata": {"name": name, "labels": self.labels}} if resource.plural == "namespaces" else None

    def list(self, resource, namespace=""):
        return []


def judged(obj, *, resource=PODS, old=None, subresource="", configuration=None, **labels):
    """The write after the plugin has looked at it, and the refusal."""
    user = User("jane")
    ctx = WriteContext(
        user, datetime(2026, 1, 2, tzinfo=UTC), resource, World(labels), namespace="ns", subresource=subresource
    )
    attributes = Attributes("create" if old is None else "update", "x", obj, old, ctx)
    try:
        PodSecurity(configuration).validate(attributes)
    except ApiError as error:
        return attributes, error
    return attributes, None


def pod(**spec):
    return {"metadata": {"name": "x"}, "spec": {**WIDE, **spec}}


def noted(attributes):
    return {key.removeprefix(PREFIX): value for key, value in attributes.annotations.items()}


def test_a_free_namespace_is_noted_as_such():
    found, error = judged(pod())
    assert error is None
    assert noted(found) == {"enforce-policy": "privileged:latest"}


def test_what_is_refused_is_noted_with_what_it_would_violate():
    found, error = judged(pod(), enforce="baseline", audit="baseline", warn="restricted")
    assert error is not None
    assert error.message == f'pods "x" is forbidden: violates PodSecurity "baseline:latest": {REFUSED}'
    assert noted(found) == {
        "enforce-policy": "baseline:latest",
        "audit-violations": f'would violate PodSecurity "baseline:latest": {REFUSED}',
    }
    assert found.warnings == []


def test_labels_that_cannot_be_read_are_noted_and_enforce_the_strictest():
    found, error = judged(pod(), enforce="nope")
    assert error is not None
    assert 'violates PodSecurity "restricted:latest"' in error.message
    assert noted(found)["error"].startswith(
        "Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: "
    )


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        (Configuration(namespaces=frozenset(("ns",))), "namespace"),
        (Configuration(usernames=frozenset(("jane",))), "user"),
        (Configuration(runtime_classes=frozenset(("vm",))), "runtimeClass"),
    ],
    ids=["namespace", "user", "class"],
)
def test_the_exempt_are_noted(configuration, reason):
    found, error = judged(pod(runtimeClassName="vm"), configuration=configuration, enforce="baseline")
    assert error is None
    assert noted(found) == {"exempt": reason}


@pytest.mark.parametrize(
    ("resource", "obj"),
    [
        (DEPLOYMENTS, {"metadata": {}, "spec": {"template": {"spec": WIDE}}}),
        (CRON_JOBS, {"metadata": {}, "spec": {"jobTemplate": {"spec": {"template": {"spec": WIDE}}}}}),
        (find("podtemplates"), {"metadata": {}, "template": {"spec": WIDE}}),
    ],
    ids=str,
)
def test_what_makes_pods_is_warned_of_and_noted(resource, obj):
    found, error = judged(obj, resource=resource, enforce="baseline", audit="baseline")
    assert error is None
    assert found.warnings == [f'would violate PodSecurity "baseline:latest": {REFUSED}']
    assert noted(found) == {"audit-violations": f'would violate PodSecurity "baseline:latest": {REFUSED}'}
    assert judged(obj, resource=resource, subresource="status", warn="baseline")[0].warnings == []


def test_a_controller_without_a_template_is_left():
    found, error = judged({"metadata": {}, "spec": {}}, resource=find("replicationcontrollers"), warn="baseline")
    assert (error, found.warnings) == (None, [])


@pytest.mark.parametrize(
    ("change", "subresource", "matters"),
    [
        ({"tolerations": [{"key": "a"}]}, "", False),
        ({"containers": [{"name": "c", "image": "other"}]}, "", True),
        ({"initContainers": [{"name": "n", "image": "i"}]}, "", True),
        ({"ephemeralContainers": [{"name": "e", "image": "i"}]}, "ephemeralcontainers", True),
        ({"containers": [{"name": "c", "image": "other"}]}, "status", False),
        ({"containers": [{"name": "c", "image": "other"}]}, "binding", False),
    ],
    ids=str,
)
def test_changes_of_pods_that_matter(change, subresource, matters):
    error = judged(pod(**change), old=pod(), subresource=subresource, enforce="baseline")[1]
    assert (error is not None) is matters


def test_it_concerns_no_other_kind():
    plugin = PodSecurity(None)
    concerned = {row.qualified for row in RESOURCES if plugin.concerns(row, "create")}
    assert concerned == {
        "namespaces", "pods", "podtemplates", "replicationcontrollers", "replicasets.apps", "deployments.apps",
        "statefulsets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch",
    }  # fmt: skip
    assert not any(plugin.concerns(row, "delete") for row in RESOURCES)
