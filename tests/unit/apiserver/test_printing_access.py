"""The tables of networking and access kinds: a row for each way an object may look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from podwright.api.resources import find
from podwright.apiserver.printing.tables import table_for

NOW = datetime(2026, 1, 2, 3, 5, 5, tzinfo=UTC)
META = {"name": "x", "creationTimestamp": "2026-01-02T03:04:05Z"}
NETWORKING, RBAC = "networking.k8s.io", "rbac.authorization.k8s.io"
CERTIFICATES, ADMISSION = "certificates.k8s.io", "admissionregistration.k8s.io"


def row(plural: str, group: str, **parts: Any) -> list[Any]:
    [only] = table_for(find(plural, group), [{"metadata": META, **parts}], now=NOW)["rows"]
    return only["cells"]


@pytest.mark.parametrize(
    ("plural", "group", "columns"),
    [
        ("ingresses", NETWORKING, "Name Class Hosts Address Ports Age"),
        ("ingressclasses", NETWORKING, "Name Controller Parameters Age"),
        ("networkpolicies", NETWORKING, "Name Pod-Selector Age"),
        ("ipaddresses", NETWORKING, "Name ParentRef Age"),
        ("servicecidrs", NETWORKING, "Name CIDRs Age"),
        ("componentstatuses", "", "Name Status Message Error"),
        (
            "certificatesigningrequests",
            CERTIFICATES,
            "Name Age SignerName Requestor RequestedDuration Condition",
        ),
        ("validatingwebhookconfigurations", ADMISSION, "Name Webhooks Age"),
        ("mutatingwebhookconfigurations", ADMISSION, "Name Webhooks Age"),
        ("validatingadmissionpolicies", ADMISSION, "Name Validations ParamKind Age"),
        ("mutatingadmissionpolicies", ADMISSION, "Name Mutations ParamKind Age"),
        ("validatingadmissionpolicybindings", ADMISSION, "Name PolicyName ParamRef Age"),
        ("mutatingadmissionpolicybindings", ADMISSION, "Name PolicyName ParamRef Age"),
        ("apiservices", "apiregistration.k8s.io", "Name Service Available Age"),
        ("roles", RBAC, "Name Created At"),
        ("clusterroles", RBAC, "Name Created At"),
        ("rolebindings", RBAC, "Name Role Age Users* Groups* ServiceAccounts*"),
        ("clusterrolebindings", RBAC, "Name Role Age Users* Groups* ServiceAccounts*"),
    ],
)
def test_columns(plural: str, group: str, columns: str) -> None:
    table = table_for(find(plural, group), [], list_meta={}, now=NOW)
    shown = (column["name"] + "*" * column["priority"] for column in table["columnDefinitions"])
    assert " ".join(shown) == columns


@pytest.mark.parametrize(
    ("plural", "parts", "cells"),
    [
        pytest.param("ingresses", {"spec": {"defaultBackend": {}}}, ["<none>", "*", "", "80", "60s"], id="bare"),
        pytest.param(
            "ingresses",
            {
                "spec": {"ingressClassName": "c", "rules": [{"host": h} for h in "abcd"], "tls": [{}]},
                "status": {"loadBalancer": {"ingress": [{"hostname": "h"}, {"ip": "1.1.1.1"}]}},
            },
            ["c", "a,b,c + 1 more...", "1.1.1.1,h", "80, 443", "60s"],
            id="full",
        ),
        pytest.param(
            "ingresses",
            {"spec": {"rules": [{}, {"host": "a"}, {"host": "b"}, {"host": "c"}, {}]}},
            ["<none>", "a,b,c + 2 more...", "", "80", "60s"],
            id="rules without hosts, one after three hosts",
        ),
        pytest.param(
            "ingresses",
            {"spec": {"rules": [{}, {"host": "a"}, {}]}},
            ["<none>", "a", "", "80", "60s"],
            id="rules without hosts",
        ),
        pytest.param(
            "ingressclasses",
            {"spec": {"controller": "a/b", "parameters": {"apiGroup": "g", "kind": "K", "name": "n"}}},
            ["a/b", "K.g/n", "60s"],
            id="parameters",
        ),
        pytest.param("networkpolicies", {"spec": {"podSelector": {}}}, ["<none>", "60s"], id="all pods"),
        pytest.param(
            "ipaddresses",
            {"spec": {"parentRef": {"resource": "services", "namespace": "a", "name": "b"}}},
            ["services/a/b", "60s"],
            id="address",
        ),
        pytest.param(
            "servicecidrs", {"spec": {"cidrs": ["10.0.0.0/24", "fd::/64"]}}, ["10.0.0.0/24,fd::/64", "60s"], id="ranges"
        ),
    ],
)
def test_networking(plural: str, parts: dict[str, Any], cells: list[str]) -> None:
    assert row(plural, NETWORKING, **parts) == ["x", *cells]


def test_a_binding_shows_who_holds_the_role() -> None:
    subjects = [
        {"kind": "User", "name": "u"},
        {"kind": "User", "name": "v"},
        {"kind": "Group", "name": "g"},
        {"kind": "ServiceAccount", "namespace": "n", "name": "s"},
    ]
    cells = row("rolebindings", RBAC, roleRef={"kind": "Role", "name": "r"}, subjects=subjects)
    assert cells == ["x", "Role/r", "60s", "u, v", "g", "n/s"]


def test_a_role_shows_when_it_was_made() -> None:
    assert row("roles", RBAC) == ["x", "2026-01-02T03:04:05Z"]


@pytest.mark.parametrize(
    ("held", "certificate", "state"),
    [
        pytest.param([], "", "Pending", id="pending"),
        pytest.param(["Approved"], "", "Approved", id="approved"),
        pytest.param(["Approved"], "eA==", "Approved,Issued", id="issued"),
        pytest.param(["Approved", "Failed"], "", "Approved,Failed", id="failed"),
        pytest.param(["Denied"], "", "Denied", id="denied"),
    ],
)
def test_signing_requests(held: list[str], certificate: str, state: str) -> None:
    spec = {"signerName": "a/b", "username": "u", "expirationSeconds": 7200}
    status = {"conditions": [{"type": kind} for kind in held], "certificate": certificate}
    cells = row("certificatesigningrequests", CERTIFICATES, spec=spec, status=status)
    assert cells == ["x", "60s", "a/b", "u", "120m", state]


def test_a_part_that_fails_shows_why() -> None:
    conditions = [{"type": "Healthy", "status": "False", "error": "gone"}]
    assert row("componentstatuses", "", conditions=conditions) == ["x", "Unhealthy", "", "gone"]


@pytest.mark.parametrize(
    ("spec", "conditions", "cells"),
    [
        pytest.param({}, [], ["Local", "Unknown"], id="unknown"),
        pytest.param({}, [{"type": "Available", "status": "True", "reason": "Local"}], ["Local", "True"], id="local"),
        pytest.param(
            {"service": {"namespace": "n", "name": "s"}},
            [{"type": "Available", "status": "False", "reason": "Gone"}],
            ["n/s", "False (Gone)"],
            id="service",
        ),
    ],
)
def test_api_services(spec: dict[str, Any], conditions: list[Any], cells: list[str]) -> None:
    found = row("apiservices", "apiregistration.k8s.io", spec=spec, status={"conditions": conditions})
    assert found == ["x", *cells, "60s"]


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        pytest.param(None, "<unset>", id="none"),
        pytest.param({"name": "a", "namespace": "n"}, "n/a", id="named"),
        pytest.param({"name": "a"}, "*/a", id="named, of whichever namespace"),
        pytest.param({"selector": {"matchLabels": {"a": "b"}}}, "a=b", id="selected"),
    ],
)
def test_policy_bindings(reference: dict[str, Any] | None, shown: str) -> None:
    spec = {"policyName": "p"} | ({} if reference is None else {"paramRef": reference})
    assert row("validatingadmissionpolicybindings", ADMISSION, spec=spec) == ["x", "p", shown, "60s"]


def test_policies() -> None:
    spec = {"validations": [{}, {}], "paramKind": {"apiVersion": "v1", "kind": "K"}}
    assert row("validatingadmissionpolicies", ADMISSION, spec=spec) == ["x", 2, "v1/K", "60s"]
