"""Which strategy serves which resource: the one place where the registry looks rules up.

Modules are imported on first use, one kind at a time, to keep start-up short. It must never hold a rule itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from podwright.api.resources import RESOURCES, Resource
from podwright.apiserver.strategy import JSON, Strategy

STRATEGIES: dict[tuple[str, str], str] = {
    ("", "namespaces"): "namespace:NamespaceStrategy",
    ("", "nodes"): "node:NodeStrategy",
    ("", "pods"): "pod.strategy:PodStrategy",
    ("", "services"): "service.strategy:ServiceStrategy",
    ("", "endpoints"): "endpoints:EndpointsStrategy",
    ("", "configmaps"): "configmap:ConfigMapStrategy",
    ("", "secrets"): "secret:SecretStrategy",
    ("", "serviceaccounts"): "serviceaccount:ServiceAccountStrategy",
    ("", "limitranges"): "limitrange:LimitRangeStrategy",
    ("", "resourcequotas"): "resourcequota:ResourceQuotaStrategy",
    ("", "podtemplates"): "podtemplate:PodTemplateStrategy",
    ("", "replicationcontrollers"): "replicationcontroller:ReplicationControllerStrategy",
    ("", "events"): "event:CoreEventStrategy",
    ("events.k8s.io", "events"): "event:EventStrategy",
    ("apps", "deployments"): "deployment:DeploymentStrategy",
    ("apps", "replicasets"): "replicaset:ReplicaSetStrategy",
    ("apps", "statefulsets"): "statefulset:StatefulSetStrategy",
    ("apps", "controllerrevisions"): "controllerrevision:ControllerRevisionStrategy",
    ("apps", "daemonsets"): "daemonset:DaemonSetStrategy",
    ("autoscaling", "horizontalpodautoscalers"): "horizontalpodautoscaler:HorizontalPodAutoscalerStrategy",
    ("batch", "jobs"): "job.strategy:JobStrategy",
    ("batch", "cronjobs"): "cronjob:CronJobStrategy",
    ("coordination.k8s.io", "leases"): "lease:LeaseStrategy",
    ("discovery.k8s.io", "endpointslices"): "endpointslice:EndpointSliceStrategy",
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): "flowcontrol.flowschema:FlowSchemaStrategy",
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): (
        "flowcontrol.prioritylevel:PriorityLevelConfigurationStrategy"
    ),
    ("node.k8s.io", "runtimeclasses"): "runtimeclass:RuntimeClassStrategy",
    ("policy", "poddisruptionbudgets"): "poddisruptionbudget:PodDisruptionBudgetStrategy",
    ("", "persistentvolumes"): "storage.persistentvolume:PersistentVolumeStrategy",
    ("", "persistentvolumeclaims"): "storage.persistentvolumeclaim:PersistentVolumeClaimStrategy",
    ("storage.k8s.io", "storageclasses"): "storage.storageclass:StorageClassStrategy",
    ("storage.k8s.io", "csidrivers"): "storage.csidriver:CSIDriverStrategy",
    ("storage.k8s.io", "csinodes"): "storage.csinode:CSINodeStrategy",
    ("storage.k8s.io", "csistoragecapacities"): "storage.csistoragecapacity:CSIStorageCapacityStrategy",
    ("storage.k8s.io", "volumeattachments"): "storage.volumeattachment:VolumeAttachmentStrategy",
    ("storage.k8s.io", "volumeattributesclasses"): "storage.volumeattributesclass:VolumeAttributesClassStrategy",
    ("resource.k8s.io", "deviceclasses"): "devices.deviceclass:DeviceClassStrategy",
    ("resource.k8s.io", "resourceclaims"): "devices.resourceclaim:ResourceClaimStrategy",
    ("resource.k8s.io", "resourceclaimtemplates"): "devices.resourceclaimtemplate:ResourceClaimTemplateStrategy",
    ("resource.k8s.io", "resourceslices"): "devices.resourceslice:ResourceSliceStrategy",
    ("scheduling.k8s.io", "priorityclasses"): "priorityclass:PriorityClassStrategy",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): "admission.policies:MutatingPolicyStrategy",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): "admission.bindings:MutatingBindingStrategy",
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): "admission.webhooks:MutatingWebhookStrategy",
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): "admission.policies:ValidatingPolicyStrategy",
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): (
        "admission.bindings:ValidatingBindingStrategy"
    ),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): "admission.webhooks:ValidatingWebhookStrategy",
    ("apiregistration.k8s.io", "apiservices"): "apiservice:APIServiceStrategy",
    ("certificates.k8s.io", "certificatesigningrequests"): "signingrequest:SigningRequestStrategy",
    ("networking.k8s.io", "ingresses"): "ingress:IngressStrategy",
    ("networking.k8s.io", "ingressclasses"): "ingressclass:IngressClassStrategy",
    ("networking.k8s.io", "networkpolicies"): "networkpolicy:NetworkPolicyStrategy",
    ("networking.k8s.io", "ipaddresses"): "addresses:IPAddressStrategy",
    ("networking.k8s.io", "servicecidrs"): "addresses:ServiceCIDRStrategy",
    ("rbac.authorization.k8s.io", "roles"): "roles:RoleStrategy",
    ("rbac.authorization.k8s.io", "clusterroles"): "roles:ClusterRoleStrategy",
    ("rbac.authorization.k8s.io", "rolebindings"): "rolebindings:RoleBindingStrategy",
    ("rbac.authorization.k8s.io", "clusterrolebindings"): "rolebindings:ClusterRoleBindingStrategy",
    ("apiextensions.k8s.io", "customresourcedefinitions"): "customresourcedefinition.strategy:DefinitionStrategy",
}
"""(group, plural) -> "module:Class" below this package. Kinds that are not here have no rules of their own."""


_SELECTABLE: dict[tuple[str, str], str] = {("", "pods"): "pod.selectable:FIELDS"}
"""Where a kind's selectable fields are to be had without its rules: watches need them where no object is."""


def selectable_fields(resource: Resource) -> Mapping[str, Callable[[JSON], str]]:
    """Return the field selectors of a resource beyond its name and namespace."""
    where = _SELECTABLE.get((resource.group, resource.plural))
    if where is None:
        return strategy_for(resource).selectable_fields
    module, _, name = where.partition(":")
    found: Mapping[str, Callable[[JSON], str]] = getattr(
        import_module(f"podwright.apiserver.strategies.{module}"), name
    )
    return found


@cache
def strategy_for(resource: Resource) -> Strategy:
    """Return the strategy of a resource; the plain one for kinds without rules of their own.

    Versions of one resource share the rules of the version that is stored.
    """
    stored = next((row for row in RESOURCES if row.versioned == resource.storage), None)
    if stored is not None and stored.qualified == resource.qualified:
        from podwright.apiserver.registry.class_codec import ClassCodec
        from podwright.apiserver.registry.views import view_for
        from podwright.apiserver.strategies.converted import ConvertedStrategy

        return ConvertedStrategy(ClassCodec(resource), view_for(resource, ClassCodec(stored)), strategy_for(stored))
    where = STRATEGIES.get((resource.group, resource.plural))
    if where is None:
        return Strategy()
    module, _, name = where.partition(":")
    cls: type[Strategy] = getattr(import_module(f"podwright.apiserver.strategies.{module}"), name)
    return cls()
