"""The one table of resources: what is served under which path, and the class that describes it.

Everything that must know "which kinds are there" reads this table: routes, discovery, OpenAPI, the CLI, the
garbage collector. Adding a kind is one schema class and one row here (and, where it needs rules of its own,
one strategy file in the apiserver). It must never hold behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One row. `model` is "module:Class" below `podwright.api`, imported on first use (start-up time)."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    model: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()  # e.g. "status", "scale", "binding", "eviction", "log", "exec"
    verbs: tuple[str, ...] = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
    told_verbs: tuple[str, ...] = ()  # those that discovery tells of, where others are served too
    storage: str = ""  # `versioned` of the row in whose form and store its objects are kept, where that is another one

    singular_name: str = ""  # where it is not the kind in lower case
    list_name: str = ""  # the kind of lists, where it is not the kind followed by List

    @cached_property
    def singular(self) -> str:
        """Lower-case kind, as discovery reports it."""
        return self.singular_name or self.kind.lower()

    @cached_property
    def list_kind(self) -> str:
        """The kind of lists."""
        return self.list_name or f"{self.kind}List"

    @cached_property
    def api_version(self) -> str:
        """The apiVersion of objects of this resource: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def base_path(self) -> str:
        """The path of its group-version: "/api/v1", "/apis/apps/v1"."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @cached_property
    def qualified(self) -> str:
        """The name as error messages and the store use it: "pods", "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def versioned(self) -> str:
        """The name with its version, unique in the table: "pods.v1", "deployments.v1.apps"."""
        return f"{self.plural}.{self.version}.{self.group}" if self.group else f"{self.plural}.{self.version}"

    @cached_property
    def cls(self) -> type[Any]:
        """The schema class."""
        module, _, name = self.model.partition(":")
        return getattr(import_module(f"podwright.api.{module}"), name)

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of the collection, of one object or of its subresource."""
        parts = [self.base_path]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [p for p in (self.plural, name, subresource) if p]
        return "/".join(parts)


RESOURCES: tuple[Resource, ...] = (
    Resource("", "v1", "Namespace", "namespaces", False, "core.namespace:Namespace", ("ns",), (), ("status",
             "finalize"),
             ("create", "delete", "get", "list", "patch", "update", "watch")),
    Resource("", "v1", "Node", "nodes", False, "core.node:Node", ("no",), (), ("status", "proxy")),
    Resource("", "v1", "Pod", "pods", True, "core.pod:Pod", ("po",), ("all",),
             ("status", "binding", "eviction", "ephemeralcontainers", "resize", "log", "exec", "attach",
              "portforward", "proxy")),
    Resource("", "v1", "Service", "services", True, "core.service:Service", ("svc",), ("all",), ("status", "proxy")),
    Resource("", "v1", "Endpoints", "endpoints", True, "core.endpoints:Endpoints", ("ep",)),
    Resource("", "v1", "ConfigMap", "configmaps", True, "core.configmap:ConfigMap", ("cm",)),
    Resource("", "v1", "Secret", "secrets", True, "core.secret:Secret"),
    Resource("", "v1", "ServiceAccount", "serviceaccounts", True, "core.serviceaccount:ServiceAccount",
             ("sa",), (), ("token",)),
    Resource("", "v1", "PodTemplate", "podtemplates", True, "core.podtemplate:PodTemplate"),
    Resource("", "v1", "ReplicationController", "replicationcontrollers", True,
             "core.replicationcontroller:ReplicationController", ("rc",), ("all",), ("status", "scale")),
    Resource("", "v1", "Event", "events", True, "core.event:Event", ("ev",)),
    Resource("", "v1", "LimitRange", "limitranges", True, "core.limitrange:LimitRange", ("limits",)),
    Resource("", "v1", "ResourceQuota", "resourcequotas", True, "core.resourcequota:ResourceQuota", ("quota",), (),
             ("status",)),
    Resource("", "v1", "ComponentStatus", "componentstatuses", False, "core.componentstatus:ComponentStatus", ("cs",),
             verbs=("get", "list")),
    Resource("", "v1", "Binding", "bindings", True, "core.binding:Binding", (), (), (), ("create",)),
    Resource("", "v1", "PersistentVolume", "persistentvolumes", False, "core.persistentvolume:PersistentVolume",
             ("pv",), (), ("status",)),
    Resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True,
             "core.persistentvolumeclaim:PersistentVolumeClaim", ("pvc",), (), ("status",)),
    Resource("events.k8s.io", "v1", "Event", "events", True, "events.event:Event", ("ev",), storage="events.v1"),
    Resource("apps", "v1", "Deployment", "deployments", True, "apps.deployment:Deployment", ("deploy",),
             ("all",), ("status", "scale")),
    Resource("apps", "v1", "ReplicaSet", "replicasets", True, "apps.replicaset:ReplicaSet", ("rs",),
             ("all",), ("status", "scale")),
    Resource("apps", "v1", "DaemonSet", "daemonsets", True, "apps.daemonset:DaemonSet", ("ds",), ("all",),
             ("status",)),
    Resource("batch", "v1", "Job", "jobs", True, "batch.job:Job", (), ("all",), ("status",)),
    Resource("batch", "v1", "CronJob", "cronjobs", True, "batch.cronjob:CronJob", ("cj",), ("all",), ("status",)),
    Resource("apps", "v1", "StatefulSet", "statefulsets", True, "apps.statefulset:StatefulSet", ("sts",), ("all",),
             ("status", "scale")),
    Resource("apps", "v1", "ControllerRevision", "controllerrevisions", True,
             "apps.controllerrevision:ControllerRevision"),
    Resource("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True,
             "autoscaling.horizontalpodautoscaler:HorizontalPodAutoscaler", ("hpa",), ("all",), ("status",)),
    Resource("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True,
             "autoscaling.horizontalpodautoscaler_v1:HorizontalPodAutoscaler", ("hpa",), ("all",), ("status",),
             storage="horizontalpodautoscalers.v2.autoscaling"),
    Resource("coordination.k8s.io", "v1", "Lease", "leases", True, "coordination.lease:Lease"),
    Resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True,
             "discovery.endpointslice:EndpointSlice"),
    Resource("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", False,
             "scheduling.priorityclass:PriorityClass", ("pc",)),
    Resource("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", True,
             "policy.poddisruptionbudget:PodDisruptionBudget", ("pdb",), (), ("status",)),
    Resource("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", False, "node.runtimeclass:RuntimeClass"),
    Resource("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", False,
             "flowcontrol.flowschema:FlowSchema", (), (), ("status",)),
    Resource("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", False,
             "flowcontrol.prioritylevel:PriorityLevelConfiguration", (), (), ("status",)),
    Resource("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", False,
             "admissionregistration.mutatingpolicy:MutatingAdmissionPolicy", (), ("api-extensions",)),
    Resource("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding",
             "mutatingadmissionpolicybindings", False,
             "admissionregistration.mutatingpolicy:MutatingAdmissionPolicyBinding", (), ("api-extensions",)),
    Resource("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration",
             "mutatingwebhookconfigurations", False,
             "admissionregistration.webhook:MutatingWebhookConfiguration", (), ("api-extensions",)),
    Resource("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", False,
             "admissionregistration.validatingpolicy:ValidatingAdmissionPolicy", (), ("api-extensions",), ("status",)),
    Resource("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding",
             "validatingadmissionpolicybindings", False,
             "admissionregistration.validatingpolicy:ValidatingAdmissionPolicyBinding", (), ("api-extensions",)),
    Resource("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration",
             "validatingwebhookconfigurations", False,
             "admissionregistration.webhook:ValidatingWebhookConfiguration", (), ("api-extensions",)),
    Resource("apiregistration.k8s.io", "v1", "APIService", "apiservices", False,
             "apiregistration.apiservice:APIService", (), ("api-extensions",), ("status",)),
    Resource("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", False,
             "authentication.review:SelfSubjectReview", verbs=("create",)),
    Resource("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", False, "authentication.review:TokenReview",
             verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", True,
             "authorization.accessreview:LocalSubjectAccessReview", verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", False,
             "authorization.accessreview:SelfSubjectAccessReview", verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", False,
             "authorization.rulesreview:SelfSubjectRulesReview", verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", False,
             "authorization.accessreview:SubjectAccessReview", verbs=("create",)),
    Resource("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", False,
             "certificates.signingrequest:CertificateSigningRequest", ("csr",), (), ("approval", "status")),
    Resource("networking.k8s.io", "v1", "Ingress", "ingresses", True, "networking.ingress:Ingress", ("ing",), (),
             ("status",)),
    Resource("networking.k8s.io", "v1", "IngressClass", "ingressclasses", False,
             "networking.ingressclass:IngressClass"),
    Resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", True,
             "networking.networkpolicy:NetworkPolicy", ("netpol",)),
    Resource("networking.k8s.io", "v1", "IPAddress", "ipaddresses", False, "networking.ipaddress:IPAddress", ("ip",)),
    Resource("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", False, "networking.servicecidr:ServiceCIDR",
             (), (), ("status",)),
    Resource("rbac.authorization.k8s.io", "v1", "Role", "roles", True, "rbac.role:Role"),
    Resource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False, "rbac.role:ClusterRole"),
    Resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", True, "rbac.binding:RoleBinding"),
    Resource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", False,
             "rbac.binding:ClusterRoleBinding"),
    Resource("storage.k8s.io", "v1", "StorageClass", "storageclasses", False, "storage.storageclass:StorageClass",
             ("sc",)),
    Resource("storage.k8s.io", "v1", "CSIDriver", "csidrivers", False, "storage.csidriver:CSIDriver"),
    Resource("storage.k8s.io", "v1", "CSINode", "csinodes", False, "storage.csinode:CSINode"),
    Resource("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", True,
             "storage.csistoragecapacity:CSIStorageCapacity"),
    Resource("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", False,
             "storage.volumeattachment:VolumeAttachment", (), (), ("status",)),
    Resource("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", False,
             "storage.volumeattributesclass:VolumeAttributesClass", ("vac",)),
    Resource("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", False, "resource.deviceclass:DeviceClass"),
    Resource("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", True, "resource.resourceclaim:ResourceClaim",
             (), (), ("status",)),
    Resource("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", True,
             "resource.resourceclaimtemplate:ResourceClaimTemplate"),
    Resource("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", False, "resource.resourceslice:ResourceSlice"),
    Resource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False,
             "apiextensions.customresourcedefinition:CustomResourceDefinition", ("crd", "crds"), ("api-extensions",),
             ("status",)),
)  # fmt: skip


def find(plural: str, group: str = "", version: str = "v1") -> Resource:
    """Return the row of a built-in resource. Raises KeyError naming what was asked."""
    for row in RESOURCES:
        if (row.plural, row.group, row.version) == (plural, group, version):
            return row
    msg = f"no built-in resource {plural}.{version}.{group}"
    raise KeyError(msg)
