"""ConfigMaps, Secrets, ServiceAccounts and Events: kinds that are mostly contents."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from strategy_writes import DROP, JSON, NOW_TEXT, create, created, edit, update

from podwright.api.resources import find
from podwright.apiserver.strategies.table import strategy_for

KEY = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"data": {"a.b-c_D": "v"}}, [], id="key"),
        pytest.param({"data": {"a b": "v"}}, [f'data[a b]: Invalid value: "a b": {KEY}'], id="bad-key"),
        pytest.param({"data": {"..": "v"}}, ["data[..]: Invalid value: \"..\": must not be '..'"], id="parent"),
        pytest.param(
            {"data": {"k": "v"}, "binaryData": {"k": "AA=="}},
            ['data[k]: Invalid value: "k": duplicate of key present in binaryData'],
            id="in-both",
        ),
        pytest.param({"data": {"k": "v" * 1048577}}, ["[]: Too long: may not be more than 1048576 bytes"], id="big"),
        pytest.param({"data": {"k": "é" * 524288}}, [], id="at-the-limit"),
    ],
)
def test_config_maps(body: JSON, problems: list[str]) -> None:
    found = create("configmaps", body).problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


@pytest.mark.parametrize("plural", ["configmaps", "secrets"])
def test_what_is_sealed_stays(plural: str) -> None:
    old = created(plural, {"data": {"k": "AA=="}, "immutable": True})
    sealed = "field is immutable when `immutable` is set"
    assert update(plural, old, edit(old, {"metadata.labels": {"a": "b"}})).problems == []
    assert update(plural, old, edit(old, {"data.k": "AQ=="})).problems == [f"data: Forbidden: {sealed}"]
    assert update(plural, old, edit(old, {"immutable": False})).problems == [f"immutable: Forbidden: {sealed}"]
    opened = created(plural, {"data": {"k": "AA=="}})
    assert update(plural, opened, edit(opened, {"immutable": True, "data.k": "AQ=="})).problems == []


def test_plain_strings_become_contents() -> None:
    made = created("secrets", {"data": {"a": b64("old"), "b": b64("kept")}, "stringData": {"a": "new", "c": ""}})
    assert made["data"] == {"a": b64("new"), "b": b64("kept"), "c": ""}
    assert "stringData" not in made
    assert made["type"] == "Opaque"


def registry(text: str) -> JSON:
    return {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": b64(text)}}


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"type": "example.com/any"}, [], id="free"),
        pytest.param(
            {"type": "kubernetes.io/tls"}, ["data[tls.crt]: Required value", "data[tls.key]: Required value"], id="tls"
        ),
        pytest.param({"type": "kubernetes.io/tls", "data": {"tls.crt": "", "tls.key": ""}}, [], id="tls-empty"),
        pytest.param(
            {"type": "kubernetes.io/basic-auth"},
            ["data[username]: Required value", "data[password]: Required value"],
            id="basic",
        ),
        pytest.param({"type": "kubernetes.io/basic-auth", "data": {"username": ""}}, [], id="basic-half"),
        pytest.param({"type": "kubernetes.io/ssh-auth"}, ["data[ssh-privatekey]: Required value"], id="ssh"),
        pytest.param(
            {"type": "kubernetes.io/service-account-token"},
            ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
            id="token",
        ),
        pytest.param(
            {"type": "kubernetes.io/dockerconfigjson"}, ["data[.dockerconfigjson]: Required value"], id="registry"
        ),
        pytest.param(registry("{}"), [], id="registry-empty"),
        pytest.param(
            registry("{"),
            ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
            id="registry-cut",
        ),
        pytest.param(
            registry("[]"),
            [
                (
                    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array'
                    " into Go value of type map[string]interface {}"
                )
            ],
            id="registry-list",
        ),
        pytest.param(
            registry("secret"),
            [
                (
                    "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 's'"
                    " looking for beginning of value"
                )
            ],
            id="registry-text",
        ),
    ],
)
def test_types_of_secrets(body: JSON, problems: list[str]) -> None:
    assert create("secrets", body).problems == problems


def test_a_secret_keeps_its_type() -> None:
    old = created("secrets", {"type": "a/b"})
    assert update("secrets", old, edit(old, {"type": "c/d"})).problems == [
        'type: Invalid value: "c/d": field is immutable'
    ]


def test_no_message_shows_a_secret() -> None:
    said = json.dumps(create("secrets", registry('{"auths": "hunter2"')).problems)
    assert "hunter2" not in said


def test_a_service_account_takes_any_references() -> None:
    body = {"secrets": [{"name": "not-there"}], "imagePullSecrets": [{"name": "x"}]}
    old = created("serviceaccounts", body)
    assert update("serviceaccounts", old, old).obj == old
    assert strategy_for(find("serviceaccounts")).returns_object_on_delete


EVENTS = "events.k8s.io"
CORE: JSON = {"involvedObject": {"kind": "Pod", "namespace": "ns", "name": "p"}, "reason": "R", "type": "Normal"}
NEW: JSON = {
    "regarding": {"kind": "Pod", "namespace": "ns", "name": "p"},
    "eventTime": NOW_TEXT.replace("Z", ".000000Z"),
    "reportingController": "example.com/c",
    "reportingInstance": "c-0",
    "action": "Act",
    "reason": "R",
    "type": "Normal",
}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"type": "Whatever", "reason": DROP}, [], id="anything"),
        pytest.param(
            {"involvedObject.namespace": "other"},
            ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
            id="namespace",
        ),
        pytest.param(
            {"involvedObject.namespace": DROP},
            ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
            id="cluster-wide",
        ),
        pytest.param(
            {"involvedObject.namespace": DROP, "metadata.namespace": "default"}, [], id="cluster-wide-in-default"
        ),
    ],
)
def test_events_of_the_core_group(edits: JSON, problems: list[str]) -> None:
    assert create("events", edit(CORE, edits)).problems == problems


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"type": "Whatever"}, ['type: Invalid value: "": has invalid value: Whatever'], id="type"),
        pytest.param({"action": DROP}, ["action: Required value"], id="action"),
        pytest.param({"note": "x" * 1025}, ['message: Invalid value: "": can have at most 1024 characters'], id="note"),
        pytest.param(
            {"series": {"count": 1, "lastObservedTime": NOW_TEXT}},
            ['series.count: Invalid value: "": should be at least 2'],
            id="series",
        ),
        pytest.param({"deprecatedCount": 3}, ['count: Invalid value: "": needs to be unset'], id="old-field"),
        pytest.param(
            {"deprecatedSource": {"component": "c"}}, ['source: Invalid value: "": needs to be unset'], id="source"
        ),
    ],
)
def test_new_events(edits: JSON, problems: list[str]) -> None:
    assert create("events", edit(NEW, edits), EVENTS).problems == problems


@pytest.mark.parametrize(
    ("edits", "blamed"),
    [
        pytest.param({"series": {"count": 2, "lastObservedTime": "2026-01-02T03:04:05.000000Z"}}, [], id="series"),
        pytest.param({"note": "other"}, ["message"], id="note"),
        pytest.param({"reason": "S"}, ["reason", "reason"], id="reason"),
        pytest.param({"regarding.name": "q"}, ["involvedObject"], id="regarding"),
        pytest.param({"reportingController": "example.com/d"}, ["reportingController"], id="controller"),
    ],
)
def test_of_a_new_event_only_the_series_changes(edits: JSON, blamed: list[str]) -> None:
    old = created("events", NEW, EVENTS)
    problems = update("events", old, edit(old, edits), EVENTS).problems
    assert [text.partition(":")[0] for text in problems] == blamed


def test_old_events_may_change_at_will() -> None:
    old: Any = created("events", CORE)
    assert update("events", old, edit(old, {"reason": "S", "count": 9, "message": "m"})).problems == []


def test_fields_that_select_events() -> None:
    event = created("events", edit(CORE, {"source": {"component": "scheduler"}}))
    getters = strategy_for(find("events")).selectable_fields
    assert [
        getters[name](event) for name in ("involvedObject.kind", "involvedObject.name", "reason", "source", "type")
    ] == [
        "Pod",
        "p",
        "R",
        "scheduler",
        "Normal",
    ]
