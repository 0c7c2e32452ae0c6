"""What is said to who may not do something: names are quoted, and no program takes them for HTML."""

from __future__ import annotations

import pytest

from podwright.apiserver.authorization.authorizer import refusal
from podwright.apiserver.routes import resolve
from podwright.apiserver.user import User


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        pytest.param(
            "jane",
            "/api/v1/namespaces/ns/pods/p/log",
            'pods "p" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "ns": no',
            id="plain",
        ),
        pytest.param(
            'a"<b>&\n',
            "/apis/apps/v1/deployments",
            'deployments.apps is forbidden: User "a\\"&lt;b&gt;&amp;\\n" cannot list resource "deployments" in API group '
            '"apps" at the cluster scope: no',
            id="user",
        ),
        pytest.param("jane", "/<a>", 'forbidden: User "jane" cannot get path "/&lt;a&gt;": no', id="path"),
    ],
)
def test_texts(name: str, path: str, text: str) -> None:
    assert refusal(User(name), resolve("GET", path), "no").message == text
