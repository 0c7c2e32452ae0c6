"""The audit log of a real server: who did what, as the policy wants it, and nothing that is confidential."""

import asyncio
import json

import pytest
import yaml
from api_client import Api, configmap, running, until
from https_server import serving

from podwright.apiserver.admission.chain import Chain
from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.user import AUTHENTICATED, MASTERS, User
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Request

JANE = User("jane", "7", (AUTHENTICATED,), {"team": ("red",)})
NS = "/api/v1/namespaces"


class Auditing:
    """Where the log is, and the settings that make it."""

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "audit.log"

    def settings(self, *rules, **more):
        policy = self.folder / "policy.yaml"
        made = {"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": list(rules), **more}
        policy.write_text(yaml.safe_dump(made))
        return {"audit_policy_file": policy, "audit_log_file": self.log}

    def all(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def events(self, uri="", stage=""):
        return [e for e in self.all() if e["requestURI"].startswith(uri) and e["stage"].startswith(stage)]


@pytest.fixture
def audit(tmp_path):
    return Auditing(tmp_path)


QUIET = {"level": "None", "users": ["system:apiserver"]}
"""What the server does by itself."""


async def test_the_stages_of_a_request(audit):
    async with running(**audit.settings(QUIET, {"level": "Metadata"})) as server:
        jane = Api(server).as_user(User("root", "1", (MASTERS, AUTHENTICATED), {"team": ("red",)}))
        answer = await jane.send("POST", f"{NS}/default/configmaps", configmap("x"), headers={"user-agent": "test/1"})
    received, complete = audit.events(f"{NS}/default/configmaps")
    assert (received["stage"], complete["stage"]) == ("RequestReceived", "ResponseComplete")
    assert received["auditID"] == complete["auditID"] == answer.headers["audit-id"]
    assert "responseStatus" not in received
    assert complete == {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": answer.headers["audit-id"],
        "stage": "ResponseComplete",
        "requestURI": f"{NS}/default/configmaps",
        "verb": "create",
        "user": {"username": "root", "uid": "1", "groups": [MASTERS, AUTHENTICATED], "extra": {"team": ["red"]}},
        "sourceIPs": ["127.0.0.1"],
        "userAgent": "test/1",
        "objectRef": {"resource": "configmaps", "namespace": "default", "name": "x", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 201},
        "requestReceivedTimestamp": received["requestReceivedTimestamp"],
        "stageTimestamp": complete["stageTimestamp"],
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }
    assert received["requestReceivedTimestamp"] == received["stageTimestamp"] <= complete["stageTimestamp"]


async def test_levels_say_how_much_is_kept(audit):
    rules = [{"level": level, "verbs": [verb]} for verb, level in LEVELS.items()]
    async with running(**audit.settings(*rules, omitStages=["RequestReceived"])) as server:
        api = Api(server)
        await api.post(f"{NS}/default/configmaps", configmap("x", a="1"))
        await api.patch(f"{NS}/default/configmaps/x", {"data": {"a": "2"}})
        await api.get(f"{NS}/default/configmaps/x")
        await api.put(f"{NS}/default/configmaps/x", configmap("x", a="3"))
        await api.delete(f"{NS}/default/configmaps/x")
    found = {e["verb"]: e for e in audit.events(f"{NS}/default/configmaps")}
    assert set(found) == {"create", "patch", "get", "update"}
    assert "requestObject" not in found["get"]
    assert found["get"]["responseObject"]["data"] == {"a": "2"}
    assert found["create"]["requestObject"] == configmap("x", a="1")
    assert "responseObject" not in found["create"]
    assert found["patch"]["requestObject"] == {"data": {"a": "2"}}
    assert found["patch"]["responseObject"]["metadata"]["managedFields"]
    assert "requestObject" not in found["update"]


LEVELS = {"create": "Request", "patch": "RequestResponse", "get": "RequestResponse", "update": "Metadata"}


async def test_managed_fields_may_be_left_out(audit):
    async with running(**audit.settings({"level": "RequestResponse", "omitManagedFields": True})) as server:
        api = Api(server)
        await api.post(f"{NS}/default/configmaps", configmap("x"))
        await api.get(f"{NS}/default/configmaps")
    listed = audit.events(f"{NS}/default/configmaps", "ResponseComplete")[-1]["responseObject"]
    assert "x" in [item["metadata"]["name"] for item in listed["items"]]
    assert "managedFields" not in audit.log.read_text()


async def test_refusals_say_why(audit):
    async with running(**audit.settings(QUIET, {"level": "RequestResponse"})) as server:
        jane = Api(server, JANE)
        answer = await jane.get(f"{NS}/default/configmaps/x")
        await Api(server).get(f"{NS}/default/configmaps/y")
    denied = audit.events(f"{NS}/default/configmaps/x", "ResponseComplete")[0]
    assert denied["responseStatus"] == {
        "metadata": {},
        "status": "Failure",
        "message": answer.message,
        "reason": "Forbidden",
        "details": {"name": "x", "kind": "configmaps"},
        "code": 403,
    }
    assert denied["annotations"]["authorization.k8s.io/decision"] == "forbid"
    assert denied["responseObject"]["kind"] == "Status"
    assert audit.events(f"{NS}/default/configmaps/y", "Resp")[0]["responseStatus"]["reason"] == "NotFound"


async def test_the_reason_of_what_a_role_allows_is_noted(audit):
    async with running(**audit.settings({"level": "Metadata"})) as server:
        await Api(server, JANE).get("/version")
    (event,) = audit.events("/version", "ResponseComplete")
    assert event["verb"] == "get"
    assert "objectRef" not in event
    assert event["annotations"]["authorization.k8s.io/reason"].startswith("RBAC: allowed by ClusterRoleBinding")


async def test_a_watch_is_recorded_when_it_begins_and_when_it_ends(audit):
    async with running(**audit.settings(QUIET, {"level": "RequestResponse"})) as server:
        api = Api(server)
        watch = await api.watch(f"{NS}/default/configmaps", timeoutSeconds="60")
        await api.post(f"{NS}/default/configmaps", configmap("x"))
        await watch.next()
        await watch.close()
        await api.close()
    uri = f"{NS}/default/configmaps?watch"
    assert [e["stage"] for e in audit.events(uri)] == ["RequestReceived", "ResponseStarted", "ResponseComplete"]
    assert {e["verb"] for e in audit.events(uri)} == {"watch"}
    assert len({e["auditID"] for e in audit.events(uri)}) == 1
    assert all("responseObject" not in e for e in audit.events(uri))


async def test_a_failure_of_the_server_is_a_panic(audit, monkeypatch):
    async with running(**audit.settings({"level": "Metadata"})) as server:

        def broken(*_):
            msg = "dilithium"
            raise RuntimeError(msg)

        monkeypatch.setattr(server._plain, "answer", broken)
        answer = await Api(server).get("/version")
    assert answer.status == 500
    assert [e["stage"] for e in audit.events("/version")] == ["RequestReceived", "Panic"]
    (event,) = audit.events("/version", "Panic")
    assert event["responseStatus"]["code"] == 500
    assert "dilithium" not in audit.log.read_text()


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        ("application/yaml", b"kind: ConfigMap\nmetadata: {name: x}\ndata: {a: b}\n", {"a": "b"}),
        ("application/json", json.dumps(configmap("x", a="b")).encode(), {"a": "b"}),
    ],
)
async def test_objects_are_json_whatever_was_sent(audit, kind, body, wanted):
    async with running(**audit.settings({"level": "Request"})) as server:
        headers = {"content-type": kind, "accept": "application/yaml"}
        assert (await Api(server).send("POST", f"{NS}/default/configmaps", body, headers=headers)).status == 201
    assert audit.events(f"{NS}/default/configmaps", "ResponseComplete")[0]["requestObject"]["data"] == wanted


async def test_answers_in_yaml_and_protobuf_are_shown_as_json(audit):
    async with running(**audit.settings(QUIET, {"level": "RequestResponse"})) as server:
        api = Api(server)
        await api.post(f"{NS}/default/configmaps", configmap("x", a="b"))
        for kind in ("application/yaml", "application/vnd.kubernetes.protobuf"):
            await api.send("GET", f"{NS}/default/configmaps/x", headers={"accept": kind})
    found = audit.events(f"{NS}/default/configmaps/x", "ResponseComplete")
    assert [e["responseObject"]["data"] for e in found] == [{"a": "b"}] * 2


async def test_what_is_too_large_is_left_out(audit):
    async with running(**audit.settings({"level": "RequestResponse"})) as server:
        api = Api(server)
        body = json.dumps(configmap("x", a="b")).encode() + b" " * (1 << 20)
        assert (await api.post(f"{NS}/default/configmaps", body)).status == 201
    (event,) = audit.events(f"{NS}/default/configmaps", "ResponseComplete")
    assert "requestObject" not in event
    assert event["annotations"]["audit.k8s.io/truncated"] == "true"
    assert event["responseObject"]["data"] == {"a": "b"}


async def test_what_cannot_be_written_is_counted_and_nobody_waits(audit):
    settings = audit.settings({"level": "Metadata"})
    async with running(**settings) as server:
        api = Api(server)
        for _ in range(3):
            await api.get("/version")
        waiting = len(server.audit._queue)
        server.audit._bytes = 1 << 30
        assert (await api.get("/version")).status == 200
        assert len(server.audit._queue) == waiting
        server.audit._bytes = 0
        assert "podwright_audit_dropped_lines 2" in (await api.get("/metrics")).body


async def test_without_a_policy_there_is_nothing(tmp_path):
    async with running(audit_log_file=tmp_path / "audit.log") as server:
        answer = await Api(server).get("/version")
        assert server.audit is None
    assert "audit-id" not in answer.headers
    assert not (tmp_path / "audit.log").exists()


async def test_what_admission_notes_is_recorded(audit):
    class Notes(BaseDynamic):
        def concerns(self, attributes):
            return True

        async def validate(self, attributes):
            attributes.annotations["example.com/seen"] = attributes.operation

    async with running(**audit.settings(QUIET, {"level": "Metadata"})) as server:
        server.registry.admission = Chain((), (Notes(),))
        api = Api(server)
        await api.post(f"{NS}/default/configmaps", configmap("x"))
        await api.get(f"{NS}/default/pods/p/proxy/")
        query = (("command", "ls"),)
        exec_ = Request("POST", f"{NS}/default/pods/p/exec", query)
        trail = server.audit.begin(exec_, ())
        trail.authenticated(api.user)
        await server.upgrade(exec_, api.user, trail)
    noted = {
        e["objectRef"].get("subresource", ""): e["annotations"]["example.com/seen"]
        for e in audit.events(NS, "ResponseC")
    }
    assert noted == {"": "CREATE", "proxy": "CONNECT", "exec": "CONNECT"}


async def test_a_flood_is_written_whole(audit):
    async with running(**audit.settings(QUIET, {"level": "Metadata"})) as server:
        api = Api(server)
        async with TaskGroup() as group:
            for n in range(300):
                group.create_task(api.get("/version", n=n))
    assert len(audit.events("/version", "ResponseComplete")) == 300
    assert len(audit.events("/version", "RequestReceived")) == 300


async def test_over_http(audit, pki, signing_key):
    async with serving(pki, signing_key, audit.folder, **audit.settings(QUIET, {"level": "Metadata"})) as https:
        headers = {"Audit-Id": "mine", "X-Forwarded-For": "10.1.2.3, nonsense"}
        async with https.session(**headers) as session, session.get("/version") as answer:
            assert answer.headers["audit-id"] == "mine"
        async with https.session(**{"Impersonate-User": "jane"}) as session, session.get("/apis") as answer:
            given = answer.headers["audit-id"]
        joe = {"Impersonate-User": "joe"}
        async with https.session("plain", **joe) as session, session.get("/livez") as answer:
            assert answer.status == 403
        async with https.session("wrong") as session, session.get(f"{NS}/default/pods") as answer:
            assert (answer.status, "audit-id" in answer.headers) == (401, True)
    first = audit.events("/version", "ResponseComplete")[0]
    assert (first["auditID"], first["sourceIPs"]) == ("mine", ["10.1.2.3", "127.0.0.1"])
    assert first["userAgent"].startswith("Python")
    second = audit.events("/apis", "ResponseComplete")[0]
    assert second["auditID"] == given
    assert (second["user"]["username"], second["impersonatedUser"]["username"]) == ("admin", "jane")
    third = audit.events("/livez", "ResponseComplete")[0]
    assert (third["user"]["username"], third["responseStatus"]["code"]) == ("jane", 403)
    (fourth,) = audit.events(f"{NS}/default/pods")
    assert (fourth["stage"], fourth["user"], fourth["responseStatus"]["code"]) == ("ResponseStarted", {}, 401)


async def test_an_upgrade_is_followed_to_its_end(audit):
    async with running(**audit.settings(QUIET, {"level": "Metadata"})) as server:
        api = Api(server)
        trail = server.audit.begin(Request("POST", f"{NS}/default/pods/x/exec"), ("::1",))
        trail.authenticated(api.user)

        class Node:
            async def handle_upgrade(self, *_):
                return "answer"

        assert await trail.switched(Node()).handle_upgrade(None, {}, "exec", ()) == "answer"
    assert [e["stage"] for e in audit.events()] == ["RequestReceived", "ResponseStarted", "ResponseComplete"]
    assert audit.events()[-1]["responseStatus"]["code"] == 101


async def test_what_is_given_up_is_recorded_too(audit, pki, signing_key):
    class Waits(BaseDynamic):
        def concerns(self, attributes):
            return attributes.resource.plural == "configmaps"

        async def validate(self, attributes):
            await asyncio.Event().wait()

    settings = audit.settings(QUIET, {"level": "Metadata"})
    maps = f"{NS}/default/configmaps"
    async with serving(
        pki, signing_key, audit.folder, request_seconds=0.5, future_revision_seconds=60.0, **settings
    ) as https:
        https.server.registry.admission = Chain((), (Waits(),))
        async with https.session() as session:
            async with session.post(maps, json=configmap("x")) as answer:
                assert (answer.status, "audit-id" in answer.headers) == (504, True)
            reading = asyncio.create_task(session.get(f"{maps}/y?resourceVersion=100000"))
            await until(lambda: https.server.metrics.inflight == 1)
            reading.cancel()
        await until(lambda: https.server.metrics.inflight == 0)
    assert audit.events(maps, "ResponseComplete")[0]["responseStatus"]["code"] == 504
    (gone,) = audit.events(f"{maps}/y", "ResponseComplete")
    assert "responseStatus" not in gone
