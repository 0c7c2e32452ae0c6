"""What APIServices that name a service mean, and what is made of the answers of other servers."""

import base64
from datetime import UTC, datetime

import orjson
import pytest

from podwright.apiserver.aggregation import availability
from podwright.apiserver.aggregation.availability import PASSED, Verdict, answered, reachable, status_with
from podwright.apiserver.aggregation.delegate import Delegate, Offer, delegate_of
from podwright.apiserver.aggregation.offering import resources_of
from podwright.apiserver.aggregation.remote_user import claims, without_claims
from podwright.apiserver.aggregation.schemas import index_part, merged, own_part
from podwright.apiserver.discovery import aggregated, group, groups_of, versions_of
from podwright.apiserver.hooks.target import ServiceTarget
from podwright.apiserver.user import User

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def api_service(**spec):
    wanted = {"group": "a.example", "version": "v1", "groupPriorityMinimum": 5, "versionPriority": 7, **spec}
    return {"metadata": {"name": "v1.a.example"}, "spec": wanted}


def delegate(group="a.example", version="v1", priority=1000, version_priority=100):
    return Delegate(
        f"{version}.{group}", group, version, ServiceTarget("ns", "s", 443), b"", False, priority, version_priority
    )


def test_an_api_service_that_names_a_service():
    found = delegate_of(
        api_service(service={"namespace": "ns", "name": "s"}, caBundle=base64.b64encode(b"pem").decode())
    )
    assert found == Delegate("v1.a.example", "a.example", "v1", ServiceTarget("ns", "s", 443), b"pem", False, 5, 7)
    assert found.path == "/apis/a.example/v1"
    assert found.authority == "s.ns.svc:443"


@pytest.mark.parametrize(
    "spec",
    [{}, {"service": {"name": "s"}, "caBundle": "?"}, {"service": {"name": "s"}, "group": ""}],
    ids=["local", "unreadable", "core"],
)
def test_api_services_that_nobody_else_serves(spec):
    assert delegate_of(api_service(**spec)) is None


def test_who_asks_is_said_in_headers():
    user = User(
        "jane\r\nX-Remote-User: root", "7", ("devs", "podwright:node-gateway"), {"a.b/C d": ("1", "2"), "x%": ("3",)}
    )
    assert claims(user) == (
        ("X-Remote-User", "jane  X-Remote-User: root"),
        ("X-Remote-Uid", "7"),
        ("X-Remote-Group", "devs"),
        ("X-Remote-Extra-a.b%2FC%20d", "1"),
        ("X-Remote-Extra-a.b%2FC%20d", "2"),
        ("X-Remote-Extra-x%25", "3"),
    )


def test_a_part_of_the_control_plane_may_do_anything_there_too():
    assert claims(User("m", groups=("system:authenticated", "podwright:component"))) == (
        ("X-Remote-User", "m"),
        ("X-Remote-Group", "system:authenticated"),
        ("X-Remote-Group", "system:masters"),
    )


def test_what_clients_say_of_themselves_goes():
    given = (
        ("x-remote-user", "root"),
        ("x-remote-extra-a", "b"),
        ("accept", "a"),
        ("connection", "close, X-Hop"),
        ("x-hop", "1"),
        ("content-encoding", "gzip"),
    )
    assert without_claims(given) == (("accept", "a"), ("connection", "close, X-Hop"))


@pytest.mark.parametrize(
    ("service", "endpoints", "answering", "reason"),
    [
        (None, True, True, "ServiceNotFound"),
        ({"spec": {"type": "ClusterIP", "ports": [{"port": 1}]}}, True, True, "ServicePortError"),
        ({"spec": {"type": "ClusterIP", "ports": [{"port": 443}]}}, False, False, "EndpointsNotFound"),
        ({"spec": {"type": "ClusterIP", "ports": [{"port": 443}]}}, True, False, "MissingEndpoints"),
        ({"spec": {"type": "ClusterIP", "ports": [{"port": 443}]}}, True, True, None),
        ({"spec": {"type": "ExternalName"}}, False, False, None),
    ],
    ids=str,
)
def test_why_there_is_nobody_to_ask(service, endpoints, answering, reason):
    found = reachable(delegate(), service, endpoints=endpoints, answering=answering)
    assert (found and found.reason) == reason
    assert found is None or not found.available


@pytest.mark.parametrize(("status", "good"), [(200, True), (299, True), (302, False), (404, False), (500, False)])
def test_answers_that_count(status, good):
    assert answered("https://x/", status).available is good


def test_the_condition_changes_its_time_with_its_status_alone():
    first = status_with(api_service(), PASSED, NOW)
    assert first == {
        "conditions": [
            {
                "type": "Available",
                "status": "True",
                "reason": "Passed",
                "message": "all checks passed",
                "lastTransitionTime": "2026-01-02T00:00:00Z",
            }
        ]
    }
    told = {**api_service(), "status": first}
    assert status_with(told, PASSED, NOW) is None
    later = NOW.replace(day=3)
    other = status_with(told, Verdict(available=True, reason="Local", message="m"), later)
    assert other is not None
    assert other["conditions"][0]["lastTransitionTime"] == "2026-01-02T00:00:00Z"
    lost = status_with(told, availability.failed("u", "w"), later)
    assert lost is not None
    assert lost["conditions"][0]["lastTransitionTime"] == "2026-01-03T00:00:00Z"


@pytest.mark.parametrize("document", [b"[]", b"{}", b'{"resources": 1}', b"nonsense"], ids=str)
def test_what_is_no_list_of_resources(document):
    with pytest.raises(ValueError):  # noqa: PT011 - of a parser of any kind
        resources_of(document)


def test_resources_have_their_subresources_wherever_they_stand():
    rows = [
        {"name": "b/status", "verbs": ["get"]},
        {"name": "b", "namespaced": True, "kind": "B"},
        {"name": "a"},
        3,
        {"name": "c/x"},
    ]
    found = resources_of(orjson.dumps({"resources": rows}))
    assert [(r["resource"], r["scope"], len(r.get("subresources", ()))) for r in found] == [
        ("a", "Cluster", 0),
        ("b", "Namespaced", 1),
    ]


def test_groups_of_others_stand_by_priority():
    offers = [
        Offer(delegate("a.example", priority=10)),
        Offer(delegate("z.example", priority=2000)),
        Offer(delegate("b.example")),
    ]
    assert groups_of((), offers) == ["z.example", "b.example", "a.example"]
    several = [
        Offer(delegate(version=v, version_priority=p)) for v, p in (("v1", 10), ("v2beta1", 200), ("v1beta1", 10))
    ]
    assert versions_of((), "a.example", several) == ["v2beta1", "v1", "v1beta1"]
    assert group((), "a.example", several)["preferredVersion"]["version"] == "v2beta1"


def test_what_could_not_be_fetched_is_stale():
    (item,) = aggregated((), [Offer(delegate())], core=False)["items"]
    assert item == {"metadata": {"name": "a.example"}, "versions": [{"version": "v1", "freshness": "Stale"}]}


def ref(name):
    return {"$ref": f"#/definitions/{name}"}


DOCUMENT = {
    "paths": {
        "/apis/a.example/v1": {},
        "/apis/a.example/v1/as": {"get": ref("A")},
        "/apis/a.example/v10": {},
        "/version": ref("V"),
    },
    "definitions": {
        "A": {"properties": {"b": ref("B")}},
        "B": {"items": [ref("A")]},
        "V": {},
        "K": {"x-kubernetes-group-version-kind": [{"group": "a.example", "version": "v1", "kind": "K"}]},
        "L": {"x-kubernetes-group-version-kind": [{"group": "a.example", "version": "v2", "kind": "K"}]},
    },
}


def test_of_another_document_only_its_own_is_taken():
    part = own_part(DOCUMENT, "/apis/a.example/v1")
    assert sorted(part["paths"]) == ["/apis/a.example/v1", "/apis/a.example/v1/as"]
    assert sorted(part["definitions"]) == ["A", "B", "K"]


def test_definitions_that_differ_get_another_name():
    whole = {
        "paths": {"/api": {}},
        "definitions": {"A": {"type": "string"}, "B": DOCUMENT["definitions"]["B"], "A_v2": {}},
    }
    merged(whole, own_part(DOCUMENT, "/apis/a.example/v1"))
    assert whole["definitions"]["A"] == {"type": "string"}
    assert whole["definitions"]["A_v3"] == {"properties": {"b": ref("B")}}
    assert whole["paths"]["/apis/a.example/v1/as"] == {"get": ref("A_v3")}
    assert set(whole["paths"]) == {"/api", "/apis/a.example/v1", "/apis/a.example/v1/as"}


@pytest.mark.parametrize(
    "document", [None, [], {"paths": []}, {"definitions": 3, "paths": {"/apis/a.example/v1/x": 7}}], ids=str
)
def test_documents_that_are_none_take_nothing_down(document):
    whole = {"paths": {"/api": {}}, "definitions": {}}
    merged(whole, own_part(document, "/apis/a.example/v1"))
    assert "/api" in whole["paths"]
    assert index_part(document, "apis/a.example/v1") == {}


def test_an_index_speaks_of_its_own_alone():
    mine = {"serverRelativeURL": "/openapi/v3/apis/a.example/v1?hash=1"}
    assert index_part({"paths": {"apis/a.example/v1": mine, "version": {}}}, "apis/a.example/v1") == {
        "apis/a.example/v1": mine
    }
    elsewhere = {"paths": {"apis/a.example/v1": {"serverRelativeURL": "https://evil.example/"}}}
    assert index_part(elsewhere, "apis/a.example/v1") == {}
