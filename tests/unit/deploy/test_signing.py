"""Certificates for requests: what was asked for, as long as was asked for, and never longer than the CA."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from podwright.deploy.certificates.signing import sign_request
from podwright.deploy.pki import CA_LIFE, LIFE, Authority, PkiError

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KEYS = {"ec": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate()}  # fmt: skip


def request(kind="ec"):
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "jane"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "d")]
    )
    names = x509.SubjectAlternativeName([x509.DNSName("jane.example.com")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(names, critical=False)
    made = builder.sign(KEYS[kind], None if kind == "ed25519" else hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def signed(authority, *usages, seconds=None, kind="ec"):
    return x509.load_pem_x509_certificate(sign_request(authority, request(kind), usages, seconds))


@pytest.mark.parametrize("kind", KEYS)
def test_subject_names_and_key_are_the_requests(tmp_path, kind):
    authority = Authority(tmp_path, lambda: NOW)
    made = signed(authority, "client auth", "digital signature", kind=kind)
    assert made.subject.rfc4514_string() == "O=d,CN=jane"
    assert made.public_key() == KEYS[kind].public_key()
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["jane.example.com"]
    made.verify_directly_issued_by(authority.certificate)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_usages_are_those_asked_for(tmp_path):
    made = signed(Authority(tmp_path, lambda: NOW), "key encipherment", "server auth", "client auth")
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_encipherment, usage.digital_signature, usage.key_cert_sign) == (True, False, False)
    purposes = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


LIVES = [
    pytest.param(None, LIFE, id="default"),
    pytest.param(7200, dt.timedelta(hours=2), id="two hours"),
    pytest.param(1, dt.timedelta(minutes=10), id="too short"),
    pytest.param(10**9, LIFE, id="too long"),
]


@pytest.mark.parametrize(("seconds", "life"), LIVES)
def test_how_long_it_lives(tmp_path, seconds, life):
    made = signed(Authority(tmp_path, lambda: NOW), "client auth", seconds=seconds)
    assert made.not_valid_after_utc == NOW + life


def test_nothing_outlives_the_ca(tmp_path):
    end = Authority(tmp_path, lambda: NOW).certificate.not_valid_after_utc
    late = Authority(tmp_path, lambda: NOW + CA_LIFE - dt.timedelta(days=3))
    assert signed(late, "client auth").not_valid_after_utc == end
    with pytest.raises(PkiError, match="the cluster's CA has ended"):
        signed(Authority(tmp_path, lambda: NOW + CA_LIFE), "client auth")


@pytest.mark.parametrize(
    ("text", "usages", "message"),
    [
        (b"x", ("client auth",), "cannot sign the request"),
        (request(), ("ipsec user",), "no certificate is for ipsec user"),
    ],
    ids=["no request", "a usage of nothing"],
)
def test_what_cannot_be_signed(tmp_path, text, usages, message):
    with pytest.raises(PkiError, match=message):
        sign_request(Authority(tmp_path, lambda: NOW), text, usages, None)


def test_a_key_without_its_certificate_is_made_anew(tmp_path):
    authority = Authority(tmp_path, lambda: NOW)
    authority.client("a", "a", [])
    other = authority.client("b", "b", [])
    authority.path("a.key").write_bytes(other.key)  # written first, and then the power went
    made = authority.client("a", "a", [])
    key = serialization.load_pem_private_key(made.key, None)
    assert x509.load_pem_x509_certificate(made.certificate).public_key() == key.public_key()
