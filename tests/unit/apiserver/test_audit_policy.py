"""Audit policies: which rule decides about a request, and what is refused."""

import pytest
import yaml

from podwright.apiserver.audit.policy import Level, read_policy
from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.routes import resolve
from podwright.apiserver.user import User

JANE = User("jane", groups=("devs", "system:authenticated"))


def read(tmp_path, *rules, **more):
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump({"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": list(rules), **more}))
    return read_policy(path)


def resources(*names, group="", **more):
    return {"resources": [{"group": group, "resources": list(names), **more}]}


@pytest.mark.parametrize(
    ("rule", "method", "path", "fits"),
    [
        pytest.param({}, "GET", "/api/v1/pods", True, id="empty-fits-resources"),
        pytest.param({}, "GET", "/healthz", True, id="empty-fits-paths"),
        pytest.param({"users": ["jane"]}, "GET", "/healthz", True, id="user"),
        pytest.param({"users": ["joe"]}, "GET", "/healthz", False, id="other-user"),
        pytest.param({"userGroups": ["ops", "devs"]}, "GET", "/healthz", True, id="group"),
        pytest.param({"userGroups": ["ops"]}, "GET", "/healthz", False, id="other-group"),
        pytest.param({"verbs": ["list"]}, "GET", "/api/v1/pods", True, id="verb"),
        pytest.param({"verbs": ["get"]}, "GET", "/api/v1/pods", False, id="other-verb"),
        pytest.param({"verbs": ["*"]}, "DELETE", "/api/v1/pods", True, id="any-verb"),
        pytest.param({"verbs": ["get"]}, "GET", "/version", True, id="path-verb"),
        pytest.param({"namespaces": ["a"]}, "GET", "/api/v1/namespaces/a/pods", True, id="namespace"),
        pytest.param({"namespaces": ["a"]}, "GET", "/api/v1/namespaces/b/pods", False, id="other-namespace"),
        pytest.param({"namespaces": [""]}, "GET", "/api/v1/nodes", True, id="no-namespace"),
        pytest.param({"namespaces": ["a"]}, "GET", "/healthz", False, id="namespace-no-path"),
        pytest.param(resources("pods"), "GET", "/api/v1/pods", True, id="resource"),
        pytest.param(resources("pods"), "GET", "/api/v1/namespaces/a/pods/x/log", False, id="not-its-parts"),
        pytest.param(resources("pods/log"), "GET", "/api/v1/namespaces/a/pods/x/log", True, id="part"),
        pytest.param(resources("pods/*"), "GET", "/api/v1/namespaces/a/pods/x/log", True, id="all-parts"),
        pytest.param(resources("pods/*"), "GET", "/api/v1/namespaces/a/pods/x", True, id="all-parts-and-itself"),
        pytest.param(resources("*/log"), "GET", "/api/v1/namespaces/a/pods/x/log", True, id="part-of-all"),
        pytest.param(resources("*/log"), "GET", "/api/v1/namespaces/a/pods/x/status", False, id="another-part"),
        pytest.param(resources("*"), "GET", "/api/v1/namespaces/a/pods/x/log", True, id="star"),
        pytest.param(resources(), "GET", "/api/v1/pods", True, id="whole-group"),
        pytest.param(resources(), "GET", "/apis/apps/v1/deployments", False, id="other-group-of-api"),
        pytest.param(resources("deployments", group="apps"), "GET", "/apis/apps/v1/deployments", True, id="in-group"),
        pytest.param(resources("pods"), "GET", "/healthz", False, id="resource-no-path"),
        pytest.param(resources("pods", resourceNames=["x"]), "GET", "/api/v1/namespaces/a/pods/x", True, id="name"),
        pytest.param(
            resources("pods", resourceNames=["x"]), "GET", "/api/v1/namespaces/a/pods/y", False, id="other-name"
        ),
        pytest.param({"nonResourceURLs": ["/healthz"]}, "GET", "/healthz", True, id="path"),
        pytest.param({"nonResourceURLs": ["/healthz"]}, "GET", "/healthz/etcd", False, id="longer-path"),
        pytest.param({"nonResourceURLs": ["/healthz*"]}, "GET", "/healthz/etcd", True, id="path-prefix"),
        pytest.param({"nonResourceURLs": ["*"]}, "GET", "/version", True, id="any-path"),
        pytest.param({"nonResourceURLs": ["*"]}, "GET", "/api/v1/pods", False, id="path-no-resource"),
    ],
)  # fmt: skip
def test_what_a_rule_is_for(tmp_path, rule, method, path, fits):
    rules = read(tmp_path, {"level": "Metadata", **rule})
    assert (rules.verdict(JANE, resolve(method, path)).level is Level.METADATA) is fits


def test_the_first_rule_that_fits_decides(tmp_path):
    rules = read(tmp_path, {"level": "None", "users": ["joe"]}, {"level": "Request"}, {"level": "RequestResponse"})
    target = resolve("GET", "/api/v1/pods")
    assert rules.verdict(JANE, target).level is Level.REQUEST
    assert rules.verdict(User("joe"), target).level is Level.NONE


def test_stages_are_left_out_by_policy_and_rule(tmp_path):
    rules = read(tmp_path, {"level": "Metadata", "omitStages": ["ResponseStarted"]}, omitStages=["RequestReceived"])
    verdict = rules.verdict(JANE, resolve("GET", "/version"))
    assert verdict.omitted == {"RequestReceived", "ResponseStarted"}


@pytest.mark.parametrize(
    ("policy", "rule", "kept"),
    [(False, None, True), (True, None, False), (True, False, True), (False, True, False)],
)
def test_a_rule_overrides_the_policy_on_managed_fields(tmp_path, policy, rule, kept):
    made = {"level": "Request"} | ({} if rule is None else {"omitManagedFields": rule})
    verdict = read(tmp_path, made, omitManagedFields=policy).verdict(JANE, resolve("GET", "/version"))
    assert verdict.managed_fields is kept


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        pytest.param({}, 'rules[0].level: Unsupported value: ""', id="no-level"),
        pytest.param({"level": "All"}, 'rules[0].level: Unsupported value: "All"', id="level"),
        pytest.param({"level": "None", "omitStages": ["Begin"]}, 'rules[0].omitStages[0]: Unsupported', id="stage"),
        pytest.param({"level": "None", "user": ["x"]}, 'unknown field "rules[0].user"', id="unknown-field"),
        pytest.param({"level": "None", "users": "x"}, "cannot unmarshal string", id="wrong-type"),
        pytest.param(
            {"level": "None", "nonResourceURLs": ["/x"], "namespaces": ["a"]}, "both resources and other paths", id="mixed"
        ),
        pytest.param({"level": "None", "nonResourceURLs": ["x"]}, 'nonResourceURLs[0]: Invalid value: "x"', id="no-slash"),
        pytest.param({"level": "None", "nonResourceURLs": ["/*/x"]}, "no \"*\" before its end", id="star-inside"),
        pytest.param({"level": "None", **resources(resourceNames=["x"])}, "at least one resource", id="names-alone"),
        pytest.param({"level": "None", **resources(group="apps/v1")}, 'group: Invalid value: "apps/v1"', id="version"),
        pytest.param({"level": "None", **resources("a/b/c")}, 'resources[0]: Invalid value: "a/b/c"', id="too-deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(tmp_path, rule, why):
    with pytest.raises(ConfigFileError) as caught:
        read(tmp_path, rule)
    assert why in str(caught.value)


def test_a_policy_without_rules_is_refused(tmp_path):
    with pytest.raises(ConfigFileError, match="rules: Required value"):
        read(tmp_path)
