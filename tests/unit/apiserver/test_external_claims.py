"""Claims become users, and configurations are judged when they are read."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.authentication.external.configuration import read_configuration
from podwright.apiserver.authentication.external.mapping import Mapper, Refused
from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.user import AUTHENTICATED

SUB = ("sub", "oidc:", "")


def user(claims, **rules):
    return Mapper(**{"username": SUB, **rules}).user(claims)


def test_claims_with_prefixes():
    found = user({"sub": "jane", "teams": ["a", "b", ""], "id": "7"}, groups=("teams", "g:", ""), uid=("id", "", ""))
    assert (found.name, found.uid, found.groups) == ("oidc:jane", "7", ("g:a", "g:b", AUTHENTICATED))


def test_one_group_may_be_a_text_and_none_may_be_missing():
    assert user({"sub": "j", "team": "a"}, groups=("team", "", "")).groups == ("a", AUTHENTICATED)
    assert user({"sub": "j"}, groups=("team", "", "")).groups == (AUTHENTICATED,)


def test_groups_of_the_process_are_no_claim_s_to_give():
    assert user({"sub": "j", "team": ["podwright:component", "x"]}, groups=("team", "", "")).groups == (
        "x",
        AUTHENTICATED,
    )


def test_expressions():
    found = user(
        {"sub": "jane", "realm": {"roles": ["dev", "ops"]}, "n": 5},
        username=("", "", "'x-' + claims.sub"),
        groups=("", "", "claims.realm.roles.map(r, 'role:' + r)"),
        uid=("", "", "string(claims.n)"),
        extra=[("example.org/team", "claims.realm.roles"), ("example.org/none", "''")],
    )
    assert (found.name, found.uid, found.groups[:2]) == ("x-jane", "5", ("role:dev", "role:ops"))
    assert found.extra == {"example.org/team": ("dev", "ops")}


@pytest.mark.parametrize(
    ("claims", "rules", "why"),
    [
        ({}, {}, "username: the claim sub is no text"),
        ({"sub": 5}, {}, "username: the claim sub is no text"),
        ({"sub": ""}, {}, "the user's name is empty"),
        ({"sub": "j", "g": {"a": 1}}, {"groups": ("g", "", "")}, "groups: neither a text nor a list of texts"),
        ({"sub": "j"}, {"username": ("", "", "claims.name")}, "an expression fails"),
        ({"sub": "j", "hd": "b"}, {"required": [("hd", "a")]}, "the claim hd has not the required value"),
        ({"sub": "j"}, {"claim_rules": [("claims.sub == 'k'", "only k")]}, "only k"),
        (
            {"sub": "j"},
            {"user_rules": [("!user.username.startsWith('oidc:')", "no names of ours")]},
            "no names of ours",
        ),
        ({"sub": "j"}, {"user_rules": [("user.groups.exists(g, g == 'x')", "")]}, "a rule for users does not hold"),
        ({"email": "a@b", "email_verified": False}, {"username": ("email", "", "")}, "not verified"),
        (
            {"sub": "j", "l": list(range(5000))},
            {"claim_rules": [("claims.l.all(a, claims.l.all(b, claims.l.all(c, a + b + c >= 0)))", "")]},
            "an expression fails",
        ),
    ],
)
def test_refusals_say_why(claims, rules, why):
    with pytest.raises(Refused, match=why):
        user(claims, **rules)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("xé1", max_size=3),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text("xé1", max_size=3), v, max_size=3),
)


@given(st.dictionaries(st.sampled_from(("sub", "g", "id", "email", "email_verified")), values))
def test_whatever_claims_hold_there_is_a_user_or_a_refusal(claims):
    mapper = Mapper(
        username=SUB,
        groups=("g", "", ""),
        uid=("", "", "has(claims.id) ? string(claims.id) : ''"),
        extra=[("a.b/c", "claims.g")],
        claim_rules=[("claims.sub != 'x'", "")],
    )
    try:
        found = mapper.user(claims)
    except Refused:
        return
    assert found.name == "oidc:" + claims["sub"]
    assert all(isinstance(group, str) for group in found.groups)


def document(**changes):
    jwt = {
        "issuer": {"url": "https://a.example", "audiences": ["x"]},
        "claimMappings": {"username": {"claim": "sub", "prefix": ""}},
    }
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [jwt | changes.pop("jwt", {})],
        **changes,
    }


def read(tmp_path, content):
    path = tmp_path / "auth.yaml"
    path.write_text(yaml.safe_dump(content))
    return read_configuration(path, "https://own.example")


def test_a_configuration(tmp_path):
    found, mappers = read(tmp_path, document(anonymous={"enabled": True, "conditions": [{"path": "/livez"}]}))
    assert found.jwt[0].issuer.audiences == ("x",)
    assert mappers[0].user({"sub": "j"}).name == "j"


def issuer(**changes):
    return document(jwt={"issuer": {"url": "https://a.example", "audiences": ["x"]} | changes})


def mappings(**changes):
    return document(jwt={"claimMappings": {"username": {"claim": "sub", "prefix": ""}} | changes})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (issuer(url="http://a.example"), r"jwt\[0\].issuer.url: must begin with https"),
        (issuer(url="https://own.example"), "the server's own already"),
        (issuer(discoveryURL="https://a.example"), "issuer.discoveryURL"),
        (issuer(audiences=[]), "issuer.audiences"),
        (issuer(audiences=["x", "y"]), "audienceMatchPolicy: must be MatchAny"),
        (issuer(audienceMatchPolicy="All"), "audienceMatchPolicy"),
        (issuer(certificateAuthority="no"), "certificateAuthority"),
        (mappings(username={}), "claimMappings.username"),
        (mappings(username={"claim": "sub"}), "username.prefix"),
        (mappings(username={"expression": "claims.sub +"}), "claimMappings.username.expression"),
        (mappings(username={"expression": "1"}), "must give string"),
        (mappings(extra=[{"key": "Team", "valueExpression": "claims.t"}]), r"extra\[0\].key"),
        (mappings(extra=[{"key": "a.k8s.io/x", "valueExpression": "claims.t"}]), "not yours"),
        (document(jwt={"claimValidationRules": [{}]}), r"claimValidationRules\[0\]"),
        (document(jwt={"userValidationRules": [{"expression": "user.name == nobody"}]}), r"userValidationRules\[0\]"),
        (document(anonymous={"enabled": False, "conditions": [{"path": "/"}]}), "anonymous.conditions"),
        (document(surprise=1), "surprise"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_with_its_field(tmp_path, content, why):
    with pytest.raises(ConfigFileError, match=why):
        read(tmp_path, content)
