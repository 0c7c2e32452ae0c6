"""The doors of a signing request: its approval and its status, each with conditions of somebody's own."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from api_client import Api
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from steps import good, names

CSR = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x.example.com")])


def pem(part) -> str:
    return base64.b64encode(part.public_bytes(serialization.Encoding.PEM)).decode()


def certificate() -> str:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(KEY.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return pem(made.sign(KEY, hashes.SHA256()))


async def test_a_request_is_approved_and_signed(api: Api) -> None:
    request = pem(x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(KEY, hashes.SHA256()))
    usages = ["digital signature", "key encipherment", "server auth"]
    spec = {"request": request, "signerName": "example.com/s", "usages": usages, "expirationSeconds": 3600}
    for name in ("a", "b", "c"):
        await api.create(CSR, {"metadata": {"name": name}, "spec": spec})
    chosen, path = {"fieldSelector": "spec.signerName=example.com/s"}, f"{CSR}/a"
    assert names(good(await api.get(CSR, **chosen))) == ["a", "b", "c"]

    condition = {"type": "Looked", "status": "True", "reason": "R"}
    note = {"metadata": {"annotations": {"approval": "patched"}}, "status": {"conditions": [condition]}}
    patched = good(await api.patch(f"{path}/approval", note))
    assert [c["type"] for c in patched["status"]["conditions"]] == ["Looked"]
    assert patched["metadata"]["annotations"]["approval"] == "patched"
    patched["status"]["conditions"].append({"type": "Approved", "status": "True", "reason": "R", "message": "m"})
    approved = good(await api.put(f"{path}/approval", patched))
    assert [c["type"] for c in approved["status"]["conditions"]] == ["Looked", "Approved"]

    assert good(await api.get(f"{path}/status"))["metadata"]["uid"] == approved["metadata"]["uid"]
    note = {"metadata": {"annotations": {"status": "patched"}}, "status": {"certificate": certificate()}}
    signed = good(await api.patch(f"{path}/status", note))
    assert signed["status"]["certificate"] == note["status"]["certificate"]
    assert signed["metadata"]["annotations"]["status"] == "patched"
    signed["status"]["conditions"].append({"type": "Told", "status": "True", "reason": "R", "message": "m"})
    told = good(await api.put(f"{path}/status", signed))
    assert [c["type"] for c in told["status"]["conditions"]] == ["Looked", "Approved", "Told"]

    good(await api.delete(path))
    assert names(good(await api.get(CSR, **chosen))) == ["b", "c"]
    good(await api.delete(CSR, **chosen))
    assert names(good(await api.get(CSR, **chosen))) == []
