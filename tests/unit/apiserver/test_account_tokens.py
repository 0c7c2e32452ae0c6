"""Service-account tokens: good ones, forged ones, old ones, and those whose account or pod is gone."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from podwright.apiserver.authentication.authenticator import Authenticator, Reviewed
from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens
from podwright.apiserver.authentication.signing_keys import SigningKeyError, keyring, load_keys, new_key
from podwright.apiserver.user import AUTHENTICATED, User

ISSUER = "https://kubernetes.default.svc"
KEY, OTHER_KEY = new_key(), new_key()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class World:
    """Objects by (plural, namespace, name), and a clock."""

    def __init__(self):
        self.uids = {("serviceaccounts", "ns", "sa"): "u-sa", ("pods", "ns", "p"): "u-p", ("nodes", "", "n"): "u-n"}
        self.now = NOW

    def tokens(self, key=KEY, *others, issuer=ISSUER):
        return ServiceAccountTokens(
            keyring(key, *(k.public_key() for k in others)),
            issuer,
            lambda *where: self.uids.get(where),
            lambda: self.now,
        )


def sign(tokens, *, audiences=(ISSUER,), seconds=600, **bound):
    private = {"namespace": "ns", "serviceaccount": {"name": "sa", "uid": "u-sa"}, **bound}
    subject = "system:serviceaccount:ns:sa"
    return tokens.sign(subject=subject, audiences=audiences, seconds=seconds, private=private, now=NOW)


@pytest.fixture
def world():
    return World()


def test_a_good_token(world):
    tokens = world.tokens()
    user = tokens.user_of(sign(tokens, pod={"name": "p", "uid": "u-p"}, node={"name": "n", "uid": "u-n"}))
    assert user is not None
    assert (user.name, user.uid) == ("system:serviceaccount:ns:sa", "u-sa")
    assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", AUTHENTICATED)
    assert user.extra["authentication.kubernetes.io/pod-name"] == ("p",)
    assert user.extra["authentication.kubernetes.io/node-uid"] == ("u-n",)


@pytest.mark.parametrize("gone", [("serviceaccounts", "ns", "sa"), ("pods", "ns", "p")], ids=["account", "pod"])
def test_a_token_ends_with_what_it_is_bound_to(world, gone):
    tokens = world.tokens()
    token = sign(tokens, pod={"name": "p", "uid": "u-p"})
    assert tokens.user_of(token)
    world.uids[gone] = "another"
    assert tokens.user_of(token) is None
    del world.uids[gone]
    assert tokens.user_of(token) is None


def test_times_count_even_for_a_token_seen_before(world):
    tokens = world.tokens()
    token = sign(tokens)
    assert tokens.user_of(token)
    world.now = NOW + timedelta(seconds=601)
    assert tokens.user_of(token) is None
    world.now = NOW - timedelta(seconds=61)
    assert tokens.user_of(token) is None
    world.now = NOW
    assert tokens.user_of(token)


def test_another_audience_is_not_ours_but_its_claims_can_be_read(world):
    tokens = world.tokens()
    token = sign(tokens, audiences=["vault"])
    assert tokens.user_of(token) is None
    claims = tokens.claims_of(token)
    assert claims is not None
    assert claims["aud"] == ["vault"]


def forge(token, part, **changes):
    parts = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    parts[part] = base64.urlsafe_b64encode(json.dumps(decoded | changes).encode()).rstrip(b"=").decode()
    return ".".join(parts)


def test_forgeries(world):
    tokens = world.tokens()
    token = sign(tokens)
    for bad in (
        forge(token, 1, sub="system:admin"),
        forge(token, 0, alg="none"),
        forge(token, 0, alg="HS256"),
        token[:-4] + "AAAA",
        token.rsplit(".", 1)[0] + ".",
        "a.b.c",
        "not a token",
        "..",
        sign(world.tokens(key=OTHER_KEY)),
        sign(world.tokens(issuer="https://elsewhere")),
    ):
        assert tokens.user_of(bad) is None


def test_the_published_key_verifies(world):
    tokens = world.tokens()
    key = tokens.public_keys()["keys"][0]
    numbers = KEY.public_key().public_numbers()
    assert int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="), "big") == numbers.n
    head = json.loads(base64.urlsafe_b64decode(sign(tokens).split(".")[0] + "=="))
    assert head["kid"] == key["kid"]


def test_keys_that_cannot_be_used_are_named(tmp_path):
    bad = tmp_path / "sa.key"
    with pytest.raises(SigningKeyError, match=r"sa\.key"):
        load_keys(bad)
    bad.write_text("no key")
    with pytest.raises(SigningKeyError, match=r"sa\.key"):
        load_keys(bad)


def test_a_key_that_does_not_sign_is_refused(tmp_path):
    good, other = KEY.private_numbers(), OTHER_KEY.private_numbers()
    mixed = rsa.RSAPrivateNumbers(
        good.p, good.q, other.d, other.dmp1, other.dmq1, other.iqmp, good.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    path = tmp_path / "sa.key"
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(mixed.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    with pytest.raises(SigningKeyError, match="do not belong together"):
        load_keys(path)


@pytest.mark.parametrize(
    ("later", "error"),
    [
        pytest.param(0, "", id="good"),
        pytest.param(601, "[invalid bearer token, service account token has expired]", id="expired"),
        pytest.param(-120, "[invalid bearer token, service account token is not valid yet]", id="not yet"),
    ],
)
def test_a_review_says_why_a_token_is_not_good(world, later, error):
    tokens = world.tokens()
    token = sign(tokens)
    world.now = NOW + timedelta(seconds=later)
    found = tokens.review(token, (ISSUER,))
    assert (found.error, found.user is None, found.audiences) == (error, bool(error), () if error else (ISSUER,))


def test_a_review_of_a_file_s_token_is_about_this_server(world):
    jane = User("jane")
    authenticator = Authenticator({"t": jane}, world.tokens())
    assert authenticator.review("t", ()) == Reviewed(jane, (ISSUER,), "")
    assert authenticator.review("t", ("other", ISSUER)) == Reviewed(jane, (ISSUER,), "")
    assert authenticator.review("t", ("other",)) == authenticator.review("x", ()) == Reviewed()
    assert Authenticator({"t": jane}).review("t", ()) == Reviewed(jane, (), "")


def test_every_key_verifies_and_the_first_signs(world):
    before, both, after = world.tokens(KEY), world.tokens(OTHER_KEY, KEY), world.tokens(OTHER_KEY)
    old, new = sign(before), sign(both)
    assert [tokens.user_of(old) is not None for tokens in (before, both, after)] == [True, True, False]
    assert [tokens.user_of(new) is not None for tokens in (before, both, after)] == [False, True, True]
    listed = [key["kid"] for key in both.public_keys()["keys"]]
    assert listed == [tokens.public_keys()["keys"][0]["kid"] for tokens in (after, before)]


def test_keys_that_change_take_tokens_that_were_seen_with_them(world):
    tokens = world.tokens()
    token = sign(tokens)
    assert tokens.user_of(token) is not None
    tokens.use(keyring(OTHER_KEY))
    assert tokens.user_of(token) is None


def pem(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_a_file_of_several_keys(tmp_path):
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path = tmp_path / "sa.key"
    path.write_bytes(pem(OTHER_KEY) + public)
    found = load_keys(path)
    assert (found.key_id, list(found.public)) == (
        keyring(OTHER_KEY).key_id,
        [keyring(k).key_id for k in (OTHER_KEY, KEY)],
    )
    path.write_bytes(public + pem(OTHER_KEY))
    with pytest.raises(SigningKeyError, match="does not begin with a private key"):
        load_keys(path)


def test_where_a_pod_runs_is_said_and_not_checked(world):
    tokens = world.tokens()
    token = sign(tokens, pod={"name": "p", "uid": "u-p"}, node={"name": "gone", "uid": "u-gone"})
    assert tokens.user_of(token).extra["authentication.kubernetes.io/node-name"] == ("gone",)
    assert tokens.user_of(sign(tokens, node={"name": "gone", "uid": "u-gone"})) is None
