"""The least that each row of the resource table needs to be created: what stands beside the metadata.

The key is `Resource.versioned`. A row without an entry fails `test_every_resource`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api.resources import Resource

JSON = dict[str, Any]

CONTAINERS: JSON = {"containers": [{"name": "c", "image": "registry.local/img:1"}]}
LABELED: JSON = {"metadata": {"labels": {"app": "x"}}, "spec": CONTAINERS}
ONCE: JSON = {"spec": {**CONTAINERS, "restartPolicy": "Never"}}
SCALED: JSON = {"scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}, "maxReplicas": 2}
SELECTED: JSON = {"selector": {"matchLabels": {"app": "x"}}, "template": LABELED}

SIGNING_REQUEST = (
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlHTE1EOENBUUF3RERFS01BZ0dBMVVFQXd3QmVEQXFNQVVHQXl0"
    "bGNBTWhBRmdGaUVybkZhWGppUkJsUkdxeApOOEZWOHA3VjdrWUZacC9xMW9mRWNpa1FvQUF3QlFZREsyVndBMEVBMDNXbS9kdnND"
    "ZTdwZWRSNWpLdjRjZkZpCmlvK3RJYzFOTXVsQ0lzUEhKb2lvQ3lxTVA3bndkWVhHUXhvWVQ2R2lmMG1CNlZHbCtkbi8wZTJjZHdJ"
    "YkRnPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
)
"""Of "x", for a key that nobody kept."""

ADMISSION_RULE: JSON = {
    "apiGroups": ["example.com"],
    "apiVersions": ["v1"],
    "resources": ["none"],
    "operations": ["CREATE"],
}
MINIMAL: dict[str, JSON] = {
    "namespaces.v1": {},
    "nodes.v1": {},
    "pods.v1": {"spec": CONTAINERS},
    "services.v1": {"spec": {"ports": [{"port": 80}]}},
    "endpoints.v1": {},
    "configmaps.v1": {},
    "secrets.v1": {},
    "serviceaccounts.v1": {},
    "limitranges.v1": {"spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}},
    "resourcequotas.v1": {"spec": {"hard": {"count/widgets.example.com": "9"}}},
    "podtemplates.v1": {"template": LABELED},
    "replicationcontrollers.v1": {"spec": {"template": LABELED}},
    "events.v1": {"involvedObject": {"namespace": "ns"}},
    "events.v1.events.k8s.io": {
        "regarding": {"namespace": "ns"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "example.com/c",
        "reportingInstance": "c-1",
        "action": "Act",
        "reason": "Because",
        "type": "Normal",
    },
    "deployments.v1.apps": {"spec": SELECTED},
    "replicasets.v1.apps": {"spec": SELECTED},
    "statefulsets.v1.apps": {"spec": SELECTED},
    "controllerrevisions.v1.apps": {"data": {}, "revision": 1},
    "daemonsets.v1.apps": {"spec": SELECTED},
    "horizontalpodautoscalers.v1.autoscaling": {"spec": SCALED},
    "horizontalpodautoscalers.v2.autoscaling": {"spec": SCALED},
    "jobs.v1.batch": {"spec": {"template": ONCE}},
    "cronjobs.v1.batch": {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": ONCE}}}},
    "leases.v1.coordination.k8s.io": {},
    "endpointslices.v1.discovery.k8s.io": {"addressType": "IPv4", "endpoints": []},
    "priorityclasses.v1.scheduling.k8s.io": {"value": 5},
    "poddisruptionbudgets.v1.policy": {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"x": "y"}}}},
    "runtimeclasses.v1.node.k8s.io": {"handler": "runc"},
    "flowschemas.v1.flowcontrol.apiserver.k8s.io": {"spec": {"priorityLevelConfiguration": {"name": "catch-all"}}},
    "prioritylevelconfigurations.v1.flowcontrol.apiserver.k8s.io": {
        "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}
    },
    "mutatingadmissionpolicies.v1.admissionregistration.k8s.io": {
        "spec": {
            "reinvocationPolicy": "Never",
            "matchConstraints": {"resourceRules": [ADMISSION_RULE]},
            "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{}"}}],
        }
    },
    "mutatingadmissionpolicybindings.v1.admissionregistration.k8s.io": {"spec": {"policyName": "p"}},
    "mutatingwebhookconfigurations.v1.admissionregistration.k8s.io": {},
    "validatingadmissionpolicies.v1.admissionregistration.k8s.io": {
        "spec": {
            "matchConstraints": {"resourceRules": [ADMISSION_RULE]},
            "validations": [{"expression": "true"}],
        }
    },
    "validatingadmissionpolicybindings.v1.admissionregistration.k8s.io": {
        "spec": {"policyName": "p", "validationActions": ["Deny"]}
    },
    "validatingwebhookconfigurations.v1.admissionregistration.k8s.io": {},
    "apiservices.v1.apiregistration.k8s.io": {
        "spec": {
            "groupPriorityMinimum": 1000,
            "versionPriority": 15,
            "service": {"namespace": "ns", "name": "s"},
        }
    },
    "certificatesigningrequests.v1.certificates.k8s.io": {
        "spec": {"request": SIGNING_REQUEST, "signerName": "example.com/s", "usages": ["client auth"]}
    },
    "ingresses.v1.networking.k8s.io": {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
    "ingressclasses.v1.networking.k8s.io": {"spec": {"controller": "example.com/c"}},
    "networkpolicies.v1.networking.k8s.io": {"spec": {}},
    "ipaddresses.v1.networking.k8s.io": {"spec": {"parentRef": {"resource": "services", "name": "s"}}},
    "servicecidrs.v1.networking.k8s.io": {"spec": {"cidrs": ["10.200.0.0/16"]}},
    "roles.v1.rbac.authorization.k8s.io": {},
    "clusterroles.v1.rbac.authorization.k8s.io": {},
    "rolebindings.v1.rbac.authorization.k8s.io": {"roleRef": {"kind": "Role", "name": "r"}},
    "clusterrolebindings.v1.rbac.authorization.k8s.io": {"roleRef": {"kind": "ClusterRole", "name": "r"}},
    "persistentvolumes.v1": {
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
    },
    "persistentvolumeclaims.v1": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    },
    "storageclasses.v1.storage.k8s.io": {"provisioner": "example.com/disks"},
    "csidrivers.v1.storage.k8s.io": {"spec": {}},
    "csinodes.v1.storage.k8s.io": {"spec": {"drivers": []}},
    "csistoragecapacities.v1.storage.k8s.io": {"storageClassName": "fast"},
    "volumeattachments.v1.storage.k8s.io": {
        "spec": {"attacher": "example.com", "nodeName": "n", "source": {"persistentVolumeName": "v"}}
    },
    "volumeattributesclasses.v1.storage.k8s.io": {"driverName": "example.com", "parameters": {"iops": "5"}},
    "deviceclasses.v1.resource.k8s.io": {"spec": {}},
    "resourceclaims.v1.resource.k8s.io": {"spec": {}},
    "resourceclaimtemplates.v1.resource.k8s.io": {"spec": {"spec": {}}},
    "resourceslices.v1.resource.k8s.io": {
        "spec": {
            "driver": "example.com",
            "nodeName": "n",
            "pool": {"name": "n", "generation": 1, "resourceSliceCount": 1},
            "devices": [{"name": "d"}],
        }
    },
}

NAMES: dict[str, Callable[[str], str]] = {
    "apiservices.v1.apiregistration.k8s.io": lambda name: f"v1.{name}.example.com",
    "ipaddresses.v1.networking.k8s.io": lambda name: f"192.0.2.{ord(name)}",
}
"""For rows whose objects cannot be called by any letter."""

CREATE_ONLY = {
    "customresourcedefinitions.v1.apiextensions.k8s.io",
    "bindings.v1",
    "componentstatuses.v1",
    "localsubjectaccessreviews.v1.authorization.k8s.io",
    "selfsubjectaccessreviews.v1.authorization.k8s.io",
    "selfsubjectreviews.v1.authentication.k8s.io",
    "selfsubjectrulesreviews.v1.authorization.k8s.io",
    "subjectaccessreviews.v1.authorization.k8s.io",
    "tokenreviews.v1.authentication.k8s.io",
}
"""Rows that nothing can be read back from, or whose objects the server changes; what they do has tests of its own."""


def name_of(row: Resource, letter: str = "x") -> str:
    """What an object of this row may be called."""
    return NAMES.get(row.versioned, str)(letter)


def manifest(row: Resource, name: str, labels: dict[str, str] | None = None) -> JSON:
    """A whole object of this row."""
    metadata: JSON = {"name": name} | ({"labels": labels} if labels else {})
    body = MINIMAL[row.versioned]
    if row.kind == "APIService":  # its name repeats what its spec says
        version, _, group = name.partition(".")
        body = {"spec": {**body["spec"], "group": group, "version": version}}
    return {"apiVersion": row.api_version, "kind": row.kind, "metadata": metadata, **body}
