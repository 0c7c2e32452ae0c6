"""Acting as someone else: what the headers say, and what roles must allow for it."""

from dataclasses import dataclass, field

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.authorization.authorizer import Decision, Rules
from podwright.apiserver.authorization.identities import unlimited
from podwright.apiserver.authorization.rules import role_of
from podwright.apiserver.impersonation import impersonate
from podwright.apiserver.routes import resolve
from podwright.apiserver.user import AUTHENTICATED, GATEWAY, MASTERS, User

ADMIN = User("admin", "1", (MASTERS, AUTHENTICATED))
JANE = User("jane", "2", ("devs", AUTHENTICATED))
TARGET = resolve("GET", "/api/v1/namespaces/a/configmaps/own")
AUTHENTICATION = "authentication.k8s.io"


@dataclass
class OneRole:
    """Everybody holds the same rules."""

    rules_held: list = field(default_factory=list)

    def decide(self, user, target):
        return Decision(allowed=unlimited(user) or role_of(self.rules_held).allows(target))

    def rules(self, _user, _namespace):
        return Rules()


def rule(verb, resource, *names, group=""):
    return {"verbs": [verb], "apiGroups": [group], "resources": [resource], "resourceNames": list(names)}


def acting(user, *headers, rules=(), target=TARGET):
    return impersonate(user, headers, target, OneRole(list(rules)))


def test_impersonation_by_a_master():
    found = acting(
        ADMIN, ("impersonate-user", "bob"), ("impersonate-group", "a"), ("impersonate-group", "b"),
        ("impersonate-uid", "7"), ("impersonate-extra-acme.com%2fproject", "x"), ("accept", "*/*"),
    )  # fmt: skip
    assert found == User("bob", "7", ("a", "b", AUTHENTICATED), {"acme.com/project": ("x",)})


def test_impersonating_a_service_account_brings_its_groups():
    found = acting(ADMIN, ("impersonate-user", "system:serviceaccount:ns:sa"))
    assert found.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", AUTHENTICATED)


def test_impersonating_nobody_is_not_authenticated():
    assert acting(ADMIN, ("impersonate-user", "system:anonymous")).groups == ("system:unauthenticated",)


def test_without_headers_nothing_changes():
    assert acting(JANE, ("accept", "*/*")) is JANE


def test_a_group_without_a_user_is_refused():
    with pytest.raises(ApiError) as error:
        acting(ADMIN, ("impersonate-group", "devs"))
    assert error.value.code == 400


BOB, GROUP_A = ("impersonate-user", "bob"), ("impersonate-group", "a")
SA = ("impersonate-user", "system:serviceaccount:ns:sa")
UID, EXTRA = ("impersonate-uid", "7"), ("impersonate-extra-reason", "x")
EXTRAS = rule("impersonate", "userextras/reason", "x", group=AUTHENTICATION)
ON_USER = rule("impersonate-on:user-info:get", "configmaps")
ALLOWED = [
    ([BOB], [rule("impersonate", "users", "bob")]),
    ([BOB], [rule("*", "*")]),
    ([SA], [rule("impersonate", "serviceaccounts", "sa")]),
    ([BOB, GROUP_A], [rule("impersonate", "users"), rule("impersonate", "groups", "a")]),
    ([BOB, UID], [rule("impersonate", "users"), rule("impersonate", "uids", "7", group=AUTHENTICATION)]),
    ([BOB, EXTRA], [rule("impersonate", "users"), EXTRAS]),
    ([BOB], [ON_USER, rule("impersonate:user-info", "users", "bob", group=AUTHENTICATION)]),
    ([SA], [rule("impersonate-on:serviceaccount:get", "configmaps"),
            rule("impersonate:serviceaccount", "serviceaccounts", "sa", group=AUTHENTICATION)]),
    ([("impersonate-user", "system:node:n")], [rule("impersonate-on:arbitrary-node:get", "configmaps"),
     rule("impersonate:arbitrary-node", "nodes", "n", group=AUTHENTICATION)]),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "rules"), ALLOWED)
def test_who_may(headers, rules):
    assert acting(JANE, *headers, rules=rules).name == headers[0][1]


REFUSED = [
    ([BOB], []),
    ([BOB], [rule("impersonate", "users", "joe")]),
    ([BOB], [rule("impersonate", "serviceaccounts")]),
    ([SA], [rule("impersonate", "users")]),
    ([BOB, GROUP_A], [rule("impersonate", "users"), rule("impersonate", "groups", "b")]),
    ([BOB, UID], [rule("impersonate", "users")]),
    ([BOB, EXTRA], [rule("impersonate", "users"), rule("impersonate", "userextras/other", group=AUTHENTICATION)]),
    ([BOB], [ON_USER]),
    ([BOB], [rule("impersonate:user-info", "users", group=AUTHENTICATION)]),
    ([BOB, ("impersonate-group", MASTERS)], [ON_USER, rule("impersonate:user-info", "*", group=AUTHENTICATION)]),
    ([SA, GROUP_A], [rule("impersonate-on:serviceaccount:get", "configmaps"),
                     rule("impersonate:serviceaccount", "*", group=AUTHENTICATION)]),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "rules"), REFUSED)
def test_who_may_not(headers, rules):
    with pytest.raises(ApiError) as error:
        acting(JANE, *headers, rules=rules)
    assert error.value.code == 403


@pytest.mark.parametrize(
    ("headers", "mode"), [([BOB], "user-info"), ([BOB, GROUP_A], "user-info"), ([SA], "serviceaccount")]
)
def test_what_a_refusal_says(headers, mode):
    with pytest.raises(ApiError) as error:
        acting(JANE, *headers)
    assert error.value.message == (
        f'configmaps "own" is forbidden: User "jane" cannot impersonate-on:{mode}:get resource "configmaps" '
        'in API group "" in the namespace "a"'
    )


AGENT = User("system:serviceaccount:ns:agent", "3", (AUTHENTICATED,),
             {"authentication.kubernetes.io/node-name": ("n",)})  # fmt: skip
NODE_N, NODE_M = ("impersonate-user", "system:node:n"), ("impersonate-user", "system:node:m")
ASSOCIATED = [rule("impersonate-on:associated-node:get", "configmaps"),
              rule("impersonate:associated-node", "nodes", "*", group=AUTHENTICATION)]  # fmt: skip
ARBITRARY = [rule("impersonate-on:arbitrary-node:get", "configmaps"),
             rule("impersonate:arbitrary-node", "nodes", group=AUTHENTICATION)]  # fmt: skip


def test_an_agent_acts_as_the_node_that_it_runs_on():
    found = acting(AGENT, NODE_N, rules=ASSOCIATED)
    assert (found.name, found.groups) == ("system:node:n", ("system:nodes", AUTHENTICATED))
    assert acting(AGENT, NODE_M, rules=ARBITRARY).groups == ("system:nodes", AUTHENTICATED)


@pytest.mark.parametrize(
    ("user", "headers", "rules"),
    [
        (AGENT, (NODE_M,), ASSOCIATED),
        (AGENT, (NODE_N,), ASSOCIATED[:1]),
        (AGENT, (NODE_N,), ASSOCIATED[1:]),
        (AGENT, (NODE_N, GROUP_A), ASSOCIATED),
        (JANE, (NODE_N,), ASSOCIATED),
        (User("jane", extra=AGENT.extra), (NODE_N,), ASSOCIATED),
        (User(AGENT.name, extra={"authentication.kubernetes.io/node-name": ("n", "m")}), (NODE_N,), ASSOCIATED),
    ],
    ids=["another node", "not as it", "not for this", "with a group", "no account", "an extra alone", "two nodes"],
)
def test_who_acts_as_no_node(user, headers, rules):
    with pytest.raises(ApiError) as error:
        acting(user, *headers, rules=rules)
    assert error.value.code == 403


@pytest.mark.parametrize("user", [ADMIN, JANE], ids=["administrator", "somebody"])
def test_nobody_becomes_the_gateway(user):
    with pytest.raises(ApiError) as error:
        acting(user, BOB, ("impersonate-group", GATEWAY), rules=[rule("*", "*")])
    assert error.value.code == 403
