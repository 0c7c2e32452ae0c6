"""Who a request is from, and what that allows."""

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.certificates import user_of
from podwright.apiserver.authentication.token_file import TokenFileError, parse_tokens, read_token_file
from podwright.apiserver.authorization.identities import unlimited
from podwright.apiserver.user import ANONYMOUS, AUTHENTICATED, COMPONENT, GATEWAY, MASTERS, User

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


def test_no_credential_gives_a_group_of_the_process():
    (user,) = parse_tokens(f't1,me,2,"devs,{GATEWAY},{COMPONENT}"').values()
    assert user.groups == ("devs", AUTHENTICATED)
    parts = ((("organizationName", GATEWAY),), (("organizationName", "g"),), (("commonName", "me"),))
    assert user_of({"subject": parts}) == User("me", "", ("g", AUTHENTICATED))


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


@pytest.mark.parametrize(
    ("user", "anything"),
    [
        (ADMIN, True),
        (User("system:kube-scheduler"), False),
        (User("system:kube-controller-manager", groups=(COMPONENT, AUTHENTICATED)), True),
        (User("system:node:n1", groups=("system:nodes", GATEWAY)), True),
        (User("system:node:n1", groups=("system:nodes", AUTHENTICATED)), False),
        (User("masters", groups=("system:master", AUTHENTICATED)), False),
        (JANE, False),
        (ANONYMOUS, False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_who_may_do_anything(user, anything):
    assert unlimited(user) is anything
