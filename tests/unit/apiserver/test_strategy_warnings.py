"""What kinds beside pods and services warn of, and what of an account's secrets is kept."""

from __future__ import annotations

import pytest
from strategy_writes import JSON, create, created, edit, update

_OS = 'deprecated since v1.14; use "kubernetes.io/os" instead'
_ACCOUNT: JSON = {"metadata": {"name": "a"}}
_LIMITED = {"metadata": {"name": "a", "annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}}}
_LIMITED_TEXT = (
    "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+;"
    " prefer separate namespaces to isolate access to mounted secrets"
)


def _claims(storage: str) -> JSON:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {
        "metadata": {"name": "a"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": template,
            "volumeClaimTemplates": [
                {"metadata": {"name": "whole"}, "spec": edit(claim, {"resources.requests.storage": "1Gi"})},
                {"metadata": {"name": "part"}, "spec": claim},
            ],
        },
    }


@pytest.mark.parametrize(
    ("plural", "group", "body", "warnings"),
    [
        pytest.param(
            "runtimeclasses",
            "node.k8s.io",
            {"handler": "h", "scheduling": {"nodeSelector": {"a": "b", "beta.kubernetes.io/os": "linux"}}},
            [f"scheduling.nodeSelector: {_OS}"],
            id="runtime class",
        ),
        pytest.param("runtimeclasses", "node.k8s.io", {"handler": "h"}, [], id="runtime class for all nodes"),
        pytest.param(
            "csistoragecapacities",
            "storage.k8s.io",
            {
                "storageClassName": "s",
                "nodeTopology": {
                    "matchLabels": {"beta.kubernetes.io/os": "linux"},
                    "matchExpressions": [
                        {"key": "a", "operator": "Exists"},
                        {"key": "beta.kubernetes.io/os", "operator": "Exists"},
                    ],
                },
            },
            [
                f"nodeTopology.matchExpressions[1].key: beta.kubernetes.io/os is {_OS}",
                f"nodeTopology.matchLabels.beta.kubernetes.io/os: {_OS}",
            ],
            id="capacity",
        ),
        pytest.param("csistoragecapacities", "storage.k8s.io", {"storageClassName": "s"}, [], id="capacity anywhere"),
        pytest.param("serviceaccounts", "", _LIMITED, [_LIMITED_TEXT], id="account"),
        pytest.param("serviceaccounts", "", _ACCOUNT, [], id="plain account"),
        pytest.param(
            "statefulsets",
            "apps",
            _claims("0.5"),
            [
                (
                    'spec.volumeClaimTemplates[1].resources.requests[storage]: fractional byte value "500m" is invalid,'
                    " must be an integer"
                )
            ],
            id="parts of bytes",
        ),
        pytest.param("statefulsets", "apps", _claims("5"), [], id="whole bytes"),
    ],
)
def test_warnings(plural: str, group: str, body: JSON, warnings: list[str]) -> None:
    written = create(plural, {"metadata": {"name": "a"}, **body}, group)
    assert (written.problems, written.warnings) == ([], warnings)


def test_an_account_is_warned_of_once() -> None:
    limited = created("serviceaccounts", _LIMITED)
    assert update("serviceaccounts", created("serviceaccounts", _ACCOUNT), limited).warnings == [_LIMITED_TEXT]
    assert update("serviceaccounts", limited, edit(limited, {"metadata.labels": {"a": "b"}})).warnings == []


def test_of_an_account_s_secrets_the_names_are_kept() -> None:
    secrets = [{"kind": "Secret", "namespace": "n", "name": "a", "uid": "u"}, {"name": "b"}]
    made = created("serviceaccounts", {**_ACCOUNT, "secrets": secrets, "imagePullSecrets": [{"name": "p"}]})
    assert (made["secrets"], made["imagePullSecrets"]) == ([{"name": "a"}, {"name": "b"}], [{"name": "p"}])
    changed = update("serviceaccounts", made, edit(made, {"secrets": [{"kind": "Secret", "name": "c"}]})).obj
    assert changed["secrets"] == [{"name": "c"}]
