"""Requests for certificates against the real API server: approved, signed, refused, and good for what they say."""

from __future__ import annotations

import base64
from functools import partial

from control_plane import eventually
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podwright.api.resources import find
from podwright.apiserver.user import AUTHENTICATED, NODES, User
from podwright.client.client import Client
from podwright.deploy.certificates.signing import sign_request
from podwright.deploy.joining import BOOTSTRAPPERS, allow_joining
from podwright.deploy.pki import Authority

REQUESTS = find("certificatesigningrequests", "certificates.k8s.io")
CLIENT = "kubernetes.io/kube-apiserver-client"
NODE_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
NODE = User("system:node:n1", groups=(NODES, AUTHENTICATED))
TOKEN = User("system:bootstrap:abcdef", groups=("system:bootstrappers", BOOTSTRAPPERS, AUTHENTICATED))


def request(name, signer, common, organization, usages=("digital signature", "client auth"), seconds=3600):
    parts = [
        x509.NameAttribute(NameOID.COMMON_NAME, common),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts)).sign(key, hashes.SHA256())
    text = base64.b64encode(csr.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {"request": text, "signerName": signer, "usages": list(usages), "expirationSeconds": seconds}
    return {"metadata": {"name": name}, "spec": spec}


async def start(plane, tmp_path) -> Authority:
    authority = Authority(tmp_path, plane.clock.now)
    await allow_joining(plane.client, "https://127.0.0.1:6443", authority.ca)
    plane.controllers(sign=partial(sign_request, authority))
    return authority


async def signed(plane, name) -> x509.Certificate:
    async def look():
        return ((await plane.get(REQUESTS, name)).get("status") or {}).get("certificate")

    return x509.load_pem_x509_certificate(base64.b64decode(await eventually(look)))


async def conditions(plane, name):
    status = (await plane.get(REQUESTS, name)).get("status") or {}
    return {c["type"]: c for c in status.get("conditions") or []}


async def test_a_node_renews_its_own_certificate_and_a_token_asks_for_a_node(plane, tmp_path):
    authority = await start(plane, tmp_path)
    for user, name in ((NODE, "own"), (TOKEN, "joining")):
        client = Client(plane.server.transport(user))
        await client.create(REQUESTS, request(name, NODE_CLIENT, "system:node:n1", "system:nodes"))
        made = await signed(plane, name)
        made.verify_directly_issued_by(authority.certificate)
        assert made.subject.rfc4514_string() == "O=system:nodes,CN=system:node:n1"
        assert (made.not_valid_after_utc - plane.clock.now()).total_seconds() < 3700
        assert (await conditions(plane, name))["Approved"]["reason"] == "AutoApproved"


async def test_a_node_asks_for_no_other_node(plane, tmp_path):
    await start(plane, tmp_path)
    client = Client(plane.server.transport(NODE))
    await client.create(REQUESTS, request("other", NODE_CLIENT, "system:node:n2", "system:nodes"))
    await client.create(REQUESTS, request("own", NODE_CLIENT, "system:node:n1", "system:nodes"))
    await signed(plane, "own")
    assert await conditions(plane, "other") == {}


async def test_others_are_signed_when_somebody_approves(plane, tmp_path):
    authority = await start(plane, tmp_path)
    approval = {"status": {"conditions": [{"type": "Approved", "status": "True", "reason": "r", "message": "m"}]}}
    for name, usages in (("good", ("client auth",)), ("bad", ("server auth",))):
        await plane.client.create(REQUESTS, request(name, CLIENT, "jane", "devs", usages))
        assert await conditions(plane, name) == {}
        await plane.client.patch(REQUESTS, name, approval, subresource="approval")
    made = await signed(plane, "good")
    made.verify_directly_issued_by(authority.certificate)
    assert made.subject.rfc4514_string() == "O=devs,CN=jane"

    async def failed():
        return (await conditions(plane, "bad")).get("Failed")

    condition = await eventually(failed)
    assert (condition["reason"], condition["message"]) == (
        "SignerValidationFailure", "invalid usage for client certificate: server auth",
    )  # fmt: skip


async def test_another_signers_requests_are_left_alone(plane, tmp_path):
    await start(plane, tmp_path)
    approval = {"status": {"conditions": [{"type": "Approved", "status": "True", "reason": "r", "message": "m"}]}}
    for name, signer in (("theirs", "example.com/mine"), ("ours", CLIENT)):
        await plane.client.create(REQUESTS, request(name, signer, "jane", "devs"))
        await plane.client.patch(REQUESTS, name, approval, subresource="approval")
    await signed(plane, "ours")
    assert "certificate" not in (await plane.get(REQUESTS, "theirs"))["status"]
