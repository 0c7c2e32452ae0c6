"""Who gets past authorization on every route of the server, each verb and each way to say it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from api_client import Api
from route_table import PATHS, RESOURCES
from widgets import definition, established

from podwright.api.errors import ApiError
from podwright.apiserver.authorization.rules import covers_path
from podwright.apiserver.dispatch import _SUBRESOURCES, PROXY, STREAMS
from podwright.apiserver.user import ANONYMOUS, AUTHENTICATED, NODES, User
from podwright.client.transport import Request

RBAC = "/apis/rbac.authorization.k8s.io/v1"
READER = User("reader", groups=(AUTHENTICATED,))
NODE = User("system:node:n1", groups=(NODES, AUTHENTICATED))
AGENT = User("agent", groups=(AUTHENTICATED,))
IDENTITIES = {"reader": READER, "node": NODE, "anonymous": ANONYMOUS, "nobody": User("nobody", groups=(AUTHENTICATED,))}
OBJECT = {"get": "GET", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE"}
COLLECTION = {"list": "GET", "watch": "GET", "create": "POST", "deletecollection": "DELETE"}


@dataclass(frozen=True)
class Route:
    """One row of the table: a resource or a subresource, and who may do what there."""

    plural: str
    group: str
    version: str
    subresource: str
    rights: dict[str, frozenset[str]] = field(compare=False, default_factory=dict)

    @property
    def base(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def may(self, identity: str, verb: str, place: str) -> bool:
        """Whether an identity passes; `place` is a namespace, or "" for the cluster."""
        granted = self.rights.get(identity, frozenset())
        if identity == "reader" and place != "ns":
            granted = frozenset()
        return verb in granted or (identity != "anonymous" and verb in self.rights.get("all", frozenset()))


def rows() -> Iterator[Route]:
    for line in RESOURCES.strip().splitlines():
        name, *rights = line.split()
        qualified, _, version = name.partition("@")
        whole, _, subresource = qualified.partition("/")
        plural, _, group = whole.partition(".")
        found = {who: frozenset(verbs.split(",")) for who, _, verbs in (right.partition("=") for right in rights)}
        yield Route(plural, group, version or "v1", subresource, found)


def served(api: Api) -> Iterator[tuple[Route, bool]]:
    """What the server has, and whether it is in namespaces."""
    for endpoint in list(api.server.registry.endpoints.values()):
        resource = endpoint.resource
        for subresource in ("", *resource.subresources):
            yield Route(resource.plural, resource.group, resource.version, subresource), resource.namespaced


def requests(route: Route, namespaced: bool) -> Iterator[tuple[str, str, str, str, dict[str, str]]]:
    """Every way to ask: verb, place, method, path, query. Also with verbs that the route has not."""
    places = {"ns": f"{route.base}/namespaces/ns", "other": f"{route.base}/namespaces/other", "": route.base}
    for place, prefix in places.items() if namespaced else [("", route.base)]:
        collection = f"{prefix}/{route.plural}"
        ends = [f"/{route.subresource}"] if route.subresource else [""]
        if route.subresource == PROXY:
            ends += ["/proxy/", "/proxy/a/b"]
        for end in ends:
            for verb, method in OBJECT.items():
                yield verb, place, method, f"{collection}/x{end}", {}
            yield "get", place, "HEAD", f"{collection}/x{end}", {}
            yield "watch", place, "GET", f"{collection.replace(route.base, f'{route.base}/watch')}/x{end}", {}
        if not route.subresource:
            for verb, method in COLLECTION.items():
                yield verb, place, method, collection, {"watch": "1"} if verb == "watch" else {}
                yield verb, place, method, f"{collection}/", {"watch": "1"} if verb == "watch" else {}
            yield "watch", place, "GET", collection.replace(route.base, f"{route.base}/watch"), {}


async def world(api: Api) -> None:
    """The kind of our own, and what the reader may do."""
    await established(api, definition())
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    await api.create(f"{RBAC}/namespaces/ns/roles", {"metadata": {"name": "reader"}, "rules": [rule]})
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "reader"}
    to = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    bound = {"metadata": {"name": "reader"}, "roleRef": to, "subjects": [subject]}
    await api.create(f"{RBAC}/namespaces/ns/rolebindings", bound)


async def test_every_route_is_in_the_table(api: Api) -> None:
    await world(api)
    table = list(rows())
    assert len(table) == len(set(table))
    assert {route for route, _ in served(api)} == set(table)
    handled = {*_SUBRESOURCES, *STREAMS, PROXY, "log"}
    assert {route.subresource for route in table} == handled
    paths = [line.split()[0] for line in PATHS.strip().splitlines()]
    listed = {*(await api.get("/")).body["paths"], *api.server._plain._exact}
    assert {path for path in listed if not any(covers_path(row, path.rstrip("/") or "/") for row in paths)} == set()


@pytest.mark.parametrize("identity", IDENTITIES)
async def test_who_passes_on_every_route(api: Api, identity: str) -> None:
    await world(api)
    namespaced = dict(served(api))
    asking, wrong, asked = api.as_user(IDENTITIES[identity]), [], 0
    for route in rows():
        for verb, place, method, path, query in requests(route, namespaced[route]):
            if verb == "watch" and route.may(identity, verb, place) and not route.subresource:
                continue  # below: it would not end
            answer = await asking.send(method, path, b"{", **query)
            asked += 1
            if (answer.status not in {401, 403}) is not route.may(identity, verb, place):
                wrong.append((verb, method, path, answer.status))
    assert wrong == []
    assert asked > 3000
    for path in ("/api/v1/namespaces/ns/pods", "/api/v1/watch/namespaces/ns/pods/x") if identity == "reader" else ():
        await (await asking.watch(path)).close()


@pytest.mark.parametrize("identity", IDENTITIES)
async def test_who_passes_on_other_paths(api: Api, identity: str) -> None:
    asking, wrong = api.as_user(IDENTITIES[identity]), []
    for line in PATHS.strip().splitlines():
        row, *who = line.split()
        may = identity in who or ("all" in who and identity != "anonymous")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            path = row.replace("*", "v3" if "openapi" in row else "v1" if row == "/api/*" else "ping")
            answer = await asking.send(method, path)
            if (answer.status != 403) is not (may and method in {"GET", "HEAD"}):
                wrong.append((method, path, answer.status))
    assert wrong == []
    for path in ("/logs", "/debug/pprof/", "/configz", "/anything", "/api/../metrics", "//metrics", "/metrics/"):
        assert (await asking.get(path)).status == 403, path


async def test_aggregated_paths_are_refused_before_they_are_passed_on(api: Api) -> None:
    await world(api)
    spec = {"group": "metrics.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "service": {"namespace": "ns", "name": "metrics", "port": 443}, "insecureSkipTLSVerify": True}  # fmt: skip
    made = {"metadata": {"name": "v1.metrics.example.com"}, "spec": spec}
    await api.create("/apis/apiregistration.k8s.io/v1/apiservices", made)
    for identity, user in IDENTITIES.items():
        asking = api.as_user(user)
        for route in (
            Route("pods", "metrics.example.com", "v1", ""),
            Route("pods", "metrics.example.com", "v1", "any"),
        ):
            for _, _, method, path, query in requests(route, namespaced=True):
                assert (await asking.send(method, path, b"{", **query)).status == 403, (identity, method, path)


async def test_acting_as_the_reader_is_no_more_than_the_reader(api: Api) -> None:
    await world(api)
    can = {"apiGroups": [""], "resources": ["users"], "resourceNames": ["reader"], "verbs": ["impersonate"]}
    await api.create(f"{RBAC}/clusterroles", {"metadata": {"name": "as-reader"}, "rules": [can]})
    to = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "as-reader"}
    who = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "agent"}
    bound = {"metadata": {"name": "as-reader"}, "roleRef": to, "subjects": [who]}
    await api.create(f"{RBAC}/clusterrolebindings", bound)
    others = [
        (("impersonate-user", "admin"),),
        (("impersonate-user", "reader"), ("impersonate-group", "system:masters")),
        (("impersonate-user", "reader"), ("impersonate-group", NODES)),
        (("impersonate-user", NODE.name), ("impersonate-group", NODES)),
        (("impersonate-user", "system:kube-controller-manager"),),
        (("impersonate-user", "system:serviceaccount:ns:default"),),
        (("impersonate-user", "reader"), ("impersonate-uid", "1")),
        (("impersonate-user", "reader"), ("impersonate-extra-scopes", "all")),
    ]
    for route, namespaced in served(api):
        for _, _, method, path, query in requests(route, namespaced):
            asked = Request(method, path, tuple(query.items()))
            assert api.server.acting(AGENT, asked, (("impersonate-user", "reader"),)) == READER
            for headers in others:
                with pytest.raises(ApiError) as refused:
                    api.server.acting(AGENT, asked, headers)
                assert refused.value.code == 403
            with pytest.raises(ApiError):
                api.server.acting(READER, asked, (("impersonate-user", "admin"),))
