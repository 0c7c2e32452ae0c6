"""Requests for certificates: what each signer signs, what is approved by itself, and what old ones wait for."""

import base64
import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podwright.controllers.certificates import approving, cleaning, signing
from podwright.controllers.certificates.requests import read
from podwright.controllers.certificates.signers import CLIENT, NODE_CLIENT, NODE_SERVING, problem
from podwright.controllers.certificates.signing import Signed
from podwright.controllers.meta import whole

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
DNS, IP = x509.DNSName("n1"), x509.IPAddress(ipaddress.ip_address("10.0.0.1"))
EMAIL, URI = x509.RFC822Name("a@b.c"), x509.UniformResourceIdentifier("spiffe://x")
SIGN, ENCIPHER, CLIENT_AUTH, SERVER_AUTH = "digital signature", "key encipherment", "client auth", "server auth"


def pem(common="system:node:n1", organization="system:nodes", names=()):
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    parts += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def request(*conditions, signer=NODE_CLIENT, username="system:node:n1", usages=(SIGN, CLIENT_AUTH), certificate="",
            created="2026-01-01T00:00:00Z", **subject):  # fmt: skip
    spec = {"request": base64.b64encode(pem(**subject)).decode(), "signerName": signer, "usages": list(usages)}
    stamp = "2026-01-01T00:00:00Z"
    found = [{"type": c, "status": "True", "lastUpdateTime": stamp} for c in conditions]
    return whole({
        "metadata": {"name": "r", "uid": "u", "resourceVersion": "7", "creationTimestamp": created},
        "spec": {**spec, "username": username, "groups": ["g"]},
        "status": {"conditions": found} | ({"certificate": certificate} if certificate else {}),
    })  # fmt: skip


RULES = [
    (CLIENT, {"common": "jane", "organization": "devs"}, (CLIENT_AUTH,), ""),
    (CLIENT, {"common": "jane"}, (CLIENT_AUTH, SIGN, ENCIPHER), ""),
    (CLIENT, {"common": "jane"}, (SIGN,), "missing required usage for client certificate: client auth"),
    (CLIENT, {"common": "jane"}, (CLIENT_AUTH, SERVER_AUTH), "invalid usage for client certificate: server auth"),
    (NODE_CLIENT, {}, (SIGN, CLIENT_AUTH), ""),
    (NODE_CLIENT, {}, (SIGN, ENCIPHER, CLIENT_AUTH), ""),
    (NODE_CLIENT, {}, (CLIENT_AUTH,), "usages did not match"),
    (NODE_CLIENT, {}, (SIGN, SERVER_AUTH), "usages did not match"),
    (NODE_CLIENT, {"common": "n1"}, (SIGN, CLIENT_AUTH), "subject common name does not begin with system:node:"),
    (NODE_CLIENT, {"organization": "devs"}, (SIGN, CLIENT_AUTH), "subject organization is not system:nodes"),
    (NODE_CLIENT, {"organization": ""}, (SIGN, CLIENT_AUTH), "subject organization is not system:nodes"),
    (NODE_CLIENT, {"names": [DNS]}, (SIGN, CLIENT_AUTH), "DNS subjectAltNames are not allowed"),
    (NODE_CLIENT, {"names": [IP]}, (SIGN, CLIENT_AUTH), "IP subjectAltNames are not allowed"),
    (NODE_CLIENT, {"names": [EMAIL]}, (SIGN, CLIENT_AUTH), "Email subjectAltNames are not allowed"),
    (NODE_CLIENT, {"names": [URI]}, (SIGN, CLIENT_AUTH), "URI subjectAltNames are not allowed"),
    (NODE_SERVING, {"names": [DNS, IP]}, (SIGN, ENCIPHER, SERVER_AUTH), ""),
    (NODE_SERVING, {"names": [IP]}, (SIGN, SERVER_AUTH), ""),
    (NODE_SERVING, {}, (SIGN, SERVER_AUTH), "DNS or IP subjectAltName is required"),
    (NODE_SERVING, {"names": [IP, URI]}, (SIGN, SERVER_AUTH), "URI subjectAltNames are not allowed"),
    (NODE_SERVING, {"names": [IP]}, (SIGN, CLIENT_AUTH), "usages did not match"),
    (NODE_SERVING, {"names": [IP], "common": "n1"}, (SIGN, SERVER_AUTH), "does not begin with system:node:"),
    (NODE_SERVING, {"names": [IP], "organization": "o"}, (SIGN, SERVER_AUTH), "organization is not system:nodes"),
]


@pytest.mark.parametrize(("signer", "subject", "usages", "why"), RULES, ids=str)
def test_what_a_signer_signs(signer, subject, usages, why):
    asked = read({"request": base64.b64encode(pem(**subject)).decode()})
    found = problem(signer, asked, usages)
    assert (why in found, bool(found)) == (True, bool(why))


def test_what_is_no_request_asks_for_nothing():
    for text in (b"", b"nothing", b"-----BEGIN CERTIFICATE REQUEST-----\naaaa\n-----END CERTIFICATE REQUEST-----\n"):
        assert read({"request": base64.b64encode(text).decode()}) is None


WAYS = [
    pytest.param({}, ["selfnodeclient", "nodeclient"], id="its own"),
    pytest.param({"username": "system:bootstrap:abcdef"}, ["nodeclient"], id="for a node"),
    pytest.param({"signer": CLIENT}, [], id="another signer"),
    pytest.param({"signer": NODE_SERVING, "usages": (SIGN, SERVER_AUTH), "names": [IP]}, [], id="serving"),
    pytest.param({"common": "admin", "username": "admin"}, [], id="no node"),
    pytest.param({"organization": "system:masters"}, [], id="another group"),
    pytest.param({"usages": (SIGN, SERVER_AUTH)}, [], id="another usage"),
]


@pytest.mark.parametrize(("given", "ways"), WAYS)
def test_who_may_let_a_request_pass(given, ways):
    assert [way.subresource for way in approving.ways(request(**given))] == ways


@pytest.mark.parametrize("condition", ["Approved", "Denied"])
def test_what_is_settled_is_left_alone(condition):
    settled = request(condition)
    assert list(approving.ways(settled)) == []
    assert approving.approve(settled, approving.OWN, NOW, asked=True).steps == ()


def test_an_approval_is_of_what_was_looked_at():
    (step,) = approving.approve(request("Other"), approving.OWN, NOW, asked=True).steps
    assert step.subresource == "approval"
    assert step.patch["metadata"] == {"resourceVersion": "7", "uid": "u"}
    assert [c["type"] for c in step.patch["status"]["conditions"]] == ["Other", "Approved"]
    assert step.patch["status"]["conditions"][-1]["reason"] == "AutoApproved"


def test_a_right_that_is_missing_is_asked_for_again():
    assert approving.approve(request(), None, NOW, asked=True).again == 60
    assert approving.approve(request(), None, NOW, asked=False).again is None


def test_the_question_is_about_who_sent_the_request():
    asked = approving.review(request().spec, approving.OWN)["spec"]
    assert (asked["user"], asked["groups"]) == ("system:node:n1", ["g"])
    assert asked["resourceAttributes"] == {
        "group": "certificates.k8s.io", "resource": "certificatesigningrequests", "verb": "create",
        "subresource": "selfnodeclient",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("made", "waits"),
    [
        (request("Approved"), True),
        (request(), False),
        (request("Denied"), False),
        (request("Approved", "Failed"), False),
        (request("Approved", certificate="x"), False),
        (request("Approved", signer="example.com/mine"), False),
        (None, False),
    ],
    ids=["approved", "pending", "denied", "failed", "signed", "another's", "gone"],
)
def test_only_what_was_approved_is_signed(made, waits):
    assert signing.waits(made) is waits
    assert bool(signing.finish(made, Signed(b"PEM"), NOW).steps) is waits


def test_what_is_signed_and_what_fails_is_written():
    (step,) = signing.finish(request("Approved"), Signed(b"PEM"), NOW).steps
    assert step.patch["status"] == {"certificate": base64.b64encode(b"PEM").decode()}
    (step,) = signing.finish(request("Approved"), Signed(problem="no"), NOW).steps
    last = step.patch["status"]["conditions"][-1]
    assert (last["type"], last["reason"], last["message"]) == ("Failed", "SignerValidationFailure", "no")


def certificate(days):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - dt.timedelta(days=9))
    made = builder.not_valid_after(NOW + dt.timedelta(days=days)).sign(KEY, hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode()


HOUR, DAY = 3600.0, 86400.0
OLD = [
    pytest.param(request(), DAY, id="pending"),
    pytest.param(request("Denied"), HOUR, id="denied"),
    pytest.param(request("Approved", "Failed"), HOUR, id="failed"),
    pytest.param(request("Approved", certificate=certificate(300)), HOUR, id="signed"),
    pytest.param(request("Approved"), None, id="not signed yet"),
    pytest.param(request("Approved", certificate=certificate(1 / 48)), HOUR / 2, id="certificate ends"),
    pytest.param(request("Approved", certificate=certificate(-1)), -1, id="certificate has ended"),
]


@pytest.mark.parametrize(("made", "seconds"), OLD)
def test_old_requests_go(made, seconds):
    plan = cleaning.clean(made, NOW)
    if seconds is None or seconds > 0:
        assert (plan.steps, plan.again) == ((), seconds)
    if seconds is not None:
        (step,) = cleaning.clean(made, NOW + dt.timedelta(seconds=max(seconds, 0))).steps
        assert (step.name, step.uid, step.version) == ("r", "u", "7")
