"""Volumes, claims and what provides them: defaults, what is wrong, what may change."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, NOW_TEXT, create, created, edit, update

VOLUMES, CLAIMS, STORAGE = "persistentvolumes", "persistentvolumeclaims", "storage.k8s.io"
VOLUME: JSON = {
    "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
}
CLAIM: JSON = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def test_a_volume_gets_its_defaults() -> None:
    made = created(VOLUMES, VOLUME)
    assert made["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert made["spec"]["volumeMode"] == "Filesystem"
    assert made["spec"]["hostPath"] == {"path": "/data", "type": ""}
    assert made["status"] == {"phase": "Pending", "lastPhaseTransitionTime": NOW_TEXT}
    assert "generation" not in made["metadata"]


def with_source(**source: JSON) -> JSON:
    return edit(VOLUME, {"spec.hostPath": DROP, **{f"spec.{name}": value for name, value in source.items()}})


CSI = {"driver": "example.com", "volumeHandle": "v"}


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(
            edit(VOLUME, {"spec.capacity": DROP}),
            ["spec.capacity: Required value", 'spec.capacity: Unsupported value: null: supported values: "storage"'],
            id="no-capacity",
        ),
        pytest.param(
            edit(VOLUME, {"spec.capacity.storage": "-1"}),
            [
                "spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
                'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
            ],
            id="negative",
        ),
        pytest.param(
            edit(VOLUME, {"spec.accessModes": ["ReadWriteOncePod", "ReadOnlyMany"]}),
            ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
            id="modes",
        ),
        pytest.param(
            edit(VOLUME, {"spec.nfs": {"server": "s", "path": "/p"}}),
            ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
            id="two-sources",
        ),
        pytest.param(with_source(), ["spec: Required value: must specify a volume type"], id="no-source"),
        pytest.param(
            with_source(local={"path": "/d"}),
            ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
            id="local",
        ),
        pytest.param(
            edit(VOLUME, {"spec.nodeAffinity": {}}),
            ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
            id="affinity",
        ),
        pytest.param(
            with_source(csi={"driver": "example.com"}), ["spec.csi.volumeHandle: Required value"], id="csi-handle"
        ),
        pytest.param(
            with_source(csi={**CSI, "nodePublishSecretRef": {"name": "s"}}),
            ["spec.csi.nodePublishSecretRef.namespace: Required value"],
            id="csi-secret",
        ),
        pytest.param(
            with_source(cinder={"volumeID": "v", "secretRef": {"namespace": "n"}}),
            ["spec.cinder.secretRef.name: Required value"],
            id="cinder-secret",
        ),
        pytest.param(
            with_source(azureFile={"secretName": "s", "shareName": "h", "secretNamespace": ""}),
            ["spec.azureFile.secretNamespace: Required value"],
            id="azure-file",
        ),
        pytest.param(
            edit(VOLUME, {"spec.volumeAttributesClassName": "gold"}),
            ["spec.csi: Required value: has to be specified when using volumeAttributesClassName"],
            id="attributes-without-csi",
        ),
        pytest.param(
            edit(VOLUME, {"spec.hostPath.path": "/", "spec.persistentVolumeReclaimPolicy": "Recycle"}),
            ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
            id="recycled-root",
        ),
        pytest.param(
            edit(VOLUME, {"spec.storageClassName": "A_B"}),
            [f'spec.storageClassName: Invalid value: "A_B": {SUBDOMAIN}'],
            id="class",
        ),
    ],
)
def test_a_volume_is_refused(body: JSON, problems: list[str]) -> None:
    assert create(VOLUMES, body).problems == problems


def test_the_source_of_a_volume_is_fixed() -> None:
    old = created(VOLUMES, VOLUME)
    changed = update(VOLUMES, old, edit(old, {"spec.hostPath.path": "/other"})).problems
    assert changed == [
        (
            "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n"
            '@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n'
            '-  "Path": "/data",\n+  "Path": "/other",\n   "Type": ""\n  },\n  "Glusterfs": null,\n'
        )
    ]
    assert (
        update(VOLUMES, old, edit(old, {"spec.capacity.storage": "2Gi", "spec.claimRef": {"name": "c"}})).problems == []
    )


def test_a_csi_volume_may_get_the_secret_for_growing_later() -> None:
    old = created(VOLUMES, with_source(csi=CSI))
    secret = {"name": "s", "namespace": "n"}
    assert update(VOLUMES, old, edit(old, {"spec.csi.controllerExpandSecretRef": secret})).problems == []
    assert update(VOLUMES, old, edit(old, {"spec.csi.nodeStageSecretRef": secret})).problems != []


def test_the_status_notes_when_the_phase_changed() -> None:
    old = created(VOLUMES, VOLUME)
    old["status"]["lastPhaseTransitionTime"] = "2025-01-01T00:00:00Z"
    same = update(VOLUMES, old, edit(old, {"status.message": "m"}), subresource="status")
    assert same.obj["status"]["lastPhaseTransitionTime"] == "2025-01-01T00:00:00Z"
    other = update(VOLUMES, old, edit(old, {"status.phase": "Bound"}), subresource="status")
    assert other.obj["status"]["lastPhaseTransitionTime"] == NOW_TEXT
    assert other.obj["spec"] == old["spec"]


@pytest.mark.parametrize(
    ("edits", "warning"),
    [
        pytest.param(
            {"metadata.annotations": {"volume.beta.kubernetes.io/mount-options": "ro"}},
            "metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "
            '"mountOptions" attribute instead',
            id="annotation",
        ),
        pytest.param(
            {"spec.hostPath": DROP, "spec.storageos": {"volumeName": "v"}},
            "spec.storageOS: deprecated in v1.22, non-functional in v1.25+",
            id="source",
        ),
        pytest.param(
            {
                "spec.nodeAffinity.required.nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "beta.kubernetes.io/os", "operator": "Exists"}]}
                ]
            },
            "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is "
            'deprecated since v1.14; use "kubernetes.io/os" instead',
            id="label",
        ),
    ],
)
def test_a_volume_is_warned_of(edits: JSON, warning: str) -> None:
    assert create(VOLUMES, edit(VOLUME, {"metadata.name": "v", **edits})).warnings == [warning]


def test_a_claim_gets_its_defaults() -> None:
    made = created(CLAIMS, edit(CLAIM, {"spec.resources.requests.storage": "1.5Gi", "status.phase": "Bound"}))
    assert made["spec"]["volumeMode"] == "Filesystem"
    assert made["spec"]["resources"] == {"requests": {"storage": "1536Mi"}}
    assert made["status"] == {"phase": "Pending"}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param(
            {"dataSource": {"kind": "PersistentVolumeClaim", "name": "o"}},
            {"apiGroup": None, "kind": "PersistentVolumeClaim", "name": "o"},
            id="copied-to-the-newer-field",
        ),
        pytest.param(
            {"dataSourceRef": {"apiGroup": "example.com", "kind": "Backup", "name": "o"}},
            {"apiGroup": "example.com", "kind": "Backup", "name": "o"},
            id="copied-to-the-older-field",
        ),
        pytest.param({"dataSource": {"kind": "Pod", "name": "o"}}, None, id="dropped"),
        pytest.param(
            {"dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "o", "namespace": "other"}},
            None,
            id="elsewhere",
        ),
    ],
)
def test_both_data_sources_agree(given: JSON, stored: JSON | None) -> None:
    spec = created(CLAIMS, edit(CLAIM, {f"spec.{name}": value for name, value in given.items()}))["spec"]
    assert (spec.get("dataSource"), spec.get("dataSourceRef")) == (stored, stored)


def test_what_the_older_field_never_could_say_stands_beside_the_newer_one() -> None:
    source = {"apiGroup": "example.com", "kind": "Backup", "name": "o"}
    both = {"spec.dataSource": source, "spec.dataSourceRef": {**source, "name": "other"}}
    [problem] = create(CLAIMS, edit(CLAIM, both)).problems
    assert problem.startswith("spec: Invalid value: ")
    assert problem.endswith("must match dataSourceRef")


FIXED = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for"
    " bound claims\n"
)


@pytest.mark.parametrize(
    ("phase", "edits", "problem"),
    [
        pytest.param("Pending", {"spec.volumeName": "v"}, None, id="volume-once"),
        pytest.param("Pending", {"spec.volumeAttributesClassName": "gold"}, None, id="attributes"),
        pytest.param("Pending", {"spec.storageClassName": "fast"}, None, id="class-where-there-was-none"),
        pytest.param("Bound", {"spec.resources.requests.storage": "2Gi"}, None, id="grows"),
        pytest.param("Pending", {"spec.resources.requests.storage": "2Gi"}, FIXED, id="grows-before-it-is-bound"),
        pytest.param("Bound", {"spec.accessModes": ["ReadOnlyMany"]}, FIXED, id="modes"),
        pytest.param(
            "Bound",
            {"spec.resources.requests.storage": "1Gi"},
            "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
            id="shrinks",
        ),
        pytest.param("Bound", {"spec.resources.requests.storage": "3Gi"}, None, id="takes-growth-back"),
    ],
)
def test_what_may_change_of_a_claim(phase: str, edits: JSON, problem: str | None) -> None:
    old = created(CLAIMS, edit(CLAIM, {"spec.resources.requests.storage": "1Gi"}))
    old["status"] = {"phase": phase}
    if phase == "Bound":
        old["spec"]["resources"]["requests"]["storage"] = "4Gi" if "3Gi" in edits.values() else "1Gi"
        old["status"]["capacity"] = {"storage": "2Gi" if "3Gi" in edits.values() else "1Gi"}
        if problem and problem.startswith("spec.resources"):
            old["spec"]["resources"]["requests"]["storage"] = "2Gi"
    problems = update(CLAIMS, old, edit(old, edits)).problems
    assert [text[: len(problem or "")] for text in problems] == ([problem] if problem else [])


def test_an_attributes_class_is_never_taken_away() -> None:
    old = created(CLAIMS, edit(CLAIM, {"spec.volumeAttributesClassName": "gold"}))
    where = "spec.volumeAttributesClassName: Forbidden: update from non-nil value to "
    assert update(CLAIMS, old, edit(old, {"spec.volumeAttributesClassName": DROP})).problems == [
        f"{where}nil is forbidden"
    ]
    assert update(CLAIMS, old, edit(old, {"spec.volumeAttributesClassName": ""})).problems == [
        f"{where}an empty string is forbidden"
    ]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        pytest.param({"allocatedResourceStatuses": {"storage": "NodeResizePending"}}, None, id="known"),
        pytest.param(
            {"allocatedResourceStatuses": {"storage": "Never"}},
            'status.allocatedResourceStatus: Unsupported value: "storage": supported values: '
            '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", '
            '"NodeResizeInfeasible", "NodeResizePending"',
            id="unknown-state",
        ),
        pytest.param(
            {"allocatedResources": {"cpu": "1"}},
            'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
            id="not-storage",
        ),
        pytest.param(
            {"capacity": {"storage": "-1"}},
            "status.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
            id="negative",
        ),
    ],
)
def test_the_status_of_a_claim(status: JSON, problem: str | None) -> None:
    old = created(CLAIMS, CLAIM)
    written = update(CLAIMS, old, edit(old, {"status": {"phase": "Bound", **status}}), subresource="status")
    assert written.problems == ([problem] if problem else [])


def test_a_storage_class_gets_its_defaults() -> None:
    made = created("storageclasses", {"provisioner": "example.com/p"}, STORAGE)
    assert (made["reclaimPolicy"], made["volumeBindingMode"]) == ("Delete", "Immediate")


@pytest.mark.parametrize(
    ("plural", "body", "problems"),
    [
        pytest.param("storageclasses", {}, ["provisioner: Required value"], id="provisioner"),
        pytest.param(
            "storageclasses",
            {"provisioner": "p", "reclaimPolicy": "Recycle"},
            ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
            id="reclaim",
        ),
        pytest.param(
            "storageclasses",
            {"provisioner": "p", "parameters": {str(number): "" for number in range(513)}},
            ["parameters: Too long: may not be more than 512 bytes"],
            id="many-parameters",
        ),
        pytest.param(
            "storageclasses",
            {
                "provisioner": "p",
                "allowedTopologies": [
                    {"matchLabelExpressions": [{"key": "zone", "values": ["a", "a"]}, {"key": "zone", "values": ["b"]}]}
                ],
            },
            [
                'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
                'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
            ],
            id="topology",
        ),
        pytest.param(
            "volumeattributesclasses",
            {"driverName": "example.com"},
            ["parameters: Required value: must contain at least one key/value pair"],
            id="attributes",
        ),
        pytest.param(
            "csidrivers",
            {"spec": {"fsGroupPolicy": "X", "volumeLifecycleModes": ["Y"]}},
            [
                ('spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", '
                '"ReadWriteOnceWithFSType"'),
                'spec.volumeLifecycleModes: Unsupported value: "Y": supported values: "Persistent", "Ephemeral"',
            ],
            id="driver",
        ),
        pytest.param(
            "csidrivers",
            {"spec": {"tokenRequests": [{"audience": "a", "expirationSeconds": 5}, {"audience": "a"}]}},
            [
                ("spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10"
                " minutes"),
                'spec.tokenRequests[1].audience: Duplicate value: "a"',
            ],
            id="tokens",
        ),
        pytest.param(
            "csinodes",
            {"spec": {"drivers": [{"name": "d", "nodeID": "", "allocatable": {"count": -1}, "topologyKeys": ["a", "a"]}]}},
            [
                "spec.drivers[0].nodeID: Required value",
                "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0",
                'spec.drivers[0]: Duplicate value: "a"',
            ],
            id="node",
        ),
        pytest.param(
            "csistoragecapacities",
            {"storageClassName": "fast", "capacity": "-1"},
            ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
            id="capacity",
        ),
        pytest.param(
            "volumeattachments",
            {"spec": {"attacher": "example.com", "nodeName": "n"}},
            ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
            id="attachment",
        ),
        pytest.param(
            "volumeattachments",
            {
                "spec": {
                    "attacher": "example.com",
                    "nodeName": "n",
                    "source": {
                        "inlineVolumeSpec": {"accessModes": ["ReadWriteOnce"], "csi": CSI, "storageClassName": "s"}
                    },
                }
            },
            [
                ("spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of"
                " inline volumes")
            ],
            id="inline",
        ),
    ],
)  # fmt: skip
def test_a_kind_of_the_storage_group_is_refused(plural: str, body: JSON, problems: list[str]) -> None:
    assert create(plural, body, STORAGE).problems == problems


ATTACHMENT: JSON = {"spec": {"attacher": "example.com", "nodeName": "n", "source": {"persistentVolumeName": "v"}}}


@pytest.mark.parametrize(
    ("plural", "body", "edits", "problem"),
    [
        pytest.param(
            "storageclasses",
            {"provisioner": "p", "parameters": {"a": "b"}},
            {"parameters.a": "c"},
            "parameters: Forbidden: updates to parameters are forbidden.",
            id="parameters",
        ),
        pytest.param(
            "storageclasses",
            {"provisioner": "p"},
            {"volumeBindingMode": "WaitForFirstConsumer"},
            'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
            id="binding",
        ),
        pytest.param("storageclasses", {"provisioner": "p"}, {"allowVolumeExpansion": True}, None, id="expansion"),
        pytest.param(
            "volumeattributesclasses",
            {"driverName": "d", "parameters": {"a": "b"}},
            {"driverName": "e"},
            "driverName: Forbidden: updates to driverName are forbidden.",
            id="attributes",
        ),
        pytest.param(
            "csidrivers",
            {"spec": {}},
            {"spec.attachRequired": False},
            "spec.attachedRequired: Invalid value: false: field is immutable",
            id="driver",
        ),
        pytest.param("csidrivers", {"spec": {}}, {"spec.podInfoOnMount": True}, None, id="driver-changes"),
        pytest.param(
            "csinodes",
            {"spec": {"drivers": [{"name": "d", "nodeID": "n"}]}},
            {"spec.drivers.0.nodeID": "m"},
            'spec.drivers: Invalid value: {"Name":"d","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is'
            " immutable",
            id="node",
        ),
        pytest.param(
            "csinodes",
            {"spec": {"drivers": [{"name": "d", "nodeID": "n"}]}},
            {"spec.drivers.0.allocatable": {"count": 5}},
            None,
            id="node-count",
        ),
        pytest.param(
            "csistoragecapacities",
            {"storageClassName": "a"},
            {"storageClassName": "b"},
            'storageClassName: Invalid value: "b": field is immutable',
            id="capacity",
        ),
        pytest.param(
            "volumeattachments",
            ATTACHMENT,
            {"spec.nodeName": "m"},
            'spec: Invalid value: {"Attacher":"example.com","Source":{"PersistentVolumeName":"v",'
            '"InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
            id="attachment",
        ),
    ],
)
def test_what_is_fixed_in_the_storage_group(plural: str, body: JSON, edits: JSON, problem: str | None) -> None:
    old = created(plural, body, STORAGE)
    assert update(plural, old, edit(old, edits), STORAGE).problems == ([problem] if problem else [])


def test_a_driver_counts_changes_once_there_are_any() -> None:
    old = created("csidrivers", {"spec": {}}, STORAGE)
    assert "generation" not in old["metadata"]
    changed = update("csidrivers", old, edit(old, {"spec.podInfoOnMount": True}), STORAGE).obj
    assert changed["metadata"]["generation"] == 1


def test_the_status_of_an_attachment_is_apart() -> None:
    old = created("volumeattachments", ATTACHMENT, STORAGE)
    wanted = edit(old, {"status": {"attached": True}, "metadata.annotations": {"a": "b"}})
    assert update("volumeattachments", old, wanted, STORAGE).obj["status"] == {"attached": False}
    written = update("volumeattachments", old, wanted, STORAGE, "status").obj
    assert written["status"] == {"attached": True}
    assert "annotations" not in written["metadata"]
    wrong = edit(old, {"status.attachError": {"message": "x" * 1025, "errorCode": -1}})
    assert update("volumeattachments", old, wrong, STORAGE, "status").problems == [
        "status.attachError.message: Too long: may not be more than 262144 bytes",
        "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ]
