"""What may not be in a new pod: which field is blamed and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, create, edit

POD: JSON = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
C = "spec.containers.0"
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with"
    " an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
PORT = "must be between 1 and 65535, inclusive"


def case(name: str, edits: JSON, *problems: str) -> Any:
    return pytest.param(edits, problems, id=name)


def volume(name: str, **source: Any) -> JSON:
    return {"name": name, **source}


def env(name: str, **more: Any) -> JSON:
    return {f"{C}.env": [{"name": name, **more}]}


CONTAINERS = [
    case("none", {"spec.containers": []}, "spec.containers: Required value"),
    case("no-name", {f"{C}.name": ""}, "spec.containers[0].name: Required value"),
    case("bad-name", {f"{C}.name": "C"}, f'spec.containers[0].name: Invalid value: "C": {LABEL}'),
    case(
        "same-name", {"spec.containers.1": {"name": "c", "image": "i"}}, 'spec.containers[1].name: Duplicate value: "c"'
    ),
    case("no-image", {f"{C}.image": DROP}, "spec.containers[0].image: Required value"),
    case(
        "padded-image",
        {f"{C}.image": " i"},
        'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
    ),
    case(
        "pull-policy",
        {f"{C}.imagePullPolicy": "Sometimes"},
        'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always",'
        ' "IfNotPresent", "Never"',
    ),
    case(
        "message-policy",
        {f"{C}.terminationMessagePolicy": "x"},
        'spec.containers[0].terminationMessagePolicy: Unsupported value: "x": supported values:'
        ' "File", "FallbackToLogsOnError"',
    ),
    case(
        "init-same-name",
        {"spec.initContainers": [{"name": "c", "image": "i"}]},
        'spec.initContainers[0].name: Duplicate value: "c"',
    ),
    case(
        "init-lifecycle",
        {"spec.initContainers": [{"name": "a", "image": "i", "lifecycle": {"preStop": {"exec": {"command": ["x"]}}}}]},
        "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
    ),
    case(
        "init-probe",
        {"spec.initContainers": [{"name": "a", "image": "i", "livenessProbe": {"exec": {"command": ["x"]}}}]},
        "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without"
        " restartPolicy=Always",
    ),
    case(
        "ephemeral-on-create",
        {"spec.ephemeralContainers": [{"name": "e", "image": "i"}]},
        "spec.ephemeralContainers: Forbidden: cannot be set on create",
    ),
    case(
        "resize-policy-twice",
        {
            f"{C}.resizePolicy": [
                {"resourceName": "cpu", "restartPolicy": "NotRequired"},
                {"resourceName": "cpu", "restartPolicy": "RestartContainer"},
            ]
        },
        'spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"',
    ),
]

PORTS = [
    case("zero", {f"{C}.ports": [{"containerPort": 0}]}, "spec.containers[0].ports[0].containerPort: Required value"),
    case(
        "too-high",
        {f"{C}.ports": [{"containerPort": 65536}]},
        f"spec.containers[0].ports[0].containerPort: Invalid value: 65536: {PORT}",
    ),
    case(
        "host-port",
        {f"{C}.ports": [{"containerPort": 80, "hostPort": -1}]},
        f"spec.containers[0].ports[0].hostPort: Invalid value: -1: {PORT}",
    ),
    case(
        "host-network-differs",
        {"spec.hostNetwork": True, f"{C}.ports": [{"containerPort": 80, "hostPort": 81}]},
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is"
        " true",
    ),
    case(
        "protocol",
        {f"{C}.ports": [{"containerPort": 80, "protocol": "tcp"}]},
        'spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
    ),
    case(
        "same-name",
        {f"{C}.ports": [{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]},
        'spec.containers[0].ports[1].name: Duplicate value: "a"',
    ),
    case(
        "long-name",
        {f"{C}.ports": [{"containerPort": 80, "name": "a123456789012345"}]},
        'spec.containers[0].ports[0].name: Invalid value: "a123456789012345": must be no more than 15 characters',
    ),
    case(
        "numeric-name",
        {f"{C}.ports": [{"containerPort": 80, "name": "80"}]},
        'spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z)',
    ),
    case(
        "host-port-twice",
        {f"{C}.ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]},
        'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
    ),
]

ENVIRONMENT = [
    case("no-name", env(""), "spec.containers[0].env[0].name: Required value"),
    case(
        "two-sources",
        env("A", value="x", valueFrom={"fieldRef": {"fieldPath": "metadata.name"}}),
        'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ),
    case(
        "no-source",
        env("A", valueFrom={}),
        'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`,'
        " `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
    ),
    case(
        "field-path",
        env("A", valueFrom={"fieldRef": {"fieldPath": "metadata.what"}}),
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.what": error converting'
        " fieldPath: field label not supported: metadata.what",
    ),
    case(
        "no-field-path",
        env("A", valueFrom={"fieldRef": {}}),
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Required value",
    ),
    case(
        "unsupported-field",
        env("A", valueFrom={"fieldRef": {"fieldPath": "status.phase"}}),
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values:'
        ' "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",'
        ' "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
    ),
    case(
        "resource",
        env("A", valueFrom={"resourceFieldRef": {"resource": "limits.gpu"}}),
        'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported'
        ' values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",'
        ' "requests.ephemeral-storage", "requests.memory"',
    ),
    case(
        "no-config-map-key",
        env("A", valueFrom={"configMapKeyRef": {"name": "m"}}),
        "spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value",
    ),
    case(
        "from-nothing",
        {f"{C}.envFrom": [{}]},
        'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
    ),
    case(
        "from-unnamed",
        {f"{C}.envFrom": [{"configMapRef": {}}]},
        "spec.containers[0].envFrom[0].configMapRef.name: Required value",
    ),
]

PROBES = [
    case(
        "none",
        {f"{C}.livenessProbe": {}},
        "spec.containers[0].livenessProbe: Required value: must specify a handler type",
    ),
    case(
        "two",
        {f"{C}.livenessProbe": {"exec": {"command": ["x"]}, "tcpSocket": {"port": 80}}},
        "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
    ),
    case(
        "no-command",
        {f"{C}.readinessProbe": {"exec": {}}},
        "spec.containers[0].readinessProbe.exec.command: Required value",
    ),
    case(
        "port",
        {f"{C}.readinessProbe": {"httpGet": {"port": 0}}},
        f"spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: {PORT}",
    ),
    case(
        "scheme",
        {f"{C}.readinessProbe": {"httpGet": {"port": 1, "scheme": "FTP"}}},
        'spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
    ),
    case(
        "negative",
        {f"{C}.readinessProbe": {"tcpSocket": {"port": 1}, "initialDelaySeconds": -1}},
        "spec.containers[0].readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0",
    ),
    case(
        "successes",
        {f"{C}.livenessProbe": {"tcpSocket": {"port": 1}, "successThreshold": 2}},
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
    ),
    case(
        "grace-of-readiness",
        {f"{C}.readinessProbe": {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 3}},
        "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 3: must not be set for"
        " readinessProbes",
    ),
    case(
        "hook",
        {f"{C}.lifecycle": {"preStop": {}}},
        "spec.containers[0].lifecycle.preStop: Required value: must specify a handler type",
    ),
]

RESOURCES = [
    case(
        "request-over-limit",
        {f"{C}.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
        'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ),
    case(
        "negative",
        {f"{C}.resources": {"requests": {"memory": "-1"}}},
        'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ),
    case(
        "unknown-name",
        {f"{C}.resources": {"limits": {"what": "1"}}},
        'spec.containers[0].resources.limits[what]: Invalid value: "what": must be a standard resource type or fully'
        " qualified",
        'spec.containers[0].resources.limits[what]: Invalid value: "what": must be a standard resource for containers',
        'spec.containers[0].resources.requests[what]: Invalid value: "what": must be a standard resource type or fully'
        " qualified",
        'spec.containers[0].resources.requests[what]: Invalid value: "what": must be a standard resource for'
        " containers",
    ),
    case(
        "fraction-of-a-device",
        {f"{C}.resources": {"limits": {"example.com/gpu": "500m"}}},
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
    ),
]

VOLUMES = [
    case("no-name", {"spec.volumes": [volume("")]}, "spec.volumes[0].name: Required value"),
    case(
        "same-name",
        {"spec.volumes": [volume("v", emptyDir={}), volume("v", emptyDir={})]},
        'spec.volumes[1].name: Duplicate value: "v"',
    ),
    case(
        "two-sources",
        {"spec.volumes": [volume("v", emptyDir={}, hostPath={"path": "/"})]},
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
    ),
    case(
        "host-path-empty",
        {"spec.volumes": [volume("v", hostPath={"path": ""})]},
        "spec.volumes[0].hostPath.path: Required value",
    ),
    case(
        "host-path-up",
        {"spec.volumes": [volume("v", hostPath={"path": "/a/../b"})]},
        "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
    ),
    case(
        "config-map-unnamed",
        {"spec.volumes": [volume("v", configMap={})]},
        "spec.volumes[0].configMap.name: Required value",
    ),
    case(
        "secret-unnamed",
        {"spec.volumes": [volume("v", secret={})]},
        "spec.volumes[0].secret.secretName: Required value",
    ),
    case(
        "mode",
        {"spec.volumes": [volume("v", configMap={"name": "m", "defaultMode": 512})]},
        "spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both"
        " inclusive",
    ),
    case(
        "item-path",
        {"spec.volumes": [volume("v", configMap={"name": "m", "items": [{"key": "k", "path": "/p"}]})]},
        'spec.volumes[0].configMap.items[0].path: Invalid value: "/p": must be a relative path',
    ),
    case(
        "claim-unnamed",
        {"spec.volumes": [volume("v", persistentVolumeClaim={})]},
        "spec.volumes[0].persistentVolumeClaim.claimName: Required value",
    ),
    case(
        "mount-of-nothing",
        {f"{C}.volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ),
    case(
        "same-mount-path",
        {
            "spec.volumes": [volume("v", emptyDir={})],
            f"{C}.volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "v", "mountPath": "/v"}],
        },
        'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique',
    ),
    case(
        "mount-without-path",
        {"spec.volumes": [volume("v", emptyDir={})], f"{C}.volumeMounts": [{"name": "v", "mountPath": ""}]},
        "spec.containers[0].volumeMounts[0].mountPath: Required value",
    ),
    case(
        "sub-path-up",
        {
            "spec.volumes": [volume("v", emptyDir={})],
            f"{C}.volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "../x"}],
        },
        "spec.containers[0].volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'",
    ),
]

SPEC = [
    case(
        "restart-policy",
        {"spec.restartPolicy": "Maybe"},
        'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ),
    case(
        "dns-policy",
        {"spec.dnsPolicy": "x"},
        'spec.dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst",'
        ' "Default", "None"',
    ),
    case(
        "dns-none-without-servers",
        {"spec.dnsPolicy": "None"},
        "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
    ),
    case(
        "deadline",
        {"spec.activeDeadlineSeconds": 0},
        "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
    ),
    case("node-name", {"spec.nodeName": "a b"}, 'spec.nodeName: Invalid value: "a b": a lowercase RFC 1123 subdomain'),
    case("host-name", {"spec.hostname": "A"}, f'spec.hostname: Invalid value: "A": {LABEL}'),
    case(
        "node-selector",
        {"spec.nodeSelector": {"a": "b c"}},
        'spec.nodeSelector: Invalid value: "b c": a valid label must be an empty string or consist of',
    ),
    case(
        "toleration-seconds",
        {"spec.tolerations": [{"key": "k", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 3}]},
        "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds`"
        " is set",
    ),
    case(
        "toleration-value",
        {"spec.tolerations": [{"key": "k", "operator": "Exists", "value": "v"}]},
        "spec.tolerations[0].operator: Invalid value: \"v\": value must be empty when `operator` is 'Exists'",
    ),
    case(
        "toleration-without-key",
        {"spec.tolerations": [{"operator": "Equal", "value": "v"}]},
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which'
        ' means "match all values and all keys"',
    ),
    case(
        "node-affinity-operator",
        {
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms": [
                {"matchExpressions": [{"key": "a", "operator": "In"}]}
            ]
        },
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
        ".matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ),
    case(
        "spread-twice",
        {
            "spec.topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"},
                {"maxSkew": 2, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"},
            ]
        },
        'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, DoNotSchedule}"',
    ),
    case(
        "privileged-and-escalation",
        {f"{C}.securityContext": {"privileged": True, "allowPrivilegeEscalation": False}},
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,'
        '"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,'
        '"ReadOnlyRootFilesystem":null,'
        '"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}:'
        " cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ),
    case(
        "escalation-shown-in-full",
        {
            f"{C}.securityContext": {
                "capabilities": {"add": ["CAP_SYS_ADMIN"]},
                "allowPrivilegeEscalation": False,
                "seccompProfile": {"type": "RuntimeDefault"},
            }
        },
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},'
        '"Privileged":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,'
        '"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,'
        '"SeccompProfile":{"Type":"RuntimeDefault","LocalhostProfile":null},"AppArmorProfile":null}:'
        " cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
    ),
    case(
        "user",
        {"spec.securityContext": {"runAsUser": -1}},
        "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ),
    case(
        "pid-and-shared",
        {"spec.hostPID": True, "spec.shareProcessNamespace": True},
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both"
        " be enabled",
    ),
    case(
        "gates-with-node",
        {"spec.schedulingGates": [{"name": "a"}], "spec.nodeName": "n"},
        "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
    ),
    case("secret-unnamed", {"spec.imagePullSecrets": [{}]}),
    case(
        "host-alias",
        {"spec.hostAliases": [{"ip": "x"}]},
        'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ),
]


@pytest.mark.parametrize(
    ("edits", "problems"), [*CONTAINERS, *PORTS, *ENVIRONMENT, *PROBES, *RESOURCES, *VOLUMES, *SPEC]
)
def test_what_is_wrong_is_said(edits: JSON, problems: tuple[str, ...]) -> None:
    found = create("pods", edit(POD, edits)).problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


GOOD = [
    case("plain", {}),
    case(
        "sidecar",
        {
            "spec.initContainers": [
                {"name": "a", "image": "i", "restartPolicy": "Always", "livenessProbe": {"exec": {"command": ["x"]}}}
            ]
        },
    ),
    case("annotation-field", env("A", valueFrom={"fieldRef": {"fieldPath": "metadata.annotations['a/b']"}})),
    case(
        "named-probe-port",
        {f"{C}.ports": [{"name": "web", "containerPort": 80}], f"{C}.readinessProbe": {"httpGet": {"port": "web"}}},
    ),
    case("tolerates-all", {"spec.tolerations": [{"operator": "Exists"}]}),
    case(
        "same-port-two-protocols",
        {
            f"{C}.ports": [
                {"containerPort": 53, "hostPort": 53},
                {"containerPort": 53, "hostPort": 53, "protocol": "UDP"},
            ]
        },
    ),
    case("hugepages", {f"{C}.resources": {"limits": {"hugepages-2Mi": "4Mi", "cpu": "1"}}}),
    case(
        "sub-path-expression",
        {
            "spec.volumes": [volume("v", emptyDir={})],
            f"{C}.volumeMounts": [{"name": "v", "mountPath": "/v", "subPathExpr": "$(POD)"}],
        },
    ),
    case("no-volume-source-is-an-empty-dir", {"spec.volumes": [volume("v")]}),
]


@pytest.mark.parametrize(("edits", "problems"), GOOD)
def test_what_is_right_passes(edits: JSON, problems: tuple[str, ...]) -> None:
    assert create("pods", edit(POD, edits)).problems == list(problems)


def test_every_problem_is_listed_in_the_order_of_the_fields() -> None:
    bad = edit(POD, {f"{C}.name": "", f"{C}.image": "", "spec.restartPolicy": "x", "metadata.name": "P"})
    fields = [text.partition(":")[0] for text in create("pods", bad).problems]
    assert fields == ["metadata.name", "spec.containers[0].name", "spec.containers[0].image", "spec.restartPolicy"]
