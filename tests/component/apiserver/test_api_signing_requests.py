"""A signing request through a whole server: asked, approved, signed, each through its own door."""

import base64

import pytest
from api_client import Api
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from podwright.apiserver.user import User

CSR = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def request(name: str) -> dict:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    text = base64.b64encode(csr.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {"request": text, "signerName": "example.com/s", "usages": ["client auth"], "expirationSeconds": 3600}
    return {"metadata": {"name": name}, "spec": spec}


async def test_the_life_of_a_request(api: Api) -> None:
    made = await api.create(CSR, request("r"))
    assert (made["spec"]["username"], made["spec"]["uid"]) == ("admin", "1")
    assert "managedFields" not in made["metadata"]  # all of it is the server's
    path = f"{CSR}/r"
    assert (await api.get(f"{path}/approval")).body == made
    wanted = {**made, "status": {"conditions": [{"type": "Approved", "status": "True", "reason": "Mine"}]}}
    assert "conditions" not in (await api.put(path, wanted)).body["status"]
    approved = await api.put(f"{path}/approval", wanted)
    assert approved.status == 200
    [condition] = approved.body["status"]["conditions"]
    assert condition["lastUpdateTime"]
    again = await api.patch(f"{path}/approval", {"status": {"conditions": []}})
    assert (again.status, "may not remove" in again.message) == (422, True)
    bad = await api.patch(f"{path}/status", {"status": {"certificate": "eA=="}})
    assert bad.status == 422
    table = await api.send("GET", path, headers={"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
    assert table.body["rows"][0]["cells"][2:] == ["example.com/s", "admin", "60m", "Approved"]


async def test_requests_are_found_by_their_signer(api: Api) -> None:
    await api.create(CSR, request("r"))
    for signer, names in (("example.com/s", ["r"]), ("example.com/t", [])):
        found = await api.get(CSR, fieldSelector=f"spec.signerName={signer}")
        assert [item["metadata"]["name"] for item in found.body["items"]] == names


CSRS = {"apiGroups": ["certificates.k8s.io"], "resources": ["*"], "verbs": ["get", "update", "patch"]}


@pytest.mark.parametrize(
    ("verb", "names", "status"),
    [
        pytest.param("approve", ["example.com/s"], 200, id="this signer"),
        pytest.param("approve", ["example.com/*"], 200, id="all of a domain"),
        pytest.param("approve", ["*"], 403, id="a star is a name"),
        pytest.param("approve", ["example.com/t"], 403, id="another signer"),
        pytest.param("sign", ["example.com/s"], 403, id="another verb"),
    ],
)
async def test_who_approves_must_be_allowed_to_for_the_signer(api: Api, verb, names, status) -> None:
    await api.create(CSR, request("r"))
    signers = {"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "resourceNames": names, "verbs": [verb]}
    rbac, group = "/apis/rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io"
    await api.create(f"{rbac}/clusterroles", {"metadata": {"name": "a"}, "rules": [CSRS, signers]})
    subject = {"kind": "User", "apiGroup": group, "name": "joe"}
    reference = {"apiGroup": group, "kind": "ClusterRole", "name": "a"}
    await api.create(f"{rbac}/clusterrolebindings",
                     {"metadata": {"name": "a"}, "roleRef": reference, "subjects": [subject]})  # fmt: skip
    joe = api.as_user(User("joe"))
    approved = {"status": {"conditions": [{"type": "Approved", "status": "True", "reason": "Mine"}]}}
    answer = await joe.patch(f"{CSR}/r/approval", approved)
    assert answer.status == status, answer
    if status == 403:
        assert answer.message.endswith('user not permitted to approve requests with signerName "example.com/s"')
    present = (await api.get(f"{CSR}/r")).body["status"].get("conditions") or []
    failed = {"type": "Failed", "status": "True", "reason": "x"}
    signed = await joe.patch(f"{CSR}/r/status", {"status": {"conditions": [*present, failed]}})
    assert signed.status == (200 if verb == "sign" else 403), signed
