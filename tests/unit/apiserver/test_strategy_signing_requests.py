"""Signing requests: who asks, what may be asked for, who may write which part of the answer."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from strategy_writes import DROP, JSON, NOW_TEXT, create, created, edit, update

from podwright.api.errors import ApiError
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.certificate_subject import CertificateSubject
from podwright.apiserver.strategies.pem import problem_of_chain, problem_of_request

GROUP, PLURAL = "certificates.k8s.io", "certificatesigningrequests"
PEM = serialization.Encoding.PEM


@cache
def pem(group: str = "devs") -> bytes:
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group), x509.NameAttribute(NameOID.COMMON_NAME, "jane")]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(PEM)


@cache
def certificate() -> bytes:
    from datetime import UTC, datetime

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM)


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def body(**spec: Any) -> JSON:
    wanted = {"request": b64(pem()), "signerName": "example.com/signer", "usages": ["client auth"]}
    return {"metadata": {"name": "r"}, "spec": {**wanted, **spec}}


def test_the_server_writes_who_asks() -> None:
    made = created(
        PLURAL, {**body(username="fake", groups=["system:masters"]), "status": {"certificate": "eA=="}}, GROUP
    )
    assert made["spec"].get("username") == "somebody"
    assert "groups" not in made["spec"]
    assert made["status"] == {}


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"request": "eA=="},
                     ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'], id="request"),
        pytest.param({"request": None},
                     ["spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST"], id="nothing"),
        pytest.param({"usages": []}, ["spec.usages: Required value"], id="no usage"),
        pytest.param({"usages": ["client auth", "client auth"]},
                     ['spec.usages[1]: Duplicate value: "client auth"'], id="twice"),
        pytest.param({"signerName": ""}, ["spec.signerName: Required value"], id="no signer"),
        pytest.param({"expirationSeconds": 599}, [
            ("spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds "
             "(10 minutes)"),
        ], id="short"),
    ],
)  # fmt: skip
def test_requests(spec: JSON, problems: list[str]) -> None:
    assert create(PLURAL, body(**spec), GROUP).problems == problems


APPROVED = {"type": "Approved", "status": "True", "reason": "r"}


def test_a_request_never_changes() -> None:
    old = created(PLURAL, body(), GROUP)
    wanted = edit(old, {"spec.usages": ["server auth"], "status.conditions": [APPROVED], "metadata.labels": {"a": "b"}})
    plain = update(PLURAL, old, wanted, GROUP)
    assert (plain.problems, plain.obj["spec"], plain.obj["status"]) == ([], old["spec"], {})
    assert plain.obj["metadata"]["labels"] == {"a": "b"}


def test_approval_writes_conditions_and_when() -> None:
    old = created(PLURAL, body(), GROUP)
    wanted = edit(old, {"status": {"conditions": [APPROVED], "certificate": b64(certificate())}})
    written = update(PLURAL, old, wanted, GROUP, "approval")
    assert written.problems == []
    [condition] = written.obj["status"]["conditions"]
    assert (condition["lastUpdateTime"], condition["lastTransitionTime"]) == (NOW_TEXT, NOW_TEXT)
    assert "certificate" not in written.obj["status"]


def approved() -> JSON:
    old = created(PLURAL, body(), GROUP)
    earlier = {**APPROVED, "lastUpdateTime": "2026-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    return edit(old, {"status.conditions": [earlier]})


@pytest.mark.parametrize(
    ("edits", "subresource", "problems"),
    [
        pytest.param({"status.conditions.1": {"type": "Denied", "status": "True"}}, "approval", [
            ('status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually '
             "exclusive"),
        ], id="denied too"),
        pytest.param({"status.conditions": []}, "approval",
                     ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
                     id="taken back"),
        pytest.param({"status.conditions.0.status": "False"}, "approval",
                     ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'], id="false"),
        pytest.param({"status.conditions.0.reason": "x"}, "status",
                     ['status.conditions: Forbidden: updates may not modify a condition of type "Approved"'],
                     id="decided by a signer"),
        pytest.param({"status.conditions.1": {"type": "Denied", "status": "True"}}, "status", [
            ('status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually '
             "exclusive"),
            'status.conditions: Forbidden: updates may not add a condition of type "Denied"',
        ], id="denied by a signer"),
        pytest.param({"status.conditions.1": {"type": "Failed", "status": "True"}}, "status", [], id="failed"),
        pytest.param({"status.conditions.1": {"type": "", "status": ""}}, "status", [
            "status.conditions[1].type: Required value", "status.conditions[1].status: Required value",
        ], id="nameless"),
        pytest.param({"status.certificate": b64(certificate())}, "status", [], id="signed"),
        pytest.param({"status.certificate": "eA=="}, "status", [
            ('status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM '
             "block"),
        ], id="no certificate"),
    ],
)  # fmt: skip
def test_decisions(edits: JSON, subresource: str, problems: list[str]) -> None:
    old = approved()
    assert update(PLURAL, old, edit(old, edits), GROUP, subresource).problems == problems


def test_a_certificate_is_given_once() -> None:
    old = edit(approved(), {"status.certificate": b64(certificate())})
    other = edit(old, {"status.certificate": b64(certificate() * 2)})
    assert update(PLURAL, old, other, GROUP, "status").problems == [
        "status.certificate: Forbidden: updates may not modify existing certificate content"
    ]
    same_time = edit(old, {"status.conditions.0.lastTransitionTime": DROP})
    kept = update(PLURAL, old, same_time, GROUP, "status").obj["status"]["conditions"][0]
    assert kept["lastTransitionTime"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(b"", "", id="none"),
        pytest.param(certificate() + b"text between\n" + certificate(), "", id="two"),
        pytest.param(pem(), 'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"', id="another"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----\n", "x509: malformed certificate",
                     id="malformed"),
        pytest.param(certificate().replace(b"-----\n", b"-----\nA: b\n\n", 1), "no PEM block headers are permitted",
                     id="headers"),
    ],
)  # fmt: skip
def test_chains(text: bytes, problem: str) -> None:
    assert problem_of_chain(text) == problem


def test_a_request_fits_its_key() -> None:
    assert problem_of_request(pem()) == ""
    der = bytearray(base64.b64decode(b"".join(pem().splitlines()[1:-1])))
    der[40] ^= 1
    broken = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.b64encode(der) + b"\n-----END CERTIFICATE REQUEST-----\n"
    assert problem_of_request(broken).startswith("x509: ")


@pytest.mark.parametrize(
    ("group", "signer", "refused"),
    [
        pytest.param("system:masters", "kubernetes.io/kube-apiserver-client", True, id="administrators"),
        pytest.param("devs", "kubernetes.io/kube-apiserver-client", False, id="others"),
        pytest.param("system:masters", "example.com/other", False, id="another signer"),
    ],
)
def test_nobody_asks_to_be_an_administrator(group: str, signer: str, refused: bool) -> None:
    from strategy_writes import context

    obj = {"spec": {"request": b64(pem(group)), "signerName": signer}}
    attributes = Attributes("create", "r", obj, None, context(PLURAL, GROUP))
    if not refused:
        CertificateSubject().validate(attributes)
        return
    with pytest.raises(ApiError, match="system:masters group is not allowed"):
        CertificateSubject().validate(attributes)
