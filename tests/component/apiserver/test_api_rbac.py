"""Who may do what by roles: what needs which right, and nobody who gives himself more."""

import pytest
from api_client import Api, pod

from podwright.apiserver.user import AUTHENTICATED, User

RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
READER = User("reader", groups=("readers", AUTHENTICATED))
PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
ME = {"kind": "User", "apiGroup": GROUP, "name": "reader"}


def role(name, *rules, **more):
    return {"metadata": {"name": name}, "rules": list(rules), **more}


def binding(name, to, kind="Role", subject=ME):
    return {"metadata": {"name": name}, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": to}, "subjects": [subject]}


async def grant(api: Api, *rules, name="granted") -> Api:
    """Bind a new role of namespace "ns" to the reader."""
    await api.create(f"{RBAC}/namespaces/ns/roles", role(name, *rules))
    await api.create(f"{RBAC}/namespaces/ns/rolebindings", binding(name, name))
    return api.as_user(READER)


async def test_the_refusal_names_what_was_asked(api: Api) -> None:
    reader = await grant(api, PODS)
    answer = await reader.get("/api/v1/namespaces/ns/pods/x/log")
    assert (answer.status, answer.message) == (
        403,
        'pods "x" is forbidden: User "reader" cannot get resource "pods/log" in API group "" in the namespace "ns"',
    )


async def test_a_list_limited_to_a_name_is_about_that_name(api: Api) -> None:
    reader = await grant(api, {**PODS, "resources": ["configmaps"], "resourceNames": ["one"]})
    path = "/api/v1/namespaces/ns/configmaps"
    for query, status in (
        ({"fieldSelector": "metadata.name=one"}, 200),
        ({"fieldSelector": "metadata.name=two"}, 403),
        ({"fieldSelector": "metadata.name!=one"}, 403),
        ({"fieldSelector": ["metadata.name=two", "metadata.name=one"]}, 403),
        ({}, 403),
    ):
        assert (await reader.get(path, **query)).status == status, query
    assert (await reader.delete(path, fieldSelector="metadata.name=one")).status == 403


CREATES = [
    pytest.param("PUT", {}, id="put"),
    pytest.param("PATCH", {"content-type": "application/apply-patch+yaml"}, id="apply"),
]


@pytest.mark.parametrize(("method", "headers"), CREATES)
async def test_what_creates_needs_create(api: Api, method, headers) -> None:
    reader = await grant(api, {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                               "verbs": ["update", "patch"]})  # fmt: skip
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}}
    path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l"
    answer = await reader.send(method, path, body, headers=headers, fieldManager="me")
    assert (answer.status, "cannot create resource" in answer.message) == (403, True)
    await grant(api, {"apiGroups": ["*"], "resources": ["leases"], "verbs": ["create"]}, name="more")
    assert (await reader.send(method, path, body, headers=headers, fieldManager="me")).status == 201


WRITER = {"apiGroups": [GROUP], "resources": ["roles", "rolebindings"], "verbs": ["create", "get", "update", "patch"]}
SECRETS = {"apiGroups": ["", "apps"], "resources": ["secrets"], "verbs": ["get"]}
REFUSED = (
    'roles.rbac.authorization.k8s.io "more" is forbidden: user "reader" (groups=["readers" "system:authenticated"]) is '
    "attempting to grant RBAC permissions not currently held:\n"
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}\n{APIGroups:["apps"], Resources:["secrets"], Verbs:["get"]}'
)


async def test_nobody_grants_what_he_does_not_hold(api: Api) -> None:
    reader = await grant(api, WRITER, PODS)
    roles = f"{RBAC}/namespaces/ns/roles"
    await reader.create(roles, role("same", {**PODS, "verbs": ["get"]}))
    answer = await reader.post(roles, role("more", PODS, SECRETS))
    assert (answer.status, answer.message) == (403, REFUSED)
    for send in (
        reader.put(f"{roles}/same", role("same", SECRETS)),
        reader.patch(f"{roles}/same", {"rules": [SECRETS]}),
        reader.patch(f"{roles}/granted", [{"op": "add", "path": "/rules/-", "value": SECRETS}], "json"),
        reader.send("PATCH", f"{roles}/new", {"apiVersion": f"{GROUP}/v1", "kind": "Role", **role("new", SECRETS)},
                    headers={"content-type": "application/apply-patch+yaml"}, fieldManager="me"),
        reader.put(f"{roles}/new", role("new", SECRETS)),
    ):  # fmt: skip
        assert (await send).status == 403
    assert (await reader.patch(f"{roles}/same", {"metadata": {"labels": {"a": "b"}}})).status == 200


async def test_nobody_binds_a_role_that_allows_more_than_he_holds(api: Api) -> None:
    reader = await grant(api, WRITER, PODS)
    await api.create(f"{RBAC}/namespaces/ns/roles", role("secrets", SECRETS))
    bindings = f"{RBAC}/namespaces/ns/rolebindings"
    assert (await reader.post(bindings, binding("b", "secrets"))).status == 403
    assert (await reader.post(bindings, binding("b", "cluster-admin", "ClusterRole"))).status == 403
    missing = await reader.post(bindings, binding("b", "nosuch", "ClusterRole"))
    assert (missing.status, missing.message) == (404, f'rolebindings.{GROUP} "nosuch" not found')
    assert (await reader.post(bindings, binding("b", "granted"))).status == 201
    bind = {"apiGroups": [GROUP], "resources": ["roles"], "resourceNames": ["secrets"], "verbs": ["bind"]}
    await grant(api, bind, name="binder")
    assert (await reader.post(bindings, binding("c", "secrets"))).status == 201


async def test_escalate_allows_to_grant_more(api: Api) -> None:
    escalate = {"apiGroups": [GROUP], "resources": ["roles"], "verbs": ["escalate"]}
    reader = await grant(api, WRITER, escalate)
    assert (await reader.post(f"{RBAC}/namespaces/ns/roles", role("more", SECRETS))).status == 201


async def test_a_role_made_of_others_needs_everything(api: Api) -> None:
    rule = {"apiGroups": [GROUP], "resources": ["clusterroles"], "verbs": ["*"]}
    await api.create(f"{RBAC}/clusterroles", role("roles", {**rule, "verbs": ["create", "update"]}))
    await api.create(f"{RBAC}/clusterrolebindings", binding("roles", "roles", "ClusterRole"))
    reader = api.as_user(READER)
    made = role("made", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})
    answer = await reader.post(f"{RBAC}/clusterroles", made)
    assert (answer.status, "must have cluster-admin privileges to use the aggregationRule" in answer.message) == (
        403, True,
    )  # fmt: skip
    assert (await reader.post(f"{RBAC}/clusterroles", role("empty"))).status == 201


async def test_default_roles_are_completed_but_what_was_added_stays(api: Api) -> None:
    path = f"{RBAC}/clusterroles/system:basic-user"
    before = (await api.get(path)).body
    await api.put(path, {**before, "rules": [before["rules"][0], SECRETS]})
    other = f"{RBAC}/clusterrolebindings/system:discovery"
    off = {"metadata": {"annotations": {"rbac.authorization.kubernetes.io/autoupdate": "false"}}, "subjects": []}
    await api.patch(other, off)
    await api.delete(f"{RBAC}/clusterroles/view")
    await api.server.bootstrap(6443)
    assert (await api.get(path)).body["rules"] == [before["rules"][0], SECRETS, before["rules"][1]]
    assert not (await api.get(other)).body.get("subjects")
    assert len((await api.get(f"{RBAC}/clusterroles/view")).body["rules"]) > 5


async def test_a_start_without_changes_writes_nothing(api: Api) -> None:
    before = (await api.get(f"{RBAC}/clusterroles")).body["items"]
    await api.server.bootstrap(6443)
    assert (await api.get(f"{RBAC}/clusterroles")).body["items"] == before


async def test_acting_as_someone_else_over_http(https) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    async with https.session(token="plain", **{"Impersonate-User": "admin"}) as session:
        assert (await session.get(path)).status == 403
    can = {"apiGroups": [""], "resources": ["users"], "resourceNames": ["joe"], "verbs": ["impersonate"]}
    subject = {**ME, "name": "jane"}
    await https.api.create(f"{RBAC}/clusterroles", role("as-joe", can))
    await https.api.create(f"{RBAC}/clusterrolebindings", binding("as-joe", "as-joe", "ClusterRole", subject))
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    where = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    async with https.session(token="plain", **{"Impersonate-User": "joe"}) as session:
        answer = await session.post(where, json=review)
        assert (await answer.json())["status"]["userInfo"] == {"username": "joe", "groups": [AUTHENTICATED]}
        assert (await session.get(path)).status == 403
    async with https.session(token="plain", **{"Impersonate-User": "joe", "Impersonate-Group": "g"}) as session:
        assert (await session.post(where, json=review)).status == 403


async def test_a_websocket_needs_more_than_get(https) -> None:
    await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    await https.api.create("/api/v1/namespaces/default/pods", pod("x"))
    subject = {**ME, "name": "jane"}
    rule = {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]}
    await https.api.create(f"{RBAC}/clusterroles", role("exec", rule))
    await https.api.create(f"{RBAC}/clusterrolebindings", binding("exec", "exec", "ClusterRole", subject))
    path = "/api/v1/namespaces/default/pods/x/exec?command=id"
    async with https.session(token="plain") as session:
        assert (await session.get(path)).status == 403
        await https.api.patch(f"{RBAC}/clusterroles/exec", {"rules": [{**rule, "verbs": ["get", "create"]}]})
        assert (await session.get(path)).status == 400  # no node has it


async def test_who_may_watch_everything_reaches_no_container(https) -> None:
    subject = {**ME, "name": "jane"}
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["list", "watch"]}
    await https.api.create(f"{RBAC}/clusterroles", role("all", rule))
    await https.api.create(f"{RBAC}/clusterrolebindings", binding("all", "all", "ClusterRole", subject))
    await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    await https.api.create("/api/v1/namespaces/default/pods", pod("x"))
    async with https.session(token="plain") as session:
        for path in ("watch/namespaces/default/pods/x", "namespaces/default/pods/x"):
            for rest in ("exec?command=id", "attach", "portforward", "log", "proxy/"):
                assert (await session.get(f"/api/v1/{path}/{rest}")).status in {403, 404}, (path, rest)


async def test_what_one_may_do_is_listed(api: Api) -> None:
    reader = await grant(api, PODS)
    answer = await reader.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": "ns"}})
    found = answer.body["status"]["resourceRules"]
    assert {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]} in found
    asked = {"namespace": "ns", "verb": "get", "resource": "pods"}
    answer = await reader.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                               {"spec": {"resourceAttributes": asked}})  # fmt: skip
    assert answer.body["status"] == {
        "allowed": True,
        "reason": 'RBAC: allowed by RoleBinding "granted/ns" of Role "granted" to User "reader"',
    }
