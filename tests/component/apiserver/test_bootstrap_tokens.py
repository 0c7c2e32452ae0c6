"""Tokens that nodes join with: whose they are, what makes them worthless, and what they may do."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from api_client import Api

from podwright.api.errors import ApiError
from podwright.api.times import format_time
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.user import AUTHENTICATED

SECRETS = "/api/v1/namespaces/kube-system/secrets"
TOKEN = "abcdef.0123456789abcdef"
NODES = "system:bootstrappers:podwright:default-node-token"


def secret(name="bootstrap-token-abcdef", kind="bootstrap.kubernetes.io/token", **data):
    held = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true", **data}
    encoded = {k.replace("_", "-"): base64.b64encode(v.encode()).decode() for k, v in held.items() if v is not None}
    return {"metadata": {"name": name}, "type": kind, "data": encoded}


def user(api: Api, token=TOKEN):
    return Authenticator({}, api.server.verifier).authenticate(f"Bearer {token}", None)


async def test_a_token_is_a_user_until_its_secret_goes(api: Api) -> None:
    with pytest.raises(ApiError):
        user(api)
    await api.create(SECRETS, secret(auth_extra_groups=NODES, expiration="2999-01-01T00:00:00Z"))
    found = user(api)
    assert (found.name, found.groups) == ("system:bootstrap:abcdef", ("system:bootstrappers", NODES, AUTHENTICATED))
    await api.delete(f"{SECRETS}/bootstrap-token-abcdef")
    with pytest.raises(ApiError):
        user(api)


PAST = format_time(datetime.now(UTC) - timedelta(seconds=1))
WORTHLESS = [
    pytest.param(secret(**{"token-secret": "0123456789abcdee"}), id="another secret"),
    pytest.param(secret(**{"token-id": "abcdeg"}), id="another id"),
    pytest.param(secret(kind="Opaque"), id="another type"),
    pytest.param(secret(**{"usage-bootstrap-authentication": "false"}), id="not for authentication"),
    pytest.param(secret(**{"usage-bootstrap-authentication": None}), id="for nothing"),
    pytest.param(secret(expiration=PAST), id="expired"),
    pytest.param(secret(expiration="soon"), id="an end that is none"),
    pytest.param(secret(auth_extra_groups="system:masters"), id="a group that is not for these"),
    pytest.param(secret(auth_extra_groups=f"{NODES},system:bootstrappers:"), id="an empty group"),
    pytest.param(secret(name="bootstrap-token-abcdeg"), id="another name"),
]


@pytest.mark.parametrize("made", WORTHLESS)
async def test_a_token_that_is_worth_nothing(api: Api, made) -> None:
    await api.create(SECRETS, made)
    with pytest.raises(ApiError) as refused:
        user(api)
    assert (refused.value.code, refused.value.message) == (401, "Unauthorized")


async def test_only_secrets_of_the_system_count(api: Api) -> None:
    await api.create(SECRETS.replace("kube-system", "ns"), secret())
    with pytest.raises(ApiError):
        user(api)


async def test_a_review_says_whose_a_token_is(api: Api) -> None:
    await api.create(SECRETS, secret())
    review = {"spec": {"token": TOKEN}}
    status = (await api.post("/apis/authentication.k8s.io/v1/tokenreviews", review)).body["status"]
    assert status["authenticated"] is True
    assert status["user"]["username"] == "system:bootstrap:abcdef"
    other = {"spec": {"token": TOKEN, "audiences": ["vault"]}}
    assert (
        not (await api.post("/apis/authentication.k8s.io/v1/tokenreviews", other)).body["status"].get("authenticated")
    )


async def test_a_token_may_nothing_by_itself(api: Api) -> None:
    await api.create(SECRETS, secret(auth_extra_groups=NODES))
    joining = api.as_user(user(api))
    for path in (SECRETS, "/api/v1/nodes", "/apis/certificates.k8s.io/v1/certificatesigningrequests"):
        assert (await joining.get(path)).status == 403
