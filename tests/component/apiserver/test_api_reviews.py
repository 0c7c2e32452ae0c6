"""Questions that a whole server answers: who one is, what one may do, how the control plane is."""

import pytest
from api_client import Api

from podwright.apiserver.user import AUTHENTICATED, User

WHO = "/apis/authentication.k8s.io/v1"
MAY = "/apis/authorization.k8s.io/v1"
JANE = User("jane", "u-1", ("devs", AUTHENTICATED), {"example.com/x": ("1", "2")})
TOKEN = "/api/v1/namespaces/ns/serviceaccounts/default/token"
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


async def token(api: Api, *audiences: str) -> str:
    answer = await api.post(TOKEN, {"spec": {"audiences": list(audiences)}})
    return answer.body["status"]["token"]


async def test_one_learns_who_one_is(api: Api) -> None:
    answer = await api.as_user(JANE).post(f"{WHO}/selfsubjectreviews", {})
    assert answer.status == 201
    assert answer.body["metadata"].keys() == {"creationTimestamp"}
    assert answer.body["status"]["userInfo"] == {
        "username": "jane",
        "uid": "u-1",
        "groups": ["devs", AUTHENTICATED],
        "extra": {"example.com/x": ["1", "2"]},
    }


async def test_a_token_says_whose_it_is(api: Api) -> None:
    text = await token(api)
    answer = await api.post(f"{WHO}/tokenreviews", {"spec": {"token": text}})
    status = answer.body["status"]
    assert (answer.status, status["authenticated"]) == (201, True)
    assert status["user"]["username"] == "system:serviceaccount:ns:default"
    assert status["audiences"] == [api.server.config.service_account_issuer]


@pytest.mark.parametrize(
    ("made_for", "asked", "good", "error"),
    [
        pytest.param((), ("other",), (), "is invalid for the target audiences", id="another"),
        pytest.param(("a", "b"), ("b", "c"), ("b",), "", id="one of several"),
        pytest.param(("a",), (), (), "is invalid for the target audiences", id="not for this server"),
    ],
)
async def test_a_token_is_good_for_its_audiences(api: Api, made_for, asked, good, error) -> None:
    text = await token(api, *made_for)
    answer = await api.post(f"{WHO}/tokenreviews", {"spec": {"token": text, "audiences": list(asked)}})
    status = answer.body["status"]
    assert tuple(status.get("audiences", ())) == good
    assert error in status.get("error", "")
    assert bool(status.get("authenticated")) is not bool(error)


async def test_a_token_ends_with_its_account(api: Api) -> None:
    text = await token(api)
    await api.delete("/api/v1/namespaces/ns/serviceaccounts/default")
    status = (await api.post(f"{WHO}/tokenreviews", {"spec": {"token": text}})).body["status"]
    assert status == {"user": {}, "error": "[invalid bearer token, service account token has been invalidated]"}


async def test_a_token_nobody_made(api: Api) -> None:
    answer = await api.post(f"{WHO}/tokenreviews", {"spec": {"token": "x"}})
    assert answer.body["status"] == {"user": {}, "error": "invalid bearer token"}
    assert (await api.post(f"{WHO}/tokenreviews", {"spec": {}})).status == 400


PODS = {"verb": "get", "resource": "pods", "namespace": "ns"}


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        pytest.param({"user": "jane", "resourceAttributes": PODS}, False, id="somebody"),
        pytest.param({"groups": ["system:masters"], "resourceAttributes": PODS}, True, id="administrator"),
        pytest.param({"user": "jane", "nonResourceAttributes": {"path": "/livez", "verb": "get"}}, False, id="no group"),
        pytest.param({"groups": ["system:unauthenticated"], "nonResourceAttributes": {"path": "/livez", "verb": "get"}},
                     True, id="public"),
        pytest.param({"user": "jane", "nonResourceAttributes": {"path": "/apis", "verb": "get"}}, False, id="anonymous"),
        pytest.param({"user": "j", "groups": [AUTHENTICATED], "nonResourceAttributes": {"path": "/apis", "verb": "get"}},
                     True, id="authenticated"),
    ],
)  # fmt: skip
async def test_what_somebody_may_do(api: Api, spec, allowed) -> None:
    answer = await api.post(f"{MAY}/subjectaccessreviews", {"spec": spec})
    assert (answer.status, answer.body["status"]["allowed"], answer.body["spec"]) == (201, allowed, spec)
    if "resourceAttributes" in spec:
        local = f"{MAY}/namespaces/ns/localsubjectaccessreviews"
        answer = await api.post(local, {"spec": spec})
        assert (answer.body["status"], answer.body["metadata"]["namespace"]) == ({"allowed": allowed}, "ns")
        [owner] = answer.body["metadata"]["managedFields"]
        assert "f:resourceAttributes" in owner["fieldsV1"]["f:spec"]


async def test_what_one_may_do_oneself(api: Api) -> None:
    own = {"spec": {"resourceAttributes": PODS}}
    assert (await api.post(f"{MAY}/selfsubjectaccessreviews", own)).body["status"] == {"allowed": True}
    jane = api.as_user(JANE)
    assert (await jane.post(f"{MAY}/selfsubjectaccessreviews", own)).body["status"] == {"allowed": False}
    rules = (await jane.post(f"{MAY}/selfsubjectrulesreviews", {"spec": {"namespace": "ns"}})).body["status"]
    assert {name for rule in rules["resourceRules"] for name in rule["resources"]} == {
        "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews",
    }  # fmt: skip
    assert rules["incomplete"] is False
    everything = (await api.post(f"{MAY}/selfsubjectrulesreviews", {"spec": {"namespace": "ns"}})).body["status"]
    assert everything["resourceRules"][0] == {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    assert (await jane.post(f"{MAY}/selfsubjectrulesreviews", {"spec": {}})).status == 400


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        pytest.param("subject", {"spec": {"user": "u"}}, "spec.resourceAttributes", id="nothing asked"),
        pytest.param("subject", {"spec": {"resourceAttributes": PODS}}, "spec.user", id="nobody"),
        pytest.param("selfsubject", {"spec": {"resourceAttributes": PODS, "nonResourceAttributes": {"path": "/"}}},
                     "spec.nonResourceAttributes", id="two questions"),
        pytest.param("selfsubject", {"metadata": {"name": "x"}, "spec": {"resourceAttributes": PODS}}, "metadata",
                     id="a name"),
        pytest.param("namespaces/ns/localsubject",
                     {"spec": {"user": "u", "resourceAttributes": {**PODS, "namespace": "other"}}},
                     "spec.resourceAttributes.namespace", id="another namespace"),
        pytest.param("namespaces/ns/localsubject", {"spec": {"user": "u", "nonResourceAttributes": {"path": "/"}}},
                     "spec.nonResourceAttributes", id="a path in a namespace"),
        pytest.param("selfsubject", {"spec": {"resourceAttributes": {**PODS, "labelSelector": {}}}},
                     "spec.resourceAttributes.labelSelector.requirements", id="empty selector"),
        pytest.param("selfsubject", {"spec": {"resourceAttributes": {**PODS, "fieldSelector": {
            "requirements": [{"key": "", "operator": "In"}]}}}},
                     "spec.resourceAttributes.fieldSelector.requirements[0].values", id="selector"),
    ],
)  # fmt: skip
async def test_questions_without_sense(api: Api, kind, body, field) -> None:
    answer = await api.post(f"{MAY}/{kind}accessreviews", body)
    assert answer.status == 422, answer
    assert field in {cause["field"] for cause in answer.body["details"]["causes"]}


async def test_a_question_is_not_stored(api: Api) -> None:
    for path in (f"{MAY}/subjectaccessreviews", f"{WHO}/tokenreviews"):
        assert (await api.get(path)).status == 405
        assert (await api.get(f"{path}/x")).status == 404


async def test_the_control_plane_is_as_it_says(api: Api) -> None:
    path = "/api/v1/componentstatuses"
    answer = await api.get(path)
    assert answer.warnings == ("v1 ComponentStatus is deprecated in v1.19+",)
    assert answer.body["metadata"] == {}
    health = {item["metadata"]["name"]: item["conditions"][0]["status"] for item in answer.body["items"]}
    assert health == {"etcd-0": "True", "scheduler": "Unknown", "controller-manager": "Unknown"}
    await api.as_user(User("system:kube-scheduler", groups=(AUTHENTICATED,))).get("/api/v1/nodes")
    one = (await api.get(f"{path}/scheduler")).body
    assert one["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]
    table = (await api.send("GET", path, headers=TABLE)).body
    assert [row["cells"][:2] for row in table["rows"]] == [
        ["etcd-0", "Healthy"], ["scheduler", "Healthy"], ["controller-manager", "Unknown"],
    ]  # fmt: skip
    chosen = (await api.get(path, fieldSelector="metadata.name=etcd-0")).body["items"]
    assert [item["metadata"]["name"] for item in chosen] == ["etcd-0"]
    assert (await api.get(path, fieldSelector="!!")).status == 400
    missing = await api.get(f"{path}/nope")
    assert (missing.status, missing.message) == (404, 'componentstatus "nope" not found')
    assert (await api.post(path, {})).status == (await api.delete(f"{path}/etcd-0")).status == 405
