"""What a method and a path are taken to mean."""

import pytest

from podwright.apiserver.routes import resolve


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/namespaces/a/pods/x", ("get", "", "v1", "a", "pods", "x", "")),
        ("GET", "/api/v1/namespaces/a/pods", ("list", "", "v1", "a", "pods", "", "")),
        ("GET", "/api/v1/pods", ("list", "", "v1", "", "pods", "", "")),
        ("POST", "/api/v1/namespaces/a/pods", ("create", "", "v1", "a", "pods", "", "")),
        ("PUT", "/api/v1/namespaces/a/pods/x/status", ("update", "", "v1", "a", "pods", "x", "status")),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/a/deployments/x/scale",
            ("patch", "apps", "v1", "a", "deployments", "x", "scale"),
        ),
        ("DELETE", "/api/v1/namespaces/a/pods", ("deletecollection", "", "v1", "a", "pods", "", "")),
        ("DELETE", "/api/v1/nodes/n", ("delete", "", "v1", "", "nodes", "n", "")),
        ("GET", "/api/v1/namespaces", ("list", "", "v1", "", "namespaces", "", "")),
        ("GET", "/api/v1/namespaces/a", ("get", "", "v1", "a", "namespaces", "a", "")),
        ("PUT", "/api/v1/namespaces/a/finalize", ("update", "", "v1", "a", "namespaces", "a", "finalize")),
        ("GET", "/api/v1/namespaces/a/status", ("get", "", "v1", "a", "namespaces", "a", "status")),
        ("GET", "/api/v1/watch/namespaces/a/pods", ("watch", "", "v1", "a", "pods", "", "")),
        ("GET", "/api/v1/nope", ("list", "", "v1", "", "nope", "", "")),
    ],
)
def test_resource_paths(method, path, expected):
    target = resolve(method, path)
    assert target.resource
    found = (
        target.verb, target.group, target.version, target.namespace, target.plural, target.name, target.subresource
    )  # fmt: skip
    assert found == expected


def test_a_list_with_watch_is_a_watch_but_a_get_stays_one():
    assert resolve("GET", "/api/v1/pods", watch=True).verb == "watch"
    assert resolve("GET", "/api/v1/namespaces/a/pods/x", watch=True).verb == "get"


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/foo/bar"]
)
def test_other_paths_are_no_resources(path):
    target = resolve("GET", path)
    assert not target.resource
    assert (target.verb, target.path) == ("get", path)


def test_only_a_namespace_before_the_resource_counts():
    assert resolve("GET", "/api/v1/namespaces/a/pods").in_namespace
    assert not resolve("GET", "/api/v1/namespaces/a").in_namespace
    assert not resolve("GET", "/api/v1/pods/x").in_namespace


def test_what_follows_a_subresource_is_kept():
    assert resolve("GET", "/api/v1/namespaces/a/services/s/proxy/some/path").rest == "some/path"
