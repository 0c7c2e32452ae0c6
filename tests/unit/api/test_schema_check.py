"""What is wrong with a document is said completely, with exact paths and in the words clients know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from podwright.api.model import DecodeError, check, check_text, decode, strict_message
from podwright.api.resources import find

POD = find("pods").cls
DEPLOYMENT = find("deployments", "apps").cls
CONFIG_MAP = find("configmaps").cls


def _messages(cls: type[Any], document: dict[str, Any]) -> list[str]:
    return [problem.message for problem in check(cls, document)]


def _pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a"}, {"name": "b", **container}]}}


def _deployment(**spec: Any) -> dict[str, Any]:
    return {"spec": spec}


_PORT_TEXT = _pod(ports=[{"containerPort": "x"}])
_LIMIT_LIST = _pod(resources={"limits": []})
_NUMBER_TIME = {"metadata": {"creationTimestamp": 1}}


@pytest.mark.parametrize(
    ("cls", "document", "value", "field", "expected"),
    [
        (DEPLOYMENT, _deployment(replicas="3"), "string", "DeploymentSpec.spec.replicas", "int32"),
        (DEPLOYMENT, _deployment(replicas=1.5), "number 1.5", "DeploymentSpec.spec.replicas", "int32"),
        (DEPLOYMENT, _deployment(replicas=2**31), "number 2147483648", "DeploymentSpec.spec.replicas", "int32"),
        (DEPLOYMENT, _deployment(replicas=True), "bool", "DeploymentSpec.spec.replicas", "int32"),
        (DEPLOYMENT, _deployment(paused="true"), "string", "DeploymentSpec.spec.paused", "bool"),
        (DEPLOYMENT, _deployment(selector="a=b"), "string", "DeploymentSpec.spec.selector", "v1.LabelSelector"),
        (
            DEPLOYMENT,
            _deployment(template={"spec": {"containers": {}}}),
            "object",
            "PodSpec.spec.template.spec.containers",
            "[]v1.Container",
        ),
        (
            DEPLOYMENT,
            _deployment(strategy={"rollingUpdate": {"maxSurge": 1.5}}),
            "number 1.5",
            "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge",
            "int32",
        ),
        (POD, _pod(args="x"), "string", "Container.spec.containers.args", "[]string"),
        (POD, _pod(args=[1]), "number", "Container.spec.containers.args", "string"),
        (
            POD,
            _PORT_TEXT,
            "string",
            "ContainerPort.spec.containers.ports.containerPort",
            "int32",
        ),
        (POD, _pod(imagePullPolicy=1), "number", "Container.spec.containers.imagePullPolicy", "v1.PullPolicy"),
        (
            POD,
            _LIMIT_LIST,
            "array",
            "ResourceRequirements.spec.containers.resources.limits",
            "v1.ResourceList",
        ),
        (POD, {"spec": {"containers": ["x"]}}, "string", "PodSpec.spec.containers", "v1.Container"),
        (CONFIG_MAP, {"data": {"a": 5}}, "number", "ConfigMap.data", "string"),
        (CONFIG_MAP, {"data": "x"}, "string", "ConfigMap.data", "map[string]string"),
        (CONFIG_MAP, {"binaryData": {"a": 1}}, "number", "ConfigMap.binaryData", "[]uint8"),
        (CONFIG_MAP, {"metadata": "x"}, "string", "ConfigMap.metadata", "v1.ObjectMeta"),
        (CONFIG_MAP, {"metadata": {"uid": 1}}, "number", "ObjectMeta.metadata.uid", "types.UID"),
        (CONFIG_MAP, {"metadata": {"labels": {"a": 1}}}, "number", "ObjectMeta.metadata.labels", "string"),
        (
            CONFIG_MAP,
            {"metadata": {"creationTimestamp": 1}},
            "number",
            "ObjectMeta.metadata.creationTimestamp",
            "string",
        ),
    ],
)
def test_a_wrong_type_stands_alone(
    cls: type[Any], document: dict[str, Any], value: str, field: str, expected: str
) -> None:
    message = f"json: cannot unmarshal {value} into Go struct field {field} of type {expected}"
    assert [(problem.kind, problem.message) for problem in check(cls, {**document, "nope": 1})] == [("type", message)]


_BAD_AMOUNT = {"spec": {"containers": [{"name": 5, "resources": {"limits": {"cpu": "abc"}}}]}}
_BAD_TIME = {"metadata": {"labels": [], "creationTimestamp": "yesterday"}, "spec": {"hostPID": 1}}


@pytest.mark.parametrize(
    ("cls", "document", "message"),
    [
        pytest.param(
            POD, {"spec": {"hostPID": 1, "containers": "x"}}, "number into Go struct field PodSpec.spec.hostPID", id="first"
        ),
        pytest.param(POD, _BAD_AMOUNT, "quantities must match the regular expression", id="amount-before-type"),
        pytest.param(POD, _BAD_TIME, 'parsing time "yesterday"', id="time-before-type"),
        pytest.param(
            DEPLOYMENT,
            _deployment(replicas="x", strategy={"rollingUpdate": {"maxSurge": 1.5}}),
            "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
            id="number-or-text-before-type",
        ),
        pytest.param(
            CONFIG_MAP, {"data": {"a": 5}, "binaryData": {"b": "*"}}, "number into Go struct field ConfigMap.data", id="base64"
        ),
    ],
)  # fmt: skip
def test_what_cannot_read_its_own_text_comes_before_wrong_types(
    cls: type[Any], document: dict[str, Any], message: str
) -> None:
    (problem,) = check(cls, {**document, "nope": 1})
    assert message in problem.message


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("renewTime", "x", 'parsing time "x" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "x" as "2006"'),
        (
            "renewTime",
            "2026-01-02T03:04:05Z",
            'parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
        ),
        ("renewTime", "2026-13-02T03:04:05.000000Z", 'parsing time "2026-13-02T03:04:05.000000Z": month out of range'),
        ("renewTime", "2026-02-30T03:04:05.000000Z", 'parsing time "2026-02-30T03:04:05.000000Z": day out of range'),
        ("renewTime", "2026-02-03T03:04:05.000000Zx", 'parsing time "2026-02-03T03:04:05.000000Zx": extra text: "x"'),
    ],
)
def test_a_bad_time_says_where(field: str, text: str, message: str) -> None:
    assert _messages(find("leases", "coordination.k8s.io").cls, {"spec": {field: text}}) == [message]


def test_bad_base64_says_where() -> None:
    secret = find("secrets").cls
    assert _messages(secret, {"data": {"a": "aGk*"}}) == ["illegal base64 data at input byte 3"]
    assert _messages(secret, {"data": {"a": "aGk=\n"}}) == []


def test_a_bad_quantity_is_refused() -> None:
    problems = check(POD, _pod(resources={"limits": {"cpu": "1x"}}))
    assert [(problem.kind, problem.path) for problem in problems] == [
        ("type", "spec.containers[1].resources.limits.cpu")
    ]


def test_every_unknown_field_is_reported_in_order() -> None:
    document = {
        "metadata": {"name": "x", "annotationz": {}},
        "spec": {
            "template": {"spec": {"containers": [{"foo": 1, "ports": [{"baz": 1}]}], "bar": 2}},
            "Replicas": 1,
        },
    }
    problems = check(DEPLOYMENT, document)
    assert {problem.kind for problem in problems} == {"unknown"}
    assert [problem.path for problem in problems] == [
        "metadata.annotationz",
        "spec.template.spec.containers[0].foo",
        "spec.template.spec.containers[0].ports[0].baz",
        "spec.template.spec.bar",
        "spec.Replicas",
    ]
    assert strict_message(problems[:1]) == 'strict decoding error: unknown field "metadata.annotationz"'


def test_unknown_fields_end_at_a_hundred() -> None:
    assert len(check(CONFIG_MAP, {f"x{number}": 1 for number in range(150)})) == 100


def test_nulls_quantities_and_ports_are_taken_in_every_spelling() -> None:
    document = _pod(
        args=[None], command=None, image=None, tty=None,
        resources={"limits": {"cpu": 1, "memory": "1Gi", "x": 0.5}},
        livenessProbe={"httpGet": {"port": 80}}, readinessProbe={"httpGet": {"port": "web"}},
    )  # fmt: skip
    assert check(POD, {**document, "metadata": {"creationTimestamp": None}}) == []


def _told(text: str) -> list[str]:
    return [problem.message for problem in check_text(CONFIG_MAP, text.encode(), json.loads(text))]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ('{"data":{"a":"b","a":"c"},"data":{"z":"1"}}', ['duplicate field "data.a"', 'duplicate field "data"']),
        ('{"nope":1,"data":{"a":"1","a":"2"}}', ['unknown field "nope"', 'duplicate field "data.a"']),
        ('{"nope":{"a":1,"a":2}}', ['unknown field "nope"']),
        ('{"data":{"a:b":"x\\":y", "c" : "\\u003a"}}', []),
        ('{"data":{"a":"\\u003a","a":"b"}}', ['duplicate field "data.a"']),
        ('{"metadata":{"name":"x"},"data":{"a":"b"}}', []),
    ],
)
def test_repeated_fields_show_in_the_text(text: str, messages: list[str]) -> None:
    assert _told(text) == messages


def test_decode_refuses_with_the_reason() -> None:
    with pytest.raises(DecodeError, match=r"cannot decode Deployment: json: cannot unmarshal string into .* int32"):
        decode(DEPLOYMENT, _deployment(replicas="3"))
    with pytest.raises(DecodeError, match="cannot decode Deployment"):
        decode(DEPLOYMENT, b"{")
