"""Device classes, claims, templates and slices: defaults, what is wrong, what may change."""

from __future__ import annotations

import pytest
from strategy_writes import JSON, NOW_TEXT, create, created, edit, update

GROUP = "resource.k8s.io"
CLASSES, CLAIMS, TEMPLATES = "deviceclasses", "resourceclaims", "resourceclaimtemplates"
SLICES = "resourceslices"
EXACTLY: JSON = {"deviceClassName": "gpu"}
CLAIM: JSON = {"spec": {"devices": {"requests": [{"name": "r", "exactly": EXACTLY}]}}}
SLICE: JSON = {
    "spec": {
        "driver": "example.com",
        "nodeName": "n",
        "pool": {"name": "n", "generation": 1, "resourceSliceCount": 1},
        "devices": [{"name": "d"}],
    }
}
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with"
    " an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
REFERENCE = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
REQUESTS = "spec.devices.requests"


def test_requests_are_for_one_device() -> None:
    toleration = {"key": "k", "operator": "", "value": "v"}
    body = edit(CLAIM, {
        "spec.devices.requests.0.exactly.tolerations": [toleration],
        "spec.devices.requests.1": {"name": "f", "firstAvailable": [{"name": "s", "deviceClassName": "c"}]},
        "spec.devices.requests.2": {"name": "a", "exactly": {**EXACTLY, "allocationMode": "All"}},
        "status.reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}],
    })  # fmt: skip
    made = created(CLAIMS, body, GROUP)
    first, second, third = made["spec"]["devices"]["requests"]
    counted = {"allocationMode": "ExactCount", "count": 1}
    assert {name: first["exactly"][name] for name in counted} == counted
    assert first["exactly"]["tolerations"] == [{"key": "k", "operator": "Equal", "value": "v"}]
    assert {name: second["firstAvailable"][0][name] for name in counted} == counted
    assert "count" not in third["exactly"]
    assert made["status"] == {}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"0": {"name": "R", "exactly": EXACTLY}}, [f'{REQUESTS}[0].name: Invalid value: "R": {LABEL}'], id="name"),
        pytest.param(
            {"0": {"name": "r"}},
            [f"{REQUESTS}[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"],
            id="neither",
        ),
        pytest.param({"1": {"name": "r", "exactly": EXACTLY}}, [f'{REQUESTS}[1]: Duplicate value: "r"'], id="twice"),
        pytest.param(
            {"0.exactly.count": -1},
            [f"{REQUESTS}[0].exactly.count: Invalid value: -1: must be greater than zero"],
            id="count",
        ),
        pytest.param(
            {"0.exactly": {**EXACTLY, "allocationMode": "All", "count": 2}},
            [f"{REQUESTS}[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
            id="all-and-count",
        ),
        pytest.param(
            {"0.exactly.allocationMode": "X"},
            [f'{REQUESTS}[0].exactly.allocationMode: Unsupported value: "X": supported values: "All", "ExactCount"'],
            id="mode",
        ),
        pytest.param(
            {"0.exactly.selectors": [{}]}, [f"{REQUESTS}[0].exactly.selectors[0].cel: Required value"], id="selector"
        ),
        pytest.param(
            {"0.exactly.selectors": [{"cel": {"expression": "true"}}] * 33},
            [f"{REQUESTS}[0].exactly.selectors: Too many: 33: must have at most 32 items"],
            id="selectors",
        ),
        pytest.param(
            {"0.exactly.tolerations": [{"operator": "Exists", "value": "v", "effect": "X"}]},
            [
                f'{REQUESTS}[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
                (f'{REQUESTS}[0].exactly.tolerations[0].effect: Unsupported value: "X": supported values: "NoExecute",'
                ' "NoSchedule", "None"'),
            ],
            id="toleration",
        ),
        pytest.param(
            {"0.exactly.adminAccess": True},
            [
                (f"{REQUESTS}[0].adminAccess: Forbidden: admin access to devices requires the"
                " `resource.kubernetes.io/admin-access: true` label on the containing namespace")
            ],
            id="admin",
        ),
    ],
)  # fmt: skip
def test_a_request_is_refused(edits: JSON, problems: list[str]) -> None:
    body = edit(CLAIM, {f"spec.devices.requests.{path}": value for path, value in edits.items()})
    assert create(CLAIMS, body, GROUP).problems == problems


@pytest.mark.parametrize(
    ("devices", "problems"),
    [
        pytest.param({"constraints": [{"matchAttribute": "example.com/model"}]}, [], id="match"),
        pytest.param(
            {"constraints": [{"requests": ["x"], "matchAttribute": "example.com/a"}]},
            [f'spec.devices.constraints[0].requests[0]: Invalid value: "x": {REFERENCE}'],
            id="unknown-request",
        ),
        pytest.param(
            {"constraints": [{"matchAttribute": "model"}]},
            [
                (
                    'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a'
                    " domain and a name separated by a slash"
                )
            ],
            id="no-domain",
        ),
        pytest.param(
            {"config": [{"opaque": {"driver": "example.com"}}]},
            ["spec.devices.config[0].opaque.parameters: Required value"],
            id="no-parameters",
        ),
        pytest.param(
            {"config": [{"opaque": {"driver": "example.com", "parameters": {"a": "x" * 10240}}}]},
            ["spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes"],
            id="long-parameters",
        ),
        pytest.param(
            {"config": [{"opaque": {"driver": "example.com", "parameters": [1]}}]},
            ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
            id="no-object",
        ),
    ],
)
def test_what_holds_between_requests(devices: JSON, problems: list[str]) -> None:
    body = edit(CLAIM, {f"spec.devices.{name}": value for name, value in devices.items()})
    assert create(CLAIMS, body, GROUP).problems == problems


def test_a_claim_is_fixed() -> None:
    old = created(CLAIMS, {"spec": {}}, GROUP)
    found = update(CLAIMS, old, edit(old, {"spec.devices.requests": [{"name": "r", "exactly": EXACTLY}]}), GROUP)
    assert len(found.problems) == 1
    start = 'spec: Invalid value: {"Devices":{"Requests":[{"Name":"r","Exactly":{"DeviceClassName":"gpu"'
    assert found.problems[0].startswith(start)
    assert found.problems[0].endswith(": field is immutable")
    assert update(CLAIMS, old, edit(old, {"metadata.labels": {"a": "b"}}), GROUP).problems == []


RESULT: JSON = {"request": "r", "driver": "example.com", "pool": "n", "device": "d"}
ALLOCATED: JSON = {"allocation": {"devices": {"results": [RESULT]}}}
POD: JSON = {"resource": "pods", "name": "p", "uid": "u"}
DEVICE: JSON = {"driver": "example.com", "pool": "n", "device": "d"}


@pytest.mark.parametrize(
    ("status", "problems"),
    [
        pytest.param({**ALLOCATED, "reservedFor": [POD], "devices": [DEVICE]}, [], id="good"),
        pytest.param(
            {"reservedFor": [POD]},
            ["status.reservedFor: Forbidden: may not be specified when `allocated` is not set"],
            id="reserved-before-allocated",
        ),
        pytest.param(
            {**ALLOCATED, "reservedFor": [{}]},
            [f"status.reservedFor[0].{name}: Required value" for name in ("resource", "name", "uid")],
            id="consumer",
        ),
        pytest.param(
            {**ALLOCATED, "reservedFor": [POD, POD]}, ['status.reservedFor[1]: Duplicate value: "u"'], id="twice"
        ),
        pytest.param(
            {"devices": [DEVICE]},
            ['status.devices[0]: Invalid value: "example.com/n/d": must be an allocated device in the claim'],
            id="device-not-given",
        ),
        pytest.param(
            {**ALLOCATED, "devices": [{**DEVICE, "networkData": {"ips": ["10.0.0.1", "2001:DB8::1/64"]}}]},
            [
                (
                    'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form,'
                    " (e.g. 10.9.8.7/24 or 2001:db8::1/64)"
                ),
                (
                    'status.devices[0].networkData.ips[1]: Invalid value: "2001:DB8::1/64": must be in canonical form'
                    ' ("2001:db8::1/64")'
                ),
            ],
            id="addresses",
        ),
        pytest.param(
            {"allocation": {"devices": {"results": [{**RESULT, "request": "x"}]}}},
            [f'status.allocation.devices.results[0].request: Invalid value: "x": {REFERENCE}'],
            id="unknown-request",
        ),
        pytest.param(
            {"allocation": {"devices": {"results": [{**RESULT, "bindingConditions": ["a"]}]}}},
            [
                (
                    "status.allocation.devices.results[0].bindingFailureConditions: Invalid value: null:"
                    " bindingFailureConditions are required to use bindingConditions"
                )
            ],
            id="binding",
        ),
        pytest.param(
            {"allocation": {"devices": {"config": [{"opaque": {"driver": "d", "parameters": {}}}]}}},
            ["status.allocation.devices.config[0].source: Required value"],
            id="source",
        ),
    ],
)
def test_the_status_of_a_claim(status: JSON, problems: list[str]) -> None:
    old = created(CLAIMS, CLAIM, GROUP)
    assert update(CLAIMS, old, edit(old, {"status": status}), GROUP, "status").problems == problems


def test_what_was_allocated_is_fixed_and_its_devices_go_with_it() -> None:
    old = created(CLAIMS, CLAIM, GROUP)
    old["status"] = {**ALLOCATED, "devices": [{**DEVICE, "conditions": None}]}
    changed = update(CLAIMS, old, edit(old, {"status.allocation.devices.results.0.device": "e"}), GROUP, "status")
    assert [text.partition(":")[0] for text in changed.problems] == ["status.allocation"]
    freed = update(CLAIMS, old, edit(old, {"status.allocation": None}), GROUP, "status")
    assert freed.problems == []
    assert freed.obj["status"] == {}


def test_a_template_is_fixed_and_names_nothing() -> None:
    body: JSON = {"spec": {"metadata": {"name": "n", "labels": {"a": "b"}}, "spec": CLAIM["spec"]}}
    assert create(TEMPLATES, body, GROUP).problems == ["spec.metadata.name: Forbidden: cannot be set"]
    old = created(TEMPLATES, {"spec": {"spec": CLAIM["spec"]}}, GROUP)
    assert old["spec"]["spec"]["devices"]["requests"][0]["exactly"]["count"] == 1
    changed = update(TEMPLATES, old, edit(old, {"spec.metadata.labels": {"a": "b"}}), GROUP).problems
    assert [text.rpartition(": ")[2] for text in changed] == ["field is immutable"]


def test_a_class_counts_its_changes() -> None:
    old = created(CLASSES, {"spec": {}}, GROUP)
    assert old["metadata"]["generation"] == 1
    changed = update(CLASSES, old, edit(old, {"spec.extendedResourceName": "example.com/gpu"}), GROUP)
    assert changed.problems == []
    assert changed.obj["metadata"]["generation"] == 2
    assert create(CLASSES, {"spec": {"extendedResourceName": "cpu"}}, GROUP).problems == [
        'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'
    ]
    assert create(CLASSES, {"spec": {"config": [{}]}}, GROUP).problems == ["spec.config[0].opaque: Required value"]


def test_a_slice_counts_its_changes_and_dates_taints() -> None:
    old = created(SLICES, edit(SLICE, {"spec.devices.0.taints": [{"key": "k", "effect": "NoSchedule"}]}), GROUP)
    assert old["metadata"]["generation"] == 1
    assert old["spec"]["devices"][0]["taints"][0]["timeAdded"] == NOW_TEXT
    changed = update(SLICES, old, edit(old, {"spec.pool.generation": 2}), GROUP)
    assert (changed.problems, changed.obj["metadata"]["generation"]) == ([], 2)


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param({"spec.pool.name": "m"}, 'spec.pool.name: Invalid value: "m": field is immutable', id="pool"),
        pytest.param({"spec.driver": "o"}, 'spec.driver: Invalid value: "o": field is immutable', id="driver"),
        pytest.param({"spec.nodeName": "m"}, 'spec.nodeName: Invalid value: "m": field is immutable', id="node"),
    ],
)
def test_what_is_fixed_of_a_slice(edits: JSON, problem: str) -> None:
    old = created(SLICES, SLICE, GROUP)
    assert update(SLICES, old, edit(old, edits), GROUP).problems == [problem]


ONE_OF = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"nodeName": None}, [f"spec: Required value: {ONE_OF}"], id="no-reach"),
        pytest.param(
            {"allNodes": True},
            [f'spec: Invalid value: "{{`nodeName`, `allNodes`}}": {ONE_OF}, but multiple fields are set'],
            id="two-reaches",
        ),
        pytest.param(
            {"allNodes": False},
            ["spec.allNodes: Invalid value: false: must be either unset or set to true"],
            id="false",
        ),
        pytest.param(
            {"pool.resourceSliceCount": 0},
            ["spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero"],
            id="count",
        ),
        pytest.param({"pool.name": ""}, ["spec.pool.name: Required value"], id="pool"),
        pytest.param(
            {"devices": [{"name": f"d{number}"} for number in range(129)]},
            ["spec.devices: Too many: 129: must have at most 128 items"],
            id="devices",
        ),
        pytest.param({"devices.1": {"name": "d"}}, ['spec.devices[1]: Duplicate value: "d"'], id="twice"),
        pytest.param(
            {"devices.0.attributes": {"a": {}}},
            ['spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified'],
            id="no-value",
        ),
        pytest.param(
            {"devices.0.attributes": {"a": {"version": "1"}}},
            [
                (
                    'spec.devices[0].attributes[a].version: Invalid value: "1": must be a string compatible with semver.org'
                    " spec 2.0.0"
                )
            ],
            id="version",
        ),
        pytest.param(
            {"devices.0.attributes": {"a": {"string": "x" * 65}}},
            ["spec.devices[0].attributes[a].string: Too long: may not be more than 64 bytes"],
            id="text",
        ),
        pytest.param(
            {"devices.0.attributes": {f"a{number}": {"bool": True} for number in range(33)}},
            ["spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32"],
            id="many-attributes",
        ),
        pytest.param(
            {"devices.0.capacity": {"a": {"value": "1", "requestPolicy": {"default": "1"}}}},
            ["spec.devices[0].capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true"],
            id="policy",
        ),
        pytest.param(
            {"devices.0.taints": [{"key": "k", "effect": "X"}]},
            [
                (
                    'spec.devices[0].taints[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule",'
                    ' "None"'
                )
            ],
            id="taint",
        ),
        pytest.param(
            {"devices.0.consumesCounters": [{"counterSet": "s"}]},
            ["spec.devices[0].consumesCounters[0].counters: Required value"],
            id="counters",
        ),
        pytest.param(
            {"devices.0.nodeName": "n"},
            [
                (
                    "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if"
                    " `perDeviceNodeSelection` is set to true in the ResourceSlice spec"
                )
            ],
            id="device-reach",
        ),
        pytest.param(
            {"sharedCounters": [{"name": "s", "counters": {"c": {"value": "1"}}}]},
            ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
            id="counters-and-devices",
        ),
    ],
)
def test_a_slice_is_refused(edits: JSON, problems: list[str]) -> None:
    body = edit(SLICE, {f"spec.{path}": value for path, value in edits.items()})
    assert create(SLICES, body, GROUP).problems == problems


POLICY = "spec.devices[0].capacity[memory].requestPolicy"


@pytest.mark.parametrize(
    ("policy", "problems"),
    [
        pytest.param({"default": "1Gi", "validValues": ["1Gi", "2Gi"]}, [], id="values"),
        pytest.param({"default": "2Gi", "validRange": {"min": "1Gi", "max": "4Gi", "step": "1Gi"}}, [], id="range"),
        pytest.param(
            {"validValues": ["1Gi"]},
            [f"{POLICY}.default: Required value: required when validValues is defined"],
            id="no-default",
        ),
        pytest.param(
            {"default": "3Gi", "validValues": ["2Gi", "1Gi"]},
            [
                f'{POLICY}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order',
                (
                    f'{POLICY}.validValues: Invalid value: "3Gi": default value is not valid according to the'
                    " requestPolicy"
                ),
            ],
            id="order-and-default",
        ),
        pytest.param(
            {"default": "1Gi", "validRange": {"min": "2Gi", "max": "8Gi"}},
            [
                f'{POLICY}.validRange.default: Invalid value: "1Gi": default is less than min: 2Gi',
                f'{POLICY}.validRange.max: Invalid value: "8Gi": max is larger than capacity value: 4Gi',
            ],
            id="bounds",
        ),
        pytest.param(
            {"default": "2Gi", "validRange": {"min": "1Gi", "step": "0"}},
            [f'{POLICY}.validRange.step: Invalid value: "0": must be greater than zero'],
            id="step",
        ),
        pytest.param(
            {"default": "1536Mi", "validRange": {"min": "1Gi", "step": "1Gi"}},
            [
                (
                    f'{POLICY}.validRange.step: Invalid value: "1536Mi": value is not a multiple of a given step (1Gi) from'
                    " (1Gi)"
                )
            ],
            id="between-steps",
        ),
    ],
)
def test_how_much_of_a_shared_device_can_be_asked_for(policy: JSON, problems: list[str]) -> None:
    device = {"name": "d", "allowMultipleAllocations": True}
    device["capacity"] = {"memory": {"value": "4Gi", "requestPolicy": policy}}
    assert create(SLICES, edit(SLICE, {"spec.devices.0": device}), GROUP).problems == problems


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        pytest.param('device.driver == "example.com"', None, id="driver"),
        pytest.param('device.attributes["example.com"].cores > 3', None, id="attribute"),
        pytest.param('device.capacity["example.com"].memory.isGreaterThan(quantity("1Gi"))', None, id="capacity"),
        pytest.param("device.allowMultipleAllocations == true", None, id="shared"),
        pytest.param("device.driver", "must evaluate to bool or the unknown type, not string", id="no-truth"),
        pytest.param(
            "device.colour == 1",
            "compilation failed: ERROR: <input>:1:7: undefined field 'colour'\n | device.colour == 1\n | ......^",
            id="unknown-field",
        ),
        pytest.param(
            "x(",
            "compilation failed: ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(',"
            " ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n"
            " | x(\n | ..^",
            id="syntax",
        ),
    ],
)
def test_expressions_that_select_devices(expression: str, problem: str | None) -> None:
    from podwright.api.quoting import quote

    wanted = (
        [] if problem is None else [f"spec.selectors[0].cel.expression: Invalid value: {quote(expression)}: {problem}"]
    )
    body: JSON = {"spec": {"selectors": [{"cel": {"expression": expression}}]}}
    assert create(CLASSES, body, GROUP).problems == wanted


def test_an_expression_that_is_too_long_is_not_even_read() -> None:
    body: JSON = {"spec": {"selectors": [{"cel": {"expression": "x" * 10241}}]}}
    where = "spec.selectors[0].cel.expression"
    assert create(CLASSES, body, GROUP).problems == [f"{where}: Too long: may not be more than 10240 bytes"]
