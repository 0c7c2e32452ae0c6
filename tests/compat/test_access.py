"""Roles, reviews and signing requests with the real kubectl, and with pw where it has the verb."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from clients import Cluster, Tool
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

JSON = dict[str, Any]
CSR = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


@pytest.mark.parametrize(
    ("words", "path", "part", "value"),
    [
        pytest.param("role r --verb=get,list --resource=pods,pods/log", "rbac.authorization.k8s.io/v1/{ns}/roles/r",
                     "rules", [{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]}],
                     id="role"),
        pytest.param("rolebinding b --role=r --user=jane --serviceaccount=ns:sa",
                     "rbac.authorization.k8s.io/v1/{ns}/rolebindings/b", "roleRef",
                     {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}, id="role binding"),
        pytest.param("ingress i --class=c --rule=a.test/x*=web:80", "networking.k8s.io/v1/{ns}/ingresses/i", "spec",
                     {"ingressClassName": "c", "rules": [{"host": "a.test", "http": {"paths": [{
                         "path": "/x", "pathType": "Prefix",
                         "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}, id="ingress"),
    ],
)  # fmt: skip
def test_kubectl_creates(
    kubectl: Tool, cluster: Cluster, namespace: str, words: str, path: str, part: str, value: Any
) -> None:
    assert kubectl("create", *words.split()).out.endswith(" created\n")
    found = cluster.api("GET", "/apis/" + path.format(ns=f"namespaces/{namespace}"))
    assert found[part] == value


def test_kubectl_creates_cluster_roles(kubectl: Tool, cluster: Cluster, namespace: str) -> None:
    role = f"compat-{namespace}"
    kubectl("create", "clusterrole", role, "--verb=get", "--non-resource-url=/metrics")
    kubectl("create", "clusterrolebinding", role, f"--clusterrole={role}", "--group=devs")
    shown = kubectl("get", "clusterrolebindings", role, "-o", "wide").out
    assert shown.splitlines()[0].split() == ["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"]
    assert f"ClusterRole/{role}" in shown
    kubectl("delete", "clusterrole,clusterrolebinding", role)


def test_who_one_is(tool: Tool) -> None:
    out = tool("auth", "whoami").out
    assert out.splitlines()[0].split() == ["ATTRIBUTE", "VALUE"]
    assert "[system:masters system:authenticated]" in out


def test_what_one_may_do(tool: Tool) -> None:
    assert tool("auth", "can-i", "create", "deployments").out == "yes\n"
    assert tool("auth", "can-i", "get", "/metrics").out == "yes\n"


def test_kubectl_lists_what_one_may_do(kubectl: Tool) -> None:
    out = kubectl("auth", "can-i", "--list").out
    assert "selfsubjectaccessreviews.authorization.k8s.io" in out


def request(name: str) -> JSON:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    text = base64.b64encode(csr.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {"request": text, "signerName": "example.com/s", "usages": ["client auth"]}
    return {
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
        "metadata": {"name": name}, "spec": spec,
    }  # fmt: skip


@pytest.mark.parametrize(("verb", "decision"), [("approve", "Approved"), ("deny", "Denied")])
def test_signing_requests_are_decided(tool: Tool, cluster: Cluster, namespace: str, verb: str, decision: str) -> None:
    name = f"{namespace}-{verb}"
    tool.file("csr.json", json.dumps(request(name)))
    tool("create", "-f", "csr.json")
    out = tool("certificate", verb, name).out
    assert out == f"certificatesigningrequest.certificates.k8s.io/{name} {decision.lower()}\n"
    found = cluster.api("GET", f"{CSR}/{name}")
    assert [condition["type"] for condition in found["status"]["conditions"]] == [decision]
    assert decision in tool("get", "csr", name).out
    tool("delete", "csr", name)


def test_what_is_served_is_listed(tool: Tool) -> None:
    lines = [line.split()[:3] for line in tool("get", "apiservices").out.splitlines()]
    assert ["v1.apps", "Local", "True"] in lines
    assert "kubernetes" in tool("get", "servicecidrs").out


def test_kubectl_knows_what_somebody_may_do(kubectl: Tool, namespace: str) -> None:
    kubectl("create", "serviceaccount", "reader")
    kubectl("create", "role", "reads", "--verb=get,list", "--resource=pods")
    account = f"{namespace}:reader"
    kubectl("create", "rolebinding", "reads", "--role=reads", f"--serviceaccount={account}")
    who = ("--as", f"system:serviceaccount:{account}")
    assert kubectl("auth", "can-i", "list", "pods", *who).out == "yes\n"
    for words in (
        ("delete", "pods"),
        ("get", "pods", "--subresource=log"),
        ("list", "pods", "-n", "default"),
        ("get", "secrets"),
    ):
        assert kubectl("auth", "can-i", *words, *who, code=1).out == "no\n"
    listed = [line.split() for line in kubectl("auth", "can-i", "--list", *who).out.splitlines()]
    assert ["pods", "[]", "[]", "[get", "list]"] in listed
    assert kubectl("get", "pods", "-o", "name", *who).out == ""
    refused = kubectl("delete", "role", "reads", *who, code=1)
    assert f'User "system:serviceaccount:{account}" cannot delete resource "roles"' in refused.err
