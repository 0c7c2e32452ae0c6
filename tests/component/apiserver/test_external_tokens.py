"""Tokens of an issuer that the configuration names, and requests without any."""

import asyncio
import contextlib
import json
import time

import pytest
from api_client import until
from https_server import serving
from oidc_issuer import ec_key, issuing, rsa_key

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@pytest.fixture
async def issuer(pki):
    async with issuing(pki) as found:
        yield found


@contextlib.asynccontextmanager
async def trusting(pki, signing_key, tmp_path, document):
    path = tmp_path / "auth.json"
    path.write_text(json.dumps(document))
    async with serving(pki, signing_key, tmp_path, authentication_config_file=path) as https:
        yield https


@pytest.fixture
async def https(pki, signing_key, tmp_path, issuer):
    async with trusting(pki, signing_key, tmp_path, issuer.document()) as found:
        yield found


async def who(https, token):
    """The user of a token, or the status of the refusal."""
    async with https.session(token) as session, session.post(REVIEW, json={}) as answer:
        body = await answer.json()
        return body["status"]["userInfo"] if answer.status == 201 else answer.status


async def test_a_token_of_a_trusted_issuer(https, issuer):
    found = await who(https, issuer.token(groups=["devs"]))
    assert (found["username"], found["groups"]) == ("oidc:jane", ["devs", "system:authenticated"])
    for _ in range(5):
        await who(https, issuer.token(sub="joe"))
    assert issuer.asked == {"/.well-known/openid-configuration": 1, "/keys": 1}


async def test_a_key_that_is_new_is_asked_for(https, issuer, monkeypatch):
    monkeypatch.setattr("podwright.apiserver.authentication.external.keys._PAUSE", 0.0)
    assert await who(https, issuer.token()) != 401
    issuer.keys["two"] = ("ES256", ec_key())
    assert (await who(https, issuer.token("two")))["username"] == "oidc:jane"


async def test_forged_keys_do_not_flood_the_issuer(https, issuer):
    assert await who(https, issuer.token()) != 401
    strange = rsa_key()
    tokens = [issuer.token(f"k{i}", key=strange, algorithm="RS256") for i in range(20)]
    assert await asyncio.gather(*(who(https, token) for token in tokens)) == [401] * 20
    assert issuer.asked["/keys"] <= 3


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "elsewhere"},
        {"aud": None},
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"iss": "https://other.example"},
    ],
    ids=lambda c: f"{next(iter(c))}={next(iter(c.values()))}"[:20],
)
async def test_tokens_that_are_not_good(https, issuer, claims):
    assert await who(https, issuer.token(**claims)) == 401


async def test_forgeries(https, issuer):
    good = issuer.token()
    assert await who(https, good) != 401
    head, body, signature = good.split(".")
    assert await who(https, f"{head}.{body}.{signature[:-6]}AAAAAA") == 401
    assert await who(https, issuer.token(key=rsa_key())) == 401
    assert await who(https, issuer.token(key="x" * 40, algorithm="HS256")) == 401
    assert await who(https, issuer.token("x", algorithm="none", headers={"kid": "one"})) == 401
    assert await who(https, f"{head}.{body}") == 401


async def test_a_token_ends_in_its_time(https, issuer, monkeypatch):
    from datetime import timedelta

    token = issuer.token()
    assert await who(https, token) != 401
    others, real = https.server.others, https.server.others._now
    monkeypatch.setattr(others, "_now", lambda: real() + timedelta(seconds=601))
    assert await who(https, token) == 401


async def test_an_issuer_that_does_not_work_holds_up_nobody_else(https, issuer):
    issuer.works = False
    assert await who(https, issuer.token()) == 401
    assert (await who(https, "tok"))["username"] == "admin"


async def test_a_document_of_another_issuer_is_not_believed(https, issuer):
    issuer.issuer = "https://other.example"
    assert await who(https, issuer.token()) == 401


async def test_an_issuer_with_another_ca_is_not_believed(pki, signing_key, tmp_path, issuer):
    document = issuer.document()
    del document["jwt"][0]["issuer"]["certificateAuthority"]
    async with trusting(pki, signing_key, tmp_path, document) as https:
        assert await who(https, issuer.token()) == 401


async def test_a_review_knows_the_token(https, issuer):
    body = {"spec": {"token": issuer.token()}}
    found = (await https.api.post("/apis/authentication.k8s.io/v1/tokenreviews", body)).body["status"]
    assert (found["authenticated"], found["user"]["username"]) == (True, "oidc:jane")


async def test_nobody_is_taken_only_where_the_configuration_says(pki, signing_key, tmp_path, issuer):
    document = issuer.document() | {"anonymous": {"enabled": True, "conditions": [{"path": "/livez"}]}}
    async with trusting(pki, signing_key, tmp_path, document) as https:

        async def status(path):
            async with https.session("") as session, session.get(path) as answer:
                return answer.status

        assert [await status(path) for path in ("/livez", "/readyz", "/api")] == [200, 401, 401]
        (tmp_path / "auth.json").write_text("{")  # cannot be used: the one of before stays
        (tmp_path / "auth.json").write_text(json.dumps(issuer.document() | {"anonymous": {"enabled": False}}))
        others = https.server.others
        await until(lambda: not others.takes_nobody("/livez"))
        assert await status("/livez") == 401
        assert await who(https, issuer.token()) != 401
