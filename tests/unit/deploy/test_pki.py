"""Certificates: kept, renewed in time, refused for another's identity."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from podwright.deploy.pki import Authority, PkiError, server_names

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def request(common: str, organization: str = "system:nodes", key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    signing = key or ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(signing, hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.PEM)


def test_what_is_good_is_used_again(tmp_path: Path) -> None:
    first = Authority(tmp_path, lambda: NOW)
    server, admin, key = (
        first.server(["localhost"]),
        first.client("admin", "admin", ["system:masters"]),
        first.token_key(),
    )
    again = Authority(tmp_path, lambda: NOW)
    assert (again.ca, again.server(["localhost"]), again.client("admin", "admin", ["system:masters"])) == (
        first.ca,
        server,
        admin,
    )
    assert key.read_bytes() == again.token_key().read_bytes()
    for path in tmp_path.glob("*.key"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_certificates_are_made_anew_before_they_end_and_for_new_names(tmp_path: Path) -> None:
    first = Authority(tmp_path, lambda: NOW).server(["localhost"])
    assert Authority(tmp_path, lambda: NOW + dt.timedelta(days=243)).server(["localhost"]) == first
    later = Authority(tmp_path, lambda: NOW + dt.timedelta(days=244)).server(["localhost"])
    assert later != first
    wider = Authority(tmp_path, lambda: NOW + dt.timedelta(days=244)).server(server_names("10.0.0.1"))
    names = x509.load_pem_x509_certificate(wider.certificate).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert "kubernetes.default.svc" in names.value.get_values_for_type(x509.DNSName)
    assert "10.0.0.1" in [str(a) for a in names.value.get_values_for_type(x509.IPAddress)]


def test_identity_is_in_the_subject(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    admin = x509.load_pem_x509_certificate(authority.client("admin", "admin", ["system:masters"]).certificate)
    assert admin.subject.rfc4514_string() == "CN=admin,O=system:masters"
    signed = x509.load_pem_x509_certificate(authority.sign_node("n1", request("system:node:n1")))
    assert signed.subject.rfc4514_string() == "CN=system:node:n1,O=system:nodes"
    signed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca))


@pytest.mark.parametrize(
    ("csr", "message"),
    [
        (b"nothing", "no PEM"),
        (request("system:node:n2"), "the request is for"),
        (request("admin"), "the request is for"),
        (request("system:node:n1", "system:masters"), "the request is for"),
    ],
    ids=["no request", "another node", "an admin", "another group"],
)
def test_a_node_gets_its_own_identity_only(tmp_path: Path, csr: bytes, message: str) -> None:
    with pytest.raises(PkiError, match=message):
        Authority(tmp_path, lambda: NOW).sign_node("n1", csr)


def test_weak_kinds_of_keys_are_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:nodes"),
            x509.NameAttribute(NameOID.COMMON_NAME, "system:node:n1"),
        ]
    )
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    with pytest.raises(PkiError, match="elliptic curve"):
        Authority(tmp_path, lambda: NOW).sign_node("n1", csr.public_bytes(serialization.Encoding.PEM))


def test_who_speaks_for_users_has_a_ca_of_its_own(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    made = authority.front_proxy()
    assert (tmp_path / "front-proxy-client.crt").read_bytes() == made.certificate
    certificate = x509.load_pem_x509_certificate(made.certificate)
    assert certificate.subject.rfc4514_string() == "CN=front-proxy-client"
    own = x509.load_pem_x509_certificate((tmp_path / "front-proxy-ca.crt").read_bytes())
    certificate.verify_directly_issued_by(own)
    with pytest.raises(ValueError, match="issuer"):
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca))
    assert authority.front_proxy() == made
    authority.discard("front-proxy-client")
    assert authority.front_proxy() != made
