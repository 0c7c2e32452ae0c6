"""Decisions by roles: the default ones, bindings that come and go, and what refusals and answers say."""

from types import SimpleNamespace

import orjson
import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.authorization.authorizer import authorize
from podwright.apiserver.authorization.default_roles import wanted
from podwright.apiserver.authorization.roles import Roles
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.routes import resolve
from podwright.apiserver.user import ANONYMOUS, AUTHENTICATED, GATEWAY, MASTERS, User
from podwright.store.protocol import KeyValue

GROUP = "rbac.authorization.k8s.io"
KINDS = {
    "clusterroles": "ClusterRole",
    "roles": "Role",
    "clusterrolebindings": "ClusterRoleBinding",
    "rolebindings": "RoleBinding",
}
ADMIN = User("admin", "1", (MASTERS, AUTHENTICATED))
JANE = User("jane", "2", ("devs", AUTHENTICATED))


class Caches:
    """The four caches, written as the feed writes them."""

    def __init__(self, window=64):
        self.revision = 0
        self.caches = {
            plural: ResourceCache(
                f"/registry/{plural}/", kind, f"{GROUP}/v1", namespaced=not plural.startswith("c"), fields=dict,
                window=window,
            )
            for plural, kind in KINDS.items()
        }  # fmt: skip

    @property
    def endpoints(self):
        return {(GROUP, "v1", plural): SimpleNamespace(cache=cache) for plural, cache in self.caches.items()}

    def _value(self, plural, namespace, name, obj):
        metadata = {"name": name, **(obj.get("metadata") or {})}
        return orjson.dumps({"kind": KINDS[plural], "apiVersion": f"{GROUP}/v1", **obj, "metadata": metadata})

    def put(self, plural, name, namespace="", **obj):
        self.revision += 1
        cache = self.caches[plural]
        key = f"{cache.prefix}{namespace}/{name}" if namespace else f"{cache.prefix}{name}"
        cache.apply(key, self._value(plural, namespace, name, obj), self.revision, set())

    def drop(self, plural, name, namespace=""):
        self.revision += 1
        cache = self.caches[plural]
        cache.apply(f"{cache.prefix}{namespace}/{name}" if namespace else f"{cache.prefix}{name}", None, self.revision,
                    set())  # fmt: skip

    def reload(self, plural, kept):
        """What the feed does after a gap: everything anew, `kept` is what is left."""
        self.revision += 1
        cache = self.caches[plural]
        items = [
            KeyValue(f"{cache.prefix}{name}", self._value(plural, "", name, obj), 1, 1) for name, obj in kept.items()
        ]
        cache.load(items, self.revision)


def user(name):
    return {"kind": "User", "apiGroup": GROUP, "name": name}


def role(name, kind="ClusterRole"):
    return {"apiGroup": GROUP, "kind": kind, "name": name}


def rule(verbs, resources, group="", names=()):
    return {"verbs": verbs.split(","), "apiGroups": [group], "resources": resources.split(","),
            "resourceNames": list(names)}  # fmt: skip


@pytest.fixture
def caches():
    return Caches()


@pytest.fixture
def authorizer():
    caches = Caches(window=256)
    for plural, namespace, obj in wanted():
        caches.put(plural, obj["metadata"]["name"], namespace, **obj)
    return Roles(caches.endpoints)


ALLOWED = [
    (ADMIN, "DELETE", "/api/v1/nodes/n"),
    (User("system:kube-scheduler"), "GET", "/api/v1/pods"),
    (User("system:node:n1", groups=("system:nodes", GATEWAY)), "GET", "/api/v1/pods"),
    (ANONYMOUS, "GET", "/healthz"),
    (ANONYMOUS, "GET", "/version"),
    (JANE, "GET", "/api"),
    (JANE, "GET", "/apis/apps/v1"),
    (JANE, "GET", "/openapi/v3"),
    (JANE, "GET", "/readyz"),
    (JANE, "HEAD", "/readyz"),
]


@pytest.mark.parametrize(("user", "method", "path"), ALLOWED)
def test_allowed(authorizer, user, method, path):
    authorize(authorizer, user, resolve(method, path))


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
def test_refused(authorizer, user, method, path, message, details):
    with pytest.raises(ApiError) as error:
        authorize(authorizer, user, resolve(method, path))
    assert (error.value.code, error.value.message, error.value.details) == (403, message, details)


def may(authorizer, who, method, path):
    return authorizer.decide(who, resolve(method, path))


PODS = "/api/v1/namespaces/a/pods"


def test_a_role_counts_as_soon_as_it_is_written_and_not_longer_than_it_is_there(caches):
    authorizer = Roles(caches.endpoints)
    assert not may(authorizer, JANE, "GET", PODS).allowed
    caches.put("rolebindings", "b", "a", roleRef=role("r", "Role"), subjects=[user("jane")])
    assert may(authorizer, JANE, "GET", PODS).reason == f'RBAC: role.{GROUP} "r" not found'
    caches.put("roles", "r", "a", rules=[rule("list", "pods")])
    assert may(authorizer, JANE, "GET", PODS).reason == (
        'RBAC: allowed by RoleBinding "b/a" of Role "r" to User "jane"'
    )
    assert not may(authorizer, JANE, "GET", "/api/v1/namespaces/b/pods").allowed
    assert not may(authorizer, JANE, "GET", "/api/v1/pods").allowed
    caches.put("roles", "r", "a", rules=[rule("get", "pods")])
    assert not may(authorizer, JANE, "GET", PODS).allowed
    caches.put("roles", "r", "a", rules=[rule("list", "pods")])
    caches.put("rolebindings", "b", "a", roleRef=role("r", "Role"), subjects=[user("joe")])
    assert not may(authorizer, JANE, "GET", PODS).allowed
    assert may(authorizer, User("joe"), "GET", PODS).allowed
    caches.drop("rolebindings", "b", "a")
    assert not may(authorizer, User("joe"), "GET", PODS).allowed


@pytest.mark.parametrize("window", [64, 1], ids=["changes known", "changes forgotten"])
def test_many_changes_at_once(window):
    caches = Caches(window)
    authorizer = Roles(caches.endpoints)
    caches.put("clusterroles", "r", rules=[rule("list", "pods")])
    caches.put("clusterrolebindings", "one", roleRef=role("r"), subjects=[user("jane")])
    assert may(authorizer, JANE, "GET", PODS).allowed
    caches.drop("clusterrolebindings", "one")
    caches.put("clusterrolebindings", "two", roleRef=role("r"), subjects=[user("joe")])
    caches.put("clusterrolebindings", "three", roleRef=role("r"), subjects=[user("jim")])
    assert not may(authorizer, JANE, "GET", PODS).allowed
    assert may(authorizer, User("joe"), "GET", PODS).allowed
    assert may(authorizer, User("jim"), "GET", PODS).allowed


def test_after_a_gap_nothing_is_left_of_what_is_gone(caches):
    authorizer = Roles(caches.endpoints)
    caches.put("clusterroles", "r", rules=[rule("list", "pods")])
    caches.put("clusterrolebindings", "b", roleRef=role("r"), subjects=[user("jane")])
    assert may(authorizer, JANE, "GET", PODS).allowed
    caches.reload("clusterrolebindings", {"c": {"roleRef": role("r"), "subjects": [user("joe")]}})
    assert not may(authorizer, JANE, "GET", PODS).allowed
    assert may(authorizer, User("joe"), "GET", PODS).allowed


ACCOUNT = User("system:serviceaccount:a:sa", groups=("system:serviceaccounts", "system:serviceaccounts:a"))
SUBJECTS = [
    ({"kind": "User", "name": "system:serviceaccount:a:sa"}, True, 'User "system:serviceaccount:a:sa"'),
    ({"kind": "Group", "name": "system:serviceaccounts:a"}, True, 'Group "system:serviceaccounts:a"'),
    ({"kind": "ServiceAccount", "name": "sa", "namespace": "a"}, True, 'ServiceAccount "sa/a"'),
    ({"kind": "ServiceAccount", "name": "sa"}, True, 'ServiceAccount "sa/a"'),
    ({"kind": "ServiceAccount", "name": "sa", "namespace": "b"}, False, ""),
    ({"kind": "User", "name": "system:serviceaccounts:a"}, False, ""),
    ({"kind": "Group", "name": "system:serviceaccount:a:sa"}, False, ""),
    ({"kind": "Account", "name": "sa"}, False, ""),
]


@pytest.mark.parametrize(("subject", "allowed", "shown"), SUBJECTS)
def test_subjects(caches, subject, allowed, shown):
    caches.put("clusterroles", "r", rules=[rule("list", "pods")])
    caches.put("rolebindings", "b", "a", roleRef=role("r"), subjects=[subject])
    decision = may(Roles(caches.endpoints), ACCOUNT, "GET", PODS)
    assert decision.allowed is allowed
    assert decision.reason == (f'RBAC: allowed by RoleBinding "b/a" of ClusterRole "r" to {shown}' if allowed else "")


def test_what_one_may_do_is_listed_once(authorizer):
    found = authorizer.rules(JANE, "a")
    assert {r.resources for r in found.resources} == {
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews"), ("selfsubjectreviews",),
    }  # fmt: skip
    everything = authorizer.rules(ADMIN, "a").resources
    assert [r.verbs for r in everything].count(("*",)) == 1
