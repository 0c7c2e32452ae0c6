"""Who a request is from, and what that allows."""

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.certificates import user_of
from podwright.apiserver.authentication.token_file import TokenFileError, parse_tokens, read_token_file
from podwright.apiserver.authorization.authorizer import authorize
from podwright.apiserver.authorization.identities import Identities
from podwright.apiserver.impersonation import impersonate
from podwright.apiserver.routes import resolve
from podwright.apiserver.user import ANONYMOUS, AUTHENTICATED, GATEWAY, MASTERS, User

ADMIN = User("admin", "1", (MASTERS, AUTHENTICATED))
JANE = User("jane", "2", ("devs", AUTHENTICATED))


class Verifier:
    def user_of(self, token):
        return User("robot") if token == "signed" else None


AUTHENTICATOR = Authenticator({"good": ADMIN}, Verifier())


def test_token_file():
    users = parse_tokens('# comment\n\nt1,jane,2,"devs,ops"\nt2, joe , 3\n')
    assert users == {
        "t1": User("jane", "2", ("devs", "ops", AUTHENTICATED)),
        "t2": User("joe", "3", (AUTHENTICATED,)),
    }


@pytest.mark.parametrize("text", ["t1,jane\n", ",jane,1\n", "t,,1\n"])
def test_a_bad_line_is_named(text):
    with pytest.raises(TokenFileError, match="line 1"):
        parse_tokens(text)


def test_a_missing_token_file_is_named(tmp_path):
    with pytest.raises(TokenFileError, match="nowhere"):
        read_token_file(tmp_path / "nowhere")


def test_certificate_names():
    peer = {"subject": ((("organizationName", "g1"),), (("organizationName", "g2"),), (("commonName", "me"),))}
    assert user_of(peer) == User("me", "", ("g1", "g2", AUTHENTICATED))


@pytest.mark.parametrize("peer", [None, {}, {"subject": ((("organizationName", "g"),),)}], ids=str)
def test_a_certificate_without_a_name_is_nobody(peer):
    assert user_of(peer) is None


@pytest.mark.parametrize(
    ("header", "certificate", "expected"),
    [
        ("Bearer good", None, "admin"),
        ("bearer good", None, "admin"),
        ("Bearer signed", None, "robot"),
        ("Bearer bad", JANE, "jane"),
        ("", None, "system:anonymous"),
        ("Bearer ", None, "system:anonymous"),
        ("Basic YTpi", None, "system:anonymous"),
    ],
)
def test_authentication(header, certificate, expected):
    assert AUTHENTICATOR.authenticate(header, certificate).name == expected


def test_a_token_nobody_knows_is_refused():
    with pytest.raises(ApiError) as error:
        AUTHENTICATOR.authenticate("Bearer bad", None)
    assert (error.value.code, error.value.message) == (401, "Unauthorized")


ALLOWED = [
    (ADMIN, "DELETE", "/api/v1/nodes/n"),
    (User("system:kube-scheduler"), "GET", "/api/v1/pods"),
    (User("system:node:n1", groups=("system:nodes", GATEWAY)), "GET", "/api/v1/pods"),
    (ANONYMOUS, "GET", "/healthz"),
    (ANONYMOUS, "GET", "/version"),
    (JANE, "GET", "/api"),
    (JANE, "GET", "/apis/apps/v1"),
    (JANE, "GET", "/openapi/v3"),
    (JANE, "GET", "/readyz/ping"),
]


@pytest.mark.parametrize(("user", "method", "path"), ALLOWED)
def test_allowed(user, method, path):
    authorize(Identities(), user, resolve(method, path))


REFUSED = [
    (ANONYMOUS, "GET", "/apis", 'forbidden: User "system:anonymous" cannot get path "/apis"', {}),
    (ANONYMOUS, "GET", "/healthz/ping", 'forbidden: User "system:anonymous" cannot get path "/healthz/ping"', {}),
    (User("system:node:n1", groups=("system:nodes", AUTHENTICATED)), "GET", "/metrics",
     'forbidden: User "system:node:n1" cannot get path "/metrics"', {}),
    (JANE, "GET", "/metrics", 'forbidden: User "jane" cannot get path "/metrics"', {}),
    (JANE, "POST", "/version", 'forbidden: User "jane" cannot post path "/version"', {}),
    (JANE, "GET", "/api/v1/pods",
     'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope',
     {"kind": "pods"}),
    (JANE, "GET", "/api/v1/namespaces/a/pods/x/log",
     'pods "x" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "a"',
     {"name": "x", "kind": "pods"}),
    (JANE, "DELETE", "/apis/apps/v1/namespaces/a/deployments",
     ('deployments.apps is forbidden: User "jane" cannot deletecollection resource "deployments" in API group "apps" '
      'in the namespace "a"'), {"group": "apps", "kind": "deployments"}),
    (JANE, "GET", "/api/v1/namespaces/a",
     'namespaces "a" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "a"',
     {"name": "a", "kind": "namespaces"}),
]  # fmt: skip


@pytest.mark.parametrize(("user", "method", "path", "message", "details"), REFUSED)
def test_refused(user, method, path, message, details):
    with pytest.raises(ApiError) as error:
        authorize(Identities(), user, resolve(method, path))
    assert (error.value.code, error.value.message, error.value.details) == (403, message, details)


def test_impersonation_by_a_master():
    headers = [
        ("impersonate-user", "bob"), ("impersonate-group", "a"), ("impersonate-group", "b"), ("impersonate-uid", "7"),
        ("impersonate-extra-acme.com%2fproject", "x"), ("accept", "*/*"),
    ]  # fmt: skip
    assert impersonate(ADMIN, headers) == User("bob", "7", ("a", "b", AUTHENTICATED), {"acme.com/project": ("x",)})


def test_impersonating_a_service_account_brings_its_groups():
    found = impersonate(ADMIN, [("impersonate-user", "system:serviceaccount:ns:sa")])
    assert found.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", AUTHENTICATED)


def test_impersonating_nobody_is_not_authenticated():
    assert impersonate(ADMIN, [("impersonate-user", "system:anonymous")]).groups == ("system:unauthenticated",)


def test_others_may_not_impersonate():
    with pytest.raises(ApiError) as error:
        impersonate(JANE, [("impersonate-user", "admin"), ("impersonate-group", MASTERS)])
    assert error.value.code == 403


def test_a_group_without_a_user_is_refused():
    with pytest.raises(ApiError) as error:
        impersonate(ADMIN, [("impersonate-group", "devs")])
    assert error.value.code == 400


def test_without_headers_nothing_changes():
    assert impersonate(JANE, [("accept", "*/*")]) is JANE
