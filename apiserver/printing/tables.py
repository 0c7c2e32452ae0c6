"""Objects as a Table, for clients that show them.

Every kind has a printer; those without one of their own get name and creation time. A printer's module is imported when
its kind is first shown. A client that keeps watching gets the column definitions only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import import_module

from podwright.api.resources import Resource
from podwright.apiserver.printing.printer import JSON, NAME, Column, Printer, meta, name

_PRINTERS: dict[tuple[str, str], str] = {
    ("", "Pod"): "pod:PRINTER",
    ("", "Node"): "node:PRINTER",
    ("", "Service"): "service:PRINTER",
    ("", "Endpoints"): "endpoints:PRINTER",
    ("", "Event"): "event:PRINTER",
    ("", "ConfigMap"): "small:CONFIG_MAP",
    ("", "Secret"): "small:SECRET",
    ("", "ServiceAccount"): "small:SERVICE_ACCOUNT",
    ("", "PodTemplate"): "workloads:POD_TEMPLATE",
    ("", "ReplicationController"): "replicaset:REPLICATION_CONTROLLER",
    ("", "Namespace"): "small:NAMESPACE",
    ("", "ResourceQuota"): "policy:QUOTA",
    ("apps", "Deployment"): "deployment:PRINTER",
    ("apps", "ReplicaSet"): "replicaset:PRINTER",
    ("apps", "StatefulSet"): "workloads:STATEFUL_SET",
    ("apps", "ControllerRevision"): "workloads:CONTROLLER_REVISION",
    ("apps", "DaemonSet"): "workloads:DAEMON_SET",
    ("batch", "Job"): "job:JOB",
    ("batch", "CronJob"): "job:CRON_JOB",
    ("autoscaling", "HorizontalPodAutoscaler"): "autoscaler:PRINTER",
    ("autoscaling", "Scale"): "small:SCALE",
    ("coordination.k8s.io", "Lease"): "small:LEASE",
    ("discovery.k8s.io", "EndpointSlice"): "endpointslice:PRINTER",
    ("events.k8s.io", "Event"): "event:PRINTER",
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): "policy:FLOW_SCHEMA",
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): "policy:PRIORITY_LEVEL",
    ("node.k8s.io", "RuntimeClass"): "policy:RUNTIME_CLASS",
    ("policy", "PodDisruptionBudget"): "policy:BUDGET",
    ("", "PersistentVolume"): "storage:VOLUME",
    ("", "PersistentVolumeClaim"): "storage:CLAIM",
    ("storage.k8s.io", "StorageClass"): "storage:STORAGE_CLASS",
    ("storage.k8s.io", "CSIDriver"): "storage:DRIVER",
    ("storage.k8s.io", "CSINode"): "storage:CSI_NODE",
    ("storage.k8s.io", "VolumeAttachment"): "storage:ATTACHMENT",
    ("storage.k8s.io", "VolumeAttributesClass"): "storage:ATTRIBUTES_CLASS",
    ("resource.k8s.io", "DeviceClass"): "devices:PLAIN",
    ("resource.k8s.io", "ResourceClaim"): "devices:CLAIM",
    ("resource.k8s.io", "ResourceClaimTemplate"): "devices:PLAIN",
    ("resource.k8s.io", "ResourceSlice"): "devices:SLICE",
    ("scheduling.k8s.io", "PriorityClass"): "small:PRIORITY_CLASS",
    ("", "ComponentStatus"): "componentstatus:PRINTER",
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): "extension:MUTATING_POLICY",
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): "extension:BINDING",
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): "extension:WEBHOOKS",
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): "extension:VALIDATING_POLICY",
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): "extension:BINDING",
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): "extension:WEBHOOKS",
    ("apiregistration.k8s.io", "APIService"): "extension:API_SERVICE",
    ("certificates.k8s.io", "CertificateSigningRequest"): "signingrequest:PRINTER",
    ("networking.k8s.io", "Ingress"): "networking:INGRESS",
    ("networking.k8s.io", "IngressClass"): "networking:INGRESS_CLASS",
    ("networking.k8s.io", "NetworkPolicy"): "networking:NETWORK_POLICY",
    ("networking.k8s.io", "IPAddress"): "networking:IP_ADDRESS",
    ("networking.k8s.io", "ServiceCIDR"): "networking:SERVICE_CIDR",
    ("rbac.authorization.k8s.io", "RoleBinding"): "rolebinding:PRINTER",
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): "rolebinding:PRINTER",
}

_NEVER = "0001-01-01T00:00:00Z"
GENERIC = Printer(
    (NAME, Column("Created At", "When the object was created.", "date")),
    lambda obj, _: [name(obj), meta(obj).get("creationTimestamp") or _NEVER],
)


@cache
def printer_for(group: str, kind: str) -> Printer:
    """The printer of a kind."""
    where = _PRINTERS.get((group, kind))
    if where is None:
        return GENERIC
    module, _, attribute = where.partition(":")
    return getattr(import_module(f"podwright.apiserver.printing.{module}"), attribute)


def table_for(
    resource: Resource,
    objects: Sequence[JSON],
    *,
    printer: Printer | None = None,
    include_object: str = "Metadata",
    list_meta: JSON | None = None,
    now: datetime,
    headers: bool = True,
    version: str = "v1",
) -> JSON:
    """Return the Table of some objects of a resource. `now` is aware; ages are counted from it.

    `printer` is that of the resource's own kind; without one the kind is looked up.

    `include_object` says what stands beside the cells: "Metadata", "Object" or "None". Without `list_meta` the table's
    own metadata is that of its only object. `headers=False` leaves the column definitions null. `version` is that of
    meta.k8s.io, of the table and of the metadata in it.
    """
    shown = _identity(resource, objects)
    if printer is None or shown != (resource.group, resource.kind):
        printer = printer_for(*shown)
    if printer.order is not None:
        objects = sorted(objects, key=printer.order)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": _metadata(objects) if list_meta is None else list_meta,
        "columnDefinitions": [column.definition() for column in printer.columns] if headers else None,
        "rows": [
            {**_row(printer, obj, now), "object": _beside(resource, obj, include_object, version)} for obj in objects
        ],
    }


def _identity(resource: Resource, objects: Sequence[JSON]) -> tuple[str, str]:
    """Group and kind of what is shown: subresources may answer another kind (Scale) than their resource's."""
    if len(objects) == 1 and objects[0].get("kind"):
        group, slash, _ = (objects[0].get("apiVersion") or "").partition("/")
        return (group if slash else ""), objects[0]["kind"]
    return resource.group, resource.kind


def _metadata(objects: Sequence[JSON]) -> JSON:
    version = meta(objects[0]).get("resourceVersion") if len(objects) == 1 else None
    return {"resourceVersion": version} if version else {}


def _row(printer: Printer, obj: JSON, now: datetime) -> JSON:
    row: JSON = {"cells": printer.cells(obj, now)}
    conditions = printer.conditions(obj) if printer.conditions else []
    if conditions:
        row["conditions"] = conditions
    return row


def _beside(resource: Resource, obj: JSON, include_object: str, version: str) -> JSON | None:
    if include_object == "None":
        return None
    if include_object == "Object":
        return {"kind": resource.kind, "apiVersion": resource.api_version, **obj}
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": meta(obj)}
